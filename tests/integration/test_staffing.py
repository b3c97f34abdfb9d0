"""The staffing check: three people and the outsiders are enough, fewer are not, and it says what is missing."""

from datetime import UTC, datetime

import pytest

from accounts.models import Person, RoleAssignment
from accounts.roles import Role
from workflow import staffing

AT = datetime(2026, 3, 2, tzinfo=UTC)
TEAM = {"A": [Role.OFFICER], "B": [Role.LEAD], "C": [Role.INDEPENDENT_APPROVER], "X": [Role.CHAIR]}


@pytest.fixture
def team(db, system) -> dict[str, Person]:
    return {name: hold(name, roles, system) for name, roles in TEAM.items()}


def hold(name: str, roles: list[Role], granted_by: Person) -> Person:
    person = Person.objects.create_user(email=f"{name.lower()}@example.org", name=f"Person {name}")
    for role in roles:
        RoleAssignment.objects.create(person=person, role=role, scope="programme:tiny", starts_at=AT, granted_by=granted_by)
    return person


def test_three_people_and_a_chair_can_run_everything(team):
    assert staffing.check("tiny", "small_team", at=AT) == []


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
