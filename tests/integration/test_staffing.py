"""The staffing check: three people and the outsiders are enough, fewer are not, and it says what is missing."""

from datetime import UTC, date, datetime, timedelta

import pytest

from accounts import scopes
from accounts.actions import away, roles
from accounts.models import Person, RoleAssignment
from accounts.refusals import Denied, NotAllowedNow, Refused
from accounts.roles import Role
from grants import policies
from grants.actions import rounds
from tests.stages import grants
from workflow import staffing

AT = datetime(2026, 3, 2, tzinfo=UTC)
TEAM = {"A": [Role.OFFICER], "B": [Role.LEAD], "C": [Role.INDEPENDENT_APPROVER], "X": [Role.CHAIR]}


@pytest.fixture
def team(db, system) -> dict[str, Person]:
    return {name: hold(name, roles, system) for name, roles in TEAM.items()}


@pytest.fixture
def tiny(monkeypatch):
    """A programme of which accounts knows the name."""
    monkeypatch.setattr(scopes, "_namers", [lambda: {"programme:tiny": "Tiny"}])


def hold(name: str, roles: list[Role], granted_by: Person) -> Person:
    person = Person.objects.create_user(email=f"{name.lower()}@example.org", name=f"Person {name}")
    for role in roles:
        RoleAssignment.objects.create(person=person, role=role, scope="programme:tiny", starts_at=AT, granted_by=granted_by)
    return person


def test_three_people_and_a_chair_can_run_everything(team):
    assert staffing.check("tiny", "small_team", at=AT) == []


def test_a_large_grant_needs_somebody_to_agree_who_does_not_decide(team):
    assert staffing.check("tiny", "small_team", at=AT, agreeing=[["chair"]]) == []
    [finding] = staffing.check("tiny", "small_team", at=AT, agreeing=[["lead"]])
    assert "must stay apart" in finding.sentence
    [finding] = staffing.check("tiny", "small_team", at=AT, agreeing=[["chair"], ["funder"]])
    assert finding.duty == "agree_amount"
    assert staffing.who_can("tiny", at=AT, agreeing=[["chair"]])["agree_amount"] == [team["X"]]
    [period] = staffing.over_time("tiny", "small_team", at=AT, agreeing=[["funder"]])
    assert [finding.duty for finding in period.findings] == ["agree_amount"]


@pytest.mark.parametrize("away", TEAM)
def test_when_one_is_away_it_says_which_duty_has_nobody(team, away):
    findings = staffing.check("tiny", "small_team", at=AT, without=team[away])
    assert findings
    assert all(finding.duty and finding.sentence.endswith(".") for finding in findings)


def test_one_person_with_every_role_is_not_a_team(db, system):
    hold("everything", [Role.OFFICER, Role.LEAD, Role.FINANCE, Role.INDEPENDENT_APPROVER, Role.CHAIR], system)
    findings = staffing.check("tiny", "small_team", at=AT)
    assert len(findings) == 1
    assert "must stay apart" in findings[0].sentence


def test_standard_control_needs_more_people_than_a_small_team_has(team, system):
    assert staffing.check("tiny", "standard", at=AT) != []
    hold("F", [Role.FINANCE, Role.MONITOR], system)
    hold("G", [Role.FINANCE, Role.OFFICER], system)
    assert staffing.check("tiny", "standard", at=AT) == []


def test_a_role_that_has_ended_staffs_nothing(team):
    RoleAssignment.objects.filter(person=team["B"]).update(ends_at=AT)
    assert staffing.check("tiny", "small_team", at=AT) != []


def test_who_can_do_what_names_the_people(team):
    able = staffing.who_can("tiny", at=AT)
    assert able["decide"] == [team["B"]]
    assert able["release"] == [team["C"]]


def test_the_year_ahead_says_what_stops_when_and_a_deputy_mends_it(team, tiny):
    away.enter(person=team["B"], scope="programme:tiny", first_on=date(2026, 5, 4), last_on=date(2026, 5, 8), by=team["B"], at=AT)
    before, stopped, after = staffing.over_time("tiny", "small_team", at=AT)
    assert (before.findings, after.findings) == ([], [])
    assert stopped.findings
    assert stopped.away == [team["B"]]
    assert (stopped.starts_at.isoformat(), stopped.ends_at.isoformat()) == ("2026-05-04T00:00:00+01:00", "2026-05-09T00:00:00+01:00")
    deputy = Person.objects.create_user(email="deputy@example.org", name="Dee Deputy")
    grant = roles.propose(
        person=deputy, role=Role.LEAD, scope="programme:tiny", from_at=stopped.starts_at, until_at=stopped.ends_at, by=team["B"], at=AT
    )
    held = roles.confirm(grant=grant, by=team["C"], at=AT)
    assert (held.starts_at, held.ends_at) == (stopped.starts_at, stopped.ends_at)
    assert all(period.findings == [] for period in staffing.over_time("tiny", "small_team", at=AT))


def test_a_deputy_who_would_come_too_late_is_not_confirmed(team, tiny):
    deputy = Person.objects.create_user(email="deputy@example.org", name="Dee Deputy")
    about = {"person": deputy, "role": Role.LEAD, "scope": "programme:tiny", "by": team["B"], "at": AT}
    with pytest.raises(Refused, match="end after it begins"):
        roles.propose(until_at=AT, **about)
    grant = roles.propose(until_at=AT + timedelta(hours=20), **about)
    with pytest.raises(NotAllowedNow, match="24 hours"):
        roles.confirm(grant=grant, by=team["C"], at=AT)


def test_time_away_is_ones_own_to_enter_or_the_leads(team):
    about = {"scope": "programme:tiny", "first_on": date(2026, 5, 4), "last_on": date(2026, 5, 8), "at": AT}
    with pytest.raises(Denied):
        away.enter(person=team["B"], by=team["A"], **about)
    entered = away.enter(person=team["A"], by=team["B"], **about)
    with pytest.raises(Refused, match="before the first"):
        away.enter(person=team["A"], by=team["A"], **about | {"last_on": date(2026, 5, 1)})
    away.take_back(away=entered, scope="programme:tiny", by=team["A"], at=AT)
    assert len(staffing.over_time("tiny", "small_team", at=AT)) == 1


def test_a_round_does_not_open_where_nobody_is_left_when_it_closes(cast):
    round_ = grants.scheduled_round(cast)
    ends = RoleAssignment.objects.filter(role=Role.INDEPENDENT_APPROVER)
    ends.update(ends_at=grants.CLOSES)
    with pytest.raises(policies.Understaffed, match="When the round closes, on 30 October 2026"):
        rounds.open(round=round_, by=cast["lead"], at=grants.OPENS)
