"""What staff type about awards, claims, bank details, runs and statements."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from design.fields import MemorableDateField, PoundsField
from design.looks import Look
from payments.models import AwardCheck, BankAccount, Claim, ClaimLine


class CheckForm(forms.Form):
    """What one check found."""

    result = forms.ChoiceField(
        label="What did you find?",
        choices=[choice for choice in AwardCheck.Result.choices if choice[0] != AwardCheck.Result.OPEN],
        widget=forms.RadioSelect,
        error_messages={"required": "Choose what the check found"},
    )
    note = forms.CharField(
        label="Note", widget=forms.Textarea, max_length=2000, required=False, help_text="Needed when it failed or is referred to somebody"
    )
    looks = {"note": Look(rows=4), "result": Look(inline=True)}


class ConditionsForm(forms.Form):
    """How it was seen that the conditions are met."""

    note = forms.CharField(label="How do you know that the conditions are met?", widget=forms.Textarea, max_length=2000)
    looks = {"note": Look(rows=4)}


class LineDecisionForm(forms.Form):
    """What becomes of one line of a claim."""

    outcome = forms.ChoiceField(
        label="Decision",
        choices=[choice for choice in ClaimLine.Outcome.choices if choice[0]],
        widget=forms.RadioSelect,
        error_messages={"required": "Choose what to do with this line"},
    )
    accepted_pence = PoundsField(label="Part that you accept", help_text="Only when you accept it in part", required=False)
    reason = forms.CharField(
        label="Reason",
        help_text="The company reads it. Needed when you do not accept all of it.",
        widget=forms.Textarea,
        max_length=2000,
        required=False,
    )
    looks = {"reason": Look(rows=3), "outcome": Look(small=True)}
    says_optional = False


class QuestionForm(forms.Form):
    """A question to the company."""

    question = forms.CharField(
        label="Ask the company about this line", widget=forms.Textarea, max_length=2000, error_messages={"required": "Write the question"}
    )
    looks = {"question": Look(rows=3)}


class RecommendForm(forms.Form):
    """How far the milestone was met."""

    milestone_outcome = forms.ChoiceField(
        label="Was the milestone met?",
        choices=[("met", "Met"), ("part_met", "Partly met"), ("not_met", "Not met")],
        widget=forms.RadioSelect,
        error_messages={"required": "Say whether the milestone was met"},
    )
    looks = {"milestone_outcome": Look(inline=True, small=True)}

    def __init__(self, claim: Claim, *args: Any, **kwargs: Any) -> None:
        """An advance has no milestone to be met; an outcome is there or not."""
        super().__init__(*args, **kwargs)
        if claim.is_advance:
            del self.fields["milestone_outcome"]
        elif not claim.has_lines:
            self.fields["milestone_outcome"].label = "Is the outcome there, as the evidence shows it?"
            self.fields["milestone_outcome"].choices = [("met", "Yes"), ("not_met", "No")]  # type: ignore[attr-defined]


class ClaimFilters(forms.Form):
    """The claim queue's filters."""

    state = forms.ChoiceField(
        label="State",
        required=False,
        choices=[
            ("", "Everything open"),
            ("submitted", "Submitted"),
            ("checking", "Being checked"),
            ("queried", "Queried"),
            ("recommended", "Recommended"),
            ("approved", "Approved"),
            ("paid", "Paid"),
            ("returned", "Returned"),
            ("rejected", "Rejected"),
        ],
    )
    q = forms.CharField(label="Reference or company", required=False, max_length=60)


class AwardFilters(forms.Form):
    """The award list's filters."""

    state = forms.ChoiceField(label="State", required=False)
    q = forms.CharField(label="Reference or company", required=False, max_length=60)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        from payments.models import Award

        super().__init__(*args, **kwargs)
        self.fields["state"].choices = [("", "All"), *Award.State.choices]  # type: ignore[misc]


class CallBackForm(forms.Form):
    """The call-back."""

    called_on = forms.CharField(
        label="Telephone number you rang", max_length=40, help_text="Found independently, not taken from what came with these details"
    )
    spoke_to = forms.CharField(label="Name of the person you spoke to", max_length=120)
    payee_match = forms.ChoiceField(
        label="What did Confirmation of Payee answer?",
        choices=BankAccount.PayeeMatch.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "Say what Confirmation of Payee answered"},
    )
    looks = {"called_on": Look(width=20)}


class RevealForm(forms.Form):
    """Why the whole numbers are needed."""

    reason = forms.CharField(label="Why do you need the whole numbers?", max_length=300, help_text="It is kept on the trail with your name")


class RunForm(forms.Form):
    """A new payment run."""

    programme = forms.ModelChoiceField(queryset=None, label="Programme", to_field_name="slug", empty_label=None)  # type: ignore[var-annotated]
    pays_on = MemorableDateField(label="Payment date", required=False, help_text="Tomorrow, if you leave it empty")

    def __init__(self, *args: Any, programmes: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["programme"].queryset = programmes


class StatementForm(forms.Form):
    """A bank statement to import."""

    programme = forms.ModelChoiceField(queryset=None, label="Programme", to_field_name="slug", empty_label=None)  # type: ignore[var-annotated]
    file = forms.FileField(
        label="Statement",
        help_text="CSV with headings as your bank exports it, or camt.053 XML, up to 5 MB",
        allow_empty_file=True,
        error_messages={"required": "Choose a statement to import"},
    )

    def __init__(self, *args: Any, programmes: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["programme"].queryset = programmes

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size > 5 * 1024 * 1024:
            raise ValidationError("A statement must be no larger than 5 MB. Export a shorter period.", code="too_large")
        return file


class PayingAccountForm(forms.Form):
    """The account that grants are paid from."""

    name = forms.CharField(label="Name on the account", max_length=140)
    sort_code = forms.CharField(label="Sort code", max_length=20)
    account_number = forms.CharField(label="Account number", max_length=20)
    looks = {"sort_code": Look(width=5), "account_number": Look(width=10)}
