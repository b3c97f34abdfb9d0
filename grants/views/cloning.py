"""Copy a programme, and see what came of what."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.timezone import now
from django.views.decorators.http import require_http_methods, require_safe

from accounts.access import require
from accounts.refusals import refusals_on
from accounts.roles import Permission
from grants.actions import cloning
from grants.forms.programmes import CloneForm
from grants.models import Programme
from grants.presenters import lineage as presenter
from grants.views.builder import draft_of


@require_http_methods(["GET", "HEAD", "POST"])
def clone(request: HttpRequest, slug: str) -> HttpResponse:
    """Another programme of this one: everything but its name."""
    source = get_object_or_404(Programme.objects.visible_to(request.user), slug=slug)
    require(request.user, Permission.PROGRAMME_EDIT, on=source)
    form = CloneForm(request.POST if request.method == "POST" else None, initial={"strand": source.strand})
    if request.method == "POST" and form.is_valid():
        with refusals_on(form):
            version = cloning.clone(source=source, **form.cleaned_data, by=request.user, at=now())
            messages.success(request, f"{version.programme} is drafted. Change what differs, then put it forward to be published")
            return redirect("grants:draft", version.programme.slug)
    return render(request, "grants/manage/clone.html", {"form": form} | presenter.before_cloning(source))


@require_safe
def lineage(request: HttpRequest, slug: str) -> HttpResponse:
    """Where a programme comes from, what differs from it, and what was made of it."""
    found = get_object_or_404(Programme.objects.visible_to(request.user).select_related("cloned_from__programme"), slug=slug)
    return render(request, "grants/manage/lineage.html", presenter.page(found, request.user))


@require_http_methods(["GET", "HEAD", "POST"])
def copied(request: HttpRequest, slug: str) -> HttpResponse:
    """What a copy still says as its parent does; a POST says that a place, or every one of them, is right as it is."""
    found = draft_of(request, slug)
    if request.method == "POST":
        kept = cloning.keep_as_copied(programme=found.programme, places=request.POST.getlist("place"), by=request.user, at=now())
        messages.success(request, "Noted: it is right as it is" if len(kept) == 1 else f"Noted: {len(kept)} are right as they are")
        return redirect("grants:draft_copied", slug)
    return render(request, "grants/builder/copied.html", presenter.copied_page(found))
