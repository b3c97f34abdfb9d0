"""The rows of a table: everything escaped, each cell in its place."""

import pytest
from django.utils.safestring import mark_safe

from design import tables

HEADS = [{"label": "Company"}, {"label": "Asked for", "numeric": True}, {"label": "State"}]


def test_a_row_heads_itself_and_says_its_labels_on_a_phone():
    drawn = tables.row(["A < B", 12, {"tag": "Due", "tone": "waiting"}], HEADS)
    assert drawn.startswith(
        '<tr class="govuk-table__row"><th scope="row" class="govuk-table__header nowrap" data-label="Company">A &lt; B</th>'
    )
    assert '<td class="govuk-table__cell govuk-table__cell--numeric nowrap" data-label="Asked for">12</td>' in drawn
    assert '<strong class="govuk-tag' in drawn
    assert ">Due</strong>" in drawn


def test_a_cell_links_hints_and_breaks_its_lines():
    drawn = tables.row(
        [{"text": "R & D", "href": "/a?b=1&c=2", "about": "of <x>", "hint": "<i>"}, "", "one\ntwo & three four five six"], HEADS
    )
    assert '<a class="govuk-link" href="/a?b=1&amp;c=2">R &amp; D<span class="govuk-visually-hidden"> of &lt;x&gt;</span></a>' in drawn
    assert '<span class="cell-hint">&lt;i&gt;</span>' in drawn
    assert 'is-blank" data-label="Asked for"></td>' in drawn
    assert "one<br>two &amp; three four five six</td>" in drawn


def test_a_nought_is_no_blank_and_a_long_text_takes_the_width_of_a_phone():
    drawn = tables.row(["A", 0, "word " * 20], HEADS)
    assert '<td class="govuk-table__cell govuk-table__cell--numeric nowrap" data-label="Asked for">0</td>' in drawn
    assert '<td class="govuk-table__cell is-long" data-label="State">' in drawn


def test_what_is_marked_safe_stays_and_no_cell_gets_lost():
    assert "<b>bold</b>" in tables.row([mark_safe("<b>bold</b>"), 1, 2], HEADS, is_marked=True)
    assert "table__total" in tables.row(["Total", 1, 2], HEADS, is_total=True)
    with pytest.raises(ValueError, match="argument"):
        tables.row(["one"], HEADS)
