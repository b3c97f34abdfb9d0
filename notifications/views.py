"""A person's messages: every notice that was mailed to them, on a page."""

from django.contrib import messages as banner
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.refusals import refusals_on
from notifications.actions import addresses, choices
from notifications.forms import ChoiceForm
from notifications.models import FailingAddress, MailChoice, Notice

PAGE = 30


@require_safe
def inbox(request: HttpRequest) -> HttpResponse:
    """The newest first, a page at a time by id."""
    before = request.GET.get("before", "")
    notices = Notice.objects.to(request.user).order_by("-pk")
    if before.isdigit():
        notices = notices.filter(pk__lt=int(before))
    found = list(notices[: PAGE + 1])
    shown = found[:PAGE]
    following = f"?before={shown[-1].pk}" if len(found) > PAGE else ""
    context = {
        "notices": shown,
        "next": following,
        "unread": notices.unread().exists(),
        "failing": FailingAddress.objects.to(request.user).standing().first(),
        "is_digest": MailChoice.objects.of(request.user) == MailChoice.How.DIGEST,
    }
    return render(request, "notifications/inbox.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def preferences(request: HttpRequest) -> HttpResponse:
    """Mail as it happens, or once a day."""
    chosen = MailChoice.objects.of(request.user)
    form = ChoiceForm(request.POST or None, initial={"how": chosen})
    if request.method == "POST" and form.is_valid():
        with refusals_on(form):
            choices.choose(how=form.cleaned_data["how"], by=request.user, at=timezone.now())
            banner.success(request, "Saved")
            return redirect("notifications:inbox")
    return render(request, "notifications/preferences.html", {"form": form})


@require_POST
def try_again(request: HttpRequest) -> HttpResponse:
    """One's address works again."""
    addresses.try_again(person=request.user, at=timezone.now())
    banner.success(request, "We send mail to your address again")
    return redirect("notifications:inbox")


@require_POST
def mark_read(request: HttpRequest) -> HttpResponse:
    """Mark everything read that is there now."""
    Notice.objects.to(request.user).unread().update(read_at=timezone.now())
    banner.success(request, "All messages are marked as read")
    return redirect("notifications:inbox")
