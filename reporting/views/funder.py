"""The funder's pages: a programme's figures, and the rows behind each."""

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from audit import trail
from grants.models import Programme
from reporting import figures
from reporting.access import programmes_with_figures_for
from reporting.exports import csv_response
from reporting.presenters import figures as present

SHOWN = 100


@require_safe
def programmes(request: HttpRequest) -> HttpResponse:
    """The programmes whose figures this person reads; straight to the figures where there is one."""
    found = list(programmes_with_figures_for(request.user).select_related("funder").order_by("name", "pk"))
    if not found:
        raise Http404
    if len(found) == 1:
        return redirect("reporting:figures", slug=found[0].slug)
    return render(request, "reporting/programmes.html", {"programmes": found})


@require_safe
def programme(request: HttpRequest, slug: str) -> HttpResponse:
    """One programme's figures, with charts."""
    read = figures.for_programme(_programme(request, slug), at=timezone.now())
    return render(
        request,
        "reporting/figures.html",
        {
            "programme": read.programme,
            "as_at": read.as_at,
            "cards": present.cards(read),
            "charts": [chart for chart in (present.applications_chart(read), present.payments_chart(read)) if chart],
            "indicators": present.indicator_rows(read),
            "indicator_columns": present.INDICATOR_COLUMNS,
            "committed": read["committed_pence"],
            "budget": read["budget_pence"],
        },
    )


@require_safe
def rows(request: HttpRequest, slug: str, name: str) -> HttpResponse:
    """The first rows behind a figure; all of them are in the download."""
    found, behind = _programme(request, slug), _rows(name)
    records = behind.find(found, request.user)
    shown = [behind.write(record) for record in records.order_by("pk")[:SHOWN]]
    return render(
        request,
        "reporting/rows.html",
        {"programme": found, "behind": behind, "rows": shown, "name": name, "total": records.count(), "shown": SHOWN},
    )


@require_POST
def download(request: HttpRequest, slug: str, name: str) -> HttpResponseBase:
    """All rows behind a figure as CSV; an export leaves an audit event."""
    found, behind = _programme(request, slug), _rows(name)
    trail.record(stream=found.stream, kind="export.rows", actor=request.user.pk, at=timezone.now(), after={"rows": name})
    return csv_response(f"{found.slug}-{name}", behind.heads(), behind.of(found, request.user))


def _programme(request: HttpRequest, slug: str) -> Programme:
    return get_object_or_404(programmes_with_figures_for(request.user), slug=slug)


def _rows(name: str) -> present.Rows:
    if name not in present.ROWS:
        raise Http404
    return present.ROWS[name]
