"""An open round by the real clock, and a browser's client signed in as anybody."""

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.utils import timezone

from applications.models import Application
from grants.models import Round
from tests.cast import sign_in
from tests.stages import applications as stages
from tests.stages import grants


@pytest.fixture(scope="session")
def now():
    """One moment for all: stages that were reached at the same moment are remembered (tests/remembering.py)."""
    return timezone.now()


@pytest.fixture
def open_now(cast, now) -> Round:
    before = now - timedelta(days=2)
    programme = grants.published(cast, at=before)
    return grants.open_round(cast, programme=programme, opens_at=before, closes_at=now + timedelta(days=10), at=before)


@pytest.fixture
def draft(cast, open_now, now) -> Application:
    """A draft with nothing in it."""
    return stages.draft(cast, round=open_now, filled=False, at=now)


@pytest.fixture
def filled(cast, open_now, now) -> Application:
    """A draft with everything in it, not signed."""
    return stages.draft(cast, round=open_now, at=now)


@pytest.fixture
def as_(client):
    """Sign somebody in as a browser does."""

    def signed_in(person):
        client.logout()
        cache.clear()
        sign_in(client, person)
        return client

    return signed_in
