"""What a company sees of its award."""

from datetime import datetime
from typing import Any

from django.db.models import Count, Max, Q, prefetch_related_objects
from django.urls import reverse

from accounts.access import can
from accounts.models import Person
from accounts.roles import Permission
from design.words import deadline_in_words, in_words, moment_in_words, pounds, pounds_exact
from payments.actions.awards import SET_UP
from payments.due import COUNTED, advance_left
from payments.models import Award, AwardPaper, Claim, OutcomeReport, PaymentAdvice, SubsidyNotice
from payments.policies.awards import check_offer_stands
from payments.policies.claims import CLAIMABLE, NOT_MADE, OPEN, check_advance_can_be_claimed, check_can_be_claimed
from payments.presenters import recoveries, subsidies
from payments.terms import advance_at_most, pays_vat
from workflow.guards import allowed

DONE = {"status": "Completed"}
WAITS_FOR_US = {"status": "We are on it", "tone": "active"}
CANNOT_YET = {"status": "Cannot start yet"}


def to_do(href: str, text: str = "To do") -> dict[str, str]:
    return {"status": text, "tone": "waiting", "href": href}


def at(name: str, award: Award, *more: Any) -> str:
    """The address of one of the company's pages."""
    return reverse(f"payments:company_{name}", args=[award.reference, *more])


AWARD_COLUMNS = ["Award", "Company", "State", {"label": "Grant", "numeric": True}, {"label": "Paid", "numeric": True}]


def awards(rows: Any) -> list[list[Any]]:
    """The list of a company's awards."""
    return [
        [
            {"text": award.reference, "href": at("award", award), "hint": award.application.title},
            award.company.name,
            {"tag": award.state_now.public, "tone": "active" if award.state_now.owner else "neutral"},
            pounds(award.amount_pence),
            pounds(award.paid_pence),
        ]
        for award in rows
    ]


def award_page(award: Award, person: Person, *, now: datetime) -> dict[str, Any]:
    """Everything on the award's front page."""
    return {
        "award": award,
        "summary": _summary(award, now=now),
        "our_tasks": our_tasks(award),
        "your_tasks": your_tasks(award, now=now),
        "is_setting_up": award.state in ("drafted", "checking", "cleared", "offered", "accepted"),
        "milestones": milestones(award, person, now=now),
        "advance": advance(award, person, now=now),
        **(recoveries.for_company(award) if award.terms.advance_percent else {}),
        "reports": reports(award),
        "papers": papers(award),
        "paid": payments(award),
        "troubles": troubles(award),
        "paid_columns": ["Date", "For", {"label": "Amount", "numeric": True}, "Remittance advice"],
        "paper_columns": ["Paper", "Made", "Fingerprint"],
        "bank_tasks": [{"title": "Bank details", "hint": "Where we pay the grant", **_bank_status(award)}]
        if award.state not in Award.FELL
        else [],
        "paid_text": f"{pounds(award.paid_pence)} of {pounds(award.amount_pence)} paid",
    }


def subsidy_page(award: Award, notification: SubsidyNotice, person: Person, *, now: datetime) -> dict[str, Any]:
    """The notification, what is counted, and either the form or what was confirmed."""
    confirmed = award.subsidy_notices.filter(kind="confirmation", amount_pence=award.amount_pence).order_by("-pk").first()
    return subsidies.counted(award, now=now) | {
        "award": award,
        "notification": notification,
        "confirmed": confirmed,
        "can_confirm": can(person, Permission.AWARD_ACCEPT, on=award),
        "is_open": award.state in SET_UP,
    }


def _summary(award: Award, *, now: datetime) -> list[tuple[str, str]]:
    rows = [
        ("Project", award.application.title),
        ("Grant", grant_in_words(award)),
        ("Claimed and approved", pounds(award.approved_pence)),
        ("Paid", pounds(award.paid_pence)),
    ]
    if advance_at_most(award):
        rows.insert(2, ("Advance", advance_in_words(award)))
    if award.starts_on and award.ends_on:
        rows.insert(1, ("Project dates", f"{in_words(award.starts_on)} to {in_words(award.ends_on)}"))
    if award.state == "offered":
        stands, _ = allowed(check_offer_stands, award, at=now)
        rows.append(("The offer stands until" if stands else "The offer ran out at", deadline_in_words(award.offer_until)))
    return rows


def grant_in_words(award: Award) -> str:
    """How much, and for what it is paid."""
    if award.terms.pays_outcomes:
        return f"{pounds(award.amount_pence)}, in a fixed sum for each milestone that is met"
    return f"Up to {pounds(award.amount_pence)}, at {award.rate_bp / 100:g}% of the cost we accept"


def vat_in_words(award: Award) -> str:
    """What becomes of VAT in this award's claims; "" where the programme does not say."""
    if not award.terms.says_vat:
        return ""
    if pays_vat(award):
        return "VAT counts: you said that your company cannot recover it."
    return "VAT does not count." if award.terms.definition.delivery.vat == "excluded" else "VAT does not count: your company recovers it."


