"""Scenarios of a selection, and draws."""

from collections.abc import Mapping
from typing import Any

from django import forms

from assessments.actions import selections
from design.fields import PoundsField
from design.looks import Choice, Look


class SelectionForm(forms.Form):
    """What to ask of a selection scenario. Limits are there where the programme declared a portfolio."""

    budget_pence = PoundsField(label="Budget", error_messages={"required": "Say how much there is to select with."})
    rule = forms.ChoiceField(
        label="How to select",
        choices=[
            ("top-down", Choice("In the order of scores", hint="From the top until the next does not fit.")),
            ("portfolio", Choice("As a portfolio", hint="The most score above the threshold for the money, within the limits below.")),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": "Choose how to select."},
    )
    one_per_company = forms.BooleanField(label="At most one application of a company", required=False)
    label = forms.ChoiceField(
        label="Limit by", choices=[("", "No limit"), *selections.LABELS.items()], required=False, help_text="For each place, or each size."
    )
    least = forms.IntegerField(label="At least", min_value=0, max_value=999, required=False)
    most = forms.IntegerField(label="At most", min_value=0, max_value=999, required=False)
    must = forms.CharField(label="Must be funded", help_text="References, parted by commas.", max_length=500, required=False)
    must_not = forms.CharField(label="Must not be funded", help_text="References, parted by commas.", max_length=500, required=False)
    looks = {"least": Look(width=3), "most": Look(width=3)}
    PORTFOLIO = ("rule", "one_per_company", "label", "least", "most", "must")

    def __init__(self, data: Mapping[str, Any] | None = None, *, rule: str, budget_pence: int) -> None:
        super().__init__(data, initial={"budget_pence": budget_pence, "rule": rule})
        if rule != "portfolio":
            for name in self.PORTFOLIO:
                del self.fields[name]

    def settings(self) -> selections.Settings:
        typed = self.cleaned_data
        limits = [{"label": "company", "most": 1}] if typed.get("one_per_company") else []
        if typed.get("label") and (typed.get("least") or typed.get("most") is not None):
            limits.append({"label": typed["label"], "least": typed.get("least") or 0, "most": typed.get("most")})
        names = {name: tuple(one.strip().upper() for one in typed.get(name, "").split(",") if one.strip()) for name in ("must", "must_not")}
        return selections.Settings(typed["budget_pence"], typed.get("rule") or "top-down", tuple(limits), **names)


class FreezeDrawForm(forms.Form):
    """What will decide a draw, named before it exists."""

    source = forms.CharField(
        label="Public value that will decide",
        help_text="One that does not exist yet and that anybody can look up: a numbered drand round, the numbers of a dated lottery draw.",
        max_length=300,
        error_messages={"required": "Name the public value that will decide, before it exists."},
    )
    secret_sha256 = forms.CharField(
        label="SHA-256 of a secret", help_text="If you commit to one. The secret itself is entered when the draw is held.", max_length=64,
        required=False,
    )  # fmt: skip


class HoldDrawForm(forms.Form):
    """The value that was named, and the secret where one was committed to."""

    public_value = forms.CharField(
        label="The public value", help_text="Exactly as it was published.", max_length=300,
        error_messages={"required": "Enter the public value that was named."},
    )  # fmt: skip
    secret = forms.CharField(
        label="The secret", help_text="The one whose SHA-256 was published with the list.", max_length=300, strip=False,
        error_messages={"required": "Enter the secret that was committed to."},
    )  # fmt: skip
    is_checked = forms.BooleanField(
        label="I have compared this with what was published, and know that a draw is held once and cannot be taken back",
        error_messages={"required": "Compare the value with what was published, then tick the box."},
    )

    def __init__(self, data: Mapping[str, Any] | None = None, *, has_secret: bool) -> None:
        super().__init__(data)
        if not has_secret:
            del self.fields["secret"]

    def given(self) -> dict[str, str]:
        """What the draw goes by."""
        return {name: value for name, value in self.cleaned_data.items() if name != "is_checked"}
