"""Questions that nobody has to answer."""

from typing import Any

from django import forms

from applications.equality import QUESTIONS


class EqualityForm(forms.Form):
    """Each question with “Prefer not to say”; none of them required."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        for question in QUESTIONS:
            self.fields[question.name] = forms.ChoiceField(
                label=question.label, choices=question.all_choices(), widget=forms.RadioSelect, required=False
            )
