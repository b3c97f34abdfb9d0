"""What staff type about money that is paid back."""

from django import forms

from design.fields import MemorableDateField, PoundsField, WordsField
from design.looks import Look


class AskBackForm(forms.Form):
    """How much is asked back, why, and until when."""

    amount_pence = PoundsField(label="How much is to be paid back?", min_pence=1)
    due_on = MemorableDateField(label="By when?")
    reason = WordsField(
        label="Why?",
        help_text="The company reads this.",
        max_words=150,
        rows=4,
        error_messages={"required": "Say why it is to be paid back"},
    )


class ReceiveForm(forms.Form):
    """What the bank's statement shows."""

    pence = PoundsField(label="Amount that came in", min_pence=1)
    on = MemorableDateField(label="Day on which the bank shows it")
    bank_reference = forms.CharField(label="The bank's reference", help_text="As it stands on the statement", max_length=60)
    looks = {"bank_reference": Look(width=20)}
