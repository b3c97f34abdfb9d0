"""How mail comes."""

from django import forms

from notifications.models import MailChoice


class ChoiceForm(forms.Form):
    """As it happens, or once a day."""

    how = forms.ChoiceField(label="How should mail come?", choices=MailChoice.How.choices, widget=forms.RadioSelect)
