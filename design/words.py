"""Dates, times and money in words, the same on every page, letter and export for people."""

import re
from datetime import UTC, date, datetime, timedelta

from django.utils import timezone

MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December")
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


WORD = re.compile(r"[^\t\n\v\f\r \u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff]+")
"""A word as browsers count them (white space as ECMAScript has it), so that the count under a box and the server's are one."""


def count_words(text: str) -> int:
    """Words: runs of anything between white space."""
    return len(WORD.findall(text))


def pounds(pence: int | None) -> str:
    """Whole pence as pounds: `£1,234.50`, `£1,234` where there are no odd pence, `−£5` below zero, `–` for None."""
    if pence is None:
        return "–"
    sign = "−" if pence < 0 else ""
    whole, odd = divmod(abs(int(pence)), 100)
    return f"{sign}£{whole:,}" + (f".{odd:02d}" if odd else "")


def pounds_exact(pence: int | None) -> str:
    """Whole pence as pounds with both decimals always, for columns of figures: `£1,234.00`."""
    if pence is None:
        return "–"
    sign = "−" if pence < 0 else ""
    whole, odd = divmod(abs(int(pence)), 100)
    return f"{sign}£{whole:,}.{odd:02d}"


def pounds_short(pence: int | None) -> str:
    """Rounded for cards and axes: `£1.25m`, `£340k`, `£900`."""
    if pence is None:
        return "–"
    sign, whole = ("−" if pence < 0 else ""), round(abs(pence) / 100)
    if whole >= 1_000_000:
        return f"{sign}£{whole / 1_000_000:.2f}".rstrip("0").rstrip(".") + "m"
    if whole >= 10_000:
        return f"{sign}£{round(whole / 1000):,}k"
    return f"{sign}£{whole:,}"


def in_words(moment: date | datetime | None) -> str:
    """`3 March 2027`, in UK time for a datetime."""
    if moment is None:
        return ""
    day = timezone.localtime(moment) if isinstance(moment, datetime) else moment
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"


def clock(moment: datetime) -> str:
    """`9:05am`, `midday`, `midnight`: UK time as people say it."""
    local = timezone.localtime(moment)
    if (local.hour, local.minute) == (12, 0):
        return "midday"
    if (local.hour, local.minute) == (0, 0):
        return "midnight"
    hour = local.hour % 12 or 12
    minutes = f":{local.minute:02d}" if local.minute else ""
    return f"{hour}{minutes}{'am' if local.hour < 12 else 'pm'}"


def moment_in_words(moment: datetime | None) -> str:
    """`3 March 2027 at 9:05am`."""
    return f"{in_words(moment)} at {clock(moment)}" if moment else ""


def deadline_in_words(moment: datetime | None) -> str:
    """Exact, with day and zone: `midday on Wednesday 3 March 2027 (GMT)`."""
    if moment is None:
        return ""
    local = timezone.localtime(moment)
    return f"{clock(moment)} on {DAYS[local.weekday()]} {in_words(moment)} ({local.tzname()})"


def exact(moment: datetime) -> str:
    """To the second, in the time that no clock change moves: `2027-03-03 12:00:00 UTC`."""
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"


def how_long(span: timedelta) -> str:
    """The largest two units that matter: `27 days`, `2 days and 4 hours`, `25 minutes`, `less than a minute`."""
    minutes = int(abs(span.total_seconds()) // 60)
    days, rest = divmod(minutes, 60 * 24)
    hours, minutes = divmod(rest, 60)
    if days >= 3:
        return _count(days, "day")
    parts = [_count(n, unit) for n, unit in ((days, "day"), (hours, "hour"), (0 if days else minutes, "minute")) if n]
    return " and ".join(parts[:2]) or "less than a minute"


def from_now(moment: datetime | None, *, now: datetime) -> str:
    """`in 3 days`, `2 hours ago`. From three days on as the calendar here counts them, whatever the hour."""
    if moment is None:
        return ""
    span = moment - now
    if abs(span) >= timedelta(days=3):
        span = timedelta(days=(timezone.localdate(moment) - timezone.localdate(now)).days)
    return f"in {how_long(span)}" if span > timedelta(0) else f"{how_long(span)} ago"


def _count(number: int, unit: str) -> str:
    return f"{number} {unit}" + ("" if number == 1 else "s")
