"""What must hold before a step of assessment may be taken. Each check raises a refusal with the sentence for the person."""

from datetime import datetime
from typing import TYPE_CHECKING

from django.db.models import Exists, OuterRef, Q, prefetch_related_objects

from accounts.models import Person
from accounts.refusals import Denied, NotAllowedNow, Refused
from accounts.roles import Permission
from assessments import stages
from assessments.scheme import scheme_of
from workflow import guards
from workflow.models import StepTaken

if TYPE_CHECKING:
    from applications.models import Appeal, Application
    from assessments.models import Assessment, Decision, Meeting, Moderation

COMMENT_MIN = 20
QUORUM = 2
"""Members of a panel, at least, who are in the room for an item."""
COMMENT_MAX = 4000
SCORING = ("eligible", "assessing", "moderating")
"""States of an application in which assessors can be asked and scores given."""
READS = (Permission.ASSESSMENT_MODERATE, Permission.PANEL_RANK, Permission.DECISION_AGREE, Permission.AUDIT_VIEW)
"""Any of these, held on a programme, opens the staff side of assessment there."""


def check_is_their_own(assessment: "Assessment", by: Person) -> None:
    """A review is its assessor's alone, whoever else assesses for the programme."""
    if assessment.assessor_id != by.pk:
        raise Denied("This review belongs to another assessor.", code="not_your_review")


def places_taken(application: "Application") -> "list[Assessment]":
    """The reviews that take one of the application's places: in one query, or none where a page has read them already."""
    return [one for one in application.assessments.all() if one.takes_a_place]


def counting(application: "Application") -> "list[Assessment]":
    """The reviews whose score counts: read now, or as the page that asks has read them."""
    known: list[Assessment] | None = application.__dict__.get("_counting")
    return list(application.assessments.counted().order_by("pk")) if known is None else known


def know_counting(application: "Application", reviews: "list[Assessment]") -> None:
    """From here on this object, which is a page's and takes no step itself, goes by these."""
    application.__dict__["_counting"] = reviews


def know_planned(application: "Application", pence: int) -> None:
    """The same of what the standing proposals and approvals of its round add up to."""
    application.__dict__["_planned_pence"] = pence


def standing_decision(application: "Application") -> "Decision | None":
    """What was proposed or decided and has not ended since; constraints see to it that there is one at most."""
    return next((one for one in application.decisions.all() if one.ended_at is None), None)


@guards.register("assessments.is_disinterested")
def check_is_disinterested(application: "Application", *, by: Person) -> None:
    """Nobody with a conflict of interest that is confirmed, or waits to be judged, allocates, moderates, proposes or decides; nor does
    anybody who assesses it."""
    theirs = [one for one in application.conflicts.all() if one.person_id == by.pk]
    if any(one.is_barring for one in theirs):
        raise Denied("A conflict of interest is recorded between you and this application.", code="conflict")
    if any(one.is_to_judge for one in theirs):
        raise NotAllowedNow(
            "Our records suggest a possible conflict of interest between you and this application. Somebody else judges it first, under "
            "Conflicts of its round.",
            code="conflict_to_judge",
        )
    if any(one.assessor_id == by.pk for one in places_taken(application)):
        raise Denied("You assess this application, so somebody else must do this.", code="own_review")


@guards.register("assessments.sat_on_no_panel")
def check_sat_on_no_panel(appeal: "Appeal", *, by: Person) -> None:
    """An appeal is judged by somebody who was not in the room when the panel said what it made of the application."""
    here = Q(meeting__members__person=by, meeting__members__is_present=True)
    if appeal.application.agenda_items.filter(here, recorded_at__isnull=False).exclude(absences__person=by).exists():
        raise Denied("You sat on the panel that judged this application, so somebody else must do this.", code="sat_on_panel")


def check_being_assessed(assessment: "Assessment", *, at: datetime) -> None:
    """Invitations are open from allocation until the scores are settled."""
    if assessment.application.state not in SCORING:
        raise NotAllowedNow("This application is no longer being assessed.", code="assessing_over")


