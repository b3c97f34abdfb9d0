"""What a decision rests on, and what of it has changed since."""

import hashlib
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

import rfc8785

from applications.models import Application
from assessments import policies
from assessments.models import AgendaItem, Decision
from assessments.ranking import one_decimal
from grants.money import format_pence

Basis = Mapping[str, Any]


def of(application: Application) -> dict[str, Any]:
    """The counted reviews with their exact totals and answers, and the amount asked for."""
    votes = [review.as_vote() for review in policies.counting(application)]
    return {
        "votes": [
            {"assessment": vote.assessment, "total": [vote.total.numerator, vote.total.denominator],
             "in_scope": vote.in_scope, "suitable": vote.suitable}
            for vote in votes
        ],
        "panel": panel_of(application),
        "grant_requested_pence": application.grant_requested_pence,
        "version": application.version.sha256,
    }  # fmt: skip


def recorded(application: Application) -> AgendaItem | None:
    """What the last signed meeting made of it; None where no panel has."""
    signed = AgendaItem.objects.filter(application=application, meeting__state="signed").exclude(recorded_at=None)
    return signed.order_by("-meeting__signed_at", "-pk").first()


def panel_of(application: Application) -> dict[str, Any]:
    """As part of what a decision rests on: what the last signed meeting recorded; empty where no panel has."""
    item = recorded(application)
    return {"meeting": item.meeting_id, "outcome": item.outcome, "amount_pence": item.amount_pence} if item else {}


def digest(basis: Basis) -> str:
    return hashlib.sha256(rfc8785.dumps(dict(basis))).hexdigest()


def changes(before: Basis, now: Basis) -> list[str]:
    """What is different, in sentences fit for officers; empty when nothing is."""
    said = _votes({vote["assessment"]: vote for vote in before["votes"]}, {vote["assessment"]: vote for vote in now["votes"]})
    if before["grant_requested_pence"] != now["grant_requested_pence"]:
        asked = [format_pence(one["grant_requested_pence"]) for one in (before, now)]
        said.append(f"The amount asked for was {asked[0]} and is {asked[1]} now.")
    if before.get("panel", {}) != now["panel"]:
        said.append("The panel has recorded something else since.")
    if before["version"] != now["version"]:
        said.append("The application stands under another version of the programme now.")
    if not said and digest(before) != digest(now):
        said.append("What the decision rests on is recorded differently now.")
    return said


def since(decision: Decision, application: Application) -> list[str]:
    """Why a proposal or decision no longer stands: scores, amount, or a conflict of interest of whoever had a hand in it."""
    said = changes(decision.basis, of(application))
    did_what = {decision.proposed_by_id: "proposed it", decision.agreed_by_id: "agreed to it", decision.decided_by_id: "decided it"}
    people = [person for person in did_what if person is not None]
    barring = [one for one in application.conflicts.all() if one.is_barring and one.person_id in people]
    for conflict in sorted(barring, key=lambda one: one.pk):
        did = did_what[conflict.person_id]
        said.append(f"A conflict of interest of {conflict.person}, who {did}, is confirmed.")
    return said


def _votes(before: Mapping[int, Any], now: Mapping[int, Any]) -> list[str]:
    gone, new = len(before.keys() - now.keys()), len(now.keys() - before.keys())
    said = []
    if gone:
        said.append("One score no longer counts." if gone == 1 else f"{gone} scores no longer count.")
    if new:
        said.append("One more score counts." if new == 1 else f"{new} more scores count.")
    for key in sorted(before.keys() & now.keys()):
        totals = [one_decimal(Fraction(*one[key]["total"])) for one in (before, now)]
        if before[key]["total"] != now[key]["total"]:
            said.append(f"A score of {totals[0]} was corrected to {totals[1]}.")
        elif before[key] != now[key]:
            said.append("An assessor changed a recommendation.")
    return said
