"""What must hold before a step of assessment may be taken. Each check raises a refusal with the sentence for the person."""

from datetime import datetime
from typing import TYPE_CHECKING

from accounts.models import Person
from accounts.refusals import Denied, NotAllowedNow, Refused
from accounts.roles import Permission
from assessments.scheme import scheme_of
from workflow import guards

if TYPE_CHECKING:
    from applications.models import Application
    from assessments.models import Assessment, Decision, Moderation

COMMENT_MIN = 20
COMMENT_MAX = 4000
READS = (Permission.ASSESSMENT_MODERATE, Permission.PANEL_RANK, Permission.AUDIT_VIEW)
"""Any of these, held on a programme, opens the staff side of assessment there."""


def check_is_their_own(assessment: "Assessment", by: Person) -> None:
    """A review is its assessor's alone, whoever else assesses for the programme."""
    if assessment.assessor_id != by.pk:
        raise Denied("This review belongs to another assessor.", code="not_your_review")


def check_is_disinterested(application: "Application", by: Person) -> None:
    """Nobody with a confirmed conflict of interest allocates, moderates, proposes or decides; nor does anybody who assesses it."""
    if application.conflicts.barring().filter(person=by).exists():
        raise Denied("A conflict of interest is recorded between you and this application.", code="conflict")
    if application.assessments.live().filter(assessor=by).exists():
        raise Denied("You assess this application, so somebody else must do this.", code="own_review")


def check_being_assessed(assessment: "Assessment", *, at: datetime) -> None:
    """Invitations are open from allocation until the scores are settled."""
    if assessment.application.state not in ("eligible", "assessing", "moderating"):
        raise NotAllowedNow("This application is no longer being assessed.", code="assessing_over")


def check_open_for_scores(assessment: "Assessment", *, at: datetime) -> None:
    """Scores are given and corrected while the application is with assessors or in moderation."""
    if assessment.application.state not in ("assessing", "moderating"):
        raise NotAllowedNow("Scoring of this application is over.", code="scoring_over")


def check_no_conflict(assessment: "Assessment", *, at: datetime) -> None:
    """Nobody with a confirmed conflict of interest opens or scores an application."""
    if assessment.application.conflicts.barring().filter(person=assessment.assessor_id).exists():
        raise Denied("A conflict of interest is recorded between you and this application.", code="conflict")


def check_review_is_complete(assessment: "Assessment", *, at: datetime) -> None:
    """Every criterion has marks and a comment, and the three closing questions are answered; all that is missing is named at once."""
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
    """Assessment begins when as many assessors hold an invitation as the programme asks for."""
    wanted = scheme_of(application.version).assessors
    have = application.assessments.live().count()
    if have < wanted:
        raise NotAllowedNow(f"{have} of {wanted} assessors are allocated.", code="too_few_assessors", have=have, wanted=wanted)


@guards.register("assessments.all_in")
def check_all_in(application: "Application", *, at: datetime) -> None:
    """Every live review is submitted, and enough of them count."""
    waiting = application.assessments.live().exclude(state="submitted").count()
    if waiting:
        raise NotAllowedNow(f"{waiting} of the reviews are not in yet.", code="reviews_waiting", waiting=waiting)
    wanted = scheme_of(application.version).assessors
    have = application.assessments.filter(state="submitted").count()
    if have < wanted:
        raise NotAllowedNow(f"{have} of {wanted} reviews are in.", code="too_few_reviews", have=have, wanted=wanted)


@guards.register("assessments.moderation_done")
def check_moderation_done(application: "Application", *, at: datetime) -> None:
    """Nothing is decided while a review is out or something about the scores is still to be settled."""
    if application.state == "reserve":
        return
    check_all_in(application, at=at)
    extras = application.moderations.filter(state="extra_assessor").count()
    asked = application.assessments.live().count() - scheme_of(application.version).assessors
    if asked < extras:
        raise NotAllowedNow("The extra assessor that was asked for is not invited yet.", code="extra_not_invited")
    unsettled = application.moderations.unsettled().count()
    if unsettled:
        raise NotAllowedNow(f"{unsettled} moderation items are still to be settled.", code="moderation_open", unsettled=unsettled)


def check_still_rests_on(decision: "Decision", basis_sha256: str) -> None:
    """A proposal is agreed only on the scores and the request it was made on."""
    if decision.basis_sha256 != basis_sha256:
        raise NotAllowedNow(
            "The scores or the request have changed since this was proposed. Send it back to have it proposed again.", code="basis_changed"
        )


@guards.register("assessments.within_budget")
def check_within_budget(application: "Application", *, at: datetime) -> None:
    """Approvals stay within the round's budget, also when the funder cut it after the proposal."""
    from assessments.models import Decision

    budget = application.round.budget
    planned = Decision.objects.planned_pence(application.round)
    if planned > budget.amount_pence:
        raise NotAllowedNow("Proposals and approvals in this round add up to more than its budget.", code="budget_short")


@guards.register("assessments.is_proposed_here")
def check_is_proposed_here(application: "Application", *, at: datetime) -> None:
    """What is decided is a proposal on file, with its amount and its reason."""
    decision = application.decisions.standing().first()
    if decision is None or decision.outcome != application.proposed_outcome or decision.amount_pence != application.proposed_amount_pence:
        raise NotAllowedNow("There is no proposal on file that says this.", code="nothing_proposed")