def advance_in_words(award: Award) -> str:
    """What may be had in advance, and what became of it."""
    most = advance_at_most(award)
    if not most:
        return "Not asked for"
    claim = award.claims.filter(kind=Claim.Kind.ADVANCE).exclude(state__in=NOT_MADE).first()
    said = f"Up to {pounds(most)} ({award.terms.advance_percent:g}% of the grant), set off against the first payments"
    if claim is None or claim.state not in COUNTED:
        return said
    left = advance_left(award)
    covered = f"{pounds(left)} of it is still to be covered by milestones" if left else f"all of it is {_done_with(award)}"
    return f"{pounds(claim.approved_pence)} of at most {pounds(most)}; {covered}"


def _done_with(award: Award) -> str:
    """How an advance came to its end."""
    states = set(award.recoveries.values_list("state", flat=True))
    ways = {"recovered": "paid back", "waived": "waived"}
    return ", ".join(["covered by milestones", *(word for state, word in ways.items() if state in states)]).replace(", ", " or ")


def advance(award: Award, person: Person, *, now: datetime) -> dict[str, Any] | None:
    """Asking for the advance: its claim, or whether one can be started, or why not yet. None where nothing is paid in advance."""
    most = advance_at_most(award)
    claims = [claim for claim in award.claims.all() if claim.is_advance]
    if (not most and not claims) or award.accepted_at is None:
        return None
    can_claim, why_not = allowed(check_advance_can_be_claimed, award, at=now)
    return {
        "text": advance_in_words(award),
        "claims": [_claim_row(award, claim) for claim in sorted(claims, key=lambda claim: claim.number)],
        "can_claim": can(person, Permission.CLAIM_EDIT, on=award) and can_claim,
        "why_not": "" if any(claim.state not in NOT_MADE for claim in claims) else why_not,
        "start_url": at("advance_start", award),
    }


def your_tasks(award: Award, *, now: datetime) -> list[dict[str, str]]:
    """What the company does before work starts."""
    tasks = []
    kinds = set(award.subsidy_notices.values_list("kind", flat=True))
    if award.terms.is_mfa:
        status = DONE if "confirmation" in kinds else to_do(at("subsidy", award)) if "notification" in kinds else CANNOT_YET
        tasks.append({"title": "Confirm your subsidy position", "hint": "An authorised signatory does this", **status})
    tasks.append({"title": "Accept the offer", "hint": "An authorised signatory does this", **_offer_status(award, now=now)})
    tasks.append({"title": "Bank details", "hint": "Where we pay the grant", **_bank_status(award)})
    return tasks


def _offer_status(award: Award, *, now: datetime) -> dict[str, str]:
    if award.accepted_at is not None:
        return DONE
    if award.state != "offered":
        return CANNOT_YET
    stands, _ = allowed(check_offer_stands, award, at=now)
    return to_do(at("offer", award)) if stands else {"status": "It ran out", "href": at("offer", award)}


def offer_page(award: Award, paper: AwardPaper, person: Person, *, now: datetime) -> dict[str, Any]:
    """The offer as it was made, and whether it can still be accepted, or why not."""
    stands, why_not = allowed(check_offer_stands, award, at=now)
    return {
        "award": award,
        "paper": paper,
        "is_open": award.state == "offered",
        "stands": stands,
        "why_not": why_not,
        "can_accept": can(person, Permission.AWARD_ACCEPT, on=award),
    }


def _bank_status(award: Award) -> dict[str, str]:
    account = award.company.bank_accounts.exclude(state="superseded").order_by("-pk").first()
    href = at("bank", award)
    if account is None:
        return to_do(href)
    return {**DONE, "href": href} if account.state == "verified" else {**WAITS_FOR_US, "href": href}


def our_tasks(award: Award) -> list[dict[str, str]]:
    """What we do before work starts, so that the company sees what it waits for."""
    checks = award.checks.aggregate(total=Count("pk"), done=Count("pk", filter=Q(result="passed")))
    kinds = set(award.subsidy_notices.values_list("kind", flat=True))
    is_checked = checks["done"] == checks["total"]
    tasks = [{"title": "Checks on the company and its project", **(DONE if is_checked else WAITS_FOR_US)}]
    if award.terms.is_mfa:
        tasks.append({"title": "Subsidy notification", **(DONE if "notification" in kinds else WAITS_FOR_US)})
    tasks.append({"title": "Make the offer", **(DONE if award.offered_at else CANNOT_YET if not is_checked else WAITS_FOR_US)})
    is_verified = award.company.bank_accounts.filter(state="verified").exists()
    entered = award.company.bank_accounts.exclude(state="superseded").exists()
    tasks.append({"title": "Verify the bank details", **(DONE if is_verified else WAITS_FOR_US if entered else CANNOT_YET)})
    if award.conditions:
        tasks.append({"title": "Conditions", "hint": award.conditions, **(DONE if award.conditions_met_at else WAITS_FOR_US)})
    return tasks


