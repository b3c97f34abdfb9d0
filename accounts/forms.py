"""The shapes of what people send about accounts; the rules are in the actions."""

from datetime import datetime, time, timedelta
from typing import Any

from django import forms
from django.contrib.auth.password_validation import validate_password
from django.http import HttpRequest
from django.utils import timezone

from accounts import scopes
from accounts.access import reach
from accounts.models import ApiKey, Organisation, Person
from accounts.models.roles import day_begins
from accounts.roles import COMPANY_ROLES, Permission, Role
from design.fields import MemorableDateField
from design.palettes import PALETTES, TYPEFACES

PASSPHRASE_HINT = "At least 10 characters. Three words that do not belong together make a good password."  # noqa: S105


class SignUpForm(forms.Form):
    """What allauth's sign-up form asks beside email and password."""

    name = forms.CharField(label="Your name", max_length=150, widget=forms.TextInput(attrs={"autocomplete": "name"}))
    field_order = ["name", "email", "password1"]

    def signup(self, request: HttpRequest, user: Person) -> None:
        user.name = self.cleaned_data["name"]
        user.save(update_fields=["name"])


class NameForm(forms.Form):
    """One's own name."""

    name = forms.CharField(
        label="Your name", help_text="As others read it here", max_length=150, widget=forms.TextInput(attrs={"autocomplete": "name"})
    )


class CorrectionForm(forms.Form):
    """What an account says of its person, put right at their request."""

    name = forms.CharField(label="Name", max_length=150)
    email = forms.EmailField(label="Email address", help_text="They confirm a new one when they next sign in.", max_length=254)
    reason = forms.CharField(label="Who asked for this, and why?", max_length=500, widget=forms.Textarea(attrs={"rows": 3}))


class AcceptForm(forms.Form):
    """Coming in by an invitation without having an account yet."""

    name = forms.CharField(label="Your name", max_length=150, widget=forms.TextInput(attrs={"autocomplete": "name"}))
    password = forms.CharField(
        label="Choose a password",
        help_text=PASSPHRASE_HINT,
        max_length=200,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def __init__(self, *args: Any, email: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.email = email

    def clean_password(self) -> str:
        password = self.cleaned_data["password"]
        validate_password(password, Person(email=self.email, name=self.cleaned_data.get("name", "")))
        return password


class WhereForm(forms.Form):
    """A role and where it is held, out of what the person asking may give."""

    role = forms.ChoiceField(label="Role")
    scope = forms.ChoiceField(label="Where")

    def __init__(self, *args: Any, person: Person, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        places = scopes.where(person, Permission.ROLE_GRANT)
        teams = scopes.where_team(person)
        roles = [
            role for role in Role if (places and role not in COMPANY_ROLES and role != Role.SYSTEM) or (teams and role in COMPANY_ROLES)
        ]
        _choices(self, "role", [("", "Choose a role"), *((str(role), str(role.label)) for role in roles)])
        _choices(self, "scope", [("", "Choose where"), *(places | teams).items()])


def _choices(form: forms.Form, name: str, choices: list[tuple[str, str]]) -> None:
    field = form.fields[name]
    assert isinstance(field, forms.ChoiceField)  # noqa: S101
    field.choices = choices


class InviteForm(WhereForm):
    """Asking an address in."""

    email = forms.EmailField(label="Email address", max_length=254, widget=forms.EmailInput(attrs={"autocomplete": "off"}))
    field_order = ["email", "role", "scope"]


class GrantForm(WhereForm):
    """A role for somebody who has an account."""

    email = forms.EmailField(label="Email address of the person", max_length=254, widget=forms.EmailInput(attrs={"autocomplete": "off"}))
    reason = forms.CharField(label="Reason", max_length=500, widget=forms.Textarea(attrs={"rows": 3}))
    from_on = MemorableDateField(label="From", required=False, help_text="For a deputy. Leave empty for a role that stays.")
    until_on = MemorableDateField(label="Until", required=False, help_text="The last day of a deputy, who then goes by themselves.")
    field_order = ["email", "role", "scope", "from_on", "until_on", "reason"]

    def times(self) -> dict[str, datetime | None]:
        """From the morning of the first day until the end of the last, UK time."""
        first, last = self.cleaned_data.get("from_on"), self.cleaned_data.get("until_on")
        return {"from_at": first and day_begins(first), "until_at": last and day_begins(last + timedelta(days=1))}

    def clean_email(self) -> Person:
        person = Person.objects.filter(email__iexact=self.cleaned_data["email"], is_active=True).exclude(email=Person.SYSTEM_EMAIL).first()
        if person is None:
            raise forms.ValidationError("Nobody with this email address has an account. Invite them instead.")
        return person


class LookForm(forms.Form):
    """How an organisation's pages look."""

    palette = forms.ChoiceField(
        label="Colours",
        choices=[(name, palette.title) for name, palette in PALETTES.items()],
        widget=forms.RadioSelect,
        error_messages={"required": "Choose one of the sets of colours", "invalid_choice": "Choose one of the sets of colours"},
    )
    typeface = forms.ChoiceField(
        label="Typeface",
        choices=[(name, title) for name, (title, _) in TYPEFACES.items()],
        widget=forms.RadioSelect,
        error_messages={"required": "Choose one of the typefaces", "invalid_choice": "Choose one of the typefaces"},
    )


class KeyForm(forms.Form):
    """A key for a funder's machine."""

    organisation = forms.ModelChoiceField(Organisation.objects.none(), label="Funder", empty_label="Choose a funder")
    name = forms.CharField(label="What it is for", max_length=100, help_text="The system that will use it, such as “Data platform”.")
    scopes = forms.MultipleChoiceField(label="What it may do", choices=ApiKey.Scope.choices, widget=forms.CheckboxSelectMultiple)
    expires_on = MemorableDateField(label="Last day it works", help_text="Within a year.")
    is_test = forms.BooleanField(label="This key is for tests: it reads sample data in a demonstration, and nothing here", required=False)

    def __init__(self, *args: Any, person: Person, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        reached = reach(person, Permission.KEY_MANAGE)
        funders = Organisation.objects.filter(kind=Organisation.Kind.FUNDER).order_by("name", "pk")
        field = self.fields["organisation"]
        assert isinstance(field, forms.ModelChoiceField)  # noqa: S101
        field.queryset = funders if reached.everywhere else funders.filter(pk__in=reached.organisations)

    def values(self) -> dict[str, Any]:
        """The values as the action takes them: the last day ends at midnight."""
        cleaned = dict(self.cleaned_data)
        day = cleaned.pop("expires_on") + timedelta(days=1)
        return cleaned | {"expires_at": timezone.make_aware(datetime.combine(day, time()))}
