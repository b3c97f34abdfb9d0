"""The page of one application: its reviews, its figures, what is to be settled, what may be done."""

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from typing import Any

from django.urls import reverse

from accounts.access import can
from accounts.models import Person
from accounts.roles import Permission
from applications.models import Application
from assessments import amounts, basis, policies, ranking
from assessments.models import Assessment, Decision, Moderation
from assessments.ranking import one_decimal
from assessments.scheme import scheme_of
from design.words import in_words, moment_in_words, pounds
from workflow import guards
from workflow.engine import AvailableStep

SCORE_COLUMNS = ["Criterion", {"label": "Marks", "numeric": True}, "Reasons"]


def review_cards(assessments: Iterable[Assessment], application: Application, excluded: set[int | None]) -> list[dict[str, Any]]:
    """Every review of one application as staff see it: scores only once submitted; first those that hold a place."""
    scheme, cards = scheme_of(application.version), []
    for assessment in sorted(assessments, key=lambda one: (one.state not in Assessment.LIVE, one.pk)):
        assessment.application = application  # as it was read for the page
        cards.append(_review_card(assessment, scheme, assessment.pk in excluded))
    return cards


def excluded_from(application: Application) -> set[int | None]:
    """The reviews whose score was left out of the mean in moderation."""
    return set(application.moderations.filter(state=Moderation.State.EXCLUDED).values_list("assessment", flat=True))


def _review_card(assessment: Assessment, scheme: Any, is_excluded: bool) -> dict[str, Any]:
    shows = assessment.submitted_at is not None and assessment.state in ("submitted", "conflicted", "set_aside")
    given = assessment.given() if shows else {}
    return {
        "assessment": assessment,
        "may_return": assessment.state == "submitted" and assessment.application.state in ("assessing", "moderating"),
        "may_withdraw": assessment.state in Assessment.WAITING,
        "due": f"Due {in_words(assessment.due_at)}." if assessment.state in Assessment.WAITING else "",
        "reason": assessment.end_reason,
        "total": one_decimal(assessment.total) if shows and assessment.total is not None else "",
        "does_not_count": is_excluded or assessment.is_calibration or assessment.state != "submitted",
        "is_excluded": is_excluded,
        "scores": [
            [criterion.title, f"{given[criterion.id].marks} of {criterion.maximum}", given[criterion.id].comment]
            for criterion in scheme.criteria
            if criterion.id in given
        ],
        "first": "Scored first, as by everybody." if assessment.is_calibration else "",
        "overall": assessment.overall_comment if shows else "",
    }


def side_by_side(
    cards: Sequence[Mapping[str, Any]], application: Application, *, is_calibration: bool = False
) -> tuple[list[Any], list[list[Any]]]:
    """All submitted reviews as one table: a column for each assessor, a row for each criterion, the totals and answers below.

    What everybody scored first is a table of its own.
    """
    scored = [card for card in cards if card["scores"] and card["assessment"].is_calibration == is_calibration]
    if not scored:
        return [], []
    said = {True: "Yes", False: "No", None: ""}
    names = [{"label": card["assessment"].assessor.name, "numeric": True} for card in scored]
    marks = [{title: given for title, given, _ in card["scores"]} for card in scored]
    rows: list[list[Any]] = [
        [{"text": criterion.title, "hint": f"{criterion.weight}%"}, *(given.get(criterion.title, "") for given in marks)]
        for criterion in scheme_of(application.version).criteria
    ]
    rows.append(["Total of 100", *({"text": card["total"], "hint": "Does not count" if card["does_not_count"] else ""} for card in scored)])
    rows.append(["In scope", *(said[card["assessment"].in_scope] for card in scored)])
    rows.append(["Suitable for funding", *(said[card["assessment"].suitable] for card in scored)])
    return ["Criterion", *names], rows


