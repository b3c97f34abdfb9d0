"""A company's page, its team and its earlier assistance."""

from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.timezone import localdate

from accounts.access import can
from accounts.models import Invitation, Person
from accounts.roles import Permission
from applications import subsidies
from applications.actions.companies import differences
from applications.actions.teams import check_an_owner_stays, invited, people
from applications.groups import figures_with
from applications.models import Company, RegisterEntry
from design.words import in_words, pounds
from grants.sizes import Limits
from workflow.guards import allowed


def path(company: Company) -> str:
    return reverse("applications:company", args=[company.pk])


def team_path(company: Company) -> str:
    return reverse("applications:team", args=[company.pk])


def page(company: Company, *, may_edit: bool, at: datetime) -> dict[str, Any]:
    """Context of the company's page."""
    return {
        "company": company,
        "facts": facts(company),
        "members": _members(company, at=at),
        "applications": company.applications.for_pages().order_by("-started_at", "-pk")[:50],
        "may_edit": may_edit,
    }


def filled_in(entry: RegisterEntry) -> str:
    """What is said when the register filled a form in."""
    status = "" if entry.status == Company.Status.ACTIVE else f" Its status there is: {entry.status_in_register}."
    said = f"{entry.name} is on the register ({entry.get_source_display()}, {in_words(entry.as_of)}).{status}"
    return f"{said} What it says is filled in, and what you had typed stays. Check it, and add the rest."


def in_register(company: Company) -> str:
    """Whether the register bears out what is said of the company, and what it says otherwise."""
    if company.is_number_synthetic:
        return "A sample record, in no register"
    entry = RegisterEntry.objects.filter(company_number=company.company_number).first()
    if entry is None:
        return "Entered by hand, not verified"
    seen = f"{entry.get_source_display()}, {in_words(entry.as_of)}"
    differing = differences(company, entry)
    return "\n".join([f"Not as in the register ({seen})", *differing]) if differing else f"Verified ({seen})"


def place(company: Company) -> str:
    """The region with what it rests on."""
    if not company.region:
        return "Not known"
    why = f": {company.region_reason}" if company.region_reason else ""
    return f"{company.region} ({company.get_region_basis_display().lower()}{why})"


def group(company: Company, *, may_edit: bool, at: datetime) -> dict[str, Any]:
    """Context of the page about the company's group."""
    own = Limits(company.turnover_pence, company.balance_sheet_pence, company.employees)
    related = company.related
    counted, shared = (figures_with(own, related, rule_set=rule_set) for rule_set in ("companies_act_2006", "eu_2003_361"))
    european = company.size_by("eu_2003_361", on=localdate(at))
    return {
        "company": company,
        "company_path": path(company),
        "related": related,
        "facts": [
            ("Employees", f"{counted.employees:,}"),
            ("Turnover", pounds(counted.turnover_pence)),
            ("Balance sheet total", pounds(counted.balance_sheet_pence)),
            ("Size under the Companies Act", company.get_size_display()),
            ("Size by the European definition", f"{Company.Size(european).label}: {in_figures(shared)}"),
        ],
        "may_edit": may_edit,
    }


def facts(company: Company) -> list[tuple[str, Any]]:
    """The company in rows of a summary list."""
    address = "\n".join(line for line in (company.address_line_1, company.address_line_2, company.address_town, company.postcode) if line)
    number = company.company_number + (" (made up for a sample record)" if company.is_number_synthetic else "")
    return [
        ("Registered name", company.name),
        ("Company number", number),
        ("Legal form", company.get_legal_form_display()),
        ("Status", company.get_status_display()),
        ("Incorporated", in_words(company.incorporated_on)),
        ("Address", address),
        ("Companies House", in_register(company)),
        ("Region", place(company)),
        ("Size under the Companies Act", company.get_size_display()),
        ("Employees", f"{company.employees:,}"),
        ("Turnover", pounds(company.turnover_pence)),
        ("Balance sheet total", pounds(company.balance_sheet_pence)),
        *_earlier(company),
        ("SIC codes", ", ".join(company.sic_codes)),
        ("Group", company.enterprise_group or (company.group_parent_number and "Yes") or "Not part of a group"),
        ("Unique Taxpayer Reference", f"ends in {company.utr[-3:]}" if company.utr else "Not given"),
        ("VAT number", company.vat_number or "Not given"),
        ("Parent's company number", company.group_parent_number or "None"),
    ]


def in_figures(had: Limits) -> str:
    return f"{had.employees:,} employees, turnover {pounds(had.turnover_pence)}, balance sheet total {pounds(had.balance_sheet_pence)}"


def _earlier(company: Company) -> list[tuple[str, str]]:
    """The figures of the year before, where the company gave them."""
    if (before := company.year_before()) is None:
        return []
    said = in_figures(before.figures)
    return [("The year before", f"{said}. Counted as {company.get_earlier_size_display().lower()}" if before.size else said)]


def _members(company: Company, *, at: datetime) -> list[tuple[str, str]]:
    return [(person.name, ", ".join(row.get_role_display() for row in parts)) for person, parts in people(company, at=at)]


def team(company: Company, person: Person, *, at: datetime) -> dict[str, Any]:
    """Context of the team page."""
    found = people(company, at=at)
    held = [row for _, parts in found for row in parts]
    return {
        "company": company,
        "company_path": path(company),
        "people": [(one, [(row, allowed(check_an_owner_stays, row, held=held)[1]) for row in parts]) for one, parts in found],
        "invited": [_invited(one, at=at) for one in invited(company)],
        "may_manage": can(person, Permission.TEAM_MANAGE, on=company),
    }


def _invited(one: Invitation, *, at: datetime) -> dict[str, Any]:
    until = f"The link works until {in_words(one.expires_at)}" if one.is_open(at=at) else "The link has expired: send it again"
    return {"pk": one.pk, "email": one.email, "part": one.get_role_display(), "sent": f"Sent {in_words(one.sent_at)}. {until}"}


def assistance(company: Company, *, may_edit: bool, at: datetime) -> dict[str, Any]:
    """Context of the page about earlier assistance."""
    today = localdate(at)
    given = subsidies.given_to_group(company, today)
    received = subsidies.counted_pence(given, today)
    limit = subsidies.limit_pence(today)
    return {
        "company": company,
        "company_path": path(company),
        "awards": list(company.previous_awards.filter(removed_at=None).order_by("-given_on", "-pk")),
        "counted_columns": ["Given to", "Given by", "Date", "Known from", {"label": "Amount", "numeric": True}],
        "counted_rows": [_given(one) for one in given],
        "since": subsidies.window_start(today),
        "received_pence": received,
        "limit_pence": limit,
        "meter_text": f"{pounds(received)} counted, room for {pounds(max(0, limit - received))}",
        "may_edit": may_edit,
    }


def _given(one: subsidies.Given) -> list[Any]:
    known_from = "A declaration" if one.is_declared else "Our own records"
    return [one.company, one.body, in_words(one.given_on), known_from, pounds(one.amount_pence)]
