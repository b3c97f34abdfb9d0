"""What pages about people show, ready to be drawn."""

from datetime import datetime
from typing import Any

from django.urls import reverse

from accounts import second_factor
from accounts.models import Person, RoleAssignment
from accounts.scopes import labels_for
from design.words import in_words


def account(person: Person, *, at: datetime) -> dict[str, Any]:
    """One's own account: how one signs in, which roles one holds."""
    held = RoleAssignment.objects.filter(person=person).current(at=at).order_by("scope", "role", "pk")
    names = labels_for(assignment.scope for assignment in held)
    has_factor = second_factor.has_one(person)
    return {
        "rows": [
            ("Name", person.name),
            ("Email address", person.email, reverse("account_email"), "Change"),
            ("Password", "Set" if person.has_usable_password() else "Not set", *_password(person)),
            ("Second factor", "Set up" if has_factor else "Not set up", reverse("mfa_index"), "Change" if has_factor else "Set up"),
        ],
        "columns": ["Role", "Where", "From"],
        "roles": [[assignment.get_role_display(), names[assignment.scope], _from(assignment, at)] for assignment in held],
        "sign_out_url": reverse("accounts:sign-out-everywhere"),
    }


def _password(person: Person) -> tuple[str, str]:
    has_one = person.has_usable_password()
    return (reverse("account_change_password"), "Change") if has_one else (reverse("account_set_password"), "Set")


def _from(assignment: RoleAssignment, at: datetime) -> str:
    begins = in_words(assignment.starts_at)
    return begins if assignment.starts_at <= at else f"{begins}, not yet in force"