def figures_card(votes: Sequence[ranking.Vote], application: Application) -> list[tuple[str, str]]:
    """Mean, spread and recommendation of one application, with the threshold beside."""
    figures = ranking.figures(votes)
    scheme = scheme_of(application.version)
    if figures is None:
        return []
    met = "Met" if figures.meets(scheme.threshold, majority_needed=scheme.majority_needed) else "Not met"
    return [
        ("Mean of totals", f"{one_decimal(figures.mean)} of 100, from {figures.votes} {'review' if figures.votes == 1 else 'reviews'}"),
        ("Spread", f"{one_decimal(figures.spread)}, from {one_decimal(figures.lowest)} to {one_decimal(figures.highest)}"),
        ("In scope", f"{figures.in_scope_yes} of {figures.votes} say yes"),
        ("Suitable for funding", f"{figures.suitable_yes} of {figures.votes} say yes"),
        (f"Threshold of {one_decimal(scheme.threshold)} and majority", met),
    ]


def outcomes(item: Moderation) -> list[tuple[str, str]]:
    """What may be done about an item now, by whoever's part it is."""
    if item.state == Moderation.State.EXCLUSION_PROPOSED:
        return [("exclude", "Confirm: leave the score out of the mean"), ("keep", "Refuse: the score stands")]
    exclude = [("exclude", "Propose to the chair to leave this score out")] if item.assessment_id else []
    return [("keep", "Keep the scores as they are"), *exclude, ("extra", "Ask for another assessor")]


SAID_OF_ITEM = {
    "kept": "Settled: the scores stand",
    "excluded": "Settled: the score is left out of the mean, and kept on file",
    "exclusion_proposed": "Proposed. The panel’s chair is told, and confirms or refuses it.",
    "extra_assessor": "Noted. Invite the further assessor now.",
}
"""What is said once an item has come to each state."""
SETTLES = {"open": Permission.ASSESSMENT_MODERATE, "exclusion_proposed": Permission.PANEL_CHAIR}
"""Whose part it is to settle an item in each state."""


def may_settle(item: Moderation, person: Person) -> bool:
    """Whether it is this person's part to settle the item as it stands."""
    return item.state in SETTLES and can(person, SETTLES[item.state], on=item)


def item_cards(items: Iterable[Moderation], person: Person, application: Application) -> list[dict[str, Any]]:
    """Moderation items of one application, with who is to act."""
    return [
        {
            "item": item,
            "about": item.assessment.assessor.name if item.assessment else "All reviews",
            "is_theirs": may_settle(item, person),
            "waits_for": f"Waits for the {item.state_now.owner}." if item.state_now.owner else "",
            "tone": "waiting" if item.state_now.owner else "neutral",
            "reasons": [reason for reason in (item.reason, item.chair_reason) if reason],
            "results": _kept_in_words(item),
            "may_look": any(can(person, need, on=application) for need in (Permission.ASSESSMENT_MODERATE, Permission.PANEL_CHAIR)),
            "href": reverse("assessments:settle", args=[application.round.reference, item.pk]),
        }
        for item in items
    ]


def reasons_of(item: Moderation) -> list[str]:
    """Who said what about an item, in the order in which they did."""
    first = item.proposed_by or item.resolved_by
    said = [(first, item.reason), (item.resolved_by, item.chair_reason)]
    return [f"{person.name if person else 'The machine'}: {reason}" for person, reason in said if reason]


def review_in_question(item: Moderation) -> dict[str, Any] | None:
    """The review that an item points at, with its scores."""
    if item.assessment is None:
        return None
    excluded = item.state == Moderation.State.EXCLUDED
    return _review_card(item.assessment, scheme_of(item.application.version), excluded)


RESULT_COLUMNS = ["", *({"label": label, "numeric": True} for label in ("Mean", "Reviews", "In scope", "Suitable for funding"))]


def both_results(item: Moderation) -> list[list[str]]:
    """Mean and recommendation, twice: with the score in question and without it, or without a further review and with it. As they were
    at the settlement, or as they stand."""
    if item.state == Moderation.State.EXTRA_ASSESSOR:
        kept = item.before_and_after()
        return _results(("Before the further review", kept.get("before")), ("With it", kept.get("after")))
    if item.assessment is None or item.assessment.submitted_at is None:
        return []
    kept = item.results or item.both_results()
    return _results(("With it", kept.get("with")), ("Without it", kept.get("without")))


