"""Every state × step cell of every lifecycle: a step that leaves the state moves it and leaves one event; any other leaves nothing.

One world for the module, built by actions. In each cell the state alone is set raw, on a savepoint that is rolled back: the one
place where it may be, since a cell need not be reachable to be refused.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connection, transaction

from accounts.models import Person, RoleAssignment
from accounts.refusals import NotAllowedNow
from accounts.roles import COMPANY_ROLES, COMPANY_SIDE, Permission, Role
from applications.models import Appeal
from audit.models import Event
from grants.models import Correction, ProgrammeVersion
from notifications.models import OutboxMessage
from payments.models import Award, Recovery
from records.models import Erasure
from tests.cast import SINCE, everybody
from tests.stages import assessments, grants, payments
from workflow import engine, guards, separation
from workflow.engine import available_steps, fire
from workflow.lifecycle import Lifecycle, Step, step
from workflow.models import StepTaken
from workflow.staffing import lifecycles

AT = datetime(2027, 6, 1, 9, 0, tzinfo=UTC)
NOTE = "For the reason on file."
INPUTS: dict[str, dict[str, Any]] = {
    "applications.Application.propose": {"outcome": "approve", "amount_pence": 1_000_00, "reason": NOTE},
    "applications.Application.invite": {"until": AT},
    "applications.Application.request_changes": {"sections": ["project"], "until": datetime(2027, 7, 1, tzinfo=UTC)},
    "applications.Application.give_time_for_changes": {"until": datetime(2027, 7, 1, tzinfo=UTC)},
    "grants.Round.change_places": {"places": 60},
    "grants.Round.reschedule": {"opens_at": datetime(2028, 1, 1, tzinfo=UTC), "closes_at": datetime(2028, 2, 1, tzinfo=UTC)},
    "grants.Round.extend": {"until": datetime(2028, 1, 1, tzinfo=UTC), "reopens_forms": True},
    "payments.BankAccount.call_back": {"called_on": "0121 496 0000", "spoke_to": "Ann", "payee_match": "full"},
    "payments.Milestone.judge": {"outcome": "met"},
    "payments.Claim.submit": {"declaration": True},
    "payments.Claim.recommend": {"milestone_outcome": "met"},
    "payments.Award.offer": {"until": AT},
    "payments.PaymentRun.build": {"count": 1, "total_pence": 1_00},
    "payments.Recovery.receive": {"pence": 1_00, "on": AT.date(), "bank_reference": "T1"},
    "payments.Payment.settle": {"statement_ref": "T1"},
}
BODY_LEFT_OUT: dict[str, str] = {
    "applications.Application.screen": "an application that was never screened: outcomes are kept once, and this one has them",
    "applications.Application.resubmit": "a request for changes that is open, and outcomes not yet kept",
    "applications.Application.keep_as_sent": "a request for changes that is open",
    "payments.Award.offer": "an award without an offer: papers are frozen once, and this one has them",
    "payments.Award.accept": "an award without an agreement: papers are frozen once, and this one has them",
}
"""Steps whose own change needs more of the record than its state, with what it needs. Their declaration is real, the body is not."""

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(connection.vendor != "sqlite", reason="sets states that constraints forbid: SQLite can look away from them"),
]


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker) -> Iterator[dict[str, Any]]:
    """One record of every lifecycle, and two people who between them hold every role."""
    with django_db_blocker.unblock(), transaction.atomic():
        cast = everybody()
        run = payments.settled(cast)
        paid = run.payments.get()
        award = Award.objects.get(pk=paid.award_id)
        round_ = award.application.round
        found = {
            "grants.Programme": round_.programme,
            "grants.ProgrammeVersion": grants.prepared(cast, text=grants.document().replace("Diagnostics", "Diagnostic", 1)),
            "grants.Round": round_,
            "grants.Correction": _correction(cast, round_),
            "applications.Application": award.application,
            "applications.Appeal": Appeal.objects.create(
                case=award.case, application=award.application, ground="fact", statement=NOTE, lodged_at=AT, lodged_by=cast["applicant"]
            ),
            "assessments.Assessment": award.application.assessments.order_by("pk").first(),
            "assessments.Moderation": assessments.moderating(cast, round=round_)[0],
            "assessments.Meeting": award.application.agenda_items.get().meeting,
            "payments.Award": award,
            "payments.Milestone": paid.claim.milestone,
            "payments.BankAccount": paid.bank_account,
            "payments.Claim": paid.claim,
            "payments.OutcomeReport": award.outcome_reports.order_by("pk").first(),
            "payments.Recovery": Recovery.objects.create(
                case=award.case,
                award=award,
                number=1,
                amount_pence=1_00,
                received_pence=1_00,
                reason=NOTE,
                due_on=AT.date(),
                created_at=AT,
                created_by=cast["officer"],
            ),
            "payments.PaymentRun": run,
            "payments.Payment": paid,
            "records.Erasure": Erasure.objects.create(
                case=award.case, application=award.application, ground="request", reason=NOTE, asked_at=AT, asked_by=cast["applicant"]
            ),
        }
        yield {"records": found, "staff": _staff(), "company": _company_person(award.company.organisation_id)}
        transaction.set_rollback(True)


def _correction(cast: dict[str, Person], round_: Any) -> Correction:
    version = ProgrammeVersion.objects.order_by("-number").first()
    about = {"version": version, "version_before": round_.version, "reason": NOTE, "proposed_at": AT, "proposed_by": cast["officer"]}
    return Correction.objects.create(round=round_, **about)


def _staff() -> Person:
    roles = [role for role in Role if role not in COMPANY_ROLES and role != Role.SYSTEM]
    return _holder("jack", roles, "site")


def _company_person(organisation_id: int) -> Person:
    return _holder("jill", sorted(COMPANY_ROLES), f"organisation:{organisation_id}")


def _holder(name: str, roles: list[Role], scope: str) -> Person:
    person = Person.objects.create(email=f"{name}@example.org", name=name.capitalize())
    RoleAssignment.objects.bulk_create(
        RoleAssignment(person=person, role=role, scope=scope, starts_at=SINCE, granted_by=Person.objects.system()) for role in roles
    )
    return person


def actor(world: dict[str, Any], record: Lifecycle, declared: Step) -> Person:
    """Whoever holds the step's permission, so that nothing but the state decides."""
    if declared.needs == Permission.SYSTEM_STEP:
        return Person.objects.system()
    if declared.needs == Permission.ASSESSMENT_SCORE:
        return record.assessor
    return world["company" if declared.needs in COMPANY_SIDE else "staff"]


