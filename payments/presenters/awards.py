"""What the programme team sees of awards."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from django.urls import reverse
from django.utils import timezone

from accounts.access import can
from accounts.marks import marks_on
from accounts.models import Person
from accounts.roles import Permission
from applications.subsidies import limit_pence, total_pence
from design.tones import tone_of
from design.words import deadline_in_words, in_words, moment_in_words, pounds, pounds_exact
from payments import papers, terms
from payments.models import Award, OutcomeReport
from payments.presenters import recoveries
from payments.presenters.company import advance_in_words, report_rows
from workflow.engine import available_steps

LIST_COLUMNS = [
    "Award",
    "Company",
    "State",
    {"label": "Grant", "numeric": True},
    {"label": "Approved", "numeric": True},
    {"label": "Paid", "numeric": True},
]
CHECK_COLUMNS = ["Check", "Result", "By", "Note"]
CLAIM_COLUMNS = ["Claim", "Milestone", "State", {"label": "Claimed", "numeric": True}, {"label": "Approved", "numeric": True}]
MILESTONE_COLUMNS = ["Milestone", "Due", "State", {"label": "Up to", "numeric": True}, {"label": "Left", "numeric": True}]
PAPER_COLUMNS = ["Paper", "Made", "Fingerprint"]
REPORT_COLUMNS = ["Report", "Due", "State"]


def at(name: str, award: Award, *more: Any) -> str:
    """The address of one of the staff's pages about an award."""
    return reverse(f"payments:{name}", args=[award.reference, *more])


def award_rows(awards: Iterable[Award]) -> list[list[Any]]:
    """The list of awards."""
    return [
        [
            {"text": award.reference, "href": at("award", award), "hint": award.application.title},
            award.company.name,
            {"tag": award.state_now.label, "tone": tone_of(award.state)},
            pounds_exact(award.amount_pence),
            pounds_exact(award.approved_pence),
            pounds_exact(award.paid_pence),
        ]
        for award in awards
    ]


def award_page(award: Award, person: Person, *, now: datetime) -> dict[str, Any]:
    """Everything on an award's page."""
    may_check = can(person, Permission.AWARD_CHECK, on=award)
    kinds = set(award.subsidy_notices.values_list("kind", flat=True))
    return {
        "award": award,
        "summary": _summary(award, timezone.localdate(now)),
        "marks": marks_on(award.company.people()),
        "steps": available_steps(award, person, at=now),
        "step_url": at("award", award),
        "tasks": _tasks(award, kinds) if award.state not in Award.FELL else [],
        "check_columns": CHECK_COLUMNS,
        "checks": _checks(award, may_check),
        "can_notify": may_check
        and award.terms.is_mfa
        and "notification" not in kinds
        and award.state in ("drafted", "checking", "cleared"),
        "can_offer": award.state == "cleared" and can(person, Permission.AWARD_OFFER, on=award),
        "can_meet_conditions": bool(award.conditions)
        and award.conditions_met_at is None
        and award.state not in Award.FELL
        and can(person, Permission.AWARD_MANAGE, on=award),
        "milestone_columns": MILESTONE_COLUMNS,
        "milestones": _milestones(award),
        "claim_columns": CLAIM_COLUMNS,
        "claims": _claims(award),
        "paper_columns": PAPER_COLUMNS,
        "papers": _papers(award),
        "report_columns": REPORT_COLUMNS,
        "reports": [
            [{"text": report.name, "href": at("award_report", award, report.pk)}, in_words(report.due_on), _tag(report)]
            for report in award.outcome_reports.order_by("due_on", "pk")
        ],
        "paid_text": f"{pounds(award.paid_pence)} of {pounds(award.amount_pence)} paid",
    } | (recoveries.section(award, person) if award.terms.advance_percent else {})


def _tag(record: Any) -> dict[str, str]:
    return {"tag": record.state_now.label, "tone": tone_of(record.state)}


def _summary(award: Award, on: date) -> list[tuple[Any, ...]]:
    paid_for = "in fixed sums" if award.terms.pays_outcomes else f"at {award.rate_bp / 100:g}% of accepted cost"
    rows: list[tuple[Any, ...]] = [
        ("Company", award.company.name),
        ("Project", award.application.title),
        ("Award", f"{pounds(award.amount_pence)} {paid_for}"),
        ("Committed, approved, paid", f"{pounds(award.committed_pence)}, {pounds(award.approved_pence)}, {pounds(award.paid_pence)}"),
        ("Round has left", pounds(award.budget.left_pence)),
    ]
    if award.terms.advance_percent:
        rows.append(("Advance", advance_in_words(award)))
    if award.terms.is_mfa and award.accepted_at is None:
        known = total_pence(award.company, on, said_pence=award.assistance_from_others())
        rows.append(("Other assistance we know of", f"{pounds(known)}; the limit is {pounds(limit_pence(on))}"))
    if award.starts_on and award.ends_on:
        rows.append(("Project dates", f"{in_words(award.starts_on)} to {in_words(award.ends_on)}"))
    if award.state in Award.FELL:
        ended_at, ended_by = (getattr(award, f"{award.state}_{what}") for what in ("at", "by"))
        rows.append((award.state_now.label, f"{moment_in_words(ended_at)}, {ended_by}"))
    elif award.offer_until:
        rows.append(("Offer stands until", deadline_in_words(award.offer_until)))
    if award.conditions:
        not_met = "Not met" if award.state in Award.FELL else "Not met yet"
        met = f"Met, {moment_in_words(award.conditions_met_at)}" if award.conditions_met_at else not_met
        rows.append(("Conditions", f"{award.conditions}\n{met}"))
    return rows