def check_open_for_scores(assessment: "Assessment", *, at: datetime) -> None:
    """Scores are given and corrected from the first invitation on, while other places may still be open, until moderation is over."""
    if assessment.application.state not in SCORING:
        raise NotAllowedNow("Scoring of this application is over.", code="scoring_over")


def check_no_conflict(assessment: "Assessment", *, at: datetime) -> None:
    """Nobody with a confirmed conflict of interest opens or scores an application."""
    if assessment.application.conflicts.barring().filter(person=assessment.assessor_id).exists():
        raise Denied("A conflict of interest is recorded between you and this application.", code="conflict")


def check_calibrated(assessment: "Assessment", *, at: datetime) -> None:
    """Where a round has an application that everybody scores first, that one comes first."""
    if assessment.is_calibration:
        return
    first = type(assessment).objects.filter(
        assessor=assessment.assessor_id, application__round=assessment.application.round_id, is_calibration=True,
        state__in=("invited", "accepted", "returned"),
    )  # fmt: skip
    waiting = first.select_related("application").order_by("pk").first()
    if waiting is not None:
        sentence = f"Score {waiting.application.reference} first: everybody begins with it, to see how differently they mark."
        raise NotAllowedNow(sentence, code="calibrate_first")


def check_nothing_to_judge(assessment: "Assessment", *, at: datetime) -> None:
    """What the records suggest is judged by a person before the file opens."""
    if assessment.application.conflicts.filter(person=assessment.assessor_id, status="suggested").exists():
        raise NotAllowedNow(
            "Our records suggest a possible conflict of interest between you and this application. An officer looks at it first; "
            "the application opens once they have said that it is none.",
            code="conflict_to_judge",
        )


def check_review_is_complete(assessment: "Assessment", *, at: datetime) -> None:
    """Every criterion has marks and a comment, and the three closing questions are answered; all that is missing is named at once."""
    prefetch_related_objects([assessment], "scores")  # the total and the paper are made of them too
    missing = assessment.missing()
    if missing:
        raise Refused("The review is not complete yet.", code="review_incomplete", fields=missing)


def check_names_a_score(item: "Moderation", *, at: datetime) -> None:
    """Only a score can be left out; a remark about the whole application cannot."""
    if item.assessment is None or item.assessment.state != "submitted":
        raise NotAllowedNow("This item does not point to one submitted review, so there is nothing to exclude.", code="no_score_named")


def check_being_moderated(item: "Moderation", *, at: datetime) -> None:
    """Items are settled while the application is in moderation."""
    if item.application.state != "moderating":
        raise NotAllowedNow("This application is not in moderation.", code="not_moderating")


@guards.register("assessments.enough_assessors")
def check_enough_assessors(application: "Application", *, at: datetime) -> None:
    """Assessment begins when as many assessors as the programme asks for hold an invitation, or fewer by an officer's exception."""
    wanted = scheme_of(application.version).assessors
    have = application.assessments.live().count()
    if have < wanted and not _may_rest_on(application, have):
        raise NotAllowedNow(f"{have} of {wanted} assessors are allocated.", code="too_few_assessors", have=have, wanted=wanted)


@guards.register("assessments.all_in")
def check_all_in(application: "Application", *, at: datetime) -> None:
    """Every live review is submitted, and as many as the programme asks for."""
    live = places_taken(application)
    have = sum(one.state == "submitted" for one in live)
    waiting = len(live) - have
    if waiting:
        raise NotAllowedNow(
            f"{waiting} of the reviews {'is' if waiting == 1 else 'are'} not in yet.", code="reviews_waiting", waiting=waiting
        )
    wanted = scheme_of(application.version).assessors
    if have < wanted and not _may_rest_on(application, have):
        raise NotAllowedNow(f"{have} of {wanted} reviews are in.", code="too_few_reviews", have=have, wanted=wanted)