RESULTS = {"with": "with it", "without": "without it", "before": "before the further review", "after": "with it"}


def _kept_in_words(item: Moderation) -> str:
    """Both means as they were kept: `Mean 66.7 with it, 80.0 without it.`"""
    if item.assessment is None and item.state != Moderation.State.EXTRA_ASSESSOR:
        return ""  # nothing that could be left out
    kept = [(item.results.get(name) or {}, words) for name, words in RESULTS.items()]
    means = [f"{one_decimal(Fraction(*figures['mean']))} {words}" for figures, words in kept if figures.get("votes")]
    return f"Mean {', '.join(means)}." if means else ""


def result_caption(item: Moderation) -> str:
    is_extra = item.state == Moderation.State.EXTRA_ASSESSOR
    return "Before the further review and with it" if is_extra else "With this score and without it"


def _results(*told: tuple[str, Mapping[str, Any] | None]) -> list[list[str]]:
    rows = []
    for name, figures in told:
        if figures and figures.get("votes"):
            yes = [f"{figures[key]} of {figures['votes']} yes" for key in ("in_scope_yes", "suitable_yes")]
            rows.append([name, one_decimal(Fraction(*figures["mean"])), figures["votes"], *yes])
    return rows


TAKE_BACK = "Take the decision back"
ACTS: tuple[tuple[str, str, str, str, bool], ...] = (
    ("assessing", "moderate", "begin", "Close scoring", False),
    ("moderating", "moderate", "finish", "Send on to the next stage", False),
    ("panel", "moderate", "back", "Back to moderation", True),
    ("interview", "moderate", "back", "Back to moderation", True),
    ("deciding", "moderate", "back", "Back to moderation", True),
    ("proposed", "decide", "agree", "Agree to the amount", False),
    ("proposed", "decide", "decide", "Decide as proposed", False),
    ("proposed", "decide", "send-back", "Send back", True),
    ("approved", "decide", "notify", "Tell the company", False),
    ("approved", "decide", "send-back", TAKE_BACK, True),
    ("reserve", "decide", "notify", "Tell the company", False),
    ("reserve", "decide", "send-back", TAKE_BACK, True),
    ("declined", "decide", "notify", "Tell the company", False),
    ("declined", "decide", "send-back", TAKE_BACK, True),
    ("on_hold", "decide", "take-from-reserve", "Take it up again", True),
)
"""State, route, act, words, whether a reason is asked for."""
STEPS = {
    "begin": ("start_moderating",),
    "finish": ("start_panel", "start_interview", "start_deciding"),
    "back": ("back_to_moderation",),
    "decide": ("approve", "put_on_reserve", "decline", "put_on_hold"),
    "agree": ("agree_amount",),
    "send-back": ("send_back",),
    "notify": ("notify",),
    "take-from-reserve": ("start_deciding",),
}
NOT_THEIRS = ("no_permission", "own_company", "already_notified", "agreement_not_asked", "agreed_already", "not_what_was_proposed")
"""Codes of refusals for which a button is left out."""
ALL_STEPS = frozenset(name for names in STEPS.values() for name in names)
DECIDES = {"approve": "approve", "reserve": "put_on_reserve", "decline": "decline", "hold": "put_on_hold"}


def is_asked_to_agree(application: Application, person: Person) -> bool:
    """Whether the programme names a part of this person's for a grant of the proposed size."""
    asked = amounts.asked_of(application)
    return asked is not None and amounts.holds_a_part(application, asked, person)


