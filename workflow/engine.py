"""The only door through which a state changes.

`fire()` takes one step: lock, re-read, permission, source state, separation of duties, who is kept out, guards, the step's own change, one
UPDATE, history, audit event, outbox, all in one transaction.
"""

import hashlib
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, TypeVar

import rfc8785
from django.db import models, transaction

from accounts.access import Held, acts_on_own_company, held_by, require
from accounts.models import Person
from accounts.refusals import NotAllowedNow, Refusal, Refused
from accounts.roles import COMPANY_SIDE
from audit import rows, trail
from audit.composed import Composed, Given
from notifications import outbox
from workflow import guards, separation
from workflow.lifecycle import Lifecycle, Step, door_open_for
from workflow.models import Case, StepTaken

R = TypeVar("R", bound=Lifecycle)
MOST_NOTE = 5_000
"""Characters of a reason."""
WITH_KEY = Composed(
    lambda: StepTaken.objects.filter(
        record_type=Given("record_type", models.CharField()),
        record_id=Given("record_id", models.BigIntegerField()),
        step=Given("step", models.CharField()),
        key=Given("key", models.CharField()),
    )
)


@dataclass(frozen=True)
class AvailableStep:
    """A step that could follow from the state a record is in, and whether this person may take it now."""

    step: Step
    is_allowed: bool
    reason: str = ""
    code: str = ""


def fire(
    record: R,
    step: str,
    *,
    by: Person,
    at: datetime,
    note: str = "",
    key: str | None = None,
    on_behalf_of: Person | None = None,
    **inputs: Any,
) -> R:
    """Take one step and return the fresh record; the caller's is stale afterwards.

    `at` is the moment of the act, `note` the reason given (personal: committed to, not stored, in the trail), `key` an idempotency key:
    the same step with the same key and inputs answers the same and changes nothing.
    Raises Denied, NotAllowedNow or Refused, and then leaves nothing behind.
    """
    declared = type(record).steps()[step]
    digest = _digest(inputs | {"note": note, "by": by.pk}) if key else ""
    with transaction.atomic():
        fresh = lock(record)
        if key and _already_taken(fresh, step, key, digest):
            return fresh
        _check(fresh, declared, by=by, at=at, on_behalf_of=on_behalf_of, note=note)
        before = _field_values(fresh)
        source = fresh.state
        with door_open_for(fresh):
            getattr(fresh, step)(by=by, at=at, **({"note": note} if declared.note_required else {}), **inputs)
        changed = _changed(fresh, before)
        rows.update(fresh, *sorted(changed))
        taken = rows.insert(
            StepTaken(
                stream=fresh.stream,
                record_type=fresh.record_type(),
                record_id=fresh.pk,
                step=step,
                duty=declared.duty,
                source=source,
                target=fresh.state,
                by=by,
                on_behalf_of=on_behalf_of,
                at=at,
                key=key or "",
                inputs_sha256=digest,
            )
        )
        trail.record(
            stream=fresh.stream,
            kind=f"{fresh._meta.model_name}.{step}",
            actor=by.pk,
            on_behalf_of=on_behalf_of.pk if on_behalf_of else None,
            at=at,
            subject=f"{fresh.record_type()}:{fresh.pk}",
            before={"state": source} | _audited(fresh, before, changed),
            after={"state": fresh.state} | _audited(fresh, _field_values(fresh), changed),
            personal={"note": note} if note else {},
        )
        _hand_over(fresh, at)
        outbox.tell(declared.tells, record=fresh, taken=taken, at=at)
    return fresh


def fire_many(records: Iterable[R], step: str, *, by: Person, at: datetime, key: str, **inputs: Any) -> Iterator[tuple[R, Refusal | None]]:
    """Take the same step on many records, each in its own transaction, and report every one. Resumed by calling again with the same key."""
    for record in records:
        try:
            yield fire(record, step, by=by, at=at, key=key, **inputs), None
        except Refusal as refusal:
            yield record, refusal


def lock(record: R) -> R:
    """Hold the record's cases (its own row too where it has none of its own) and read it afresh."""
    if getattr(record, "case_id", None) is None:
        fresh: R = _afresh(type(record), True).one(key=record.pk)
        Case.objects.hold(*fresh.cases_to_lock())
        return fresh
    Case.objects.hold(*record.cases_to_lock())
    return _afresh(type(record), False).one(key=record.pk)


@cache
def _afresh(model: type[R], is_held: bool) -> "Composed[R]":
    """The record with all that a step looks at, by its key."""

    def build() -> "models.QuerySet[R]":
        records: models.QuerySet[R] = model._base_manager.filter(pk=Given("key", models.BigIntegerField()))
        if model.reads_with:
            records = records.select_related(*model.reads_with).defer(*model.reads_without)
        return records.select_for_update(no_key=True, of=("self",)) if is_held else records

    return Composed(build)


