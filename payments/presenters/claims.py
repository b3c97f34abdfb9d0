"""What checkers and approvers see of claims."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.timezone import localdate

from accounts.access import can
from accounts.models import Person
from accounts.roles import Permission
from design.tones import tone_of
from design.words import how_long, in_words, moment_in_words, pounds, pounds_exact
from payments.due import COUNTED
from payments.models import Claim, ClaimLine, Evidence
from payments.presenters.company_claims import cost_rows
from payments.terms import advance_at_most
from workflow.engine import available_steps

QUEUE_COLUMNS = ["Claim", "Company", "Milestone", "State", {"label": "Claimed", "numeric": True}, {"label": "Waiting", "numeric": True}]
LINE_COLUMNS = ["Line", "Category", {"label": "Eligible", "numeric": True}, {"label": "Accepted", "numeric": True}, "Decision"]
OUTCOME_TONES = {"accepted": "good", "part": "waiting", "rejected": "neutral", "": "active"}


def address(claim: Claim, line: ClaimLine | None = None) -> str:
    """The page of a claim, with one of its lines open."""
    url = reverse("payments:claim", args=[claim.award.reference, claim.number])
    return f"{url}?{urlencode({'line': line.number})}" if line else url


def queue_rows(claims: Iterable[Claim], *, now: datetime) -> list[list[Any]]:
    """The claim queue, longest waiting first."""
    return [
        [
            {"text": claim.reference, "href": address(claim)},
            claim.award.company.name,
            claim.what_for,
            {"tag": claim.state_now.label, "tone": tone_of(claim.state)},
            pounds_exact(claim.claimed_pence),
            how_long(now - claim.submitted_at) if claim.state not in (*COUNTED, "rejected") else "–",
        ]
        for claim in claims
    ]


def claim_page(claim: Claim, person: Person, *, chosen: str, now: datetime) -> dict[str, Any]:
    """The split view: all lines on the left, one with its evidence and decision on the right."""
    lines = list(claim.lines.order_by("number").select_related("decided_by"))
    line = next((line for line in lines if str(line.number) == chosen), lines[0] if lines else None)
    is_checking = claim.state in ("checking", "queried") and can(person, Permission.CLAIM_CHECK, on=claim)
    return {
        "award": claim.award,
        "claim": claim,
        "title": f"Claim {claim.number}",
        "summary": _summary(claim),
        "columns": LINE_COLUMNS,
        "rows": [_row(claim, one, is_chosen=one == line) for one in lines],
        "total": ["Total", "", _sum(lines, "eligible_pence"), _sum(lines, "accepted_pence"), ""],
        "line": line,
        "line_title": f"Line {line.number}: {line.supplier}" if line else "",
        "line_rows": cost_rows(line) + _decision(line) if line else [],
        "flags": flags(line) if line else [],
        "files": [_file(file) for file in (line or claim).evidence.filter(removed_at=None, line=line).order_by("pk")],
        "asked_of_it": claim.milestone.evidence_asked if claim.milestone and not claim.has_lines else "",
        "queries": _queries(claim),
        "is_deciding": is_checking and claim.was_checked_by(person),
        "is_asking": is_checking and claim.state == "checking",
        "has_unsent": claim.state == "checking" and claim.queries.filter(answered_at=None).exists(),
        "can_recommend": claim.state == "checking" and is_checking,
        "steps": available_steps(claim, person, at=now),
        "step_url": address(claim),
        "previous": _beside(claim, lines, line, -1),
        "next": _beside(claim, lines, line, 1),
    }


def _summary(claim: Claim) -> list[tuple[str, ...]]:
    award, rate = claim.award, f"{claim.award.rate_bp / 100:g}%"
    rows: list[tuple[str, ...]] = [
        ("Company", award.company.name),
        ("Milestone", f"{claim.milestone}, {'up to ' if claim.has_lines else ''}{pounds(claim.milestone.cap_pence)}")
        if claim.milestone
        else ("Advance", f"At most {pounds(advance_at_most(award))}, {award.terms.advance_percent:g}% of the award"),
        ("Claimed", f"{pounds(claim.claimed_pence)}{f' ({rate} of {pounds(claim.eligible_pence())})' if claim.has_lines else ''}"),
        ("Submitted", f"{moment_in_words(claim.submitted_at)} by {claim.submitted_by}"),
        ("Award", f"{pounds(award.amount_pence)}, {pounds(award.approved_pence)} approved so far"),
    ]
    if claim.state in ("checking", "queried", "recommended"):
        due = claim.grant_due()
        rows.append(("Due as decided so far", f"{pounds(due.amount_pence)}: {due.reason}"))
    if claim.recommended_at and claim.recommended_by:
        met = {"met": ", milestone met", "part_met": ", milestone partly met", "not_met": ", milestone not met"}.get(
            claim.milestone_outcome, ""
        )
        rows.append(("Recommended", f"{pounds(claim.recommended_pence)} to pay, by {claim.recommended_by}{met}"))
    if claim.approved_at:
        held = f", and {pounds(claim.retained_pence)} held until the final report" if claim.retained_pence else ""
        before = f" to pay, {pounds(claim.offset_pence)} was paid in advance" if claim.offset_pence else ""
        rows.append(("Approved", f"{pounds(claim.approved_pence)}{before}{held}, by {claim.approved_by}"))
    paid_by = claim.payments.exclude(state="cancelled").order_by("pk").first()
    if paid_by:
        rows.append(("Payment", paid_by.state_now.label, reverse("payments:payment", args=[paid_by.pk]), "Open"))
    if claim.narrative:
        rows.append(("What they did", claim.narrative))
    if claim.return_reason:
        rows.append(("Our reason", claim.return_reason))
    return rows


def _row(claim: Claim, line: ClaimLine, *, is_chosen: bool) -> dict[str, Any]:
    cells = [
        {"text": f"{line.number}. {line.supplier}", "href": address(claim, line), "hint": line.invoice_number},
        claim.award.terms.categories.get(line.category, line.category),
        pounds_exact(line.eligible_pence),
        pounds_exact(line.accepted_pence) if line.outcome else "–",
        {"tag": line.get_outcome_display(), "tone": OUTCOME_TONES[line.outcome]},
    ]
    return {"cells": cells, "is_marked": is_chosen}


def _sum(lines: list[ClaimLine], column: str) -> str:
    return pounds_exact(sum(getattr(line, column) for line in lines))


def _decision(line: ClaimLine) -> list[tuple[str, str]]:
    if not line.outcome:
        return []
    said = f"{line.get_outcome_display()}: {pounds_exact(line.accepted_pence)}, by {line.decided_by}"
    return [("Decision", said), *([("Reason", line.reason)] if line.reason else [])]


def flags(line: ClaimLine) -> list[str]:
    """What a person should look at; never a refusal."""
    award, found = line.claim.award, []
    accepted_on = localdate(award.accepted_at) if award.accepted_at else None
    if accepted_on and line.invoice_on < accepted_on:
        found.append(f"The invoice is dated before the offer was accepted ({in_words(accepted_on)}).")
    if award.ends_on and line.invoice_on > award.ends_on:
        found.append(f"The invoice is dated after the project ended ({in_words(award.ends_on)}).")
    if line.paid_on < line.invoice_on:
        found.append("It was paid before it was invoiced.")
    if line.vat_pence and line.eligible_pence > line.net_pence and not award.terms.says_vat:
        found.append("The eligible part includes VAT.")
    twins = line.same_invoice_elsewhere().select_related("claim__award")[:3]
    found += [f"The same supplier and invoice number are on {twin.claim.reference}." for twin in twins]
    shared = line.evidence.filter(removed_at=None).values("sha256")
    copies = Evidence.objects.kept().filter(sha256__in=shared).exclude(line=line).select_related("claim__award")[:3]
    return found + [f"The same file is on {file.claim.reference}." for file in copies]


def _file(file: Any) -> dict[str, Any]:
    return {
        "name": file.name,
        "size": file.size,
        "href": "" if file.is_in_quarantine else reverse("payments:evidence", args=[file.pk]),
        "is_image": file.content_type.startswith("image/") and not file.is_in_quarantine,
        "scan": file,
        "sha256": file.sha256[:16],
    }


def _queries(claim: Claim) -> list[dict[str, Any]]:
    rows = claim.queries.select_related("line", "asked_by", "answered_by").order_by("-pk")
    return [
        {
            "title": f"{'Line ' + str(query.line.number) if query.line else 'The whole claim'}: {query.question}",
            "at": query.asked_at,
            "by": query.asked_by.name,
            "text": query.answer or ("Not sent yet" if claim.state == "checking" else "Waiting for the company"),
        }
        for query in rows
    ]


def _beside(claim: Claim, lines: list[ClaimLine], line: ClaimLine | None, step: int) -> str:
    place = lines.index(line) + step if line else -1
    return address(claim, lines[place]) if 0 <= place < len(lines) else ""
