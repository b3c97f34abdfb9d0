"""What a decision rests on, and what of it has changed since."""

import hashlib
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

import rfc8785
from django.db.models import OuterRef, QuerySet, Subquery
from django.db.models.functions import JSONObject

from applications.models import Application
from assessments import policies
from assessments.models import AgendaItem, Assessment, Decision
from assessments.ranking import mean, one_decimal
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
    return _signed(application).first()


def _signed(application: Application | OuterRef) -> QuerySet[AgendaItem]:
    signed = AgendaItem.objects.filter(application=application, meeting__state="signed").exclude(recorded_at=None)
    return signed.order_by("-meeting__signed_at", "-pk")


PANEL = Subquery(
    _signed(OuterRef("application")).values(said=JSONObject(meeting="meeting_id", outcome="outcome", amount_pence="amount_pence"))[:1]
)
"""The same as part of a query of decisions."""


def know_panel(application: Application, said: Mapping[str, Any] | None) -> None:
    """From here on this object, which is a page's and takes no step itself, goes by this."""
    application.__dict__["_panel"] = dict(said or {})


def panel_of(application: Application) -> dict[str, Any]:
    """As part of what a decision rests on: what the last signed meeting recorded; empty where no panel has."""
    if "_panel" in application.__dict__:
        return application.__dict__["_panel"]
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
        said.append(f"The panel’s recommendation was {_recommended(before.get('panel', {}))} and is {_recommended(now['panel'])} now.")
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


Votes = Mapping[int, Mapping[str, Any]]


def _votes(before: Votes, now: Votes) -> list[str]:
    """Whose score no longer counts and why, whose counts now, what was corrected, and what became of the mean."""
    if before == now:
        return []
    reviews = {one.pk: one for one in Assessment.objects.filter(pk__in={*before, *now}).select_related("assessor")}
    said = [
        f"{_whose(reviews[key])} score of {_total(before[key])} no longer counts{_why(reviews[key])}." for key in before if key not in now
    ]
    said += [f"{_whose(reviews[key])} score of {_total(now[key])} counts now." for key in now if key not in before]
    for key in sorted(before.keys() & now.keys()):
        was, has = before[key], now[key]
        if was["total"] != has["total"]:
            said.append(f"{_whose(reviews[key])} score was {_total(was)} and is {_total(has)} now.")
        for answer, words in ANSWERS.items():
            if was[answer] != has[answer]:
                said.append(f"{_whose(reviews[key])} answer to “{words}” was {YES[was[answer]]} and is {YES[has[answer]]} now.")
    means = [_mean(votes) for votes in (before, now)]
    if means[0] != means[1]:
        said.append(f"The mean was {means[0]} and is {means[1]} now." if now else f"The mean was {means[0]}; no score counts now.")
    return said


ANSWERS = {"in_scope": "in scope", "suitable": "suitable for funding"}
YES = {True: "yes", False: "no", None: "not given"}
WHY = {
    "conflicted": "a conflict of interest",
    "returned": "it went back for correction",
    "set_aside": "it was set aside after an appeal",
    "submitted": "it was left out in moderation",
}
"""Why a score no longer counts, by the state that its review is in now."""


def _why(review: Assessment) -> str:
    why = WHY.get(review.state, "")
    if review.state == Assessment.State.SUBMITTED and review.application.conflicts.barring().filter(person=review.assessor_id).exists():
        why = WHY["conflicted"]
    return f": {why}" if why else ""


def _whose(review: Assessment) -> str:
    return f"{review.assessor.name}’s"


def _total(vote: Mapping[str, Any]) -> str:
    return one_decimal(Fraction(*vote["total"]))


def _mean(votes: Votes) -> str:
    return one_decimal(mean([Fraction(*vote["total"]) for vote in votes.values()])) if votes else "none"


def _recommended(panel: Mapping[str, Any]) -> str:
    """“Fund, with £10,000”, as the panel had it."""
    if not panel:
        return "none"
    outcome = AgendaItem.Outcome(panel["outcome"]).label
    return f"“{outcome}”" + (f" with {format_pence(panel['amount_pence'])}" if panel["amount_pence"] else "")
