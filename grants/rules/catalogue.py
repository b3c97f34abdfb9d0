"""The names that rules may use, each with its type and what it means. `answers` is added by the programme's own form."""

from dataclasses import dataclass

from grants.rules.types import BOOL, DOUBLE, INT, STRING, TIMESTAMP, Type, list_of, map_of, one_of, record


@dataclass(frozen=True)
class Fact:
    """One name: its type, what it means, and (where a visitor without an account can be asked) the field of the public check."""

    type: Type
    means: str
    asks: tuple[str, ...] = ()
    """The fields of the public check that this fact is worked out from."""


LEGAL_FORMS = ("limited", "plc", "llp", "cic", "charity", "sole_trader", "university", "other")

COMPANY: dict[str, Fact] = {
    "number": Fact(STRING, "Companies House number, eight characters", ("company_number",)),
    "is_number_synthetic": Fact(BOOL, "whether the number was made up for an imported or sample record"),
    "legal_form": Fact(one_of(*LEGAL_FORMS), "legal form", ("legal_form",)),
    "status": Fact(one_of("active", "dormant", "insolvent", "dissolved"), "status at Companies House", ("status",)),
    "size": Fact(
        one_of("micro", "small", "medium", "large"), "size by the programme's size rule", ("employees", "turnover", "balance_sheet")
    ),
    "employees": Fact(INT, "average number of employees, the whole group counted", ("employees",)),
    "turnover_pence": Fact(INT, "yearly turnover of the whole group", ("turnover",)),
    "balance_sheet_pence": Fact(INT, "balance sheet total of the whole group", ("balance_sheet",)),
    "postcode": Fact(STRING, "postcode of the place of work", ("postcode",)),
    "outcode": Fact(STRING, "first half of the postcode", ("postcode",)),
    "area": Fact(one_of("in", "out", "unsure"), "whether the postcode lies in the programme's area", ("postcode",)),
    "sic_codes": Fact(list_of(STRING), "SIC 2007 codes, five digits each", ("sic_codes",)),
    "age_months": Fact(INT, "full months since incorporation", ("incorporated_on",)),
    "incorporated_on": Fact(TIMESTAMP, "date of incorporation", ("incorporated_on",)),
    "overdue_reports": Fact(INT, "outcome reports of earlier awards that are overdue"),
    "is_insolvent": Fact(BOOL, "whether the company is subject to insolvency proceedings, as recorded or as declared", ("is_insolvent",)),
}
APPLICATION: dict[str, Fact] = {
    "grant_pence": Fact(INT, "grant asked for", ("grant",)),
    "project_pence": Fact(INT, "whole cost of the project", ("project_cost",)),
    "rate_percent": Fact(DOUBLE, "grant asked for as a percentage of the eligible cost", ("grant", "project_cost")),
    "activity": Fact(STRING, "which of the programme's activities the project is"),
    "starts_on": Fact(TIMESTAMP, "first day of the project", ("starts_on",)),
    "ends_on": Fact(TIMESTAMP, "last day of the project", ("ends_on",)),
    "months": Fact(INT, "length of the project in months, begun ones counted", ("starts_on", "ends_on")),
    "tries": Fact(INT, "how often this project was submitted before"),
}
COSTS: dict[str, Fact] = {
    "total_pence": Fact(INT, "all lines of the cost table", ("project_cost",)),
    "eligible_pence": Fact(INT, "lines of categories that the programme pays for", ("project_cost",)),
    "match_pence": Fact(INT, "what the company and others pay: eligible cost less grant", ("grant", "project_cost")),
    "by_category": Fact(map_of(INT), 'pence by category id, as in costs.by_category["labour"]'),
}
SUBSIDY: dict[str, Fact] = {
    "received_pence": Fact(INT, "Minimal Financial Assistance received since window_from, the whole group counted", ("mfa_received",)),
    "with_this_pence": Fact(INT, "the same, and the grant asked for", ("mfa_received", "grant")),
    "limit_pence": Fact(INT, "the most a group may receive: £315,000 (Subsidy Control Act 2022 s.36(1))"),
    "window_from": Fact(TIMESTAMP, "1 April two financial years before the current one (s.36(2))"),
    "is_confirmed": Fact(BOOL, "whether the company confirmed in writing what it has received"),
}
ROUND: dict[str, Fact] = {
    "reference": Fact(STRING, "the round's reference"),
    "opens_at": Fact(TIMESTAMP, "when the round opens"),
    "closes_at": Fact(TIMESTAMP, "when the round closes"),
    "grant_min_pence": Fact(INT, "smallest grant of the programme"),
    "grant_max_pence": Fact(INT, "largest grant of the programme"),
    "rate_max_percent": Fact(DOUBLE, "intervention rate for this company's size and this activity"),
}
GROUPS: dict[str, dict[str, Fact]] = {
    "company": COMPANY,
    "application": APPLICATION,
    "costs": COSTS,
    "subsidy": SUBSIDY,
    "round": ROUND,
}


def names(answers: dict[str, Type]) -> dict[str, Type]:
    """Everything a rule of a programme with these questions may name."""
    groups = {group: record(**{name: fact.type for name, fact in facts.items()}) for group, facts in GROUPS.items()}
    return {**groups, "answers": record(**answers), "today": TIMESTAMP}


def fact(path: str) -> Fact | None:
    """The catalogue's entry for `company.size`, if it has one."""
    group, _, name = path.partition(".")
    return GROUPS.get(group, {}).get(name)
