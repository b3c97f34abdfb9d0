"""Assessors: what they know, and what they have an interest in."""

from collections.abc import Mapping
from typing import Any

from django import forms

from assessments.models import AssessorProfile
from design.fields import MemorableDateField
from design.looks import Look


class TimesForm(forms.Form):
    """When an assessor can be asked, and for how much."""

    max_reviews = forms.IntegerField(label="Reviews at most in one round", min_value=1, max_value=200)
    is_available = forms.BooleanField(label="I can be asked now", required=False)
    away_from_on = MemorableDateField(label="Away from", required=False)
    away_until_on = MemorableDateField(label="Away until", help_text="The last day away.", required=False)
    looks = {"max_reviews": Look(width=3)}
    says_optional = False

    def __init__(self, data: Mapping[str, Any] | None = None, *, profile: AssessorProfile) -> None:
        super().__init__(data, initial={name: getattr(profile, name) for name in TimesForm.base_fields})


class ProfileForm(forms.Form):
    """What allocation knows of an assessor."""

    topics = forms.CharField(
        label="Topics",
        help_text="Words that would stand in an application's title or summary, parted by commas.",
        required=False,
        max_length=500,
    )
    expertise = forms.CharField(label="Expertise", required=False, max_length=2000, widget=forms.Textarea)
    employer = forms.CharField(label="Employer", required=False, max_length=200)
    employer_number = forms.CharField(label="Employer's company number", required=False, max_length=12)
    interests = forms.CharField(
        label="Companies they have an interest in",
        help_text="Names or numbers, one a line: companies they direct, own, advise, supply or compete with.",
        required=False,
        max_length=4000,
        widget=forms.Textarea,
    )
    postcode = forms.CharField(label="Postcode", help_text="Of home or work.", required=False, max_length=8)
    languages = forms.CharField(label="Languages", help_text="Besides English, parted by commas.", required=False, max_length=200)
    max_reviews = forms.IntegerField(label="Reviews at most in one round", min_value=1, max_value=200)
    is_available = forms.BooleanField(label="Can be asked now", required=False)
    away_from_on = MemorableDateField(label="Away from", required=False)
    away_until_on = MemorableDateField(label="Away until", help_text="The last day away.", required=False)
    looks = {"expertise": Look(rows=4), "interests": Look(rows=4), "employer_number": Look(width=10), "postcode": Look(width=10),
             "max_reviews": Look(width=3)}  # fmt: skip

    def __init__(self, data: Mapping[str, Any] | None = None, *, profile: AssessorProfile | None) -> None:
        known = profile or AssessorProfile()
        super().__init__(
            data,
            initial={
                "topics": ", ".join(known.topics),
                "expertise": known.expertise,
                "employer": known.employer,
                "employer_number": known.employer_number,
                "interests": "\n".join(known.interests),
                "postcode": known.postcode,
                "languages": ", ".join(known.languages),
                "max_reviews": known.max_reviews,
                "is_available": known.is_available,
                "away_from_on": known.away_from_on,
                "away_until_on": known.away_until_on,
            },
        )

    def described(self) -> dict[str, Any]:
        lists = {name: self.cleaned_data[name].split(",") for name in ("topics", "languages")}
        return {**self.cleaned_data, **lists, "interests": self.cleaned_data["interests"].splitlines()}


class InterestsForm(forms.Form):
    """What an assessor declares for a year."""

    interests = forms.CharField(
        label="Companies you have an interest in",
        help_text="Names or numbers, one a line: companies you direct, own, work for, advise, supply or compete with.",
        required=False,
        max_length=4000,
        widget=forms.Textarea,
    )
    statement = forms.CharField(
        label="Anything else that could look like an interest",
        help_text="If you have none at all, say so in words.",
        required=False,
        max_length=2000,
        widget=forms.Textarea,
    )
    looks = {"interests": Look(rows=4), "statement": Look(rows=3)}
    says_optional = False

    def __init__(self, data: Mapping[str, Any] | None = None, *, interests: list[str]) -> None:
        super().__init__(data, initial={"interests": "\n".join(interests)})

    def declared(self) -> dict[str, Any]:
        return {"interests": self.cleaned_data["interests"].splitlines(), "statement": self.cleaned_data["statement"]}
