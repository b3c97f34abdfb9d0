"""The shapes of what people send about accounts; the rules are in the actions."""

from django import forms
from django.http import HttpRequest

from accounts.models import Person


class SignUpForm(forms.Form):
    """What allauth's sign-up form asks beside email and password."""

    name = forms.CharField(label="Your name", max_length=150, widget=forms.TextInput(attrs={"autocomplete": "name"}))
    field_order = ["name", "email", "password1"]

    def signup(self, request: HttpRequest, user: Person) -> None:
        user.name = self.cleaned_data["name"]
        user.save(update_fields=["name"])
