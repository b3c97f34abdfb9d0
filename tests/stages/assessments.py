"""Applications brought through assessment by calling actions. People come from `tests.cast`."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from accounts.models import Person
from applications.models import Application
from assessments import agenda
from assessments.actions import allocation, at_once, decisions, draws, feedback, meetings, moderation, reviews, selections
from assessments.actions.reviews import Content
from assessments.fitting import Settings
from assessments.methods import draw as draw_methods
from assessments.models import Assessment, Decision, Draw, FeedbackLetter, Meeting, Moderation, Run
from grants.models import Round
from tests.stages import applications, grants

INVITED = grants.CLOSES + timedelta(days=1)
SCORED = INVITED + timedelta(days=5)
SETTLED = SCORED + timedelta(days=5)
DECIDED = SETTLED + timedelta(days=2)
NOTIFIED = DECIDED + timedelta(days=1)
REASONS = "Well argued, with figures from the pilot and letters from two sites."
GOOD = 8


def content(assessment: Assessment, *, marks: int | Mapping[str, int] = GOOD, suitable: bool = True, in_scope: bool = True) -> Content:
    """A complete review: the same marks for every criterion, or marks by criterion (8 where none are named)."""
    names = [criterion.id for criterion in assessment.scheme.criteria]
    given = marks if isinstance(marks, Mapping) else dict.fromkeys(names, marks)
    return Content(
        marks={name: given.get(name, GOOD) for name in names},
        comments=dict.fromkeys(names, REASONS),
        closing={"in_scope": in_scope, "suitable": suitable, "overall_comment": REASONS},
    )


def panel(cast: dict[str, Person], n: int = 3) -> list[Person]:
    """The first assessors of the cast, who have no conflict."""
    return [cast[f"assessor-{number}"] for number in range(1, n + 1)]


def invited(cast: dict[str, Person], *, application: Application | None = None, at: datetime = INVITED, **about: Any) -> list[Assessment]:
    """An application that its officer sent to three assessors, who have not answered."""
    application = application or applications.eligible(cast, **about)
    return allocation.allocate(application=application, assessors=panel(cast), by=cast["officer"], at=at)


def planned(cast: dict[str, Person], application: Application, *, base: Run | None = None, at: datetime = INVITED, **settings: Any) -> Run:
    """A plan for the open places of the application's round, worked out; nothing is sent."""
    return at_once.plan(round=application.round, settings=Settings(**settings), base=base, by=cast["officer"], at=at)


def scenario(cast: dict[str, Person], round: Round, *, at: datetime = SETTLED, **settings: Any) -> Run:
    """What the round's budget funds in the order of scores, worked out."""
    asked = selections.Settings(**{"budget_pence": round.budget.amount_pence, **settings})
    return selections.request(round=round, settings=asked, by=cast["officer"], at=at)


def drawn(cast: dict[str, Person], run: Run, *, places: int = 1, at: datetime = SETTLED) -> Draw:
    """A draw between everything in a scenario, frozen and held."""
    names = [item["reference"] for item in run.inputs["items"]]
    document, sha256 = draw_methods.freeze(round=run.round.reference, references=names, places=places)
    frozen = Draw.objects.create(
        round=run.round, run=run, frozen=document, frozen_sha256=sha256, source="drand round 1", frozen_at=at, frozen_by=cast["officer"]
    )
    return draws.draw(draw=frozen, public_value="0f", by=cast["officer"], at=at)


def accepted(cast: dict[str, Person], *, at: datetime = INVITED, **about: Any) -> list[Assessment]:
    """Three assessors declared no conflict and took it on."""
    return [reviews.accept(assessment=one, by=one.assessor, at=at) for one in invited(cast, at=at, **about)]


def submitted(
    cast: dict[str, Person], *, marks: Sequence[int | Mapping[str, int]] = (8, 8, 8), at: datetime = SCORED, **about: Any
) -> list[Assessment]:
    """Three reviews are in, with these marks."""
    suitable = about.pop("suitable", (True, True, True))
    return [
        reviews.submit(assessment=one, content=content(one, marks=given, suitable=fit), by=one.assessor, at=at)
        for one, given, fit in zip(accepted(cast, **about), marks, suitable, strict=True)
    ]


def with_panel(cast: dict[str, Person], *, at: datetime = SETTLED, **about: Any) -> Application:
    """Scored without anything to settle: it waits for the panel (or for what the programme has in its place)."""
    state = about.pop("state", "panel")
    reviews_in = submitted(cast, **about)
    application = moderation.begin(application=reviews_in[0].application, by=cast["officer"], at=at)
    assert application.state == state, [item.sentence for item in application.moderations.all()]
    return application


