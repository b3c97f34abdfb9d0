"""What is to be changed, and the changes sent in; messages."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django import forms

from applications.forms.companies import SignForm
from applications.forms.redress import KeyedForm
from design.fields import MemorableDateField, WordsField
from design.looks import Look


class DueForm(KeyedForm):
    """By when, and why."""

    looks = {"time": Look(width=5)}

    note = WordsField(label="What is to be changed, and why?", help_text="The company reads this", max_words=500, rows=6)
    day = MemorableDateField(label="Due on", help_text="For example, 27 3 2027")
    time = forms.TimeField(label="Due at", help_text="24-hour clock, UK time, like 12:00", input_formats=["%H:%M"], initial="17:00")

    def until(self) -> datetime:
        """When it is due, in UK time."""
        return datetime.combine(self.cleaned_data["day"], self.cleaned_data["time"], tzinfo=ZoneInfo("Europe/London"))


class AskChangesForm(DueForm):
    """Which sections, too."""

    sections = forms.MultipleChoiceField(
        label="Which sections may the company change?",
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Choose at least one section"},
    )

    def __init__(self, *args: Any, sections: list[Any], **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["sections"].choices = [(section.id, section.title) for section in sections]
        self.order_fields(["sections", "note", "day", "time", "key"])


class ResubmitForm(SignForm):
    """The declaration signed anew, with an answer to what was asked."""

    reply = WordsField(label="What did you change?", help_text="Or why you did not. The officer reads this", max_words=300, rows=5)
    field_order = ["reply", "agreed", "name", "position", "key"]


class MessageForm(forms.Form):
    """One message."""

    body = forms.CharField(label="Your message", max_length=5000, widget=forms.Textarea({"rows": 6}))
