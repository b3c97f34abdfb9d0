"""The one door: what a step checks, what it leaves behind, and that a refusal leaves nothing."""

from datetime import UTC, datetime, timedelta

import pytest
from django.conf import settings

from accounts.models import RoleAssignment
from accounts.refusals import Denied, NotAllowedNow, Refused
from accounts.roles import Role
from audit.models import Event
from grants.actions import programmes
from grants.models import ProgrammeVersion
from notifications.models import OutboxMessage
from workflow.engine import available_steps, fire, fire_many
from workflow.lifecycle import StepOutsideTheEngine
from workflow.models import StepTaken

AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@pytest.fixture
def version(cast, officer) -> ProgrammeVersion:
    return draft_version(officer)


def draft_version(officer, number: int = 1) -> ProgrammeVersion:
    """A draft of the shipped programme; another number makes another text."""
    text = (settings.BASE_DIR / "programmes" / "diagcomm.yaml").read_text()
    return programmes.load(document=f"{text}\n# draft {number}\n", put_forward=False, by=officer, at=AT)


def traces() -> tuple[int, int, int]:
    return Event.objects.count(), StepTaken.objects.count(), OutboxMessage.objects.count()


def test_a_step_moves_the_record_and_leaves_history_event_and_outbox(version, officer):
    before = traces()
    fresh = fire(version, "prepare", by=officer, at=AT)
    assert (fresh.state, fresh.prepared_by, fresh.prepared_at) == ("prepared", officer, AT)
    assert version.state == "draft", "the caller's record is stale; the fresh one is returned"
    taken = StepTaken.objects.latest("pk")
    assert (taken.step, taken.source, taken.target, taken.duty, taken.by) == ("prepare", "draft", "prepared", "publish_prepare", officer)
    event = Event.objects.latest("pk")
    assert (event.stream, event.kind, event.actor) == ("programme:diagcomm", "programmeversion.prepare", officer.pk)
    events, steps, messages = (after - earlier for after, earlier in zip(traces(), before, strict=True))
    assert (events, steps) == (1, 1)
    assert messages >= 1


def test_a_step_method_cannot_be_called_around_the_engine(version, officer):
    with pytest.raises(StepOutsideTheEngine):
        version.prepare(by=officer, at=AT)
    assert version.state == "draft"


def test_the_state_cannot_be_assigned(version):
    with pytest.raises(AttributeError):
        version.state = "published"


def test_who_lacks_the_permission_is_denied_and_leaves_nothing(version, stranger, applicant, assessor):
    before = traces()
    for person in (stranger, applicant, assessor):
        with pytest.raises(Denied):
            fire(version, "prepare", by=person, at=AT)
    assert traces() == before


def test_a_step_from_the_wrong_state_is_not_allowed_now(version, lead):
    with pytest.raises(NotAllowedNow) as refusal:
        fire(version, "publish", by=lead, at=AT)
    assert refusal.value.code == "wrong_state"
    assert "draft" in refusal.value.sentence


def test_the_person_who_prepared_may_not_publish_whatever_roles_they_hold(version, officer, lead, system):
    RoleAssignment.objects.create(person=officer, role=Role.LEAD, scope="programme:diagcomm", starts_at=AT, granted_by=system)
    prepared = fire(version, "prepare", by=officer, at=AT)
    before = traces()
    with pytest.raises(Denied) as refusal:
        fire(prepared, "publish", by=officer, at=AT)
    assert refusal.value.code == "separation_of_duties"
    assert traces() == before
    assert fire(prepared, "publish", by=lead, at=AT).state == "published"


def test_acting_on_behalf_of_the_one_who_prepared_is_no_way_around(version, officer, lead):
    prepared = fire(version, "prepare", by=officer, at=AT)
    with pytest.raises(Denied) as refusal:
        fire(prepared, "publish", by=lead, on_behalf_of=officer, at=AT)
    assert refusal.value.code == "separation_of_duties"


def test_a_reason_is_asked_for_where_the_step_asks_for_one(version, officer, lead):
    prepared = fire(version, "prepare", by=officer, at=AT)
    with pytest.raises(Refused) as refusal:
        fire(prepared, "send_back", by=lead, at=AT, note="  ")
    assert refusal.value.code == "reason_missing"
    assert fire(prepared, "send_back", by=lead, at=AT, note="The budget is missing.").state == "draft"


def test_the_reason_is_committed_to_but_does_not_stand_in_the_chain(version, officer, lead):
    prepared = fire(version, "prepare", by=officer, at=AT)
    fire(prepared, "send_back", by=lead, at=AT, note="Olive forgot the budget.")
    assert b"Olive forgot" not in bytes(Event.objects.latest("pk").body)


def test_a_guard_that_refuses_leaves_nothing(version, officer, lead):
    prepared = fire(version, "prepare", by=officer, at=AT)
    RoleAssignment.objects.filter(role=Role.INDEPENDENT_APPROVER).update(ends_at=AT)
    before = traces()
    with pytest.raises((Refused, NotAllowedNow)) as refusal:
        fire(prepared, "publish", by=lead, at=AT)
    assert "released" in refusal.value.sentence
    assert traces() == before


def test_the_same_key_answers_the_same_and_changes_nothing(version, officer):
    first = fire(version, "prepare", by=officer, at=AT, key="once")
    before = traces()
    again = fire(version, "prepare", by=officer, at=AT + timedelta(minutes=1), key="once")
    assert (again.pk, again.state, again.prepared_at) == (first.pk, first.state, first.prepared_at)
    assert traces() == before


def test_a_key_used_with_other_values_is_refused(version, officer, lead):
    prepared = fire(version, "prepare", by=officer, at=AT)
    fire(prepared, "send_back", by=lead, at=AT, note="One reason.", key="once")
    with pytest.raises(NotAllowedNow) as refusal:
        fire(prepared, "send_back", by=lead, at=AT, note="Another reason.", key="once")
    assert refusal.value.code == "idempotency_key_reused"


def test_a_role_counts_only_while_it_is_held(version, officer):
    RoleAssignment.objects.filter(person=officer).update(ends_at=AT)
    with pytest.raises(Denied):
        fire(version, "prepare", by=officer, at=AT + timedelta(seconds=1))


def test_available_steps_give_the_sentence_that_the_server_would_answer(version, officer, lead):
    prepared = fire(version, "prepare", by=officer, at=AT)
    asked = {answer.step.name: answer for answer in available_steps(prepared, officer, at=AT)}
    assert not asked["publish"].is_allowed
    assert asked["publish"].reason
    assert {answer.step.name for answer in available_steps(prepared, lead, at=AT) if answer.is_allowed} >= {"publish", "send_back"}


def test_many_are_taken_each_for_itself_and_every_one_is_reported(version, officer):
    second, moved_on = draft_version(officer, 2), draft_version(officer, 3)
    fire(moved_on, "prepare", by=officer, at=AT)
    outcomes = list(fire_many([version, moved_on, second], "prepare", by=officer, at=AT, key="batch"))
    assert [refusal is None for _, refusal in outcomes] == [True, False, True]
    again = list(fire_many([version, second], "prepare", by=officer, at=AT, key="batch"))
    assert [refusal for _, refusal in again] == [None, None]
