"""A person's messages: every notice that was mailed to them, on a page."""

from django.contrib import messages as banner
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from notifications.models import Notice

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
    return render(request, "notifications/inbox.html", {"notices": shown, "next": following, "unread": notices.unread().exists()})


@require_POST
def mark_read(request: HttpRequest) -> HttpResponse:
    """Mark everything read that is there now."""
    Notice.objects.to(request.user).unread().update(read_at=timezone.now())
    banner.success(request, "All messages are marked as read")
    return redirect("notifications:inbox")
