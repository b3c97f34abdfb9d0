"""What officers, leads and the chair decide, and why."""

from collections.abc import Mapping, Sequence
from functools import reduce
from operator import or_
from typing import Any, cast

from django import forms
from django.db.models import Q, QuerySet

from accounts.models import Person
from applications.models import Company
from assessments.models import Decision
from design.fields import MemorableDateField, PoundsField
from design.looks import Look

MOST_NAMED = 5


class FoundField(forms.CharField):
    """One of many, which a list to choose from would not show well: typed by name, number or address, or a part of it."""

    among: QuerySet[Any]
    default_error_messages = {
        "nobody": "Nothing here goes by “%(text)s”.",
        "several": "Several go by “%(text)s”: %(names)s. Write the whole of one.",
    }

    def __init__(self, *, by: Sequence[str], **named: Any) -> None:
        self.by = by
        super().__init__(max_length=200, **named)

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        found = self._going_by("iexact", text) or self._going_by("icontains", text)
        if len(found) == 1:
            return found[0]
        names = ", ".join(str(reduce(getattr, self.by[0].split("__"), one)) for one in found[:MOST_NAMED])
        code = "several" if found else "nobody"
        raise forms.ValidationError(
            self.error_messages[code], code=code, params={"text": text, "names": names + (" and more" if len(found) > MOST_NAMED else "")}
        )

    def _going_by(self, how: str, text: str) -> list[Any]:
        return list(self.among.filter(reduce(or_, (Q(**{f"{name}__{how}": text}) for name in self.by)))[: MOST_NAMED + 1])


class AdviceForm(forms.Form):
    """Who advised which company."""

    person = FoundField(by=("name", "email"), label="Who gave the advice", error_messages={"required": "Say who gave the advice."})
    company = FoundField(
        by=("organisation__name", "company_number"), label="Company", error_messages={"required": "Say which company was advised."}
    )
    what = forms.CharField(label="What it was about", max_length=300, error_messages={"required": "Say what the advice was about."})
    given_on = MemorableDateField(label="When", error_messages={"required": "Say when the advice was given."})
    looks = {
        "person": Look(hint="Name or email address, or a part of it.", width=20),
        "company": Look(hint="Name or company number, or a part of it."),
    }

    def __init__(self, data: Mapping[str, Any] | None = None, *, people: QuerySet[Person], companies: QuerySet[Company]) -> None:
        super().__init__(data)
        cast("FoundField", self.fields["person"]).among = people
        cast("FoundField", self.fields["company"]).among = companies


class ReasonForm(forms.Form):
    """A reason and nothing else."""

    note = forms.CharField(label="Reason", max_length=2000, widget=forms.Textarea, error_messages={"required": "Give a reason."})
    looks = {"note": Look(rows=3)}


class JudgementForm(forms.Form):
    """What an officer makes of a conflict that the records suggest."""

    outcome = forms.ChoiceField(
        label="Is it a conflict of interest?",
        choices=[("confirm", "Yes: this person must not see the application"), ("dismiss", "No: they may see it")],
        widget=forms.RadioSelect,
        error_messages={"required": "Say whether it is a conflict."},
    )
    reason = forms.CharField(label="Reason", max_length=1000, widget=forms.Textarea, error_messages={"required": "Give a reason."})
    looks = {"reason": Look(rows=2)}


class SettleForm(forms.Form):
    """How a moderation item is settled."""

    outcome = forms.ChoiceField(
        label="What should happen?", widget=forms.RadioSelect, error_messages={"required": "Say what should happen."}
    )
    reason = forms.CharField(label="Reason", max_length=2000, widget=forms.Textarea, error_messages={"required": "Give a reason."})
    looks = {"reason": Look(rows=3)}

    def __init__(self, data: Mapping[str, Any] | None = None, *, outcomes: list[tuple[str, str]], prefix: str | None = None) -> None:
        super().__init__(data, prefix=prefix)
        cast("forms.ChoiceField", self.fields["outcome"]).choices = outcomes


class ProposalForm(forms.Form):
    """What is proposed for an application, and why."""

    outcome = forms.ChoiceField(
        label="What do you propose?",
        choices=Decision.Outcome.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "Choose what to propose: approve, reserve or decline."},
    )
    amount_pence = PoundsField(label="Grant", help_text="Not needed to decline.", required=False)
    reason = forms.CharField(
        label="Reason",
        help_text="Say also why, where this leaves the rank order.",
        max_length=2000,
        widget=forms.Textarea,
        error_messages={"required": "Give the reason for your proposal."},
    )
    looks = {"reason": Look(rows=4)}


class PromoteForm(forms.Form):
    """What is proposed for an application on the reserve list, and why now."""

    amount_pence = PoundsField(label="Grant", error_messages={"required": "Enter the grant to propose."})
    reason = forms.CharField(
        label="Reason",
        help_text="What has come free. Say also why, where others stand before it on the list.",
        max_length=2000,
        widget=forms.Textarea,
        error_messages={"required": "Give the reason for your proposal."},
    )
    looks = {"reason": Look(rows=3)}