def _tasks(award: Award, kinds: set[str]) -> list[dict[str, str]]:
    """Set-up by name: what is done and what is missing."""
    bank = award.company.bank_accounts.exclude(state="superseded").order_by("-pk").first()
    bank_task = {"title": "Bank account", "status": bank.state_now.label if bank else "Not entered", "tone": "waiting"}
    if bank is not None:
        bank_task["href"] = reverse("payments:bank_account", args=[bank.pk])
        if bank.state == "verified":
            bank_task["status"] = "Completed"
    tasks = [_task("Due diligence", not award.checks.exclude(result="passed").exists())]
    if award.terms.is_mfa:
        tasks += [_task("Subsidy notification sent", "notification" in kinds), _task("Company's confirmation", "confirmation" in kinds)]
    tasks += [_task("Offer made", award.offered_at is not None), _task("Agreement signed", award.accepted_at is not None), bank_task]
    if award.conditions:
        tasks.append(_task("Conditions met", award.conditions_met_at is not None))
    return tasks


def _task(title: str, is_done: bool) -> dict[str, str]:
    return {"title": title, "status": "Completed"} if is_done else {"title": title, "status": "To do", "tone": "waiting"}


def _checks(award: Award, may: bool) -> list[list[Any]]:
    rows = award.checks.select_related("checked_by").order_by("pk")
    return [
        [
            {"text": check.name, "href": at("award_check", award, check.code) if may else ""},
            {"tag": check.get_result_display(), "tone": {"passed": "good", "open": "neutral"}.get(check.result, "waiting")},
            f"{check.checked_by.name}, {moment_in_words(check.checked_at)}" if check.checked_by else "",
            check.note,
        ]
        for check in rows
    ]


def _milestones(award: Award) -> list[list[Any]]:
    return [
        [str(one), in_words(one.due_on), _tag(one), pounds_exact(one.cap_pence), pounds_exact(max(0, one.cap_left_pence))]
        for one in award.milestones.order_by("number")
    ]


def _claims(award: Award) -> list[list[Any]]:
    rows = award.claims.exclude(first_submitted_at=None).select_related("milestone", "award").order_by("number")
    return [
        [
            {"text": claim.reference, "href": reverse("payments:claim", args=[award.reference, claim.number])},
            claim.what_for,
            _tag(claim),
            pounds_exact(claim.claimed_pence),
            pounds_exact(claim.approved_pence),
        ]
        for claim in rows
    ]


def _papers(award: Award) -> list[list[Any]]:
    rows: list[Any] = [*award.papers.order_by("pk"), *award.subsidy_notices.order_by("pk")]
    return [
        [
            {"text": paper.get_kind_display(), "href": at("award_paper", award, paper.kind)},
            moment_in_words(paper.made_at),
            {"text": paper.sha256[:16], "hint": "SHA-256 begins"},
        ]
        for paper in sorted(rows, key=lambda paper: paper.made_at)
    ]


def check_page(award: Award, code: str) -> dict[str, Any]:
    """One check with its guidance. Raises AwardCheck.DoesNotExist."""
    check = award.checks.get(code=code)
    guidance = {asked.id: asked.guidance for asked in award.terms.definition.award.checklist}
    return {"award": award, "check": check, "guidance": guidance.get(code) or "", "back_url": at("award", award)}


def offer_preview(award: Award) -> dict[str, Any]:
    """The offer as it would be made now."""
    return {
        "award": award,
        "body": papers.offer(award),
        "plan": [[planned.title, in_words(planned.due_on), pounds_exact(planned.cap_pence)] for planned in terms.milestones(award)],
        "plan_columns": ["Milestone", "Due", {"label": "Up to", "numeric": True}],
        "left": pounds(award.budget.left_pence),
        "back_url": at("award", award),
    }


def report_page(report: OutcomeReport, person: Person, *, now: datetime) -> dict[str, Any]:
    """One report as staff see it."""
    return {
        "report": report,
        "award": report.award,
        "rows": report_rows(report),
        "steps": available_steps(report, person, at=now),
        "step_url": at("award_report", report.award, report.pk),
        "back_url": at("award", report.award),
        "due": in_words(report.due_on),
    }
