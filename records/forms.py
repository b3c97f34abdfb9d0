"""Why records are to be kept or to go."""

from django import forms

from design.fields import WordsField


class ReasonForm(forms.Form):
    """One reason, in plain words."""

    reason = WordsField(label="Reason", max_words=300, rows=4)

    def __init__(self, *args: object, label: str = "Reason", **options: object) -> None:
        super().__init__(*args, **options)  # type: ignore[arg-type]
        self.fields["reason"].label = label
