"""Who is told what about programmes."""

from collections.abc import Iterable
from typing import Any

from django.db.models import Q

from accounts.models import Person
from accounts.roles import HOLDS, Permission, Role
from grants.models import Correction, ProgrammeVersion
from grants.presenters import staff
from notifications.outbox import Letter, composes


def _holders(version: ProgrammeVersion, roles: Iterable[Role], at: Any) -> list[Person]:
    held = Q(role_assignments__scope=version.programme.scope, role_assignments__role__in=list(roles), role_assignments__starts_at__lte=at)
    running = Q(role_assignments__ends_at=None) | Q(role_assignments__ends_at__gt=at)
    return list(Person.objects.filter(held & running, is_active=True).distinct().order_by("pk"))


@composes("programme.prepared")
def prepared(version: ProgrammeVersion, taken: Any) -> Iterable[Letter]:
    """Those who may publish hear that a version waits for them."""
    touched = "\n".join(f"- {line}" for line in staff.touched(version))
    publishers = [role for role in Role if Permission.PROGRAMME_PUBLISH in HOLDS[role]]
    for person in _holders(version, publishers, taken.at):
        if person.pk != taken.by_id:
            yield Letter(
                person,
                f"{version} waits for publication",
                f"{taken.by} has put {version} forward. Read what it changes, then publish it or send it back.\n\n"
                f"What its publication touches:\n{touched}",
                f"/manage/programmes/{version.programme.slug}/versions/{version.number}/",
            )


@composes("programme.published")
def published(version: ProgrammeVersion, taken: Any) -> Iterable[Letter]:
    """Who prepared it and the independent approver hear that it is public now."""
    told = {version.prepared_by, *_holders(version, [Role.INDEPENDENT_APPROVER], taken.at)}
    for person in sorted((person for person in told if person and person.pk != taken.by_id), key=lambda person: person.pk):
        yield Letter(
            person,
            f"{version} is published",
            f"{taken.by} has published {version}. New rounds use it; rounds that are running keep theirs.",
            f"/manage/programmes/{version.programme.slug}/versions/{version.number}/",
        )


@composes("correction.applied")
def corrected(correction: Correction, taken: Any) -> Iterable[Letter]:
    """Who asked for it and the independent approver hear that the rules of a round that runs were corrected."""
    told = {correction.proposed_by, *_holders(correction.version, [Role.INDEPENDENT_APPROVER], taken.at)}
    for person in sorted((person for person in told if person.pk != taken.by_id), key=lambda person: person.pk):
        yield Letter(
            person,
            f"The rules of {correction.round.reference} were corrected",
            f"{taken.by} has corrected them to version {correction.version.number}. The reason: {correction.reason}",
            f"/manage/programmes/rounds/{correction.round.reference}/",
        )
