"""What a company types about its award, bank account, claims and reports."""

from collections.abc import Iterable
from typing import Any

from django import forms

from design.fields import MemorableDateField, PoundsField
from design.looks import Look
from payments.actions.lines import Cost


class SubsidyForm(forms.Form):
    """The written confirmation of the subsidy position."""

    other_pence = PoundsField(
        label="Assistance from others that counts towards the limit",
        help_text="Minimal Financial Assistance, SPEI assistance, EU de minimis aid and small amounts under the trade agreement, given to "
        "your company and any group it belongs to in this and the two financial years before. Leave out what we gave you ourselves. "
        "Enter 0 if there was none.",
    )
    is_agreed = forms.BooleanField(
        label="I confirm for the company that this is complete, and that with this grant the limit is not exceeded",
        error_messages={"required": "Confirm the statement before you send it"},
    )


class BankForm(forms.Form):
    """A UK bank account."""

    name = forms.CharField(label="Name on the account", max_length=140, help_text="The company's name as the bank writes it")
    sort_code = forms.CharField(label="Sort code", max_length=20, help_text="6 digits, such as 30-96-34")
    account_number = forms.CharField(label="Account number", max_length=20, help_text="Between 6 and 8 digits")

    looks = {"sort_code": Look(width=5), "account_number": Look(width=10)}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("sort_code", "account_number"):
            self.fields[name].widget.attrs |= {"inputmode": "numeric", "autocomplete": "off", "spellcheck": "false"}


class LineForm(forms.Form):
    """One cost."""

    supplier = forms.CharField(label="Supplier", max_length=160)
    invoice_number = forms.CharField(label="Invoice number", max_length=60)
    category = forms.ChoiceField(label="Cost category")
    description = forms.CharField(label="What it was for", max_length=300, required=False)
    invoice_on = MemorableDateField(label="Invoice date", help_text="For example, 27 3 2027")
    paid_on = MemorableDateField(label="Date paid", help_text="The day it left your account")
    net_pence = PoundsField(label="Amount without VAT", min_pence=1)
    vat_pence = PoundsField(label="VAT", help_text="Enter 0 if there was none")
    eligible_pence = PoundsField(
        label="Eligible part",
        help_text="The part that belongs to the project. Include VAT only if you cannot recover it.",
        min_pence=1,
    )

    looks = {"invoice_number": Look(width=20)}

    def __init__(self, *args: Any, categories: dict[str, str], vat: str = "", **kwargs: Any) -> None:
        """`vat`: what the programme says of VAT, where it does."""
        super().__init__(*args, **kwargs)
        if vat:
            self.fields["eligible_pence"].help_text = f"The part that belongs to the project. {vat}"
        self.fields["category"].choices = [("", "Choose one"), *categories.items()]

    def cost(self) -> Cost:
        """The cost as actions take it."""
        return Cost(**self.cleaned_data)


class EvidenceForm(forms.Form):
    """One file."""

    file = forms.FileField(
        label="Add a file",
        help_text="Invoice, and the bank statement line that shows it was paid. PDF, image, Word, Excel or CSV, up to 10 MB",
        allow_empty_file=True,
        error_messages={"required": "Choose a file to add"},
    )


class NarrativeForm(forms.Form):
    """What was done."""

    narrative = forms.CharField(
        label="What you did for this milestone", widget=forms.Textarea, max_length=5000, required=False, help_text="A few sentences"
    )
    looks = {"narrative": Look(rows=5)}


class AdvanceForm(forms.Form):
    """How much is needed before any work is shown, and what for."""

    asked_pence = PoundsField(label="How much do you need in advance?", min_pence=1)
    narrative = forms.CharField(
        label="What do you need it for?",
        widget=forms.Textarea,
        max_length=5000,
        help_text="What must be paid before the first milestone, to whom, and when",
        error_messages={"required": "Say what you need the advance for"},
    )
    looks = {"narrative": Look(rows=5)}


class SubmitForm(forms.Form):
    """The declaration."""

    declaration = forms.BooleanField(
        label="I declare for the company that these costs were incurred for the project and have been paid, that no other public money "
        "pays for them, and that nothing has changed in our subsidy position",
        error_messages={"required": "Confirm the declaration before you submit"},
    )


class AnswersForm(forms.Form):
    """An answer to each open question."""

    def __init__(self, *args: Any, queries: Iterable[Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.queries = list(queries)
        for query in self.queries:
            about = f"Line {query.line.number}, {query.line.supplier}" if query.line else "The whole claim"
            self.fields[f"answer_{query.pk}"] = forms.CharField(
                label=query.question,
                help_text=about,
                widget=forms.Textarea,
                max_length=5000,
                error_messages={"required": "Answer this question"},
            )
            self.fields[f"answer_{query.pk}"].look = Look(rows=4)

    def answers(self) -> dict[int, str]:
        """By the question's id."""
        return {query.pk: self.cleaned_data[f"answer_{query.pk}"] for query in self.queries}


class ReportForm(forms.Form):
    """A number for each indicator, and what came of the work."""

    def __init__(self, *args: Any, indicators: Iterable[Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.indicators = list(indicators)
        for indicator in self.indicators:
            self.fields[indicator.id] = forms.CharField(
                label=indicator.title,
                help_text=indicator.definition,
                max_length=20,
                error_messages={"required": "Enter a number; 0 if there is nothing"},
            )
            self.fields[indicator.id].look = Look(width=10, suffix=indicator.unit)
            self.fields[indicator.id].widget.attrs |= {"inputmode": "decimal", "autocomplete": "off"}
        self.fields["narrative"] = forms.CharField(
            label="What came of the work",
            help_text="A few sentences: what changed for the company and the people it serves",
            widget=forms.Textarea,
            max_length=5000,
            error_messages={"required": "Say in a few sentences what came of the work"},
        )
        self.fields["narrative"].look = Look(rows=6)

    def values(self) -> dict[str, str]:
        """By the indicator's id."""
        return {indicator.id: self.cleaned_data[indicator.id] for indicator in self.indicators}


class NoteForm(forms.Form):
    """A reason."""

    note = forms.CharField(label="Reason", widget=forms.Textarea, max_length=2000, error_messages={"required": "Give a reason"})
    looks = {"note": Look(rows=3)}
