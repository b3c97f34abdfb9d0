"""Make another programme of a programme: document, people and paying account, with the line it comes from."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from accounts.access import require
from accounts.actions import roles
from accounts.models import Person, RoleAssignment
from accounts.refusals import NotAllowedNow, Refused
from accounts.roles import Permission
from audit import trail
from grants.actions import programmes
from grants.definition import cloning, inherited, loading
from grants.models import KeptAsCopied, Programme, ProgrammeVersion


def clone(
    *, source: Programme, slug: str, title: str = "", strand: str = "", version: int | None = None, by: Person, at: datetime
) -> ProgrammeVersion:
    """A new programme with the document of the source (the version published last, or the one named) as its first draft.

    The source is not touched. Whoever holds a role on the source holds it on the copy, so that it can be worked on at once: they already
    run the same funder's money, and nobody gains a role that they did not hold (docs/adr/0034). Publishing takes two people as always.
    Raises Denied, Refused (a short name that is taken or cannot be one), DocumentRefused.
    """
    require(by, Permission.PROGRAMME_EDIT, on=source)
    parent = source.versions.filter(number=version).first() if version is not None else source.published_version or source.latest_version
    if parent is None:
        raise NotAllowedNow(f"{source} has no such version.", code="no_version")
    if Programme.objects.filter(slug=slug).exists():
        raise Refused(f"There is a programme with the short name {slug} already.", code="slug_taken", field="slug")
    document = cloning.clone(parent.document, slug=slug, title=title.strip() or None, strand=strand or None)
    with transaction.atomic():
        programme = programmes.create(loading.parse(document), cloned_from=parent, by=by, at=at)
        _copy_roles(source, programme, by=by, at=at)
        by.__dict__.pop("_held", None)
        return programmes.draft(programme, document, by=by, at=at)


def _copy_roles(source: Programme, copy: Programme, *, by: Person, at: datetime) -> None:
    """The roles held on the source now, held on the copy from now; each says who made the copy that gave it.

    Nobody gives a role to themselves: the copier's own are in the name of whoever gave them on the source.
    """
    held = (
        RoleAssignment.objects.current(at=at)
        .filter(scope=source.scope, starts_at__lte=at)
        .select_related("person", "granted_by")
        .order_by("pk")
    )
    for assignment in held:
        giver = by if assignment.person_id != by.pk else assignment.granted_by
        if not roles.is_held(person=assignment.person, role=assignment.role, scope=copy.scope):
            roles.assign(person=assignment.person, role=assignment.role, scope=copy.scope, by=giver, at=at)
    trail.record(
        stream=copy.stream,
        kind="programme.roles_copied",
        actor=by.pk,
        at=at,
        subject=f"grants.programme:{copy.pk}",
        after={"source": source.slug, "roles": len(held)},
    )


@transaction.atomic
def keep_as_copied(*, programme: Programme, places: Iterable[str], by: Person, at: datetime) -> list[KeptAsCopied]:
    """Say that these places of a copy are right as the parent has them, so that nobody is asked again. What was said stands.

    Raises Denied, NotAllowedNow where the programme is no copy, Refused for what is no place.
    """
    require(by, Permission.PROGRAMME_EDIT, on=programme)
    wanted = sorted(set(places))
    if programme.cloned_from_id is None:
        raise NotAllowedNow("This programme was written, not copied.", code="no_copy")
    if not wanted or any(place not in inherited.BY_KEY for place in wanted):
        raise Refused("Say which place is right as it is.", code="place_unknown")
    said = set(programme.kept_as_copied.values_list("place", flat=True))
    kept = [KeptAsCopied(programme=programme, place=place, kept_at=at, kept_by=by) for place in wanted if place not in said]
    KeptAsCopied.objects.bulk_create(kept, ignore_conflicts=True)
    for each in kept:
        trail.record(
            stream=programme.stream,
            kind="programme.kept_as_copied",
            actor=by.pk,
            at=at,
            subject=f"grants.programme:{programme.pk}",
            after={"place": each.place, "parent": str(programme.cloned_from)},
        )
    return kept
