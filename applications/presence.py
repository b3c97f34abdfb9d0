"""Who is on the same page of a form just now. Kept in the cache for a minute: a courtesy between colleagues, not a record."""

from django.core.cache import cache

from accounts.models import Person, RoleAssignment
from accounts.roles import COMPANY_ROLES
from applications.models import Application

SECONDS = 60


def touch(application: Application, section: str, person: Person) -> None:
    """This person has the section open."""
    cache.set(_key(application, section, person.pk), person.name, SECONDS)


def others(application: Application, section: str, person: Person) -> list[str]:
    """Names of the colleagues who have the section open too."""
    held = RoleAssignment.objects.filter(ends_at=None, scope=application.company.organisation.scope, role__in=COMPANY_ROLES)
    colleagues = set(held.exclude(person=person).values_list("person", flat=True))
    return sorted(cache.get_many([_key(application, section, colleague) for colleague in colleagues]).values())


def _key(application: Application, section: str, person: int) -> str:
    return f"editing:{application.pk}:{section}:{person}"
