"""Chains: each event's bytes give its hash, name the hash before, and agree with the columns beside them."""

import json
from collections import Counter
from dataclasses import dataclass, field
from hashlib import sha256
from itertools import count
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper

from audit import canonical
from audit.checks.reading import instant_sql, rows
from audit.checks.report import Progress, Report
from audit.personal import ERASED

Heads = dict[str, tuple[int, str]]
"""Stream to the sequence and hash of its last event."""
EMPTY = (0, canonical.NOTHING_BEFORE)
PERSONAL = b'"personal":{'
"""Where the commitments begin. They stand last of what is free, before `kind`."""


@dataclass
class Chains:
    """What following the chains found out about them."""

    heads: Heads = field(default_factory=dict)
    personal: Counter[str] = field(default_factory=Counter)
    """Stream to how many personal values it must still hold: as many as its events commit to, less those it says were erased. Of a stream
    with a wrong event nothing is said: its bytes tell nothing sure."""


def check_chains(connection: BaseDatabaseWrapper, report: Report, *, stream: str = "", progress: Progress | None = None) -> Chains:
    """Follow every chain (or one) in the order the events were written.

    The canonical form puts what is free in the middle of the bytes and what the columns repeat at both ends, so that comparing the ends
    with what the columns would give checks them all, the link to the event before included, without parsing.
    """
    found, wrong = Chains(), set()
    heads = found.heads
    for number, row in zip(count(1), rows(connection, _query(connection, stream), [stream] if stream else []), strict=False):
        of, sequence, at, kind, actor, behalf, role, subject, request, body, stored = row
        last, before = heads.get(of, EMPTY)
        end = (
            f',"kind":"{kind}","on_behalf_of":{behalf},"previous":"{before}","request":"{request}","role":"{role}",'
            f'"sequence":{last + 1},"stream":"{of}","subject":"{subject}","v":1}}'
        )
        if not (
            sequence == last + 1
            and sha256(body).hexdigest() == stored
            and body.endswith(end.encode())
            and body.startswith(f'{{"actor":{actor},"at":"{at}","change":{{"after":'.encode())
        ):
            report.add(_what_is_wrong(row, last, before))
            wrong.add(of)
        heads[of] = (sequence, stored)
        if committed := body[body.rfind(PERSONAL) + len(PERSONAL) : -len(end)].count(b'":"'):
            found.personal[of] += committed
        if kind == ERASED:
            found.personal[of] -= _erased(body)
        report.events = number
        if progress and number % 10_000 == 0:
            progress(number)
    for of in wrong:
        del found.personal[of]
    report.streams = len(heads)
    return found


def _erased(body: bytes) -> int:
    """How many values an erasure says that it took; none where its bytes cannot be read."""
    try:
        return int(json.loads(bytes(body))["change"]["after"]["values"])
    except (ValueError, KeyError, TypeError):
        return 0


def check_heads(connection: BaseDatabaseWrapper, report: Report, heads: Heads, *, stream: str = "") -> None:
    """The last event of each stream is the one its head remembers."""
    unseen = dict(heads)
    query = f"SELECT stream, sequence, hash FROM audit_streamhead {'WHERE stream = %s' if stream else ''} ORDER BY stream"  # noqa: S608
    for of, sequence, head in rows(connection, query, [stream] if stream else []):
        last, end = unseen.pop(of, EMPTY)
        if last < sequence:
            report.add(f"The end of {of} is missing: its head stands at {of}#{sequence}, but the last event kept is {of}#{last}.")
        elif (last, end) != (sequence, head):
            report.add(f"The head of {of} does not agree with its last event, {of}#{last}.")
    for of in unseen:
        report.add(f"The head of {of} is missing.")


def _query(connection: BaseDatabaseWrapper, stream: str) -> str:
    return (
        f"SELECT stream, sequence, {instant_sql(connection, 'at')}, kind, coalesce(CAST(actor AS text), 'null'), "  # noqa: S608 - no input
        "coalesce(CAST(on_behalf_of AS text), 'null'), role, subject, request_id, body, hash "
        f"FROM audit_event {'WHERE stream = %s' if stream else ''} ORDER BY id"
    )


def _what_is_wrong(row: tuple[Any, ...], last: int, before: str) -> str:
    """The sentence for the first thing wrong with an event, once it is known that something is."""
    of, sequence, at, kind, actor, behalf, role, subject, request, body, stored = row
    name = f"{of}#{sequence}"
    if sequence > last + 1:
        missing = f"{of}#{last + 1}" if sequence == last + 2 else f"{of}#{last + 1} to #{sequence - 1}"
        return f"{missing} missing: the next event kept is {name}."
    if sequence <= last:
        return f"{name} is out of order: it was written after {of}#{last}."
    if sha256(body).hexdigest() != stored:
        return f"The bytes of {name} ({kind}) were changed: they no longer give the hash that was stored with them."
    try:
        content = json.loads(bytes(body))
    except ValueError:
        return f"The bytes of {name} cannot be read."
    if content.get("previous") != before:
        return f"{name} ({kind}) does not follow {of}#{last}: it names another hash as the one before." if last else (
            f"{name} ({kind}) claims an event before it, and there is none."
        )  # fmt: skip
    columns = {"stream": of, "sequence": sequence, "at": at, "kind": kind, "role": role, "subject": subject, "request": request}
    columns |= {"actor": None if actor == "null" else int(actor), "on_behalf_of": None if behalf == "null" else int(behalf)}
    for column, value in columns.items():
        if content.get(column) != value:
            return f"The column {column} of {name} was changed: it says {value!r}, and the hashed bytes say {content.get(column)!r}."
    return f"The bytes of {name} are not in the canonical form of version 1."
