"""Who an application waits for, once it is decided."""

from datetime import UTC, datetime

import pytest

from applications.models import Application

TOLD = datetime(2026, 7, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("state", "notified_at", "waits_for_nobody"),
    [
        ("declined", None, False),
        ("declined", TOLD, True),
        ("approved", None, False),
        ("approved", TOLD, True),
        ("withdrawn", None, True),
        ("eligible", None, False),
        ("deciding", None, False),
    ],
)
def test_nobody_holds_what_is_over_or_told(state, notified_at, waits_for_nobody):
    assert Application(state=state, notified_at=notified_at).waits_for_nobody is waits_for_nobody
