"""The papers an award rests on, written once and frozen with their SHA-256."""

from datetime import datetime
from hashlib import sha256
from typing import TYPE_CHECKING

from django.apps import apps
from django.utils.timezone import localtime

from accounts.models import Person
from design.words import pounds
from payments.terms import advance_at_most, pays_vat
from payments.terms import milestones as plan_of

if TYPE_CHECKING:
    from payments.models import Award, AwardPaper, SubsidyNotice

ACT = "Subsidy Control Act 2022"


def freeze(award: "Award", *, kind: str, body: str, by: Person, at: datetime) -> "AwardPaper":
    """Keep a paper as it was made."""
    return apps.get_model("payments", "AwardPaper").objects.create(
        award=award, kind=kind, body=body, sha256=digest(body), made_at=at, made_by=by
    )


def digest(body: str) -> str:
    return sha256(body.encode()).hexdigest()


def offer(award: "Award") -> str:
    """The offer: how much, for what, at which rate, on which terms, until when."""
    terms = award.terms
    lines = [
        f"Offer of grant {award.reference}",
        f"Programme: {award.programme.name}",
        f"Grantee: {award.company} (company number {award.company.company_number})",
        f"Project: {award.application.title}",
        f"Grant: up to {pounds(award.amount_pence)}",
        "Basis: fixed sums for outcomes, each paid on accepted evidence of what its milestone promises; no costs are claimed"
        if terms.pays_outcomes
        else f"Rate: {award.rate_bp / 100:g}% of accepted cost",
        f"Granting authority: {terms.granting_authority}",
    ]
    if award.starts_on and award.ends_on:
        lines.append(f"Project dates: {long_date(award.starts_on)} to {long_date(award.ends_on)}")
    worth = "" if terms.pays_outcomes else "up to "
    lines += [f"Milestone {planned.number}: {planned.title}, {worth}{pounds(planned.cap_pence)}" for planned in plan_of(award)]
    if advance := advance_at_most(award):
        lines.append(
            f"Advance: up to {pounds(advance)}, {terms.advance_percent:g}% of the grant, on a claim once this offer is accepted and your "
            "bank details are verified; it is set off against the first payments, so that no more than the grant is paid"
        )
    if terms.says_vat:
        lines.append(f"VAT: {'counts as a cost, as you cannot recover it' if pays_vat(award) else 'does not count as a cost'}")
    if terms.retention_percent:
        lines.append(f"Held back until the final report is accepted: {terms.retention_percent:g}% of the grant")
    if award.conditions:
        lines.append(f"Conditions: {award.conditions}")
    if award.offer_until:
        local = localtime(award.offer_until)
        lines.append(f"This offer stands until {local:%H:%M} on {long_date(local.date())}.")
    lines += [f"Condition: {text}" for text in terms.conditions("always", "before_first_claim")]
    return "\n".join(lines)


def agreement(award: "Award", *, signed_by: Person, at: datetime) -> str:
    """The offer as it was made, with who accepted it and when."""
    offered = award.papers.get(kind="offer")
    return "\n".join([
        "Grant agreement",
        offered.body,
        f"The offer above (SHA-256 {offered.sha256}) is accepted for {award.company} by {signed_by.name}, authorised signatory, "
        f"on {long_date(localtime(at).date())} at {localtime(at):%H:%M}.",
    ])  # fmt: skip


def notification(award: "Award", *, at: datetime) -> str:
    """What section 37(2) of the Act asks: that Minimal Financial Assistance is proposed, its gross value, and a request to confirm."""
    from applications.subsidies import limit_pence

    return "\n".join([
        f"Notification of Minimal Financial Assistance, {award.reference}",
        f"To {award.company}:",
        f"{award.terms.granting_authority} proposes to give you a subsidy as Minimal Financial Assistance under section 36 of the {ACT}.",
        f"Its gross value is {pounds(award.amount_pence)}.",
        "Please confirm in writing that, with this subsidy, the Minimal Financial Assistance and other assistance that counts towards the "
        "limit, given to your enterprise (with any group it belongs to) in this and the two financial years before, is not more than "
        f"{pounds(limit_pence(localtime(at).date()))}.",
    ])  # fmt: skip


def confirmation(award: "Award", *, signed_by: Person, other_pence: int, at: datetime) -> str:
    """The company's written answer, with the assistance from others that it counted and what came from us before."""
    from applications.subsidies import ours_pence

    ours = ours_pence(award.company, localtime(at).date())
    before = f"with {pounds(ours)} that came through this service before and " if ours else "with "
    return "\n".join([
        f"Confirmation for {award.reference}",
        f"For {award.company}, {signed_by.name} confirms that assistance from others counting towards the limit, given to its enterprise "
        f"(with any group it belongs to) in this and the two financial years before, comes to {pounds(other_pence)}, and that {before}"
        f"{pounds(award.amount_pence)} of this grant the limit in section 36(1) of the {ACT} is not exceeded.",
        f"Given on {long_date(localtime(at).date())}.",
    ])  # fmt: skip


def give(award: "Award", *, by: Person, at: datetime) -> "SubsidyNotice | None":
    """The giving letter (section 37(4)): the subsidy is given as Minimal Financial Assistance, its date and gross value."""
    if not award.terms.is_mfa:
        return None
    given_on = localtime(at).date()
    body = "\n".join([
        f"Confirmation of Minimal Financial Assistance, {award.reference}",
        f"To {award.company}:",
        f"{award.terms.granting_authority} confirms that a subsidy of {pounds(award.amount_pence)} is given to you as Minimal Financial "
        f"Assistance under section 36 of the {ACT}, on {long_date(given_on)}.",
        "Keep this letter, with the date and the amount, for at least three years.",
    ])  # fmt: skip
    return notice(award, kind="giving", body=body, by=by, at=at)


def notice(award: "Award", *, kind: str, body: str, other_pence: int = 0, by: Person, at: datetime) -> "SubsidyNotice":
    """Keep one of the three subsidy papers."""
    return apps.get_model("payments", "SubsidyNotice").objects.create(
        award=award,
        kind=kind,
        amount_pence=award.amount_pence,
        other_pence=other_pence,
        dated_on=localtime(at).date(),
        body=body,
        sha256=digest(body),
        made_at=at,
        made_by=by,
    )


def long_date(day: object) -> str:
    return f"{day:%-d %B %Y}"
