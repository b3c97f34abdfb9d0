"""Why records are to be kept or to go."""

from django import forms

from design.fields import WordsField
from design.looks import Look


class ReasonForm(forms.Form):
    """One reason, in plain words."""

    reason = WordsField(label="Reason", max_words=300, rows=4)

    def __init__(self, *args: object, label: str = "Reason", **options: object) -> None:
        super().__init__(*args, **options)  # type: ignore[arg-type]
        self.fields["reason"].label = label


class EraseAccountForm(forms.Form):
    """One's own address, typed again, so that nobody erases an account by one wrong press."""

    looks = {"email": Look(width=20)}
    email = forms.EmailField(label="Type the email address of your account", max_length=254)
