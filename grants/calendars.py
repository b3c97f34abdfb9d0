"""A round's dates as a calendar file (RFC 5545), for whoever wants them beside their own."""

from collections.abc import Iterator
from datetime import UTC, datetime

from grants.models import Round

MOST_OCTETS = 75


def of_round(round_: Round, *, address: str, at: datetime) -> str:
    """Opening and closing of a round, each as a moment in the calendar. `address` is the programme's public page."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Pumphouse//Rounds//EN", "CALSCALE:GREGORIAN", "METHOD:PUBLISH"]
    for name, moment, words in (("opens", round_.opens_at, "opens"), ("closes", round_.closes_at, "closes")):
        lines += _event(round_, name, moment, f"{round_.title} {words}", address, at)
    lines.append("END:VCALENDAR")
    return "".join(f"{folded}\r\n" for line in lines for folded in _folded(line))


def _event(round_: Round, name: str, moment: datetime, summary: str, address: str, at: datetime) -> Iterator[str]:
    yield "BEGIN:VEVENT"
    yield f"UID:{round_.reference}-{name}@pumphouse"
    yield f"DTSTAMP:{_utc(at)}"
    yield f"SEQUENCE:{round_.changes.count()}"  # a calendar that has the date already takes the later one for it
    yield f"DTSTART:{_utc(moment)}"  # and no DTEND, which would have to be later (RFC 5545, 3.8.2.2): it is a moment
    yield f"SUMMARY:{_escaped(summary)}"
    yield f"DESCRIPTION:{_escaped(f'{round_.reference}. The time on the page is the one that counts: {address}')}"
    yield f"URL:{address}"
    if round_.state == Round.State.CANCELLED:
        yield "STATUS:CANCELLED"
    elif name == "closes":
        yield from ("BEGIN:VALARM", "ACTION:DISPLAY", f"DESCRIPTION:{_escaped(summary)}", "TRIGGER:-P7D", "END:VALARM")
    yield "END:VEVENT"


def _utc(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace(";", r"\;").replace(",", r"\,").replace("\n", r"\n")


def _folded(line: str) -> Iterator[str]:
    """A long line in pieces of at most 75 octets, each but the first after a blank; no character is cut in two."""
    piece = ""
    for character in line:
        if len((piece + character).encode()) > MOST_OCTETS:
            yield piece
            piece = " "
        piece += character
    yield piece
