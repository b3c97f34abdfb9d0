"""Stages that are put back hold what walking them wrote."""

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from audit.verify import verify_all
from payments.books import check_books
from tests import remembering
from tests.cast import everybody
from tests.stages import payments

pytestmark = pytest.mark.django_db


def reach() -> tuple[dict[str, remembering.Rows], int]:
    """A settled payment in a database of its own: every row, and how many statements it took."""
    remembering._leave()
    with transaction.atomic():
        with CaptureQueriesContext(connection) as statements:
            payments.settled(everybody())
        found = {table: remembering.rows(table) for table in remembering.tables()}
        assert not verify_all().problems
        assert not check_books()
        transaction.set_rollback(True)
    return found, len(statements)


@pytest.mark.skipif(not remembering.IS_ON, reason="PUMPHOUSE_REMEMBER=0")
def test_a_stage_is_put_back_as_it_was_walked():
    walked, _ = reach()
    put_back, statements = reach()
    assert put_back == walked
    assert statements < 200


def test_after_any_other_write_a_stage_is_walked(cast, monkeypatch):
    monkeypatch.setattr(remembering, "_put_back", lambda *_about: pytest.fail("put back"))
    cast["officer"].name = "Oona Officer"
    cast["officer"].save(update_fields=["name"])
    assert payments.drafted(cast).state == "drafted"
