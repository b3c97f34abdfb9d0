"""What a company writes when it thinks that something went wrong."""

from secrets import token_urlsafe

from django import forms

from applications.models import Appeal
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


class AppealForm(forms.Form):
    """What went wrong with how an application was treated."""

    ground = forms.ChoiceField(label="What went wrong?", choices=Appeal.Ground.choices, widget=forms.RadioSelect)
    statement = WordsField(
        label="Say what happened",
        help_text="What was done or left out, and how it may have changed the decision",
        max_words=800,
        rows=10,
        error_messages={"required": "Say what happened."},
    )
