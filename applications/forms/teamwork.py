"""Sharing out the writing, and handing over a company."""

from typing import Any

from django import forms

from accounts.models import Person
from applications.models import Application
from design.fields import MemorableDateField

UNWRITTEN = ("declaration", "calculated")
"""Kinds of question that nobody writes an answer to."""


class AssignForm(forms.Form):
    """Which part, to whom, by when."""

    part = forms.ChoiceField(label="What is to be written?")
    to = forms.ModelChoiceField(queryset=Person.objects.none(), label="By whom?", empty_label=None)
    due_on = MemorableDateField(label="Due on", help_text="They are reminded on that morning", required=False)
    note = forms.CharField(label="A word to them", max_length=500, required=False, widget=forms.Textarea({"rows": 3}))

    def __init__(self, *args: Any, application: Application, writers: list[Person], **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["part"].choices = [
            (
                section.title,
                [(section.id, f"{section.title}: all of it")]
                + [(f"{section.id}:{question.id}", question.label) for question in section.questions if question.kind not in UNWRITTEN],
            )
            for section in application.version.definition.form.sections
            if any(question.kind != "declaration" for question in section.questions)
        ]
        self.fields["to"].queryset = Person.objects.filter(pk__in=[person.pk for person in writers]).order_by("name", "pk")
        self.fields["to"].label_from_instance = lambda person: person.name

    def given(self) -> dict[str, Any]:
        """What was chosen, for the action."""
        section, _, question = self.cleaned_data["part"].partition(":")
        return {"section": section, "question": question} | {name: self.cleaned_data[name] for name in ("to", "due_on", "note")}


class HandOverForm(forms.Form):
    """To whom, and what one is afterwards."""

    to = forms.ModelChoiceField(queryset=Person.objects.none(), label="Who becomes the owner?", widget=forms.RadioSelect, empty_label=None)
    stays = forms.TypedChoiceField(
        label="And you?",
        choices=[("yes", "I stay as a team member"), ("no", "I leave the team")],
        coerce=lambda given: given == "yes",
        widget=forms.RadioSelect,
    )

    def __init__(self, *args: Any, others: list[Person], **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["to"].queryset = Person.objects.filter(pk__in=[person.pk for person in others]).order_by("name", "pk")
        self.fields["to"].label_from_instance = lambda person: person.name


class AssistForm(forms.Form):
    """Whose draft, and which section."""

    reference = forms.CharField(label="Reference", help_text="As the company tells it to you, like DIAGCOMM-7K2M", max_length=24)
