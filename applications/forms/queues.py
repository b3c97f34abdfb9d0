"""The filters of the staff queue."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django import forms

from accounts.refusals import Refused
from applications.models import Application
from design.fields import MemorableDateField
from design.looks import Look
from grants.models import Round


class QueueFilters(forms.Form):
    """Which applications to list."""

    q = forms.CharField(label="Reference, title or company", required=False, max_length=100)
    round = forms.ModelChoiceField(
        queryset=Round.objects.none(), label="Round", required=False, to_field_name="reference", empty_label="All"
    )
    state = forms.ChoiceField(label="State", required=False)

    def __init__(self, *args: Any, rounds: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["round"].queryset = rounds
        self.fields["round"].empty_label = "All"
        shown = [choice for choice in Application.State.choices if choice[0] not in ("draft", "submitted")]  # type: ignore[misc]
        self.fields["state"].choices = [("", "All"), *shown]


class ExtensionForm(forms.Form):
    """More time for one draft."""

    looks = {"reference": Look(width=20), "time": Look(width=5)}

    reference = forms.CharField(label="Reference", help_text="As the company tells it to you, like DIAGCOMM-7K2M", max_length=24)
    day = MemorableDateField(label="New deadline: day", help_text="For example, 27 3 2027")
    time = forms.TimeField(label="New deadline: time", help_text="24-hour clock, UK time, like 12:00", input_formats=["%H:%M"])
    note = forms.CharField(
        label="Reason for the extra time", help_text="It is kept in the record", max_length=300, widget=forms.Textarea({"rows": 3})
    )

    def until(self) -> datetime:
        """The new deadline, in UK time."""
        return datetime.combine(self.cleaned_data["day"], self.cleaned_data["time"], tzinfo=ZoneInfo("Europe/London"))

    def draft(self, drafts: Any) -> Application:
        """The draft of that reference. Raises Refused where there is none."""
        found = drafts.filter(reference=self.cleaned_data["reference"].strip().upper()).first()
        if found is None:
            raise Refused("There is no draft with this reference on your programmes.", code="draft_unknown", field="reference")
        return found
