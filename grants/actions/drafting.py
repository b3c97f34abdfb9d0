"""Write a draft: every change of its text comes through `edit`, which loses nobody's work and breaks no reference."""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from django.db import transaction

from accounts.access import can, require
from accounts.models import Person
from accounts.refusals import NotAllowedNow, Refused
from accounts.roles import Permission
from audit import trail
from grants.actions import programmes
from grants.definition import DocumentRefused, Problem, editing, labels, loading, outline, references, surgery, yaml_text
from grants.models import DocumentText, Programme, ProgrammeVersion, SectionTask

Path = tuple[Any, ...]


class Overtaken(NotAllowedNow):
    """Somebody else stored another text of the same part since this page was opened. Nothing is overwritten."""

    code = "overtaken"


def begin(*, programme: Programme, by: Person, at: datetime) -> ProgrammeVersion:
    """The draft to work on: the one there is, else a new one that says what the version published last (or the last one) says."""
    require(by, Permission.PROGRAMME_EDIT, on=programme)
    with transaction.atomic():
        programme = Programme.objects.select_for_update(no_key=True).get(pk=programme.pk)
        if programme.state == Programme.State.ARCHIVED:
            raise NotAllowedNow("This programme is archived, so it takes no new version.", code="programme_archived")
        found = programme.versions.filter(state=ProgrammeVersion.State.DRAFT).order_by("-number").first()
        source = programme.published_version or programme.latest_version
        if found is not None or source is None:
            if found is None:
                raise NotAllowedNow("There is no version yet to begin from. Load a document.", code="no_version")
            return found
        return programmes.draft(programme, source.document, by=by, at=at)


def edit(
    *,
    version: ProgrammeVersion,
    based_on: str,
    part: Path,
    change: Callable[[str], str],
    about: Iterable[Path] | None = None,
    by: Person,
    at: datetime,
) -> ProgrammeVersion:
    """Change a draft's text. `change` takes the text as it is stored now and answers the new one; `part` is the place it is about.

    `based_on` is the hash of the text that the page showed. Where another was stored since, the change is still made if what it is
    `about` (the part, unless it says more closely) was left alone; otherwise it is not. Raises Overtaken, Denied, NotAllowedNow (no
    draft any more), DocumentRefused (no programme any more, with lines), Refused where something that is still used would go, naming
    the places that use it.
    """
    with transaction.atomic():
        version = _locked(version, by)
        before = version.document
        if based_on != version.sha256:
            _check_nothing_is_overwritten(based_on, version, part, [part] if about is None else about)
        after = change(before)
        if after != before:
            _check(version, before, after)
            _store(version, after, part, by=by, at=at)
    return version


def set_value(*, version: ProgrammeVersion, based_on: str, part: Path, value: Any, by: Person, at: datetime) -> ProgrammeVersion:
    """Write a group's own keys; None takes a key away. Raises as `edit` does."""
    about = [(*part, name) for name in value]
    change = lambda text: surgery.change(text, part, value)  # noqa: E731 - one line is clearer here
    return edit(version=version, based_on=based_on, part=part, change=change, about=about, by=by, at=at)


def add(*, version: ProgrammeVersion, based_on: str, part: Path, value: dict[str, Any], by: Person, at: datetime) -> ProgrammeVersion:
    """Put a new item at the end of the list at `part`. Raises as `edit` does."""

    def change(text: str) -> str:
        held = surgery.get(yaml_text.kept(text).values, part) or []
        return surgery.insert(text, (*part, len(held)), value)

    return edit(version=version, based_on=based_on, part=part, change=change, about=[], by=by, at=at)


def move(*, version: ProgrammeVersion, based_on: str, part: Path, places: int, by: Person, at: datetime) -> ProgrammeVersion:
    """Move an item of a list earlier (-1) or later (1). Raises as `edit` does."""
    change = lambda text: surgery.move(text, part, by=places)  # noqa: E731 - one line is clearer here
    return edit(version=version, based_on=based_on, part=part, change=change, about=[], by=by, at=at)


def remove(*, version: ProgrammeVersion, based_on: str, part: Path, by: Person, at: datetime) -> ProgrammeVersion:
    """Take a group or an item away. Raises as `edit` does; what is still used stays, and the refusal names the places."""
    return edit(version=version, based_on=based_on, part=part, change=lambda text: surgery.drop(text, part), by=by, at=at)


def rename(
    *, version: ProgrammeVersion, based_on: str, kind: references.Kind, old: str, new: str, by: Person, at: datetime
) -> ProgrammeVersion:
    """Give an id another name, here and in every place that uses it, expressions and sentences included. Raises as `edit` does."""
    if not references.ID.fullmatch(new):
        raise Refused("Write it in small letters, figures and underscores, beginning with a letter.", code="id_bad", field="name")
    if (kind, new) in set(references.all_ids(version.document)):
        raise Refused(f"“{new}” is taken by another {kind}.", code="id_taken", field="name")
    return edit(version=version, based_on=based_on, part=(), change=lambda text: references.rename(text, {(kind, old): new}), by=by, at=at)


def write_text(*, version: ProgrammeVersion, based_on: str, key: str, text: str, by: Person, at: datetime) -> ProgrammeVersion:
    """Replace one section's text, or the whole where `key` is empty. Raises as `edit` does, with the lines of what is wrong."""
    text = text.replace("\r\n", "\n")
    if not key:
        return edit(version=version, based_on=based_on, part=(), change=lambda _: text, by=by, at=at)
    return edit(version=version, based_on=based_on, part=(key,), change=lambda stored: surgery.with_part(stored, key, text), by=by, at=at)


