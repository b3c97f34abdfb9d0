"""Reading the trail is itself recorded: who verified what, and who took a copy away."""

from datetime import datetime

from accounts.models import Person
from audit import trail, verify


def verify_trail(*, stream: str = "", by: Person, at: datetime) -> verify.Report:
    """Verify one stream, or the whole trail, and record the result on the system's stream."""
    report = verify.verify_stream(stream) if stream else verify.verify_all()
    after = {"stream": stream or None, "events": report.events, "good": report.is_good, "problems": len(report.problems)}
    trail.record(stream="system", kind="trail.verified", actor=by.pk, at=at, after=after)
    return report


def export_trail(*, stream: str, by: Person, at: datetime) -> None:
    """Record that somebody takes a copy of a stream, on the stream of that person: the copied one stays as it was verified."""
    trail.record(stream=f"person:{by.pk}", kind="export.trail", actor=by.pk, at=at, after={"stream": stream})
