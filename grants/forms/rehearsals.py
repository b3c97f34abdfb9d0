"""What a rehearsal is asked for with."""

from collections.abc import Sequence
from datetime import UTC, datetime, time
from typing import Any

from django import forms

from design.fields import MemorableDateField
from design.looks import Look
from grants.models import ProgrammeVersion
from grants.rehearsals.plan import LEGS, MOST_COMPANIES, Plan

UNTIL = {
    "publish": "The round is open: nothing has come in yet",
    "apply": "The applications are in, and the round is closed",
    "screen": "Every application is screened",
    "assess": "Every application is scored",
    "decide": "Every company is told the decision",
    "award": "The awards run",
    "deliver": "The whole journey, to the last payment",
}
"""How far a rehearsal goes, by its last stage."""


class RehearsalForm(forms.Form):
    """Which version, how many companies, from when, how far."""

    version = forms.ChoiceField(label="Which version?", widget=forms.RadioSelect)
    companies = forms.IntegerField(
        label="How many invented companies?",
        help_text=f"From 1 to {MOST_COMPANIES}. Eight show most of what can happen, in about half a minute.",
        min_value=1,
        max_value=MOST_COMPANIES,
        initial=8,
    )
    opens_on = MemorableDateField(
        label="The rehearsed round opens on", help_text="It is open for five weeks, by the rehearsal’s own clock."
    )
    until = forms.ChoiceField(
        label="How far shall it go by itself?",
        help_text="From there on you can walk through it by hand.",
        choices=[(key, UNTIL[key]) for key, _ in reversed(LEGS)],
        widget=forms.RadioSelect,
        initial="deliver",
    )
    looks = {"companies": Look(width=3)}

    def __init__(self, versions: Sequence[ProgrammeVersion], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.versions = {str(each.number): each for each in versions}
        choices = [(number, f"Version {number}: {each.state_now.label.lower()}") for number, each in self.versions.items()]
        self.fields["version"].choices = choices  # type: ignore[attr-defined]
        if choices:
            self.fields["version"].initial = choices[0][0]

    def chosen(self) -> ProgrammeVersion:
        """The version to rehearse."""
        return self.versions[self.cleaned_data["version"]]

    def plan(self) -> Plan:
        """How it goes."""
        given = self.cleaned_data
        return Plan(given["companies"], datetime.combine(given["opens_on"], time(9), tzinfo=UTC), given["until"])