@contextmanager
def put_in(record: Lifecycle, state: str) -> Iterator[Lifecycle]:
    """The record with another state and nothing else changed, until the cell is over."""
    manager = type(record)._base_manager
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("PRAGMA ignore_check_constraints = ON")
        try:
            manager.filter(pk=record.pk).update(state=state)
            yield manager.get(pk=record.pk)
        finally:
            cursor.execute("PRAGMA ignore_check_constraints = OFF")
            transaction.set_rollback(True)


def left_behind() -> tuple[int, int, int]:
    return Event.objects.count(), StepTaken.objects.count(), OutboxMessage.objects.count()


def states() -> list[Any]:
    """Every state of every lifecycle, with the steps that do not leave it."""
    return [
        pytest.param(
            model, state.value, [step for step in model.steps().values() if state.value not in step.sources], id=f"{model.__name__}-{state}"
        )
        for model in lifecycles()
        for state in model.State
    ]


def leaving_cells() -> list[Any]:
    """Every state with each step that leaves it."""
    return [
        pytest.param(model, state.value, declared, id=f"{model.__name__}-{state.value}-{declared.name}")
        for model in lifecycles()
        for state in model.State
        for declared in model.steps().values()
        if state.value in declared.sources
    ]


def inputs_of(record: Lifecycle, declared: Step, name: str) -> dict[str, Any]:
    given = INPUTS.get(name, {}) | ({"note": NOTE} if declared.note_required else {})
    if name == "payments.OutcomeReport.submit":
        given |= {"values": {indicator.id: "1" for indicator in record.indicators()}, "narrative": NOTE}
    if name == "payments.Payment.pick":
        given |= {"run": record.run_id}
    return given


