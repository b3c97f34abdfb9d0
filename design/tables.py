"""The rows of a table as markup, written here and not in a template: a page of fifty rows has 350 cells, which a template draws ten times
as slowly.

What a cell may hold is said at the tag, `design.templatetags.components.table`. Everything that is not marked safe is escaped.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.template.defaultfilters import linebreaksbr
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString, mark_safe

from design.tones import TONES

SHORT, CODE = 17, 24
"""A text up to here is not broken over lines; nor is a single word up to there (a reference)."""
LONG = 80
"""A text beyond this takes the whole width of a phone, below its label."""


def row(cells: Iterable[Any], heads: Sequence[Mapping[str, Any]], *, is_marked: bool = False, is_total: bool = False) -> SafeString:
    """One `<tr>`; the first cell heads it. Raises ValueError where cells and heads differ in number."""
    drawn = [_placed(cell, head, is_first=place == 0) for place, (cell, head) in enumerate(zip(cells, heads, strict=True))]
    look = " table__total" if is_total else " table__row--marked" if is_marked else ""
    return mark_safe(f'<tr class="govuk-table__row{look}">{"".join(drawn)}</tr>')  # noqa: S308 -- every part was escaped


def _placed(cell: Any, head: Mapping[str, Any], *, is_first: bool) -> str:
    """The cell in its `<th>` or `<td>`."""
    known = cell if isinstance(cell, Mapping) else {"text": cell}
    text = "" if known.get("text") is None else str(known["text"])
    nowrap = " nowrap" if len(text) <= SHORT or (len(text) <= CODE and " " not in text) else ""
    label = conditional_escape(head["label"])
    if is_first:
        return f'<th scope="row" class="govuk-table__header{nowrap}" data-label="{label}">{_inside(known)}</th>'
    numeric = " govuk-table__cell--numeric" if known.get("numeric", head.get("numeric")) else ""
    blank = " is-long" if len(text) > LONG else "" if text or known.get("tag") else " is-blank"
    return f'<td class="govuk-table__cell{numeric}{nowrap}{blank}" data-label="{label}">{_inside(known)}</td>'


def _inside(cell: Mapping[str, Any]) -> str:
    """A link or a text, then a tag, then a hint."""
    found = ""
    if cell.get("href"):
        about = f'<span class="govuk-visually-hidden"> {conditional_escape(cell["about"])}</span>' if cell.get("about") else ""
        found = f'<a class="govuk-link" href="{conditional_escape(cell["href"])}">{conditional_escape(cell.get("text", ""))}{about}</a>'
    elif cell.get("text") is not None:
        found = linebreaksbr(cell["text"])
    if cell.get("tag"):
        tone = TONES.get(cell.get("tone", ""), TONES["neutral"])
        found += f'<strong class="govuk-tag {tone}">{conditional_escape(cell["tag"])}</strong>'
    if cell.get("hint"):
        found += f'<span class="cell-hint">{conditional_escape(cell["hint"])}</span>'
    return found
