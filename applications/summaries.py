"""The few answers that an application's own row repeats, so that lists and figures need not open the form."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from applications import facts

if TYPE_CHECKING:
    from applications.models import Answer, Application


TITLE_AT_MOST = 140
"""What the row holds of a title that a draft still has too long."""


def refresh(application: "Application", changed: "Iterable[Answer]") -> None:
    """Copy what changed of title, summary, money and dates onto the application's row."""
    found = columns(application, changed)
    if found:
        for name, value in found.items():
            setattr(application, name, value)
        application.save(update_fields=sorted(found))


def columns(application: Any, changed: "Iterable[Answer]") -> dict[str, Any]:
    """What the row should say of these answers. Dates the wrong way round wait for their mending."""
    definition = application.version.definition
    means = definition.form.means
    found: dict[str, Any] = {}
    for answer in changed:
        if answer.question == means.title:
            found["title"] = (answer.value or "")[:TITLE_AT_MOST]
        elif answer.question == means.summary:
            found["public_summary"] = answer.value or ""
        elif answer.question == means.grant:
            found["grant_requested_pence"] = answer.value or 0
        elif answer.question in (means.costs, means.recovers_vat):
            found["project_cost_pence"] = _project_cost(application, answer)
        elif answer.question in (means.starts_on, means.ends_on):
            found |= _dates(application)
    return found


def _project_cost(application: Any, changed: "Answer") -> int:
    """What the cost table comes to: with its VAT, where that is paid for and the company says that it cannot recover it."""
    definition = application.version.definition
    means = definition.form.means
    values = {changed.question: changed.value}
    if means.recovers_vat:
        values = dict(application.answers.filter(question__in=[means.costs, means.recovers_vat]).values_list("question", "value")) | values
    costs = facts.of_costs(definition, values.get(means.costs), with_vat=facts.vat_counts(definition, values))
    return int(costs["total_pence"])


def _dates(application: Any) -> dict[str, Any]:
    means = application.version.definition.form.means
    said = dict(application.answers.filter(question__in=[means.starts_on, means.ends_on]).values_list("question", "value"))
    starts_on, ends_on = facts.as_date(said.get(means.starts_on)), facts.as_date(said.get(means.ends_on))
    in_order = starts_on is not None and ends_on is not None and starts_on <= ends_on
    return {"starts_on": starts_on, "ends_on": ends_on if in_order else None}