def acts(application: Application, person: Person, steps: Mapping[str, AvailableStep]) -> list[dict[str, Any]]:
    """The buttons of the page: left out where it is not this person's part, with the sentence where it cannot be done now."""
    found = []
    for state, route, act, text, needs_note in ACTS:
        names = STEPS[act] if act != "decide" else (DECIDES.get(application.proposed_outcome, ""),)
        known = [steps[name] for name in names if name in steps]
        known.sort(key=lambda one: (not one.is_allowed, one.code in ("no_such_stage", "another_stage_next")))
        step = known[0] if known else None
        if application.state != state or step is None or step.code in NOT_THEIRS:
            continue
        if act == "agree" and not is_asked_to_agree(application, person):
            continue
        href = reverse(f"assessments:{route}", args=[application.round.reference, application.reference, act])
        found.append({"href": href, "text": text, "needs_note": needs_note, "why_not": "" if step.is_allowed else step.reason})
    return found


TAKES_FEWER = ("eligible", "assessing", "moderating", "panel", "interview", "deciding")
"""States in which an officer may say that the reviews that count suffice, once nothing more is asked of an assessor."""


def fewer(application: Application, person: Person, *, have: int) -> str:
    """The sentence above the form in which an officer lets fewer reviews suffice; empty where that is not to be asked."""
    scheme, waits = scheme_of(application.version), any(one.state in one.WAITING for one in policies.places_taken(application))
    if application.state not in TAKES_FEWER or waits or not scheme.may_rest_on <= have < scheme.assessors:
        return ""
    if not can(person, Permission.ASSESSMENT_MODERATE, on=application):
        return ""
    enough, why = guards.allowed(policies.check_enough_count, application, at=application.submitted_at)
    return "" if enough else why


def ended(decisions: Iterable[Decision], application: Application) -> list[str]:
    """What no longer stands, the last first: what it was, whose, and why it ended; where a person took back the last, what of what it
    rested on is different now (where the machine did, that is why)."""
    gone = [one for one in decisions if one.ended_at is not None]
    said = [
        f"{one.get_outcome_display()}{f' with {pounds(one.amount_pence)}' if one.amount_pence else ''}, "
        f"{'decided' if one.decided_by else 'proposed'} by {one.decided_by or one.proposed_by}, ended on "
        f"{moment_in_words(one.ended_at)}. {one.end_reason}"
        for one in gone
    ]
    if gone and gone[0].ended_by and not gone[0].ended_by.is_system:
        different = basis.changes(gone[0].basis, basis.of(application))
        said[0] += f" Different now: {' '.join(different)}" if different else ""
    return said


def decision_facts(decision: Decision | None) -> list[tuple[str, str]]:
    """What stands, who proposed it and who decided."""
    if decision is None:
        return []
    facts = [("Outcome", decision.get_outcome_display())]
    if decision.amount_pence:
        facts.append(("Grant", pounds(decision.amount_pence)))
    facts += [("Reason", decision.reason), ("Rank order", "Left, for the reason given" if decision.leaves_order else "Followed")]
    if decision.application.reserve_until:
        facts.append(("Reserve list", f"Place {decision.reserve_order}, until {in_words(decision.application.reserve_until)}"))
    if decision.run:
        facts.append(("Made on", f"{decision.run.get_kind_display()}, run {decision.run_id}, inputs {decision.run.inputs_sha256[:12]}"))
    facts.append(("Proposed", f"{decision.proposed_by}, {moment_in_words(decision.proposed_at)}"))
    asked = amounts.asked_of(decision.application) if decision.decided_at is None else None
    if decision.agreed_by and decision.agreed_at:
        facts.append(("Amount agreed", f"{decision.agreed_by}, {moment_in_words(decision.agreed_at)}"))
    elif asked is not None:
        facts.append(("Amount to be agreed", amounts.in_words(asked)))
    if decision.decided_by and decision.decided_at:
        facts.append(("Decided", f"{decision.decided_by}, {moment_in_words(decision.decided_at)}"))
    return facts


def about(application: Application) -> list[tuple[str, str]]:
    """The application in brief."""
    told = moment_in_words(application.notified_at) if application.notified_at else "Not yet"
    return [
        ("Company", application.company.name),
        ("Asked for", pounds(application.grant_requested_pence)),
        ("Project cost", pounds(application.project_cost_pence)),
        ("Submitted", in_words(application.submitted_at)),
        ("Company told", told),
    ]
