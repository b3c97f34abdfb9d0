"""Who reads what: by hand and by plan."""

from collections.abc import Iterable, Mapping
from typing import Any, cast

from django import forms
from django.http import QueryDict

from accounts.models import Person
from assessments.actions.allocation import Candidate
from assessments.fitting import Settings
from design.fields import MemorableDateField
from design.looks import Choice, Look

SHOWN = 25
"""So many assessors are offered at once, the best first; others are found by name."""


class AllocateForm(forms.Form):
    """Which assessors to invite. Those who cannot be asked are shown beside it, with the reason."""

    assessors = forms.MultipleChoiceField(
        label="Assessors to invite",
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Choose at least one assessor.", "invalid_choice": "One of these assessors cannot be invited."},
    )
    due_on = MemorableDateField(label="Review due on", required=False)
    looks = {"due_on": Look(hint="Left empty, the programme's usual time to review.")}
    TYPED = ("due_on_day", "due_on_month", "due_on_year")
    """What is typed beside the ticks, and kept with them while more assessors are looked for."""

    def __init__(
        self, data: QueryDict | None = None, *, candidates: Iterable[Candidate], wanted: int, named: str = "", kept: Iterable[str] = (),
        typed: Mapping[str, str] | None = None,
    ) -> None:  # fmt: skip
        able = [one for one in candidates if one.may_be_asked]
        self.people = {str(one.person.pk): one.person for one in able}
        ticked = set(data.getlist("assessors")) if data is not None else set(kept)
        fitting = [one for one in able if named.lower() in one.person.name.lower()]
        offered = {one.person.pk for one in fitting[:SHOWN]}
        shown = [one for one in able if one.person.pk in offered or str(one.person.pk) in ticked]
        self.able, self.found, self.named = len(able), len(offered), named
        best = [str(one.person.pk) for one in able[: max(wanted, 0)]]
        due = [(typed or {}).get(name, "") for name in self.TYPED]
        super().__init__(data, initial={"assessors": sorted(ticked) if named or ticked else best, "due_on": due})
        asked = cast("forms.MultipleChoiceField", self.fields["assessors"])
        asked.choices = [(str(one.person.pk), Choice(one.person.name, hint=one.why)) for one in shown]

    def chosen(self) -> list[Any]:
        return [self.people[pk] for pk in self.cleaned_data["assessors"]]


class PlanForm(forms.Form):
    """What an officer may set for an allocation plan."""

    one_per_organisation = forms.BooleanField(label="At most one assessor of each employer on an application", required=False, initial=True)
    newcomers_most = forms.IntegerField(
        label="Newcomers on an application, at most", help_text="People who have not written a review before.", required=False,
        min_value=0, max_value=9,
    )  # fmt: skip
    least = forms.IntegerField(label="Reviews for each assessor, at least", min_value=0, max_value=50, initial=0)
    balance = forms.FloatField(
        label="What a further review costs an assessor's fit", min_value=0, max_value=20, initial=1,
        help_text="In points of 100 for each review they have. At 0 only the fit counts; the more, the more evenly the load is spread.",
    )  # fmt: skip
    base = forms.IntegerField(required=False, widget=forms.HiddenInput)
    looks = {"newcomers_most": Look(width=2), "least": Look(width=2), "balance": Look(width=3)}

    def settings(self) -> Settings:
        return Settings(**{name: self.cleaned_data[name] for name in ("one_per_organisation", "newcomers_most", "least", "balance")})


class PlanItemForm(forms.Form):
    """Whom an officer wants for the open places of one application, and why."""

    assessors = forms.MultipleChoiceField(
        label="Assessors for the open places",
        widget=forms.CheckboxSelectMultiple,
        required=False,
        error_messages={"invalid_choice": "One of these assessors cannot be asked."},
    )
    reason = forms.CharField(
        label="Why you change the plan", max_length=500, widget=forms.Textarea, error_messages={"required": "Say why you change the plan."}
    )
    looks = {"reason": Look(rows=2)}
    says_optional = False

    def __init__(self, data: Mapping[str, Any] | None = None, *, choices: list[Any], chosen: list[str]) -> None:
        super().__init__(data, initial={"assessors": chosen})
        cast("forms.MultipleChoiceField", self.fields["assessors"]).choices = choices

    def people(self) -> list[Person]:
        return list(Person.objects.filter(pk__in=self.cleaned_data["assessors"]).order_by("pk"))