@guards.register("assessments.enough_count")
def check_enough_count(application: "Application", *, at: datetime) -> None:
    """A decision rests on as many counted reviews as the programme asks for, or on fewer by an officer's recorded exception."""
    wanted = scheme_of(application.version).assessors
    have = len(counting(application))
    if have >= wanted or _may_rest_on(application, have):
        return
    raise NotAllowedNow(too_few(application, have), code="too_few_count", have=have, wanted=wanted)


def too_few(application: "Application", have: int) -> str:
    """Which reviews do not count and why, and what may be done about it."""
    scheme = scheme_of(application.version)
    excluded = application.moderations.filter(state="excluded").values("assessment").distinct().count()
    conflicted = application.assessments.filter(state="conflicted").exclude(submitted_at=None).count()
    why = [f"{n} {words}" for n, words in ((excluded, "excluded in moderation"), (conflicted, "void for a conflict of interest")) if n]
    said = f"Only {have} of the {scheme.assessors} reviews that the programme asks for count" + (f" ({', '.join(why)})." if why else ".")
    if scheme.may_rest_on <= have:
        return f"{said} Invite another assessor, or record why {have} suffice."
    return f"{said} Invite another assessor."


def check_may_rest_on(application: "Application", have: int) -> None:
    """The programme lets a decision rest on this many reviews with a reason."""
    scheme = scheme_of(application.version)
    if have >= scheme.assessors:
        raise NotAllowedNow("As many reviews count as the programme asks for.", code="enough_count")
    if have < scheme.may_rest_on:
        raise NotAllowedNow(
            f"{too_few(application, have)} This programme allows no exception below {scheme.may_rest_on}.", code="too_few_count"
        )


def _suffice(application: "Application") -> int:
    """How many reviews do: as many as the programme asks for, or as an officer has let suffice."""
    allowed = application.fewer_reviews.filter(ended_at=None).order_by("counted").values_list("counted", flat=True).first()
    wanted = scheme_of(application.version).assessors
    return wanted if allowed is None else min(allowed, wanted)


def _may_rest_on(application: "Application", have: int) -> bool:
    if have < scheme_of(application.version).may_rest_on:
        return False
    return application.fewer_reviews.filter(counted__lte=have, ended_at=None).exists()


@guards.register("assessments.moderation_done")
def check_moderation_done(application: "Application", *, at: datetime) -> None:
    """Nothing is decided while a review is out, too few count, or something about the scores is still to be settled."""
    if application.state in ("reserve", "on_hold"):
        return
    check_all_in(application, at=at)
    items = list(application.moderations.all())
    extras = sum(item.state == "extra_assessor" for item in items)
    if extras and len(places_taken(application)) < _suffice(application) + extras:
        raise NotAllowedNow("The extra assessor that was asked for is not invited yet.", code="extra_not_invited")
    unsettled = sum(item.state in item.UNSETTLED for item in items)
    if unsettled:
        said = "1 moderation item is" if unsettled == 1 else f"{unsettled} moderation items are"
        raise NotAllowedNow(f"{said} still to be settled.", code="moderation_open", unsettled=unsettled)
    overtaken = sum(item.is_overtaken for item in items if item.state in item.SETTLED)
    if overtaken:
        sentence = "A review has changed since it was settled in moderation. Look at the scores again and settle it afresh."
        raise NotAllowedNow(sentence, code="settlement_overtaken", overtaken=overtaken)
    check_enough_count(application, at=at)


@guards.register("assessments.panel_comes_next")
def check_panel_comes_next(application: "Application", *, at: datetime) -> None:
    """The programme has a panel."""
    if not application.version.definition.has_stage("panel"):
        raise NotAllowedNow("This programme has no panel.", code="no_such_stage")
    _check_comes_next(application, "start_panel")


@guards.register("assessments.interview_comes_next")
def check_interview_comes_next(application: "Application", *, at: datetime) -> None:
    """The programme has interviews."""
    definition = application.version.definition
    if not (definition.has_stage("interview") or definition.has_stage("demonstration")):
        raise NotAllowedNow("This programme has no interviews.", code="no_such_stage")
    _check_comes_next(application, "start_interview")


