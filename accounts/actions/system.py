"""The seeded person who takes the steps that no human takes."""

from datetime import UTC, datetime
from typing import Any

from django.contrib.auth.hashers import make_password
from django.db import router

from accounts.models import Person, RoleAssignment
from accounts.roles import Role

SINCE = datetime(2000, 1, 1, tzinfo=UTC)


def seed(*, using: str = "default") -> Person:
    """Make SYSTEM where it is missing: no usable password, never active for sign-in pages, its role on the whole site granted by itself."""
    system, _ = Person.objects.using(using).get_or_create(
        email=Person.SYSTEM_EMAIL, defaults={"name": "The system", "password": make_password(None)}
    )
    RoleAssignment.objects.using(using).get_or_create(
        person=system, role=Role.SYSTEM, scope="site", defaults={"starts_at": SINCE, "granted_by": system}
    )
    return system


def seed_after_migrate(*, using: str, **_signal: Any) -> None:
    """Also runs after a test has flushed the tables, which a data migration would not."""
    if router.allow_migrate_model(using, RoleAssignment):
        seed(using=using)
