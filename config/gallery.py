"""Every component on one page, with made-up content: routed in demo mode only, looked at by people and by the accessibility test."""

from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from config.pages import error_page, server_error
from design.fields import MemorableDateField, PoundsField, WordsField
from design.looks import Choice, Look

AT = datetime(2027, 3, 3, 9, 5, tzinfo=UTC)


class GalleryForm(forms.Form):
    """One field of each kind."""

    title = forms.CharField(label="Project title", help_text="As it should appear in public", max_length=120)
    summary = WordsField(label="Public summary", help_text="What you will do, in plain words", max_words=50)
    starts_on = MemorableDateField(label="Project start date", help_text="For example, 27 3 2027")
    grant = PoundsField(label="Grant requested", min_pence=10_000_00, max_pence=30_000_00)
    rate = forms.IntegerField(label="Share of the cost", min_value=1, max_value=100)
    size = forms.ChoiceField(label="Size of company", choices=[("", "Choose one"), ("micro", "Micro"), ("small", "Small")])
    form_of = forms.ChoiceField(
        label="Does the test use patient samples?",
        choices=[("yes", Choice("Yes", hint="You will be asked about approval")), ("no", "No")],
        widget=forms.RadioSelect,
    )
    strands = forms.MultipleChoiceField(
        label="Which strands does it touch?", choices=[("data", "Data"), ("devices", "Devices")], widget=forms.CheckboxSelectMultiple
    )
    paper = forms.FileField(label="Quotation", help_text="PDF, up to 20 MB", required=False)
    agrees = forms.BooleanField(
        label="I have read the declaration", error_messages={"required": "Confirm that you have read the declaration"}
    )

    looks = {"rate": Look(width=3, suffix="%"), "form_of": Look(inline=True, label_size="m")}


class GalleryFilters(forms.Form):
    """A list's filters."""

    q = forms.CharField(label="Reference or company", required=False)
    state = forms.ChoiceField(label="State", choices=[("", "All"), ("referred", "Referred")], required=False)


@login_not_required
def components(request: HttpRequest) -> HttpResponse:
    """Every component, or with `?errors=1` the form after a failed post."""
    if "errors" in request.GET:
        given = {
            "title": "",
            "summary": "word " * 60,
            "starts_on_day": "31",
            "starts_on_month": "2",
            "starts_on_year": "2027",
            "grant": "abc",
        }
        return render(request, "demo/form.html", {"form": GalleryForm(given)})
    if "form" in request.GET:
        initial = {"starts_on": date(2027, 4, 1), "grant": 25_000_00, "form_of": "no", "strands": ["data"]}
        return render(request, "demo/form.html", {"form": GalleryForm(initial=initial)})
    messages.success(request, "The claim was sent")
    return render(request, "demo/components.html", _showcase())


@login_not_required
def error(request: HttpRequest, status: int) -> HttpResponse:
    """The page for one error, as it would be met."""
    sentence = "This round closed at midday on Wednesday 3 March 2027 (GMT)." if status == 409 else ""
    return server_error(request) if status == 500 else error_page(request, status, sentence)


def _step(name: str, label: str, *, allowed: bool = True, reason: str = "", note: bool = False) -> SimpleNamespace:
    return SimpleNamespace(step=SimpleNamespace(name=name, label=label, note_required=note), is_allowed=allowed, reason=reason, code="")


def _showcase() -> dict[str, object]:
    return {
        "filter_form": GalleryFilters(),
        "columns": [
            "Reference",
            {"label": "Company", "sort_href": "?sort=company", "sorted": "ascending"},
            "State",
            {"label": "Requested", "numeric": True},
            {"label": "Waiting", "numeric": True},
        ],
        "rows": [
            [{"text": "DIAGCOMM-7K2M", "href": "#"}, "Lantern Assay Ltd", {"tag": "Referred", "tone": "waiting"}, "£24,500", "3 days"],
            [
                {"text": "DIAGCOMM-9QX4", "href": "#", "hint": "Tried before"},
                "Bluebell Biosensors Ltd",
                {"tag": "Eligible", "tone": "good"},
                "£30,000",
                "–",
            ],
            [
                {"text": "DIAGCOMM-2PLW", "href": "#"},
                "Harbour Point of Care Ltd",
                {"tag": "Assessing", "tone": "active"},
                "£18,250.50",
                "12 hours",
            ],
        ],
        "total": ["Total", "", "", "£72,750.50", ""],
        "cards": [
            {"value": "£412,500", "label": "Awarded", "note": "of £600,000", "as_at": AT},
            {"value": "23", "label": "Applications", "href": "#", "note": "4 referred to an officer"},
            {"value": "£188,000", "label": "Claimed", "note": "11 claims"},
            {"value": "£164,250", "label": "Paid", "note": "Settled by the bank"},
        ],
        "summary": [
            ("Company", "Lantern Assay Ltd", "#", "Change"),
            ("Registered office", "1 Example Street\nLeeds\nLS1 1AA"),
            {"key": "State", "tag": "Offered", "tone": "active"},
            ("Website", ""),
        ],
        "tasks": [
            {"title": "Your company", "href": "#", "status": "Completed"},
            {"title": "Your project", "href": "#", "status": "In progress", "tone": "active", "hint": "2 of 6 questions left"},
            {"title": "Costs", "href": "#", "status": "Not started", "tone": "neutral"},
            {"title": "Check and submit", "status": "Cannot start yet"},
        ],
        "events": [
            {
                "title": "Being assessed",
                "at": AT,
                "by": "held by the assessors",
                "text": "You should hear by 30 April 2027.",
                "is_now": True,
            },
            {"title": "Eligible", "at": AT - timedelta(days=1), "by": "the system", "details": [("State", "Submitted → eligible")]},
            {
                "title": "Submitted",
                "at": AT - timedelta(days=2),
                "by": "Ada Applicant",
                "tag": "Receipt",
                "href": "#",
                "link": "Download the receipt",
            },
        ],
        "available": [
            _step("recommend", "Recommend payment"),
            _step("query", "Query this claim", note=True),
            _step("approve", "Approve", allowed=False, reason="You checked this claim, so somebody else must approve it."),
        ],
        "no_rows": [],
        "chart_columns": ["Kind", {"label": "Amount", "numeric": True}],
        "chart_rows": [["Awarded", "£412,500"], ["Paid", "£188,000"]],
        "svg": (
            '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 600 120" width="600" height="120">'
            '<rect width="420" height="40" fill="#0b5563"/>'
            '<rect y="60" width="240" height="40" fill="#e8a06a"/></svg>'
        ),
    }
