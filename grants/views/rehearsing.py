"""Try a draft's rules on example companies."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.timezone import now
from django.views.decorators.http import require_http_methods, require_POST

from accounts.refusals import refusals_on
from grants.actions import examples
from grants.forms.examples import ExampleForm
from grants.presenters import builder, rehearsing
from grants.views.builder import draft_of


@require_http_methods(["GET", "HEAD", "POST"])
def rules(request: HttpRequest, slug: str) -> HttpResponse:
    """What each rule says of each example; a POST keeps another example, or asks for room for another row."""
    found = draft_of(request, slug)
    form = ExampleForm(found.definition, request.POST if request.method == "POST" else None)
    if request.method == "POST" and not form.more and form.is_valid():
        with refusals_on(form):
            examples.keep(programme=found.programme, name=form.cleaned_data["name"], given=form.given(), by=request.user, at=now())
            messages.success(request, "The example is kept with the programme")
            return redirect(found.url("draft_rules"))
    context = {"form": form, "draft": found, "crumbs": [*builder.crumbs(found)[:-1], ("Rules on examples", "")]}
    return render(request, "grants/builder/rules.html", context | rehearsing.table(found, now()))


@require_POST
def forget(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Take an example away."""
    found = draft_of(request, slug)
    example = get_object_or_404(found.programme.examples.select_related("programme"), pk=pk)
    examples.forget(example=example, by=request.user, at=now())
    messages.success(request, "Removed")
    return redirect(found.url("draft_rules"))
