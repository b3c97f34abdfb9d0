"""What every test shares."""

from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from django.test import TransactionTestCase

from audit import triggers


@pytest.fixture(autouse=True, scope="session")
def flushes_of_transactional_tests_lift_append_only_triggers() -> Iterator[None]:
    """A transactional test ends by emptying every table, which append-only tables refuse: lift the triggers for just that."""
    flush = TransactionTestCase._fixture_teardown

    def flush_with_triggers_lifted(self: Any) -> None:
        with ExitStack() as stack:
            for alias in self._databases_names(include_mirrors=False):
                stack.enter_context(triggers.lifted(using=alias))
            flush(self)

    TransactionTestCase._fixture_teardown = flush_with_triggers_lifted
    yield
    TransactionTestCase._fixture_teardown = flush
