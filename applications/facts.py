"""What eligibility rules and conditions see of an application: the names that `grants.rules.catalogue` lists."""

from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from applications import groups, places, subsidies
from grants import calculated, sizes
from grants.definition import Definition
from grants.money import rate_percent
from grants.rules.sentences import Pence, Percent

if TYPE_CHECKING:
    from applications.models import Application, Company

Values = dict[str, Any]
Counter = Callable[["Company", date], int]
_overdue_reports: list[Counter] = []


def counts_overdue_reports(counter: Counter) -> Counter:
    """Register who knows of overdue outcome reports: `counter(company, on) -> int`."""
    _overdue_reports.append(counter)
    return counter


def of_application(application: "Application", values: Values, *, at: datetime) -> dict[str, Any]:
    """Every fact but the answers themselves, worked out from answers that count (see `reading.Reading`). None means not known."""
    definition = application.version.definition
    means = definition.form.means
    today = at.astimezone(ZoneInfo(definition.time_zone)).date()
    company = application.company
    costs = of_costs(definition, values.get(means.costs), with_vat=vat_counts(definition, values))
    grant = values.get(means.grant)
    activity = values.get(means.activity) if means.activity else None
    size = company.size_by(definition.size_rule, on=today)
    rate = definition.rate_for(size, activity)
    return {
        "company": of_company(definition, company, today, size=size, insolvent=values.get(means.insolvent) if means.insolvent else None),
        "application": _of_project(application, values, grant=grant, costs=costs, activity=activity),
        "costs": costs | {"match_pence": None if grant is None else costs["eligible_pence"] - grant},
        "subsidy": _of_subsidy(definition, company, values, grant=grant, today=today),
        "round": {
            "reference": application.round.reference,
            "opens_at": application.round.opens_at,
            "closes_at": application.round.closes_at,
            "grant_min_pence": definition.funding.grant_min,
            "grant_max_pence": definition.funding.grant_max,
            "rate_max_percent": rate,
        },
        "today": today,
    }


def of_company(definition: Definition, company: "Company", today: date, *, size: str, insolvent: bool | None) -> dict[str, Any]:
    """The company's facts, its figures those of its group."""
    figures = groups.figures_with(
        sizes.Limits(company.turnover_pence, company.balance_sheet_pence, company.employees),
        company.related,
        rule_set=definition.size_rule,
    )
    return {
        "number": company.company_number,
        "is_number_synthetic": company.is_number_synthetic,
        "legal_form": company.legal_form,
        "status": company.status,
        "size": size,
        "employees": figures.employees,
        "turnover_pence": figures.turnover_pence,
        "balance_sheet_pence": figures.balance_sheet_pence,
        "postcode": company.postcode,
        "outcode": company.postcode.split(" ")[0],
        "area": places.area_of(definition, company),
        "sic_codes": company.sic_codes,
        "age_months": company.age_in_months(today) if company.incorporated_on else None,
        "incorporated_on": company.incorporated_on,
        "overdue_reports": sum(count(company, today) for count in _overdue_reports),
        "is_insolvent": company.is_insolvent or bool(insolvent),
    }


def vat_counts(definition: Definition, values: Values) -> bool:
    """Whether VAT is part of the cost: the programme pays it where it cannot be recovered, and this company says that it cannot."""
    asked = definition.form.means.recovers_vat
    return definition.delivery.vat == "irrecoverable" and asked is not None and values.get(asked) is False


def line_pence(line: Values, *, with_vat: bool) -> int:
    """What one line of a cost table comes to."""
    return int((line.get("amount_pence") or 0) + ((line.get("vat_pence") or 0) if with_vat else 0))


def of_costs(definition: Definition, lines: Any, *, with_vat: bool = False) -> dict[str, Any]:
    """The cost table added up, by category and by whether the programme pays for it."""
    categories = definition.delivery.cost_categories
    by_category = {category.id: 0 for category in categories}
    for line in lines or []:
        if line.get("category") in by_category:
            by_category[line["category"]] += line_pence(line, with_vat=with_vat)
    eligible = sum(by_category[category.id] for category in categories if category.is_eligible)
    return {"total_pence": sum(by_category.values()), "eligible_pence": eligible, "by_category": by_category}


def _of_project(
    application: "Application", values: Values, *, grant: int | None, costs: dict[str, Any], activity: str | None
) -> dict[str, Any]:
    means = application.version.definition.form.means
    starts_on, ends_on = as_date(values.get(means.starts_on)), as_date(values.get(means.ends_on))
    return {
        "grant_pence": grant,
        "project_pence": costs["total_pence"],
        "rate_percent": None if grant is None else rate_percent(grant, costs["eligible_pence"]),
        "activity": activity,
        "starts_on": starts_on,
        "ends_on": ends_on,
        "months": months_begun(starts_on, ends_on) if starts_on and ends_on else None,
        "tries": application.earlier_tries(),
    }


def _of_subsidy(definition: Definition, company: "Company", values: Values, *, grant: int | None, today: date) -> dict[str, Any]:
    """The form says what others gave; what we gave counts beside it."""
    means = definition.form.means
    said = values.get(means.assistance) if means.assistance else 0
    received = None if said is None else subsidies.total_pence(company, today, said_pence=said)
    declaration = values.get(means.declaration) or {}
    return {
        "received_pence": received,
        "with_this_pence": None if received is None or grant is None else received + grant,
        "limit_pence": subsidies.limit_pence(today),
        "window_from": subsidies.window_start(today),
        "is_confirmed": said is not None and declaration.get("agreed") is True,
    }


def as_answer(question: Any, value: Any) -> Any:
    """One stored answer in the type that rules see."""
    if value is None:
        return None
    match question.kind:
        case "date":
            return as_date(value)
        case "percent":
            return Percent(value)
        case "number":
            return Decimal(value) if question.decimals else value
        case "money":
            return Pence(value)
        case "calculated":
            return calculated.as_answer(question, value)
        case "declaration":
            return value.get("agreed") is True
        case "group":
            return [{cell.id: as_answer(cell, row[cell.id]) for cell in question.questions} for row in value]
        case _:
            return value


def as_date(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def months_begun(first: date, last: date) -> int:
    """Months from the first day to the last, begun ones counted: 1 March to 31 May is three."""
    return (last.year - first.year) * 12 + last.month - first.month + (1 if last.day >= first.day else 0)