def available_steps(
    record: Lifecycle, person: Person, *, at: datetime, only: Collection[str] = (), held: Held | None = None
) -> list[AvailableStep]:
    """The steps (or `only` these) that leave the record's state now, each with whether this person may take it, or why not.

    `held`: what they hold, where that is known; taking the step reads it afresh.
    """
    answers: list[AvailableStep] = []
    leave = [step for name, step in type(record).steps().items() if record.state in step.sources and (not only or name in only)]
    asked = Asked([step.duty for step in leave])
    for declared in leave:
        held = held or held_by(person, at=at)
        try:
            _check(record, declared, by=person, at=at, on_behalf_of=None, note="…", held=held, asked=asked)
        except Refusal as refusal:
            answers.append(AvailableStep(declared, False, refusal.sentence, refusal.code))
        else:
            answers.append(AvailableStep(declared, True))
    return answers


class Asked:
    """Checks of one record, each made once, however many of its steps ask for it."""

    def __init__(self, duties: Collection[str] = ()) -> None:
        """`duties`: those that all the steps in question play."""
        self.refusals: dict[tuple[Any, ...], Refusal | None] = {}
        self.duties, self.done = duties, dict[tuple[int, ...], list[str]]()

    def carried_out(self, record: Lifecycle, people: tuple[int, ...], against: set[str]) -> list[str]:
        """What these people did that bars them from any of the steps: read once for all of them."""
        if people not in self.done:
            among = against.union(*(separation.opposites(duty, record.control()) for duty in self.duties if duty))
            self.done[people] = separation.carried_out(record, people, among)
        return self.done[people]

    def __call__(self, check: Callable[..., None], *about: Any, **named: Any) -> None:
        question = (check, *about, *named.items())
        if question not in self.refusals:
            self.refusals[question] = None
            try:
                check(*about, **named)
            except Refusal as refusal:
                self.refusals[question] = refusal
        if refused := self.refusals[question]:
            raise refused


def _check(
    record: Lifecycle,
    declared: Step,
    *,
    by: Person,
    at: datetime,
    on_behalf_of: Person | None,
    note: str,
    held: Held | None = None,
    asked: Asked | None = None,
) -> None:
    held, ask = held or held_by(by, at=at), asked or Asked()
    require(by, declared.needs, on=record, held=held)
    if on_behalf_of is not None and declared.needs not in COMPANY_SIDE and acts_on_own_company(held_by(on_behalf_of, at=at), record):
        raise NotAllowedNow("The person you act for belongs to this company.", code="own_company")
    if record.state not in declared.sources:
        raise NotAllowedNow(
            f"This is {record.state_now.label.lower()} now, so that step cannot be taken.", code="wrong_state", state=record.state
        )
    ask(separation.check, record, declared.duty, by, on_behalf_of, done=ask.carried_out)
    for check in declared.keeps_out:
        ask(guards.resolve(check), record, by=by)
    if len(note) > MOST_NOTE or "\0" in note:
        raise Refused(f"Give the reason in plain text of at most {MOST_NOTE:,} characters.", code="reason_unfit", field="note")
    if declared.note_required and not note.strip():
        raise Refused("Give a reason.", code="reason_missing", field="note")
    for guard in declared.guards:
        ask(guards.resolve(guard), record, at=at)


def _already_taken(record: Lifecycle, step: str, key: str, digest: str) -> bool:
    done = WITH_KEY.all(record_type=record.record_type(), record_id=record.pk, step=step, key=key)
    if done and done[0].inputs_sha256 != digest:
        raise NotAllowedNow("This key was already used for the same step with other values.", code="idempotency_key_reused")
    return bool(done)


def _digest(inputs: dict[str, Any]) -> str:
    plain = {name: value if isinstance(value, (str, int, bool, type(None))) else repr(value) for name, value in inputs.items()}
    return hashlib.sha256(rfc8785.dumps(plain)).hexdigest()


def _field_values(record: models.Model) -> dict[str, Any]:
    return {field.attname: record.__dict__.get(field.attname) for field in record._meta.concrete_fields}


def _changed(record: models.Model, before: dict[str, Any]) -> set[str]:
    return {field.name for field in record._meta.concrete_fields if record.__dict__.get(field.attname) != before[field.attname]} | {"state"}


def _audited(record: Lifecycle, values: dict[str, Any], changed: set[str]) -> dict[str, Any]:
    named = {field.name: values[field.attname] for field in record._meta.concrete_fields if field.name in changed}
    return {
        name: value if isinstance(value, (int, bool, type(None))) else str(value) for name, value in named.items() if name in record.audited
    }


def _hand_over(record: Lifecycle, at: datetime) -> None:
    if record.case is not None and record.moves_case:
        record.case.holder, record.case.held_since = record.state_now.owner, at
        rows.update(record.case, "holder", "held_since")
