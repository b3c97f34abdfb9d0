"""A small trail: three streams, eleven events, four personal values."""

from datetime import UTC, datetime, timedelta

import pytest

from audit import context, trail

NOON = datetime(2027, 3, 3, 12, 0, tzinfo=UTC)


def write(stream, number=1, *, start=0, **fields):
    """Append events to a stream, a minute apart."""
    given = {"kind": "application.save", "actor": 7, "after": {"amount_pence": 1_200_000}} | fields
    return [trail.record(stream=stream, at=NOON + timedelta(minutes=start + place), **given) for place in range(number)]


@pytest.fixture
def small_trail(db):
    with context.request(request_id_="request-1", ip_="192.0.2.7"):
        write("case:DIAGCOMM-7K2M", 3, personal={"note": "Turnover “checked” by Ürsula"})
    write("person:7", 4, kind="person.sign_in", start=10)
    write("case:DIAGCOMM-7K2M", 3, start=20, before={"state": "draft"}, after={"state": "submitted"})
    write("system", 1, actor=None, start=30)


@pytest.fixture(autouse=True)
def _signing_key(settings):
    settings.AUDIT_SIGNING_KEY = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
