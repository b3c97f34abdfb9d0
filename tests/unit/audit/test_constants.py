"""A constant stands in the statement, and only a constant of our own can."""

import pytest

from audit.constants import Constant
from payments.models import Claim
from payments.models.claims import WAITING


def test_what_waits_is_said_in_words_that_the_planner_can_read():
    sql, values = Claim.objects.all().waiting().query.sql_with_params()
    assert f"IN ({', '.join(repr(state) for state in WAITING)})" in sql
    assert values == ()


@pytest.mark.parametrize("text", ["", "paid'; --", "Paid", "two words", "naïve", "paid\n"])
def test_nothing_typed_becomes_one(text):
    with pytest.raises(ValueError, match="no constant"):
        Constant(text)
