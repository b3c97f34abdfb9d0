"""What a company sees of its claims, and of one line of them."""

from typing import Any

from accounts.access import can
from accounts.models import Person
from accounts.roles import Permission
from design.words import in_words, moment_in_words, pounds, pounds_exact
from payments.due import COUNTED, advance_left
from payments.models import Award, Claim, ClaimLine
from payments.presenters.company import at
from payments.terms import advance_at_most

_TOLD = ("approved", "paid", "rejected")


def claim_page(claim: Claim, person: Person) -> dict[str, Any]:
    """A claim as its company sees it."""
    award = claim.award
    lines = list(claim.lines.order_by("number").prefetch_related("evidence", "queries"))
    is_draft = claim.state == "draft"
    asked = sum(line.eligible_pence for line in lines)
    return {
        "award": award,
        "claim": claim,
        "title": "Advance" if claim.is_advance else f"Claim {claim.number}",
        "is_draft": is_draft,
        "files": list(claim.evidence.filter(removed_at=None, line=None).order_by("pk")),
        "can_attach": claim.state in ("draft", "queried") and can(person, Permission.CLAIM_EDIT, on=claim),
        "can_withdraw": claim.state in ("draft", "submitted", "queried", "returned") and can(person, Permission.CLAIM_SUBMIT, on=claim),
        "can_edit": can(person, Permission.CLAIM_EDIT, on=claim),
        "can_submit": can(person, Permission.CLAIM_SUBMIT, on=claim),
        "columns": _columns(is_draft),
        "rows": [_line_row(award, claim, line, is_draft) for line in lines],
        "total": _total(lines, is_draft),
        "figures": _figures(claim, asked),
        "evidence_asked": award.terms.evidence,
        "evidence_title": "What each cost needs" if claim.has_lines else "What shows an outcome",
        "narrative_title": "What it is for" if claim.is_advance else "What you did",
        "ineligible": award.terms.ineligible,
        "assurance": award.terms.assurance(award.amount_pence),
        "answered": [(query.question, query.answer) for query in claim.queries.exclude(answered_at=None).order_by("pk")],
        "notes": [(f"Line {line.number}, {line.supplier}", line.reason) for line in lines if line.reason and claim.state in _TOLD],
    }


def _columns(is_draft: bool) -> list[Any]:
    last = {"label": "Evidence", "numeric": True} if is_draft else {"label": "Accepted", "numeric": True}
    return ["Line", "Invoice", "Paid", "Category", {"label": "Net", "numeric": True}, {"label": "Eligible", "numeric": True}, last]


def _line_row(award: Award, claim: Claim, line: ClaimLine, is_draft: bool) -> list[Any]:
    files = sum(1 for file in line.evidence.all() if file.removed_at is None)
    last: Any = {"text": f"{files} file{'' if files == 1 else 's'}"} if files else {"tag": "None yet", "tone": "waiting"}
    if not is_draft:
        last = pounds_exact(line.accepted_pence) if claim.state in _TOLD else "–"
    return [
        {"text": f"{line.number}. {line.supplier}", "href": at("line", award, claim.number, line.number)},
        {"text": line.invoice_number, "hint": in_words(line.invoice_on)},
        in_words(line.paid_on),
        award.terms.categories.get(line.category, line.category),
        pounds_exact(line.net_pence),
        pounds_exact(line.eligible_pence),
        last,
    ]


def _total(lines: list[ClaimLine], is_draft: bool) -> list[Any]:
    last = "" if is_draft else pounds_exact(sum(line.accepted_pence for line in lines))
    return [
        "Total",
        "",
        "",
        "",
        pounds_exact(sum(line.net_pence for line in lines)),
        pounds_exact(sum(line.eligible_pence for line in lines)),
        last,
    ]


def _figures(claim: Claim, asked: int) -> list[tuple[str, str]]:
    award, milestone = claim.award, claim.milestone
    rows = [("Left of the award", pounds(award.left_pence))]
    if milestone is None:
        most = f"{pounds(advance_at_most(award))}, {award.terms.advance_percent:g}% of the grant"
        rows = [("Asked in advance", pounds(claim.asked_pence)), ("The most there is", most), *rows]
    elif claim.has_lines:
        rows = [
            ("Milestone", str(milestone)),
            ("Eligible cost in this claim", pounds(asked)),
            (f"Grant at {award.rate_bp / 100:g}%", pounds(claim.claimed_pence or claim.grant_claimed())),
            ("Left for this milestone", pounds(max(0, milestone.cap_left_pence))),
            *rows,
        ]
    else:
        worth = ("Paid when it is accepted", pounds(claim.claimed_pence or claim.grant_claimed()))
        rows = [("Milestone", str(milestone)), ("What it promises", milestone.evidence_asked), worth, *rows]
    if not claim.is_advance and (left := advance_left(award)) and claim.state not in COUNTED:
        rows.append(("Set off against the advance", f"Up to {pounds(left)}: you have it already"))
    if claim.submitted_at:
        rows.append(("Submitted", moment_in_words(claim.submitted_at)))
    if claim.state in ("approved", "paid"):
        before = f", of which {pounds(claim.offset_pence)} was paid in advance" if claim.offset_pence else ""
        rows.append(("Approved", f"{pounds(claim.approved_pence + claim.offset_pence)}{before}"))
        if claim.retained_pence:
            rows.append(("Held until the final report is accepted", pounds(claim.retained_pence)))
    if claim.return_reason:
        rows.append(("Our reason", claim.return_reason))
    return rows


def line_page(line: ClaimLine, person: Person) -> dict[str, Any]:
    """One line with its files."""
    claim = line.claim
    may = can(person, Permission.CLAIM_EDIT, on=claim)
    return {
        "award": claim.award,
        "claim": claim,
        "line": line,
        "title": f"Line {line.number}: {line.supplier}",
        "files": list(line.evidence.filter(removed_at=None).order_by("pk")),
        "is_draft": may and claim.state == "draft",
        "can_attach": may and claim.state in ("draft", "queried"),
        "cost_rows": cost_rows(line),
    }


def cost_rows(line: ClaimLine) -> list[tuple[str, str]]:
    """A line's figures, one below the other."""
    rows = [
        ("Supplier", line.supplier),
        ("Invoice", f"{line.invoice_number}, {in_words(line.invoice_on)}"),
        ("Paid", in_words(line.paid_on)),
        ("Category", line.claim.award.terms.categories.get(line.category, line.category)),
        ("For", line.description),
        ("Without VAT", pounds_exact(line.net_pence)),
        ("VAT", pounds_exact(line.vat_pence)),
        ("Gross", pounds_exact(line.gross_pence)),
        ("Eligible part", pounds_exact(line.eligible_pence)),
    ]
    return [(key, value) for key, value in rows if value]
