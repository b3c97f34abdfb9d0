"""One application as staff see it: what was sent in, never a draft."""

from datetime import datetime
from typing import Any

from django.utils.timezone import localdate

from accounts.access import can
from accounts.marks import marks_on
from accounts.models import Person
from accounts.roles import Permission
from applications.groups import figures_with
from applications.models import Application, Company
from applications.notices import team_of
from applications.presenters import answers, changes, companies, eligibility, redress, timelines
from design.tones import tone_of
from design.words import in_words, moment_in_words, pounds
from grants.sizes import RULE_SETS
from notifications.models import FailingAddress
from workflow.engine import available_steps

SCREENING_STEPS = (
    "clear_referral",
    "refuse_referral",
    "invite",
    "decline_interest",
    "reinstate",
    "keep_finding",
    "keep_as_sent",
    "ask_ruling_out",
    "rule_out",
    "refuse_ruling_out",
    "take_back_ruling_out",
)
ANSWERS = frozenset({"refuse_ruling_out", "take_back_ruling_out"})
"""Steps that answer a request to rule out: shown to whoever can take them."""

READ_BY_COMPANY = frozenset({"refuse_referral", "decline_interest", "keep_finding"})
"""Steps whose reason the company reads."""


def page(application: Application, person: Person, *, at: datetime) -> dict[str, Any]:
    """Context of the detail page."""
    paper = application.current_paper()
    outcomes = eligibility.outcomes_of(application)
    documents = list(application.documents.order_by("pk"))
    definition = application.version.definition
    offered = [one for one in available_steps(application, person, at=at) if one.step.name in SCREENING_STEPS]
    steps = [one for one in offered if one.is_allowed or one.step.name not in ANSWERS]
    return {
        "application": application,
        "title": application.title or application.reference,
        "tone": tone_of(application.state),
        "ruling_out": _asked(application),
        "review": _review(application),
        "change_requests": changes.made(application),
        "may_ask_changes": changes.may_ask(application, person, at=at),
        "message_count": application.messages.count(),
        "appeals": redress.appeals_for_staff(application, person, at=at),
        "facts": facts(application),
        "company": application.company,
        "outcome_columns": ["Rule", "Result", "What was looked at"],
        "outcome_rows": eligibility.rows(application, outcomes),
        "judged_at": outcomes[0].at if outcomes else None,
        "rule_version_sha": outcomes[0].rule_version_sha if outcomes else "",
        "sections": answers.of_paper(definition, paper, documents) if paper else [],
        "paper": paper,
        "events": timelines.for_staff(application),
        "steps": steps,
        "company_reads_why": any(one.is_allowed and one.step.name in READ_BY_COMPANY for one in steps),
        "others": _others(application),
        "unreachable": _unreachable(application),
        "marks": marks_on(application.company.people()),
        "may_keep": can(person, Permission.RECORDS_HOLD, on=application),
    }


def _unreachable(application: Application) -> list[str]:
    """Whom of the team no mail reaches, and what to do about it."""
    team = {person.email.lower(): person for person in team_of(application)}
    failing = FailingAddress.objects.standing().filter(address__in=team).order_by("pk")
    return [
        f"Mail to {team[one.address]} ({one.address}) comes back since {in_words(one.failed_at)}. Ring them: {team[one.address]} can "
        "change the address on the page of their account, or an administrator can."
        for one in failing
    ]


def _asked(application: Application) -> str:
    """Who asks to rule it out and why, while somebody can answer."""
    if application.ruling_out_asked_at is None or application.state not in application.CAN_BE_RULED_OUT:
        return ""
    asked = f"{application.ruling_out_asked_by} asked on {in_words(application.ruling_out_asked_at)} to rule this application out"
    why = f": “{application.ruling_out_because}”" if application.ruling_out_because else "."
    return f"{asked}{why} A second person decides."


def _review(application: Application) -> dict[str, Any] | None:
    """What the company asked to be looked at again, and what came of it."""
    if application.review_asked_at is None:
        return None
    answered = f"{application.reviewed_by}, {moment_in_words(application.reviewed_at)}" if application.reviewed_at else ""
    return {
        "asked": f"{application.review_asked_by}, {moment_in_words(application.review_asked_at)}",
        "reason": application.review_reason,
        "answered": answered,
        "answer": application.review_answer,
    }


def facts(application: Application) -> list[tuple[str, Any]]:
    """The application in rows of a summary list."""
    dates = f"{in_words(application.starts_on)} to {in_words(application.ends_on)}" if application.starts_on else ""
    company = application.company
    return [
        ("Company", f"{company.name}, {company.company_number}"),
        ("Round", f"{application.round.title} ({application.round.reference})"),
        ("Version of the programme", f"{application.version.number}"),
        *_asked_for(application),
        *([("Project", dates)] if dates else []),
        ("Companies House", companies.in_register(company)),
        ("Place", f"{company.address_town}, {company.postcode}: {companies.place(company)}"),
        ("Size", _size(application)),
        ("Sent in", f"{moment_in_words(application.submitted_at)} by {application.submitted_by}"),
    ]


def _size(application: Application) -> str:
    """By the rule set of the programme, as its rules judged it when it was sent in, with the figures that it goes by."""
    definition, company = application.version.definition, application.company
    size = company.size_by(definition.size_rule, on=localdate(application.submitted_at))
    counted = figures_with(company.figures(), company.related, rule_set=definition.size_rule)
    group = ", its group counted" if counted != company.figures() else ""
    return f"{Company.Size(size).label} {RULE_SETS[definition.size_rule]}: {companies.in_figures(counted)}{group}"


def _asked_for(application: Application) -> list[tuple[str, Any]]:
    """What it asks for, of what; an expression of interest need not say either."""
    asked, cost = application.grant_requested_pence, application.project_cost_pence
    if not asked and not cost:
        return [("Requested", "Not asked yet: this is an expression of interest")] if application.is_expression else []
    return [("Requested", f"{pounds(asked)} of {pounds(cost)}" if cost else pounds(asked))]


def _others(application: Application) -> list[Application]:
    """Other applications of the company, that staff may have to look at together."""
    others = application.company.applications.filter(submitted_at__isnull=False, round__programme=application.round.programme)
    return list(others.exclude(pk=application.pk).order_by("-submitted_at", "-pk")[:20])
