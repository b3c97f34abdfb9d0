"""From eligible applications to decisions that the companies are told."""

from datetime import datetime, timedelta
from random import Random

from accounts.refusals import Refusal
from applications.models import Application
from assessments import agenda, amounts, standings
from assessments.actions import allocation, at_once, decisions, feedback, meetings, moderation, reviews
from assessments.actions.reviews import Content
from assessments.models import AgendaItem, Assessment, Moderation
from assessments.scheme import scheme_of
from grants.actions import rounds
from grants.models import Round
from reporting.demo.applying import Applicant
from reporting.demo.stage import Stage

COMMENTS = (
    "The problem is described from first-hand knowledge and in figures that can be checked.",
    "The comparison with today's practice is fair, and the rights are clear.",
    "The plan is believable for this team; recruitment is the risk, and it is seen.",
    "Who would buy it and what they must see first is said, though not yet by whom it was promised.",
    "Costs are in proportion, and little of this would happen without the grant.",
)


def assess(stage: Stage, applicants: list[Applicant]) -> None:
    """Allocate, declare conflicts, score, moderate, so that every application awaits a decision."""
    plans = {applicant.application.pk: applicant.record.plan for applicant in applicants}
    stage.all_taken(at_once.allocate_round(round=stage.round, by=stage.officer, at=stage.clock.wait(days=1)))
    _declare_a_conflict(stage, plans)
    score(stage, plans)
    stage.all_taken(moderation.begin_round(round=stage.round, by=stage.officer, at=stage.clock.wait(days=1)))
    _moderate(stage, plans)
    for kind in ("panel", "interview"):
        _meet(stage, kind)


def _declare_a_conflict(stage: Stage, plans: dict[int, str]) -> None:
    """The first assessor of one fictional company declares a conflict; somebody else is found."""
    asked = Assessment.objects.filter(application__round=stage.round, application__in=[pk for pk, plan in plans.items() if plan == "split"])
    first = asked.select_related("application", "assessor", "case").order_by("pk").first()
    if first is None:
        return
    at = stage.clock.wait(hours=2)
    reviews.declare_conflict(assessment=first, reason="I advised this company on its first trial.", by=first.assessor, at=at)
    _fill_places(stage, first.application, at)


def _fill_places(stage: Stage, application: Application, at: datetime) -> None:
    fresh = Application.objects.for_pages().get(pk=application.pk)
    found = [candidate.person for candidate in allocation.suggest(application=fresh, at=at)]
    if found:
        allocation.allocate(application=fresh, assessors=found, by=stage.officer, at=at)


def score(stage: Stage, plans: dict[int, str]) -> None:
    """Every assessor invited to one of these applications declares that there is no conflict, reads and scores."""
    open_ones = Assessment.objects.filter(application__in=plans, state=Assessment.State.INVITED)
    at = stage.clock.wait(days=2)
    by_application: dict[int, int] = {}
    for assessment in open_ones.select_related("application__version", "assessor", "case").order_by("application_id", "pk"):
        place = by_application[assessment.application_id] = by_application.get(assessment.application_id, -1) + 1
        with stage.noting(assessment):
            accepted = reviews.accept(assessment=assessment, by=assessment.assessor, at=at)
            content = _content(assessment, plans.get(assessment.application_id, "plain"), place)
            reviews.submit(assessment=accepted, content=content, by=assessment.assessor, at=at)
        if place == 0:
            stage.step(1)