@guards.register("assessments.decision_comes_next")
def check_decision_comes_next(application: "Application", *, at: datetime) -> None:
    """Every stage of the programme that comes before the decision is passed."""
    if application.state not in ("reserve", "on_hold"):
        _check_comes_next(application, "start_deciding")


def _check_comes_next(application: "Application", step: str) -> None:
    """No stage is skipped, and none is left before its meeting's minutes are signed."""
    due = stages.step_after(application)
    if due != step:
        words = {"start_panel": "the panel", "start_interview": "the interview", "start_deciding": "the decision"}
        raise NotAllowedNow(f"In this programme {words[due]} comes next.", code="another_stage_next")
    if application.state in ("panel", "interview") and not _was_signed_here(application):
        sentence = "The panel has not recorded what it makes of this, or its chair has not signed the minutes."
        raise NotAllowedNow(sentence, code="not_signed")


def _was_signed_here(application: "Application") -> bool:
    """Whether a meeting recorded and signed it since it came to this stage."""
    came = StepTaken.objects.filter(record_type=application.record_type(), record_id=application.pk, target=application.state)
    later = came.filter(at__gt=OuterRef("meeting__signed_at"))
    signed = application.agenda_items.filter(meeting__kind=application.state, meeting__state="signed").exclude(recorded_at=None)
    return signed.filter(~Exists(later)).exists()


def check_quorum(meeting: "Meeting", *, at: datetime) -> None:
    """Enough of the panel came."""
    present = meeting.members.filter(is_present=True).count()
    if present < QUORUM:
        raise NotAllowedNow(f"{present} of the panel {'is' if present == 1 else 'are'} here; it takes {QUORUM}.", code="no_quorum")


def check_agenda_is_recorded(meeting: "Meeting", *, at: datetime) -> None:
    """Every application on the agenda that still waits has an outcome, and there are minutes."""
    open_ones = meeting.items.filter(recorded_at=None, application__state=meeting.kind).count()
    if open_ones:
        raise NotAllowedNow(f"Nothing is recorded yet for {open_ones} of the applications.", code="items_open", open=open_ones)
    if not meeting.minutes.strip():
        raise NotAllowedNow("Write the minutes of the meeting first.", code="minutes_missing")


def check_still_rests_on(decision: "Decision", application: "Application") -> None:
    """A proposal is agreed, and a decision told, only on the scores and the request it was made on, by people without an interest."""
    from assessments import basis

    changed = basis.since(decision, application)
    if changed:
        raise NotAllowedNow(
            f"This rests on something that has changed: {' '.join(changed)} Send it back to have it proposed again.", code="basis_changed"
        )


@guards.register("assessments.within_budget")
def check_within_budget(application: "Application", *, at: datetime) -> None:
    """Approvals stay within the round's budget, also when the funder cut it after the proposal."""
    from assessments.models import Decision

    budget = application.round.budget
    known: int | None = application.__dict__.get("_planned_pence")
    promised = budget.committed_pence + (Decision.objects.planned_pence(application.round) if known is None else known)
    if promised > budget.amount_pence:
        raise NotAllowedNow("Proposals, approvals and awards of this round add up to more than its budget.", code="budget_short")


@guards.register("assessments.is_proposed_here")
def check_is_proposed_here(application: "Application", *, at: datetime) -> None:
    """What is decided is a proposal on file, with its amount and its reason, and nothing it rests on has changed."""
    decision = standing_decision(application)
    if decision is None or decision.outcome != application.proposed_outcome or decision.amount_pence != application.proposed_amount_pence:
        raise NotAllowedNow("There is no proposal on file that says this.", code="nothing_proposed")
    check_still_rests_on(decision, application)


@guards.register("assessments.is_decided_here")
def check_is_decided_here(application: "Application", *, at: datetime) -> None:
    """What the company is told is the decision on file, and nothing it rests on has changed."""
    decision = standing_decision(application)
    if decision is None or decision.decided_at is None or decision.amount_pence != application.decided_amount_pence:
        raise NotAllowedNow("There is no decision on file that says this.", code="nothing_decided")
    check_still_rests_on(decision, application)
