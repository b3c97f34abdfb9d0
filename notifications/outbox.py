"""The outbox: rows written with the change that causes them, done by a worker at least once."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeVar

from django.db import transaction

from accounts.models import Person
from audit import rows
from notifications.models import Notice, OutboxMessage

if TYPE_CHECKING:
    from django.db import models

_quiet: ContextVar[bool] = ContextVar("whether the doorbell is silenced", default=False)

Handler = Callable[[OutboxMessage, datetime], None]


class NotNow(Exception):
    """What a handler needs is away. Its message is never given up: it is tried again, a few minutes apart, until it can be done."""

    holds_up_its_kind = True
    """Whether the other messages of this kind would meet with the same."""


@dataclass(frozen=True)
class Letter:
    """A notice before it is written: to whom, about what. `path` is the page that says the same.

    An urgent one is mailed at once, whatever its reader chose: hours count.
    """

    person: Person
    subject: str
    body: str
    path: str = ""
    is_urgent: bool = False


Composer = Callable[..., Iterable[Letter]]
AT_ONCE = frozenset({
    "application.submitted", "bank.entered", "bank.set_aside", "bank.verified", "decision.test", "document.infected", "team.removed",
    "team.handed_over",
})  # fmt: skip
"""Kinds that are mailed at once to everybody: receipts, and what somebody else might have done in one's name."""
Registered = TypeVar("Registered", Handler, Composer)
HANDLERS: dict[str, Handler] = {}
COMPOSERS: dict[str, Composer] = {}


def handles(kind: str) -> Callable[[Handler], Handler]:
    """Register what is done for an outbox kind: `handler(message, at)`. It may run twice, so its effect must be idempotent."""

    def keep(handler: Handler) -> Handler:
        return _only(HANDLERS, kind, handler)

    return keep


def composes(kind: str) -> Callable[[Composer], Composer]:
    """Register who is told, and what, for a kind: `composer(record, taken) -> Iterable[Letter]`, called inside the transaction."""

    def keep(composer: Composer) -> Composer:
        return _only(COMPOSERS, kind, composer)

    return keep


def _only(register: dict[str, Registered], kind: str, registered: Registered) -> Registered:
    """A second one for the same kind would take the first one's place without a word."""
    if kind in register:
        raise RuntimeError(f"{kind} has {register[kind].__module__} to look after it; {registered.__module__} cannot too.")
    register[kind] = registered
    return registered


def put(kind: str, payload: dict[str, Any], *, key: str, at: datetime, available_at: datetime | None = None) -> OutboxMessage:
    """Write a message in the caller's transaction and ring the doorbell after commit. The same key is written once."""
    message, is_new = OutboxMessage.objects.get_or_create(
        key=key, defaults={"kind": kind, "payload": payload, "created_at": at, "available_at": available_at or at}
    )
    if is_new:
        ring_after_commit()
    return message


def ring_after_commit() -> None:
    """Ring the worker once when the transaction commits; a broker that is away delays the work, never the change."""
    from notifications.tasks import ring

    waiting = transaction.get_connection().run_on_commit
    if _quiet.get() or any(entry[1] is ring for entry in waiting):
        return
    transaction.on_commit(ring, robust=True)


@contextmanager
def no_doorbell() -> Iterator[None]:
    """Write messages without ringing: for commands that drain the outbox themselves."""
    token = _quiet.set(True)
    try:
        yield
    finally:
        _quiet.reset(token)


def send_notice(kind: str, letter: Letter, *, at: datetime, stream: str = "", key: str) -> Notice:
    """Write one notice for one person and the outbox row that mails it."""
    notice = _notice(kind, letter, at=at, stream=stream)
    notice.save(force_insert=True)
    put("notice.mail", {"notice": notice.pk}, key=key, at=at)
    return notice


def tell(kinds: Iterable[str], *, record: "models.Model", taken: Any, at: datetime) -> None:
    """Write what a step tells: notices where a composer is registered for the kind, an outbox row where a handler is.

    A step is taken once, so its keys are new: everything is written in two inserts, however many people are told.
    """
    notices: list[Notice] = []
    messages: list[OutboxMessage] = []
    for kind in kinds:
        if kind not in COMPOSERS and kind not in HANDLERS:
            raise LookupError(f"{kind}: nothing composes or handles it")
        if kind in HANDLERS:
            payload = {"record": record._meta.label_lower, "id": record.pk, "taken": taken.pk}
            messages.append(OutboxMessage(kind=kind, key=f"{kind}:{taken.pk}", payload=payload, created_at=at, available_at=at))
        if kind in COMPOSERS:
            notices += [_notice(kind, letter, at=at, stream=taken.stream) for letter in COMPOSERS[kind](record, taken)]
    for number, notice in enumerate(rows.insert_all(notices)):
        key = f"{notice.kind}:{taken.pk}:{number}"
        messages.append(OutboxMessage(kind="notice.mail", key=key, payload={"notice": notice.pk}, created_at=at, available_at=at))
    if messages:
        rows.insert_all(messages)
        ring_after_commit()


def _notice(kind: str, letter: Letter, *, at: datetime, stream: str) -> Notice:
    return Notice(
        person=letter.person, kind=kind, stream=stream, subject=letter.subject, body=letter.body, path=letter.path, created_at=at,
        is_urgent=letter.is_urgent or kind in AT_ONCE,
    )  # fmt: skip