def _content(assessment: Assessment, plan: str, place: int) -> Content:
    """Marks that say what the plan wants: good for most, low for a weak application, one outlier where the assessors split."""
    random = Random(assessment.application_id * 31 + place)  # noqa: S311 -- sample data, not secrets
    criteria = scheme_of(assessment.application.version).criteria
    level = 8 if plan != "weak" else 4
    if plan == "split" and place == 0:
        level = 3
    spread = 1 if assessment.application_id % 3 else 0
    marks = {c.id: max(0, min(c.maximum, (level + random.randint(-spread, 1)) * c.maximum // 10)) for c in criteria}
    return Content(
        marks=marks,
        comments={c.id: COMMENTS[(number + place) % len(COMMENTS)] for number, c in enumerate(criteria)},
        closing={"in_scope": True, "suitable": level > 4, "overall_comment": COMMENTS[(assessment.application_id + place) % len(COMMENTS)]},
    )


def _moderate(stage: Stage, plans: dict[int, str]) -> None:
    """Settle what the scores raised until every application has gone on: keep, exclude by two people, find another assessor."""
    waiting: dict[Application, str] = {}
    for _ in range(4):
        at = stage.clock.wait(days=1)
        for item in Moderation.objects.filter(application__round=stage.round, state=Moderation.State.OPEN).select_related(
            "application", "assessment"
        ):
            if Moderation.objects.get(pk=item.pk).state != Moderation.State.OPEN:
                continue  # what was settled before it closed it too
            with stage.noting(item):
                _settle(stage, item, plans.get(item.application_id, "plain"), at)
        stage.clock.wait(hours=1)
        score(stage, plans)
        outcomes = list(moderation.finish_round(round=stage.round, by=stage.officer, at=stage.clock.wait(hours=1)))
        waiting = {record: refusal.sentence for record, refusal in outcomes if refusal is not None}
        if not waiting and not Application.objects.filter(round=stage.round, state=Application.State.MODERATING).exists():
            return
        for application in waiting:
            with stage.noting(application):
                _fill_places(stage, application, stage.clock.now)
    stage.refusals += [f"{application} is still in moderation: {why}" for application, why in waiting.items()]


def _settle(stage: Stage, item: Moderation, plan: str, at: datetime) -> None:
    """Exclude the one review that stands out where the plan has one, by officer and chair; keep everything else."""
    if plan == "split" and item.trigger == "outlier" and item.assessment_id == _lowest(item.application):
        reason = "The marks are not supported by the comments, which are as favourable as the others'."
        proposed = moderation.resolve(moderation=item, outcome="exclude", reason=reason, by=stage.officer, at=at)
        moderation.resolve(moderation=proposed, outcome="exclude", reason="Agreed after reading the review.", by=stage.chair, at=at)
        reason = "The other two reviews agree closely, and another would not change the outcome."
        if scheme_of(item.application.version).may_rest_on < scheme_of(item.application.version).assessors:
            moderation.allow_fewer(application=item.application, reason=reason, by=stage.officer, at=at)
    else:
        reason = "The comments support the marks; the assessors read the same text differently."
        moderation.resolve(moderation=item, outcome="keep", reason=reason, by=stage.officer, at=at)


def _lowest(application: Application) -> int | None:
    """The review with the lowest total of those that count."""
    votes = [vote for found in standings.votes([application]).values() for vote in found]
    return min(votes, key=lambda vote: vote.total).assessment if votes else None


def _meet(stage: Stage, kind: str) -> None:
    """The panel meets about what waits for it, records what order and budget suggest, the chair signs, the officer sends on."""
    if not Application.objects.filter(round=stage.round, state=kind).exists():
        return
    held_at = stage.clock.wait(days=2)
    called = meetings.plan(
        round=stage.round,
        kind=kind,
        held_at=held_at,
        place="Online",
        members=[stage.chair, stage.panel_member],
        by=stage.officer,
        at=held_at,
    )
    if kind == "interview":
        for number, item in enumerate(called.items.select_related("meeting__round", "application__company").order_by("place")):
            meetings.set_slot(item=item, starts_at=held_at + timedelta(minutes=30 * number), by=stage.officer, at=held_at)
    opened = meetings.open_meeting(meeting=called, by=stage.chair, at=stage.clock.wait(hours=1))
    for item_id in opened.items.order_by("place").values_list("pk", flat=True):
        wanted = agenda.suggested(opened)[item_id]
        meetings.record(item=AgendaItem.objects.get(pk=item_id), outcome=wanted, by=stage.chair, at=stage.clock.now)
    minuted = meetings.minute(
        meeting=opened, minutes="The panel agreed with the order of the scores.", by=stage.officer, at=stage.clock.now
    )
    signed = meetings.sign(meeting=minuted, by=stage.chair, at=stage.clock.wait(hours=1))
    stage.all_taken(iter(meetings.send_on(meeting=signed, by=stage.officer, at=stage.clock.now)))


def decide(stage: Stage, applicants: list[Applicant]) -> None:
    """The officer proposes by the budget line, the lead decides, the officer tells the companies, the round is announced."""
    stage.all_taken(decisions.propose_round(round=stage.round, by=stage.officer, at=stage.clock.wait(days=2)))
    _agree(stage)
    stage.all_taken(decisions.decide_round(round=stage.round, by=stage.lead, at=stage.clock.wait(days=2)))
    stage.all_taken(decisions.notify_round(round=stage.round, by=stage.officer, at=stage.clock.wait(days=1)))
    _give_feedback(stage)
    round = Round.objects.get(pk=stage.round.pk)
    try:
        round = rounds.decide(round=round, by=stage.lead, at=stage.clock.now)
        rounds.announce(round=round, by=stage.officer, at=stage.clock.wait(hours=1))
    except Refusal as refusal:
        stage.refusals.append(f"{round}: {refusal.sentence}")
    stage.step(len(applicants))


def _give_feedback(stage: Stage) -> None:
    """The officer reads every letter and releases them."""
    at = stage.clock.wait(hours=4)
    for application in Application.objects.for_pages().filter(pk__in=feedback.owed(stage.round).values("pk")).order_by("pk"):
        with stage.noting(application):
            feedback.check(application=application, by=stage.officer, at=at)
    stage.all_taken(feedback.release_round(round=stage.round, by=stage.officer, at=stage.clock.wait(hours=1)))


def _agree(stage: Stage) -> None:
    """The panel's chair agrees to the large grants, where the programme asks for it."""
    at = stage.clock.wait(days=1)
    for application in Application.objects.for_pages().filter(round=stage.round, state=Application.State.PROPOSED).order_by("pk"):
        if amounts.asked_of(application) is not None:
            decisions.agree(application=application, by=stage.chair, at=at)
