"""The forms of panel meetings and interviews."""

from collections.abc import Iterable, Mapping
from datetime import datetime, time
from typing import Any, cast

from django import forms
from django.utils.timezone import make_aware

from accounts.models import Person
from assessments import policies
from assessments.models import AgendaItem, Meeting
from design.fields import MemorableDateField, PoundsField
from design.looks import Choice, Look


def _clock() -> forms.TimeField:
    return forms.TimeField(
        label="Time",
        help_text="For example 14:30 or 2:30pm.",
        input_formats=["%H:%M", "%H.%M", "%I:%M%p", "%I:%M %p", "%I.%M%p", "%I%p", "%I %p"],
        error_messages={"required": "Say at what time.", "invalid": "Enter a time such as 14:30 or 2:30pm."},
    )


class MeetingForm(forms.Form):
    """When and where the panel meets, and who sits."""

    kind = forms.ChoiceField(label="What is it?", widget=forms.RadioSelect, error_messages={"required": "Choose what it is."})
    held_on = MemorableDateField(label="Day", error_messages={"required": "Say on which day."})
    begins = _clock()
    place = forms.CharField(label="Place or link", max_length=200, required=False)
    members = forms.MultipleChoiceField(
        label="Who sits", widget=forms.CheckboxSelectMultiple, error_messages={"required": "Choose who sits on the panel."}
    )
    looks = {"begins": Look(width=5)}

    def __init__(self, data: Mapping[str, Any] | None = None, *, people: Iterable[Person], kinds: Mapping[str, int]) -> None:
        self.people = {str(person.pk): person for person in people}
        super().__init__(data, initial={"members": list(self.people), "kind": next(iter(kinds), "")})
        shown = [(kind, Choice(str(Meeting.Kind(kind).label), hint=f"{n} wait for it")) for kind, n in kinds.items()]
        cast("forms.ChoiceField", self.fields["kind"]).choices = shown
        cast("forms.MultipleChoiceField", self.fields["members"]).choices = [(pk, person.name) for pk, person in self.people.items()]

    def planned(self) -> dict[str, Any]:
        good = self.cleaned_data
        return {
            "kind": good["kind"],
            "held_at": make_aware(datetime.combine(good["held_on"], good["begins"])),
            "place": good["place"],
            "members": [self.people[pk] for pk in good["members"]],
        }


class RecordForm(forms.Form):
    """What the meeting makes of one application."""

    outcome = forms.ChoiceField(
        label="What does the panel recommend?",
        choices=AgendaItem.Outcome.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "Choose what the panel recommends."},
    )
    amount_pence = PoundsField(label="Grant", help_text="Not needed to decline.", required=False)
    place = forms.IntegerField(
        label="Place on the list",
        min_value=1,
        help_text="The order of the scores, unless the panel has a reason to leave it.",
        error_messages={"required": "Give the place on the list.", "invalid": "The place is a whole number."},
    )
    reason = forms.CharField(
        label="Reason",
        help_text="Needed where this leaves the order of the scores or what the budget line suggests.",
        required=False,
        max_length=2000,
        widget=forms.Textarea,
    )
    notes = forms.CharField(label="Notes for the minutes", required=False, max_length=4000, widget=forms.Textarea)
    looks = {"place": Look(width=3), "reason": Look(rows=3), "notes": Look(rows=3)}

    def recorded(self) -> dict[str, Any]:
        return self.cleaned_data | {"amount_pence": self.cleaned_data["amount_pence"] or 0}


class StepOutForm(forms.Form):
    """Who was not in the room, and why."""

    person = forms.ModelChoiceField(queryset=Person.objects.none(), label="Who steps out", error_messages={"required": "Choose who."})
    reason = forms.CharField(label="Why", max_length=300, error_messages={"required": "Say why they step out."})

    def __init__(self, data: Mapping[str, Any] | None = None, *, item: AgendaItem, prefix: str | None = None) -> None:
        super().__init__(data, prefix=prefix)
        sitting = item.meeting.members.values("person")
        out = item.absences.values("person")
        people = Person.objects.filter(pk__in=sitting).exclude(pk__in=out).order_by("name", "pk")
        cast("forms.ModelChoiceField[Person]", self.fields["person"]).queryset = people


class CallInForm(forms.Form):
    """One more of the panel."""

    person = forms.ModelChoiceField(queryset=Person.objects.none(), label="Who", error_messages={"required": "Choose who."})

    def __init__(self, data: Mapping[str, Any] | None = None, *, people: Iterable[Person]) -> None:
        super().__init__(data, prefix="in")
        people = Person.objects.filter(pk__in=[one.pk for one in people]).order_by("name", "pk")
        cast("forms.ModelChoiceField[Person]", self.fields["person"]).queryset = people


class SlotForm(forms.Form):
    """At what time of the day a company is interviewed."""

    begins = _clock()
    looks = {"begins": Look(width=5)}

    def starts_at(self, day: datetime) -> datetime:
        return make_aware(datetime.combine(day.date(), cast("time", self.cleaned_data["begins"])))


class ResponseForm(forms.Form):
    """What a company answers to the assessors before its interview."""

    response = forms.CharField(
        label="Your response",
        help_text="The panel reads it before it meets you.",
        max_length=policies.COMMENT_MAX,
        widget=forms.Textarea,
        error_messages={"required": "Write your response.", "max_length": "Shorten your response to %(limit_value)d characters."},
    )
    file = forms.FileField(
        label="Add a file",
        help_text="A letter or figures that bear out what you say. PDF, Word, Excel or a picture, up to 10 MB, three files at most.",
        required=False,
        error_messages={"empty": "This file is empty."},
    )
    looks = {"response": Look(rows=8)}
