"""Sample data for trying the service by hand: something waits for every part of the cast, at every point of the way."""

from datetime import datetime, timedelta

from django.utils import timezone

from accounts.actions import demonstration
from accounts.refusals import NotAllowedNow
from accounts.roles import Role
from applications import samples
from applications.actions import answers, applications
from applications.actions.answers import Typed
from applications.models import Application, Company
from assessments.actions import allocation
from audit import checkpoints
from grants.actions import rounds
from grants.models import Programme, Round
from payments.actions import claims, runs
from reporting.demo import applying, assessing, paying, records
from reporting.demo.applying import Applicant
from reporting.demo.stage import Stage, set_up

SLUG = "diagcomm"
LEAST, MOST = 10_000_00, 40_000_00
PAST, CURRENT = 11, 8
SIBLINGS = ("devicomm", "datacomm", "digicomm")
"""The other programmes that are loaded, each with an open round and a few applications sent in."""


def fill(*, now: datetime, past_days: int = 270) -> bool:
    """Write the sample data into an empty database; again is harmless. True when something was written.

    `past_days`: how long ago the first round opened; the longer, the more of its milestones are claimed and paid.
    """
    demonstration.claim(at=now)
    if Programme.objects.filter(slug=SLUG).exists():
        return False
    day = now.replace(hour=9, minute=0, second=0, microsecond=0)
    past = _past_round(day, now, past_days)
    _round_in_assessment(past, day, now)
    _open_round(past, day, now)
    for place, slug in enumerate(SIBLINGS):
        _sibling(slug, day, first_number=200 + 10 * place)
    checkpoints.sign(at=timezone.now())
    return True


def _past_round(day: datetime, now: datetime, days: int) -> Stage:
    """A round whose awards run: the first milestones are paid; a claim waits for the officer, one for the lead, a run for its release."""
    stage = set_up(SLUG, companies=PAST, opens_at=day - timedelta(days=days), open_for=timedelta(days=30), title="First round")
    stage.hosts[1] = {
        who: stage.cast[part] for who, part in (("owner", "applicant"), ("colleague", "colleague"), ("signatory", "signatory"))
    }
    applicants = applying.apply(stage, records.fictional(PAST, seed=7, least_pence=LEAST, most_pence=MOST))
    applying.screen(stage, applicants)
    assessing.assess(stage, applicants)
    assessing.decide(stage, applicants)
    live = paying.award(stage, applicants)
    months = [entry for entry in paying.by_month(live) if entry[0] < now - timedelta(days=10)]
    for due, milestones in months[:-1]:
        stage.clock.to(due)
        for applicant, milestone in milestones:
            paying.claim(stage, applicant, milestone)
        paying.pay(stage)
        paying.report(stage, live)
    _leave_claims_open(stage, months[-1] if months else None, now)
    return stage


def _leave_claims_open(stage: Stage, month: tuple | None, now: datetime) -> None:
    """The company of the cast has not claimed its milestone yet; the others stand at one point each."""
    if month is None:
        return
    due, milestones = month
    stage.clock.to(min(due, now - timedelta(days=6)))
    others = [entry for entry in milestones if entry[0].number != 1]
    for place, (applicant, milestone) in enumerate(others):
        if place == 0:
            paying.submitted(stage, applicant, milestone)
        elif place == 1:
            paying.checked(stage, applicant, paying.submitted(stage, applicant, milestone))
        elif place == 2:
            checking = claims.start_checking(claim=paying.submitted(stage, applicant, milestone), by=stage.officer, at=stage.clock.now)
            claims.ask(claim=checking, question="Which days does the first invoice cover?", by=stage.officer, at=stage.clock.now)
            claims.query(claim=checking, by=stage.officer, at=stage.clock.now)
        else:
            paying.claim(stage, applicant, milestone)
    if len(others) > 3:
        try:
            runs.build(programme=stage.programme, by=stage.officer, at=stage.clock.wait(hours=8))
        except NotAllowedNow as refusal:
            stage.refusals.append(refusal.sentence)


def _round_in_assessment(past: Stage, day: datetime, now: datetime) -> None:
    """A round that closed last week: one application referred, some to allocate, most with their assessors."""
    stage = _next_round(past, "Second round", opens_at=day - timedelta(days=40), closes_at=day - timedelta(days=9))
    stage.clock.to(stage.round.opens_at)
    found = records.fictional(PAST + CURRENT + 4, seed=11, least_pence=LEAST, most_pence=MOST)[PAST : PAST + CURRENT + 4]
    applicants = applying.apply(stage, found, first_number=PAST + 1)
    _allocate_most(stage, applicants)


def _allocate_most(stage: Stage, applicants: list[Applicant]) -> None:
    at = stage.clock.wait(days=1)
    eligible = Application.objects.filter(round=stage.round, state=Application.State.ELIGIBLE).for_pages().order_by("pk")
    for place, application in enumerate(eligible):
        if place < 2:
            continue
        wanted = [stage.cast["assessor-1"], *stage.assessors[1 + place % 3 :][:2]]
        able = {candidate.person.pk for candidate in allocation.suggest(application=application, at=at, wanted=len(stage.assessors))}
        chosen = [person for person in wanted if person.pk in able]
        allocation.allocate(application=application, assessors=chosen, by=stage.officer, at=at)
    half = {applicant.application.pk: applicant.record.plan for applicant in applicants[: len(applicants) // 2]}
    assessing.score(stage, half)


def _open_round(past: Stage, day: datetime, now: datetime) -> None:
    """A round that is open now, with a draft of the cast's company begun."""
    stage = _next_round(past, "Third round", opens_at=day - timedelta(days=3), closes_at=day + timedelta(days=27, hours=3))
    stage.clock.to(stage.round.opens_at + timedelta(hours=2))
    owned = stage.applicant.role_assignments.get(role=Role.OWNER)
    company = Company.objects.get(organisation_id=int(owned.scope.partition(":")[2]))
    draft = applications.start(round=stage.round, company=company, by=stage.applicant, at=stage.clock.now)
    typed = {"project_title": Typed("Finding sepsis at the bedside"), "need": Typed(samples.SENTENCES[0])}
    answers.save_many(application=draft, typed=typed, by=stage.colleague, at=stage.clock.wait(hours=1))


def _sibling(slug: str, day: datetime, *, first_number: int) -> None:
    """Another of the four programmes: published, its round open, two companies' applications in."""
    stage = set_up(slug, companies=2, opens_at=day - timedelta(days=4), open_for=timedelta(days=26, hours=3))
    funding = stage.round.definition.funding
    found = records.fictional(first_number + 2, seed=13, least_pence=funding.grant_min, most_pence=funding.grant_max)[first_number:]
    for number, record in enumerate(found, start=first_number):
        applying.one(stage, record, number)
        stage.clock.wait(hours=3)


def _next_round(past: Stage, title: str, *, opens_at: datetime, closes_at: datetime) -> Stage:
    round = rounds.schedule(
        programme=past.programme, opens_at=opens_at, closes_at=closes_at, title=title, by=past.officer, at=opens_at - timedelta(days=7)
    )
    return Stage(past.cast, past.programme, Round.objects.get(pk=round.pk), type(past.clock)(opens_at - timedelta(days=7)))
