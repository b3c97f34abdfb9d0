"""The few answers that an application's own row repeats, so that lists and figures need not open the form."""

from typing import TYPE_CHECKING, Any

from applications import facts

if TYPE_CHECKING:
    from applications.models import Answer, Application


TITLE_AT_MOST = 140
"""What the row holds of a title that a draft still has too long."""


def refresh(application: "Application", changed: "list[Answer]") -> None:
    """Copy what changed of title, summary, money and dates onto the application's row. Dates the wrong way round wait for their mending."""
    definition = application.version.definition
    means = definition.form.means
    columns: dict[str, Any] = {}
    for answer in changed:
        if answer.question == means.title:
            columns["title"] = (answer.value or "")[:TITLE_AT_MOST]
        elif answer.question == means.summary:
            columns["public_summary"] = answer.value or ""
        elif answer.question == means.grant:
            columns["grant_requested_pence"] = answer.value or 0
        elif answer.question == means.costs:
            columns["project_cost_pence"] = facts.of_costs(definition, answer.value)["total_pence"]
        elif answer.question in (means.starts_on, means.ends_on):
            columns |= _dates(application)
    if columns:
        for name, value in columns.items():
            setattr(application, name, value)
        application.save(update_fields=sorted(columns))


def _dates(application: "Application") -> dict[str, Any]:
    means = application.version.definition.form.means
    said = dict(application.answers.filter(question__in=[means.starts_on, means.ends_on]).values_list("question", "value"))
    starts_on, ends_on = facts.as_date(said.get(means.starts_on)), facts.as_date(said.get(means.ends_on))
    in_order = starts_on is not None and ends_on is not None and starts_on <= ends_on
    return {"starts_on": starts_on, "ends_on": ends_on if in_order else None}
