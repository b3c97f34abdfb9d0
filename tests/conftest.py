"""What every test stands on: a database of its own, no sockets but loopback, tables that can be flushed in spite of their triggers."""

import shutil
from collections.abc import Iterator

import pytest
from django.conf import settings
from django.db import connection, connections
from django.test import TransactionTestCase
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings

# How long an example takes says how busy the machine is, not whether the code is right.
hypothesis_settings.register_profile("suite", deadline=None, print_blob=True, suppress_health_check=[HealthCheck.too_slow])
hypothesis_settings.load_profile("suite")

_flush = TransactionTestCase._fixture_teardown


def _flush_without_triggers(case: TransactionTestCase) -> None:
    """Transactional tests flush the tables; append-only ones refuse that, so their triggers are lifted for as long as it takes."""
    from audit import triggers

    if triggers.PROTECTED and connections["default"].is_usable():
        with triggers.lifted():
            _flush(case)
    else:
        _flush(case)


TransactionTestCase._fixture_teardown = _flush_without_triggers  # type: ignore[method-assign]


def pytest_sessionstart() -> None:
    from tests.remembering import remember_stages

    remember_stages()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """`postgresql` tests need row locks, which SQLite does not have; `once` tests are run on SQLite only."""
    on_postgresql = settings.DATABASES["default"]["ENGINE"].endswith("postgresql")
    for item in items:
        if item.get_closest_marker("postgresql") and not on_postgresql:
            item.add_marker(pytest.mark.skip(reason="needs row locks: runs on PostgreSQL, in the second half of make test"))
        if item.get_closest_marker("once") and on_postgresql:
            item.add_marker(pytest.mark.skip(reason="once is enough: ran in the first half of make test"))
        if "journeys" in item.path.parts:
            item.add_marker(pytest.mark.timeout(180))


@pytest.fixture(scope="session", autouse=True)
def _own_folder() -> Iterator[None]:
    """The folder of this process (documents, mail, queue, the SQLite file) goes when its tests are done."""
    yield
    shutil.rmtree(settings.VAR_DIR, ignore_errors=True)


@pytest.fixture
def is_postgresql() -> bool:
    return connection.vendor == "postgresql"
