"""The clock of a rehearsal's process: it goes like any other, from a moment that is set by hand, and only forward.

Everything below the edge is given its time; the edge asks `timezone.now`, which is put in the place of Django's before anything else is
loaded. The moment is kept in the rehearsal's folder, so that a process started later goes on from it.
"""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from django.utils import timezone

_ahead = timedelta()
_kept_in: Path | None = None


def real_now() -> datetime:
    """What the clock on the wall says."""
    return datetime.now(tz=UTC)


def now() -> datetime:
    """The moment at which the rehearsal stands."""
    return real_now() + _ahead


def install(path: Path) -> None:
    """Let this process live at the rehearsal's moment; `path` keeps by how much it is ahead."""
    global _ahead, _kept_in
    _kept_in = path
    if path.exists():
        _ahead = timedelta(seconds=float(path.read_text()))
    timezone.now = now


def move_to(moment: datetime) -> None:
    """Stand at a moment from now on. Does nothing in a process that is no rehearsal's."""
    global _ahead
    if _kept_in is not None:
        _ahead = moment - real_now()


def keep() -> None:
    """Write down where the clock stands, for the next process."""
    if _kept_in is not None:
        _kept_in.write_text(str(_ahead.total_seconds()))