def set_owner(*, version: ProgrammeVersion, section: str, owner: Person | None, by: Person, at: datetime) -> SectionTask:
    """Say who writes a section; what has an owner is put forward only when the owner says that it is ready."""
    with transaction.atomic():
        version = _locked(version, by)
        if owner is not None and not can(owner, Permission.PROGRAMME_EDIT, on=version):
            raise Refused(f"{owner} may not edit this programme.", code="owner_may_not_edit", field="owner")
        task = _task(version, section)
        task.owner = owner
        task.save(update_fields=["owner"])
        trail.record(
            stream=version.stream,
            kind="programmeversion.section_given",
            actor=by.pk,
            at=at,
            subject=f"{version.record_type()}:{version.pk}",
            after={"section": section, "owner": owner.pk if owner else None},
        )
    return task


def set_ready(*, version: ProgrammeVersion, section: str, is_ready: bool, by: Person, at: datetime) -> SectionTask:
    """Say that a section is ready, or that it is not after all. Raises NotAllowedNow while something in it must be mended."""
    with transaction.atomic():
        version = _locked(version, by)
        wrong = [each for each in loading.examine(version.document)[1] if outline.section_of(each.steps).key == section]
        if is_ready and wrong:
            raise NotAllowedNow(f"This must be mended first: {labels.in_words(wrong[0].sentence)}", code="section_not_ready")
        task = _task(version, section)
        task.ready_at, task.ready_by = (at, by) if is_ready else (None, None)
        task.save(update_fields=["ready_at", "ready_by"])
    return task


def _task(version: ProgrammeVersion, section: str) -> SectionTask:
    if section not in outline.BY_KEY:
        raise Refused("There is no such section.", code="section_unknown")
    return SectionTask.objects.get_or_create(version=version, section=section)[0]


def _locked(version: ProgrammeVersion, by: Person) -> ProgrammeVersion:
    """The draft, fresh and locked."""
    require(by, Permission.PROGRAMME_EDIT, on=version)
    found = ProgrammeVersion.objects.select_for_update(no_key=True, of=("self",)).select_related("programme", "text").get(pk=version.pk)
    if found.state != ProgrammeVersion.State.DRAFT:
        raise NotAllowedNow(f"{found} is {found.state_now.label.lower()}, so it can no longer be changed.", code="not_a_draft")
    return found


def _check_nothing_is_overwritten(based_on: str, version: ProgrammeVersion, part: Path, about: Iterable[Path]) -> None:
    base = DocumentText.objects.filter(sha256=based_on).first()
    if base is None:
        raise Refused("The page does not say which text it showed. Open it again.", code="based_on_unknown")
    shown, stored = (yaml_text.kept(text).values for text in (base.text, version.document))
    is_there = all(_is_same_item(shown, stored, part[: length + 1]) for length, step in enumerate(part) if isinstance(step, int))
    if not is_there or any(surgery.get(shown, place) != surgery.get(stored, place) for place in about):
        who = version.edited_by or version.created_by
        raise Overtaken(f"{who} changed this while you had it open. What you wrote is still here, and nothing of theirs is lost.")


def _is_same_item(shown: Any, stored: Any, path: Path) -> bool:
    """Whether a place in a list still holds what it held: judged by its id where it has one."""
    was, now = surgery.get(shown, path), surgery.get(stored, path)
    if isinstance(was, dict) and isinstance(now, dict) and "id" in was:
        return bool(was["id"] == now.get("id"))
    return bool(was == now)


def _check(version: ProgrammeVersion, before: str, after: str) -> None:
    """The text is still this programme, and nothing that is used is gone from it."""
    definition, _ = loading.examine(after, source="The draft")
    if definition.slug != version.programme.slug:
        line = yaml_text.kept(after).line_of(("slug",))
        raise DocumentRefused("The draft", [Problem("slug", line, f"A programme keeps its short name, {version.programme.slug}.")])
    if definition.parties.funder != version.programme.funder.name:
        raise Refused("A programme keeps its funder. Copy the programme to make one for another funder.", code="funder_changed")
    left = set(references.all_ids(after))
    scalars = list(editing.values(after))
    for kind, id in references.all_ids(before):
        if (kind, id) not in left and (used := references.uses(scalars, kind, id)):
            places = "; ".join(map(str, used[:5])) + (f"; and {len(used) - 5} more" if len(used) > 5 else "")
            raise Refused(
                f"The {kind} “{id}” is still used, so it cannot go or be called otherwise here. It is used by {places}", code="still_used"
            )


def _store(version: ProgrammeVersion, text: str, part: Path, *, by: Person, at: datetime) -> None:
    before = version.sha256
    kept, _ = DocumentText.objects.get_or_create(sha256=loading.sha256(text), defaults={"text": text})
    version.text, version.sha256, version.edited_at, version.edited_by = kept, kept.sha256, at, by
    version.save(update_fields=["text", "sha256", "edited_at", "edited_by"])
    section = outline.section_of(part).key if part else ""
    version.section_tasks.filter(**({"section": section} if section else {})).update(ready_at=None, ready_by=None)
    trail.record(
        stream=version.stream,
        kind="programmeversion.edited",
        actor=by.pk,
        at=at,
        subject=f"{version.record_type()}:{version.pk}",
        before={"sha256": before},
        after={"sha256": version.sha256, "place": loading.dotted(part) or "the whole document", "number": version.number},
    )
