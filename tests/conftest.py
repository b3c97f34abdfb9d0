"""What every test stands on: a database of its own, no sockets but loopback, tables that can be emptied in spite of their triggers."""

import gc
import shutil
from collections.abc import Iterator

import pytest
from django.conf import settings
from django.core.cache import cache
from django.db import connection
from django.test import TransactionTestCase
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings

from tests import fresh

# How long an example takes says how busy the machine is, not whether the code is right.
hypothesis_settings.register_profile("suite", deadline=None, print_blob=True, suppress_health_check=[HealthCheck.too_slow])
hypothesis_settings.load_profile("suite")

DATABASE_FIXTURES = {"db", "transactional_db", "django_db_setup"}
TransactionTestCase._fixture_teardown = fresh.put_back  # type: ignore[method-assign]


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker) -> None:
    """pytest-django's own, and what transactional tests are put back to."""
    with django_db_blocker.unblock():
        fresh.keep()


def pytest_sessionstart() -> None:
    from tests.remembering import remember_stages

    remember_stages()


def pytest_collection_finish() -> None:
    """The tests themselves stay too (config/apps.py)."""
    gc.freeze()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """`postgresql` tests need row locks, which SQLite does not have. `once` tests and those without a database are run on SQLite only."""
    on_postgresql = settings.DATABASES["default"]["ENGINE"].endswith("postgresql")
    for item in items:
        if item.get_closest_marker("postgresql") and not on_postgresql:
            item.add_marker(pytest.mark.skip(reason="needs row locks: runs on PostgreSQL, in a lane of its own"))
        if "journeys" in item.path.parts:
            item.add_marker(pytest.mark.timeout(180))
    if on_postgresql:
        done = [item for item in items if item.get_closest_marker("once") or not _asks_a_database(item)]
        config.hook.pytest_deselected(items=done)
        items[:] = [item for item in items if item not in set(done)]


def _asks_a_database(item: pytest.Item) -> bool:
    return bool(item.get_closest_marker("django_db") or DATABASE_FIXTURES & set(getattr(item, "fixturenames", ())))


@pytest.fixture(scope="session", autouse=True)
def _own_folder() -> Iterator[None]:
    """The folder of this process (documents, mail, queue, the SQLite file) goes when its tests are done."""
    yield
    shutil.rmtree(settings.VAR_DIR, ignore_errors=True)


@pytest.fixture(autouse=True)
def _nothing_cached() -> Iterator[None]:
    """What a test left in the cache (a code that was used, tries that were counted) is of nobody else: people's keys begin anew."""
    yield
    cache.clear()


@pytest.fixture
def is_postgresql() -> bool:
    return connection.vendor == "postgresql"
