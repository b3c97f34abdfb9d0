"""Filters of the audit pages, and what is noted of a requirement."""

from collections.abc import Iterable
from datetime import datetime, time, timedelta
from typing import Any

from django import forms
from django.db.models import Q, QuerySet
from django.utils import timezone

from accounts.models import Organisation, Person
from applications.models import Application
from audit.models import Event, StreamHead
from design.fields import MemorableDateField, WordsField
from grants.models import RequirementNote

STREAMS = (
    ("", "All"), ("case", "Cases"), ("programme", "Programmes"), ("payment_run", "Payment runs"), ("organisation", "Organisations"),
    ("person", "People"), ("system", "The installation"),
)  # fmt: skip


class StreamSearch(forms.Form):
    """Which streams: by kind, and by reference, title or name."""

    says_optional = False

    q = forms.CharField(label="Search", help_text="A reference, a title or a name", required=False, max_length=80)
    kind = forms.ChoiceField(label="Kind", choices=STREAMS, required=False)

    def narrowed(self, streams: QuerySet[StreamHead]) -> QuerySet[StreamHead]:
        """The streams that match; all of them when the form is empty or nonsense."""
        given = self.cleaned_data if self.is_valid() else {}
        if kind := given.get("kind"):
            streams = streams.filter(stream__startswith=kind if kind == "system" else f"{kind}:")
        if q := given.get("q", "").strip():
            streams = streams.filter(Q(stream__icontains=q) | Q(stream__in=_streams_named(q)))
        return streams


class EventFilter(forms.Form):
    """Which events of a stream: by kind and by day, UK time."""

    says_optional = False

    kind = forms.ChoiceField(label="Kind", required=False)
    since = MemorableDateField(label="From", required=False)
    until = MemorableDateField(label="To", required=False)

    def __init__(self, *args: Any, kinds: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"] = forms.ChoiceField(label="Kind", required=False, choices=[("", "All"), *kinds])

    def narrowed(self, events: QuerySet[Event]) -> QuerySet[Event]:
        """The events that match; all of them when the form is empty or nonsense."""
        given = self.cleaned_data if self.is_valid() else {}
        if kind := given.get("kind"):
            events = events.filter(kind=kind)
        if since := given.get("since"):
            events = events.filter(at__gte=_midnight(since))
        if until := given.get("until"):
            events = events.filter(at__lt=_midnight(until + timedelta(days=1)))
        return events


def _midnight(day: Any) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))


def _streams_named(text: str) -> list[str]:
    """Streams of applications, organisations and people whose title or name holds the text: the first two hundred of each."""
    cases = Application.objects.filter(Q(title__icontains=text) | Q(company__organisation__name__icontains=text))
    found = [f"case:{reference}" for reference in cases.order_by("-pk").values_list("reference", flat=True)[:200]]
    for kind, model in (("organisation", Organisation), ("person", Person)):
        named = model.objects.filter(name__icontains=text).order_by("pk").values_list("pk", flat=True)[:200]
        found += [f"{kind}:{pk}" for pk in named]
    return found


class RequirementForm(forms.Form):
    """How one requirement stands, as somebody says it."""

    verdict = forms.ChoiceField(label="How does it stand?", choices=RequirementNote.Verdict.choices, widget=forms.RadioSelect)
    words = WordsField(
        label="What does that rest on?",
        help_text="Where the paper is, who approved it and when; or why you do otherwise.",
        max_words=250,
        rows=5,
        error_messages={"required": "Say what it rests on, or why not"},
    )


class AwayForm(forms.Form):
    """Days on which somebody is away."""

    person = forms.ChoiceField(label="Who")
    first_on = MemorableDateField(label="First day away")
    last_on = MemorableDateField(label="Last day away")

    def __init__(self, people: Iterable[Person], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.people = {str(person.pk): person for person in people}
        self.fields["person"].choices = [(key, person.name) for key, person in self.people.items()]  # type: ignore[attr-defined]

    def clean_person(self) -> Person:
        return self.people[self.cleaned_data["person"]]
