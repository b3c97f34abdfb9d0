"""Draft a programme's next version from its document, put it forward, publish it."""

from datetime import datetime

from django.db import IntegrityError, transaction

from accounts.access import can, require
from accounts.models import Organisation, Person
from accounts.refusals import Denied, NotAllowedNow, Refused
from accounts.roles import Permission
from audit import trail
from grants.definition import Definition, loading
from grants.models import DocumentText, Programme, ProgrammeVersion
from workflow.engine import fire


def load(*, document: str, source: str = "The document", put_forward: bool = True, by: Person, at: datetime) -> ProgrammeVersion:
    """Store a document as the next version of the programme it names (a new one where there is none) and put it forward for publication.

    The text of the version stored last changes nothing: that version is answered. Raises DocumentRefused with every problem and its
    line, Denied where the person may not edit that programme.
    """
    definition = loading.parse(document, source=source)
    try:
        with transaction.atomic():
            programme = _programme(definition, by=by, at=at)
            last = programme.latest_version
            same = last is not None and last.sha256 == loading.sha256(document) and last.state != ProgrammeVersion.State.SET_ASIDE
            version = last if same and last is not None else draft(programme, document, by=by, at=at)
            if put_forward and version.state == ProgrammeVersion.State.DRAFT:
                version = fire(version, "prepare", by=by, at=at)
    except IntegrityError:
        raise NotAllowedNow(
            "Somebody stored another version at the same moment. Look at it, then try again.", code="stale_version"
        ) from None
    return version


def prepare(*, version: ProgrammeVersion, by: Person, at: datetime) -> ProgrammeVersion:
    """Put a draft forward for publication by somebody else."""
    return fire(version, "prepare", by=by, at=at)


def publish(*, version: ProgrammeVersion, by: Person, at: datetime) -> ProgrammeVersion:
    """Make a version that somebody else put forward the one that new rounds use; the first one makes the programme public.

    Raises Denied where the same person prepared it, Understaffed where some duty has no lawful actor.
    """
    with transaction.atomic():
        version = fire(version, "publish", by=by, at=at)
        programme = Programme.objects.select_for_update(no_key=True).get(pk=version.programme_id)
        if version == programme.published_version:
            _take_over(programme, version.definition)
        if programme.state == Programme.State.DRAFT:
            fire(programme, "publish", by=by, at=at)
    return version


def send_back(*, version: ProgrammeVersion, reason: str, by: Person, at: datetime) -> ProgrammeVersion:
    """Return a version to whoever prepares it."""
    return fire(version, "send_back", note=reason, by=by, at=at)


def set_aside(*, version: ProgrammeVersion, reason: str, by: Person, at: datetime) -> ProgrammeVersion:
    """Leave an unpublished version behind."""
    return fire(version, "set_aside", note=reason, by=by, at=at)


def move_version(*, version: ProgrammeVersion, step: str, reason: str, by: Person, at: datetime) -> ProgrammeVersion:
    """Take the step of a version that a button names. Raises Refused where there is no such button."""
    match step:
        case "prepare":
            return prepare(version=version, by=by, at=at)
        case "publish":
            return publish(version=version, by=by, at=at)
        case "send_back":
            return send_back(version=version, reason=reason, by=by, at=at)
        case "set_aside":
            return set_aside(version=version, reason=reason, by=by, at=at)
    raise Refused("There is no such step.", code="step_unknown")


def move(*, programme: Programme, step: str, reason: str, by: Person, at: datetime) -> Programme:
    """Take the step of a programme that a button names. Its publication comes with a version's, not by a button."""
    if step not in ("start_monitoring", "resume", "archive"):
        raise Refused("There is no such step.", code="step_unknown")
    return fire(programme, step, note=reason, by=by, at=at)


def _programme(definition: Definition, *, by: Person, at: datetime) -> Programme:
    """The programme a document names, locked; made where there is none."""
    found = Programme.objects.select_for_update(no_key=True).filter(slug=definition.slug).first()
    if found is not None:
        require(by, Permission.PROGRAMME_EDIT, on=found)
        if found.state == Programme.State.ARCHIVED:
            raise NotAllowedNow("This programme is archived, so it takes no new version.", code="programme_archived")
        if found.funder.name != definition.parties.funder:
            raise Refused("A programme keeps its funder. Give the document another slug to make another programme.", code="funder_changed")
        return found
    if not can(by, Permission.PROGRAMME_EDIT, on=_Planned(definition.slug)):
        raise Denied(
            f"There is no programme “{definition.slug}” yet, and a new one is loaded only by somebody whose role is for every programme. "
            "Copy a programme that you work on instead, and load the document into the copy.",
            code="new_programme",
        )
    return create(definition, by=by, at=at)


def create(definition: Definition, *, cloned_from: ProgrammeVersion | None = None, by: Person, at: datetime) -> Programme:
    """A new programme without a version. For the actions of this package, which ask for the permission."""
    programme = Programme(
        slug=definition.slug,
        name=definition.name,
        strand=definition.strand,
        control_mode=definition.control,
        cloned_from=cloned_from,
        created_at=at,
        created_by=by,
    )
    programme.funder = _organisation(definition.parties.funder, Organisation.Kind.FUNDER)
    programme.delivery_body = _organisation(definition.parties.delivery_body, Organisation.Kind.DELIVERY_BODY)
    programme.save()
    trail.record(
        stream=programme.stream,
        kind="programme.created",
        actor=by.pk,
        at=at,
        subject=f"grants.programme:{programme.pk}",
        after={"slug": programme.slug, "funder": programme.funder_id, "delivery_body": programme.delivery_body_id}
        | ({"cloned_from": f"{cloned_from.programme.slug} version {cloned_from.number}"} if cloned_from else {}),
    )
    return programme


class _Planned:
    """A programme that is not stored yet, for asking who may make it."""

    def __init__(self, slug: str) -> None:
        self.slug = slug

    def scopes(self) -> set[str]:
        return {f"programme:{self.slug}"}


def _organisation(name: str, kind: str) -> Organisation:
    return Organisation.objects.filter(name=name, kind=kind).order_by("pk").first() or Organisation.objects.create(name=name, kind=kind)


def draft(programme: Programme, document: str, *, by: Person, at: datetime) -> ProgrammeVersion:
    """Store a document as the programme's next version. For the actions of this package."""
    last = programme.latest_version
    text, _ = DocumentText.objects.get_or_create(sha256=loading.sha256(document), defaults={"text": document})
    version = ProgrammeVersion.objects.create(
        programme=programme,
        number=last.number + 1 if last else 1,
        text=text,
        sha256=text.sha256,
        created_at=at,
        created_by=by,
    )
    trail.record(
        stream=programme.stream,
        kind="programmeversion.drafted",
        actor=by.pk,
        at=at,
        subject=f"{version.record_type()}:{version.pk}",
        after={"number": version.number, "sha256": version.sha256},
    )
    return version


def _take_over(programme: Programme, definition: Definition) -> None:
    """What lists show of a programme is what its published version says."""
    programme.name, programme.strand, programme.control_mode = definition.name, definition.strand, definition.control
    programme.save(update_fields=["name", "strand", "control_mode"])
