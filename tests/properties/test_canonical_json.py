"""The fast encoder writes the very bytes of RFC 8785, or leaves the value to the slow one."""

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from audit import canonical

TEXT = st.text(st.characters(exclude_categories=["Cs"]))
KEYS = st.one_of(TEXT, st.sampled_from(["\ufb33", "\U0001f600", "€", "a", "A", "_", "1", ""]))
VALUES = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(-(2**53) + 1, 2**53 - 1), TEXT),
    lambda inner: st.one_of(st.lists(inner, max_size=5), st.dictionaries(KEYS, inner, max_size=6)),
    max_leaves=25,
)


@given(VALUES)
def test_the_bytes_are_those_of_the_rfc(value):
    assert canonical.dumps(value) == rfc8785.dumps(value)


def test_keys_are_sorted_by_utf_16_units():
    """The RFC's own example: an emoji's first surrogate comes before U+FB33, which has the smaller code point."""
    assert canonical.dumps({"\ufb33": 1, "\U0001f600": 2}) == '{"\U0001f600":2,"\ufb33":1}'.encode()


@pytest.mark.parametrize("number", [2**53, -(2**53), 10**30])
def test_a_number_that_others_would_round_is_refused(number):
    with pytest.raises(rfc8785.IntegerDomainError):
        canonical.dumps({"amount_pence": number})


def test_half_a_character_is_refused():
    with pytest.raises((UnicodeEncodeError, rfc8785.CanonicalizationError)):
        canonical.dumps({"note": "\ud800"})
