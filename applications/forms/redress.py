"""What a company writes when it thinks that something went wrong."""

from secrets import token_urlsafe

from django import forms

from design.fields import WordsField


class KeyedForm(forms.Form):
    """A form that is one act however often it is sent: it carries the idempotency key of one rendering of its page."""

    key = forms.CharField(widget=forms.HiddenInput, max_length=100, required=False, empty_value=None)

    @staticmethod
    def fresh() -> dict[str, str]:
        """The initial values of a new rendering."""
        return {"key": token_urlsafe(12)}


class ReviewForm(KeyedForm):
    """Which rule was applied wrongly, and why."""

    note = WordsField(label="Which rule was applied wrongly, and why?", max_words=500, rows=8)
