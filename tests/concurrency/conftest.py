"""Each race is run as the house runs it, and with its locks taken out."""

import pytest
from django.db.models import QuerySet

from audit.composed import Composed


@pytest.fixture(params=["with its lock", "without its lock"])
def locked(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> bool:
    """Each race twice: with the row locks, and with every one of them taken out, where it must be seen to go wrong."""
    is_locked = request.param == "with its lock"
    if not is_locked:
        monkeypatch.setattr(QuerySet, "select_for_update", lambda self, **options: self.all())
        monkeypatch.setattr(Composed, "words", property(Composed.put_into_words))  # what was composed before has its locks
    return is_locked