@pytest.mark.parametrize(("model", "state", "refused"), states())
def test_a_step_that_does_not_leave_the_state_is_refused_and_leaves_nothing(world, model, state, refused):
    with put_in(world["records"][model._meta.label], state) as record:
        offered = {answer.step.name for answer in available_steps(record, world["staff"], at=AT)}
        before = left_behind()
        for declared in refused:
            with pytest.raises(NotAllowedNow) as refusal:
                fire(record, declared.name, by=actor(world, record, declared), at=AT, note=NOTE)
            assert refusal.value.code == "wrong_state", declared.name
            assert left_behind() == before, declared.name
            assert model._base_manager.get(pk=record.pk).state == state, declared.name
            assert declared.name not in offered


@pytest.mark.parametrize(("model", "state", "declared"), leaving_cells())
def test_a_step_that_leaves_the_state_goes_where_it_is_declared_to_and_leaves_one_event(world, monkeypatch, model, state, declared):
    name = f"{model._meta.label}.{declared.name}"
    monkeypatch.setattr(guards, "resolve", lambda guard: lambda record, **about: None)
    monkeypatch.setattr(separation, "check", lambda *about, **named: None)
    for target in declared.targets if name in BODY_LEFT_OUT else [None]:
        if target is not None:
            monkeypatch.setattr(model, declared.name, without_body(model, declared, target=target))
        take(world, model, state, declared, to=target)


def take(world: dict[str, Any], model: type[Lifecycle], state: str, declared: Step, *, to: str | None) -> None:
    """One allowed cell: offered, taken, and found in the record, the trail and the history, once each."""
    name = f"{model._meta.label}.{declared.name}"
    with put_in(world["records"][model._meta.label], state) as record:
        by = actor(world, record, declared)
        offered = {answer.step.name: answer for answer in available_steps(record, by, at=AT)}
        assert offered[declared.name].is_allowed, offered[declared.name].reason
        subject = f"{record.record_type()}:{record.pk}"
        last_event, last_step = Event.objects.latest("pk").pk, StepTaken.objects.latest("pk").pk
        moved = fire(record, declared.name, by=by, at=AT, **inputs_of(record, declared, name))
        assert moved.state in ({to} if to else declared.targets)
        assert model._base_manager.get(pk=record.pk).state == moved.state
        events = Event.objects.filter(pk__gt=last_event, subject=subject)
        assert [event.kind for event in events] == [f"{model._meta.model_name}.{declared.name}"]
        taken = StepTaken.objects.get(pk__gt=last_step, record_type=record.record_type(), record_id=record.pk)
        assert (taken.step, taken.source, taken.target, taken.by_id) == (declared.name, state, moved.state, by.pk)


def without_body(model: type[Lifecycle], declared: Step, *, target: str) -> Any:
    """The step as declared, changing nothing but the state."""

    def body(self: Lifecycle, **inputs: Any) -> str:
        return target

    body.__name__ = declared.name
    about = {name: getattr(declared, name) for name in ("needs", "guards", "keeps_out", "duty", "label", "tells", "note_required")}
    goes_to = declared.targets if len(declared.targets) > 1 else target
    made = step(source=declared.sources, target=goes_to, **about)(body)
    made._django_fsm.field = model._meta.get_field("state")  # django-fsm does this when the class is made
    return made


def test_every_lifecycle_has_a_record_here(world):
    assert set(world["records"]) == {model._meta.label for model in lifecycles()}
    assert all(type(record)._meta.label == label for label, record in world["records"].items())


def test_the_engine_asks_the_guards_and_the_table_that_are_switched_off_here():
    """What the cells leave out is the engine's own: it looks both up where they were replaced."""
    assert engine.guards is guards
    assert engine.separation is separation
