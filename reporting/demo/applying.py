"""From a company's first visit to its finding of eligibility."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from accounts.models import Person
from accounts.roles import Role
from applications import samples
from applications.actions import applications, companies, eligibility, teams
from applications.models import Application, Company
from grants.definition import Definition
from reporting.demo.records import Record
from reporting.demo.stage import Stage, company_people, moments

NOT_FOR_IT = {"diagnostic_use": "none", "device_class": "not_a_device", "has_patient_data": True, "challenge": ["none"]}
"""Answers by which a company shows that its product is not what the programme is for."""


@dataclass
class Applicant:
    """One record on stage: its company, people and application."""

    record: Record
    number: int
    company: Company
    people: dict[str, Person]
    application: Application

    @property
    def owner(self) -> Person:
        return self.people["owner"]

    @property
    def signatory(self) -> Person:
        return self.people["signatory"]


def apply(stage: Stage, records: list[Record], *, first_number: int = 1) -> list[Applicant]:
    """Every company registers, brings its team, fills the form with a document, signs and sends it in; then the round closes."""
    spread = (stage.round.closes_at - stage.clock.now - timedelta(days=1)) / max(len(records), 1)
    times = moments(stage.clock.now + timedelta(hours=1), apart=spread)
    applicants = []
    for number, record in enumerate(records, start=first_number):
        stage.clock.to(next(times))
        with stage.noting(record.name):
            applicants.append(one(stage, record, number))
        stage.step(1)
    stage.clock.to(stage.round.closes_at)
    return applicants


def one(stage: Stage, record: Record, number: int) -> Applicant:
    """One company, from its registration to its receipt."""
    people, at = stage.hosts.get(number) or company_people(number), stage.clock.now
    details = samples.company(
        number,
        name=record.name,
        company_number=record.company_number,
        is_number_synthetic=record.is_number_synthetic,
        address_town=record.town,
        postcode=record.postcode,
        legal_form=record.legal_form,
    )
    owner = people["owner"]
    company = companies.register(details=details, by=owner, at=at)
    teams.add(company=company, person=people["colleague"], role=Role.MEMBER, by=owner, at=at)
    teams.add(company=company, person=people["signatory"], role=Role.SIGNATORY, by=owner, at=at)
    application = applications.start(round=stage.round, company=company, by=owner, at=at)
    application = samples.fill(
        application, by=people["colleague"], at=at, given=_given(record, application.version.definition, number), seed=number
    )
    application = applications.sign_and_submit(
        application=application, name=people["signatory"].name, position="Director", key="demo", by=people["signatory"], at=at
    )
    return Applicant(record, number, company, people, application)


def _given(record: Record, definition: Definition, number: int) -> dict:
    """The answers that come from the record itself; where there is an advance, every second company asks for it."""
    asked = {question.id for question in definition.form.questions()}
    given: dict = {"title": record.title, "summary": record.summary, "grant": record.amount_pence}
    if definition.form.means.advance:
        given["advance"] = number % 2 == 1
    if record.plan == "refused":
        given |= {question: value for question, value in NOT_FOR_IT.items() if question in asked}
    if record.starts_on and record.ends_on:
        given |= {"starts_on": record.starts_on.isoformat(), "ends_on": record.ends_on.isoformat()}
    return given


def screen(stage: Stage, applicants: list[Applicant]) -> None:
    """The officer looks at what the rules referred: most are cleared, some refused."""
    at = stage.clock.wait(days=1)
    for applicant in applicants:
        application = Application.objects.get(pk=applicant.application.pk)
        if application.state != Application.State.REFERRED:
            continue
        if applicant.record.plan == "referred_out":
            note = "The registered address and the place of work both lie outside the area."
            eligibility.refuse(application=application, note=note, by=stage.officer, at=at)
        else:
            eligibility.clear(application=application, note="The place of work lies inside the area.", by=stage.officer, at=at)
    _invite(stage, applicants)


def _invite(stage: Stage, applicants: list[Applicant]) -> None:
    """In a programme of two steps the officer invites most, and the companies apply in full."""
    at = stage.clock.wait(days=1)
    for applicant in applicants:
        expressed = Application.objects.for_pages().get(pk=applicant.application.pk)
        if expressed.state != Application.State.EXPRESSED:
            continue
        if applicant.record.plan == "weak":
            note = "The need was not shown: nobody who would use the device was asked."
            eligibility.decline_interest(application=expressed, note=note, by=stage.officer, at=at)
            continue
        with stage.noting(applicant.record.name):
            invited = eligibility.invite(application=expressed, by=stage.officer, at=at)
            sent = _apply_in_full(applicant, invited, at=at + timedelta(days=10))
            if sent.state == Application.State.REFERRED:
                note = "We looked at this when the expression of interest came in."
                sent = eligibility.clear(application=sent, note=note, by=stage.officer, at=at + timedelta(days=11))
            applicant.application = sent
    stage.clock.wait(days=12)


def _apply_in_full(applicant: Applicant, invited: Application, *, at: datetime) -> Application:
    given = _given(applicant.record, invited.version.definition, applicant.number)
    filled = samples.fill(invited, by=applicant.people["colleague"], at=at, given=given, seed=applicant.number)
    return applications.sign_and_submit(
        application=filled, name=applicant.signatory.name, position="Director", key="demo-full", by=applicant.signatory, at=at
    )
