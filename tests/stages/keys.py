"""API keys in force, by the two people it takes."""

from datetime import datetime, timedelta

from accounts.actions import keys, roles
from accounts.models import ApiKey, Organisation, Person, RoleAssignment
from accounts.roles import Role


def api_key(
    *, organisation: Organisation, issuer: Person, confirmer: Person, scopes: tuple[str, ...] = ("read",), at: datetime
) -> tuple[ApiKey, str]:
    """A key that works at `at`: issued and confirmed two days before. The confirmer is given the role on the site if need be."""
    before = at - timedelta(days=2)
    if not roles.is_held(person=confirmer, role=Role.INDEPENDENT_APPROVER, scope="site"):
        RoleAssignment.objects.create(
            person=confirmer, role=Role.INDEPENDENT_APPROVER, scope="site", starts_at=before - timedelta(days=1), granted_by=issuer
        )
    key, secret = keys.create(
        organisation=organisation, name="Data platform", scopes=scopes, expires_at=at + timedelta(days=90), by=issuer, at=before
    )
    return keys.confirm(key=key, by=confirmer, at=before), secret