def meeting(cast: dict[str, Person], *applications: Application, kind: str = "panel", at: datetime = SETTLED) -> Meeting:
    """The panel's chair and a lead who sits in too are called to a meeting about these applications (all that wait, if none are named)."""
    sitting = [cast["chair"], cast["panel-member"]]
    return meetings.plan(
        round=applications[0].round, kind=kind, held_at=at, members=sitting, applications=applications, by=cast["officer"], at=at
    )


def met(cast: dict[str, Person], *applications: Application, at: datetime = SETTLED, kind: str = "panel") -> Application:
    """The panel met about these, recommended what order and budget suggest, and the chair signed; they went on. Returns the first."""
    opened = meetings.open_meeting(meeting=meeting(cast, *applications, kind=kind, at=at), by=cast["chair"], at=at)
    for item in opened.items.order_by("place"):
        meetings.record(item=item, outcome=agenda.suggested(opened)[item.pk], by=cast["chair"], at=at)
    minuted = meetings.minute(meeting=opened, minutes="The panel agreed with the scores.", by=cast["officer"], at=at)
    signed = meetings.sign(meeting=minuted, by=cast["chair"], at=at)
    results = {
        application.pk: (application, refusal) for application, refusal in meetings.send_on(meeting=signed, by=cast["officer"], at=at)
    }
    gone_on, refusal = results[applications[0].pk]
    assert refusal is None, refusal
    return gone_on


def assessed(cast: dict[str, Person], *, at: datetime = SETTLED, **about: Any) -> Application:
    """Scored without anything to settle, and seen by the panel: it awaits a proposal."""
    application = met(cast, with_panel(cast, at=at, **about), at=at)
    assert application.state == "deciding"
    return application


def moderating(cast: dict[str, Person], *, marks: Sequence[int] = (8, 8, 4), at: datetime = SETTLED, **about: Any) -> list[Moderation]:
    """Scored far apart: what the scores show is open to be settled."""
    reviews_in = submitted(cast, marks=marks, **about)
    application = moderation.begin(application=reviews_in[0].application, by=cast["officer"], at=at)
    assert application.state == "moderating"
    return list(application.moderations.order_by("pk"))


def proposed(
    cast: dict[str, Person], *, outcome: str = "approve", amount_pence: int | None = None, at: datetime = SETTLED, **about: Any
) -> Decision:
    """The officer proposed; nobody has decided."""
    application = about.pop("application", None) or assessed(cast, **about)
    amount = application.grant_requested_pence if amount_pence is None else amount_pence
    return decisions.propose(
        application=application,
        outcome=outcome,
        amount_pence=0 if outcome in ("decline", "hold") else amount,
        reason="Strong on need and adoption.",
        by=cast["officer"],
        at=at,
    )


def decided(cast: dict[str, Person], *, at: datetime = DECIDED, **about: Any) -> Application:
    """The lead decided as the officer proposed; the company does not know."""
    decision = proposed(cast, **about)
    decisions.decide(application=decision.application, by=cast["lead"], at=at)
    return Application.objects.for_pages().get(pk=decision.application_id)


def approved(cast: dict[str, Person], **about: Any) -> Application:
    """Decided: a grant of the amount proposed."""
    return decided(cast, outcome="approve", **about)


def declined(cast: dict[str, Person], **about: Any) -> Application:
    """Decided: no grant."""
    return decided(cast, outcome="decline", **about)


def notified(cast: dict[str, Person], *, at: datetime = NOTIFIED, **about: Any) -> Application:
    """The company has been told; an approved one becomes an award when the outbox is delivered."""
    return decisions.notify(application=decided(cast, **about), by=cast["officer"], at=at)


def feedback_checked(cast: dict[str, Person], application: Application, *, at: datetime = NOTIFIED, **about: Any) -> FeedbackLetter:
    """The officer read the letter of feedback."""
    return feedback.check(application=application, by=cast["officer"], at=at, **about)


def released(cast: dict[str, Person], *, at: datetime = NOTIFIED, **about: Any) -> Application:
    """The company was told, and may read what the assessors said."""
    application = notified(cast, at=at, **about)
    feedback_checked(cast, application, at=at)
    feedback.release(application=application, by=cast["officer"], at=at)
    return application
