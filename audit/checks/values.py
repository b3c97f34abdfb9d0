"""Personal values that are still held open the commitments in the chain, and none is gone of which no erasure tells."""

from collections import Counter
from hashlib import sha256

from django.db.backends.base.base import BaseDatabaseWrapper

from audit import canonical
from audit.checks.reading import rows
from audit.checks.report import Report


def check_commitments(connection: BaseDatabaseWrapper, report: Report, due: Counter[str], *, stream: str = "") -> None:
    """Each value and salt give the commitment that the event's bytes hold, and each stream in `due` holds as many as that."""
    missing = due.copy()
    query = (
        "SELECT e.stream, e.sequence, e.body, v.path, v.value, v.salt FROM audit_personalvalue v "  # noqa: S608 - no input
        f"JOIN audit_event e ON e.id = v.event_id {'WHERE e.stream = %s' if stream else ''} ORDER BY e.id, v.path"
    )
    for of, sequence, body, path, value, salt in rows(connection, query, [stream] if stream else []):
        report.personal_values += 1
        if of in missing:
            missing[of] -= 1
        name = canonical.dumps(path)
        opened = b'{"event":"%b#%d","path":%b,"value":%b}' % (of.encode(), sequence, name, value.encode())
        if b'%b:"%b"' % (name, sha256(bytes(salt) + opened).hexdigest().encode()) not in bytes(body):
            report.add(f"The personal value {path!r} of {of}#{sequence} does not open its commitment: it or its salt was changed.")
    for of, number in sorted(missing.items()):
        if number > 0:
            report.add(f"Of the personal values of {of}, {number} {'is' if number == 1 else 'are'} gone, and no erasure tells of it.")
        elif number < 0:
            report.add(f"{of} says that personal values were erased, and {-number} more of them {'is' if number == -1 else 'are'} there.")