def milestones(award: Award, person: Person, *, now: datetime) -> list[dict[str, Any]]:
    """The milestones, each with its claims and whether one can be started, or why not yet."""
    may = can(person, Permission.CLAIM_EDIT, on=award)
    prefetch_related_objects([award], "claims")
    found = []
    for milestone in award.milestones.order_by("number").prefetch_related("claims"):
        claims = sorted(milestone.claims.all(), key=lambda claim: claim.number)
        can_claim, why_not = allowed(check_can_be_claimed, milestone, at=now)
        is_said = milestone.state in CLAIMABLE and award.state == "live" and not any(claim.state in OPEN for claim in claims)
        found.append({
            "milestone": milestone,
            "due": in_words(milestone.due_on),
            "cap": f"{'' if award.terms.pays_outcomes else 'up to '}{pounds(milestone.cap_pence)}",
            "claims": [_claim_row(award, claim) for claim in claims],
            "can_claim": may and can_claim,
            "why_not": why_not if is_said else "",
            "start_url": at("claim_start", award, milestone.number),
        })  # fmt: skip
    return found


def _claim_row(award: Award, claim: Claim) -> dict[str, Any]:
    amount = claim.approved_pence + claim.offset_pence if claim.state in COUNTED else claim.claimed_pence
    before = f", {pounds(claim.offset_pence)} of it paid in advance" if claim.offset_pence else ""
    return {
        "title": f"Claim {claim.number}",
        "href": at("claim", award, claim.number),
        "status": claim.state_now.public,
        "tone": "waiting" if claim.state_now.owner == "applicant" else "active" if claim.state_now.owner else "neutral",
        "hint": f"{pounds(amount)}{before}" if amount else "",
    }


def reports(award: Award) -> list[dict[str, Any]]:
    """The reports the company owes, as tasks."""
    rows = award.outcome_reports.order_by("due_on", "pk")
    return [
        {
            "title": report.name,
            "href": at("report", award, report.pk),
            "hint": f"Due by {in_words(report.due_on)}",
            "status": report.state_now.public,
            "tone": "waiting" if report.state_now.owner == "applicant" else "active",
        }
        for report in rows
    ]


def papers(award: Award) -> list[list[Any]]:
    """Everything frozen: what it is, when, and its fingerprint."""
    rows = [(paper.get_kind_display(), paper.made_at, paper.sha256, paper.kind) for paper in award.papers.order_by("pk")]
    rows += [(notice.get_kind_display(), notice.made_at, notice.sha256, notice.kind) for notice in award.subsidy_notices.order_by("pk")]
    return [
        [{"text": title, "href": at("paper", award, kind)}, moment_in_words(made), {"text": digest[:16], "hint": "SHA-256 begins"}]
        for title, made, digest, kind in sorted(rows, key=lambda row: row[1])
    ]


def payments(award: Award) -> list[list[Any]]:
    """What reached the company's account, each with its remittance advice once that is written."""
    advised = PaymentAdvice.objects.filter(payment__award=award).values_list("reference", flat=True)
    booked = Max("statement_lines__booked_on", filter=Q(statement_lines__outcome="settled"))
    rows = award.payments.filter(state="settled").annotate(booked=booked).select_related("claim").order_by("settled_at", "pk")
    links = {reference: {"text": f"{reference} (PDF)", "href": at("advice", award, reference)} for reference in advised}
    return [
        [
            in_words(payment.booked or payment.settled_at),
            f"{payment.get_kind_display()}, claim {payment.claim.number}" if payment.claim else payment.get_kind_display(),
            pounds_exact(payment.amount_pence),
            links.get(payment.end_to_end, "–"),
        ]
        for payment in rows
    ]


def troubles(award: Award) -> list[str]:
    """Payments that did not reach the company's account, and what it can do."""
    rows = award.payments.filter(state__in=("failed", "returned")).order_by("pk")
    return [
        f"Our payment of {pounds_exact(payment.amount_pence)} "
        f"{'was sent back by your bank' if payment.state == 'returned' else 'could not be made'}. "
        "Look at your bank details below and change them if they are wrong. We ring you before we pay it again."
        for payment in rows
    ]


def bank_cards(award: Award) -> list[dict[str, Any]]:
    """The company's accounts that count, as cards."""
    accounts = award.company.bank_accounts.exclude(state="superseded").order_by("-pk")
    return [
        {
            "title": f"Account ending {account.last4}",
            "rows": [("Name", account.name), ("Entered", moment_in_words(account.entered_at)), ("State", account.state_now.public)],
        }
        for account in accounts
    ]


def report_page(report: OutcomeReport, person: Person) -> dict[str, Any]:
    """A report as its company sees it."""
    return {
        "report": report,
        "award": report.award,
        "rows": report_rows(report),
        "due": in_words(report.due_on),
        "can_submit": report.state in ("due", "overdue", "returned") and can(person, Permission.REPORT_SUBMIT, on=report),
    }


def report_rows(report: OutcomeReport) -> list[tuple[str, str]]:
    """What was reported."""
    if not report.values:
        return []
    rows = [(indicator.title, f"{report.values.get(indicator.id, '–')} {indicator.unit}") for indicator in report.indicators()]
    return [*rows, ("What came of the work", report.narrative)]
