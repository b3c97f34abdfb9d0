"""SYSTEM is seeded by migrating; the sample people are made once, whoever asks again."""

from datetime import UTC, datetime

import pytest

from accounts.access import can, held_by
from accounts.actions import sample, system
from accounts.models import Organisation, Person, RoleAssignment
from accounts.roles import Permission, Role

AT = datetime(2025, 1, 1, tzinfo=UTC)


class Programme:
    def __init__(self, slug="diagcomm"):
        self.slug = slug

    def scopes(self):
        return {f"programme:{self.slug}"}


@pytest.mark.django_db
def test_system_is_there_after_migrating_and_cannot_sign_in():
    person = Person.objects.system()
    assert person.is_system
    assert not person.has_usable_password()
    assert can(person, Permission.SYSTEM_STEP, on=Programme())
    assert not can(person, Permission.ROLE_GRANT, on=Programme())


@pytest.mark.django_db
def test_seeding_system_again_changes_nothing():
    assert system.seed() == system.seed()
    assert Person.objects.filter(email=Person.SYSTEM_EMAIL).count() == 1
    assert RoleAssignment.objects.filter(role=Role.SYSTEM).count() == 1


def test_everybody_holds_their_role_on_the_programme_and_nowhere_else(cast):
    assert can(cast["officer"], Permission.APPLICATION_SCREEN, on=Programme())
    assert not can(cast["officer"], Permission.APPLICATION_SCREEN, on=Programme("datacomm"))
    assert can(cast["admin"], Permission.ROLE_GRANT, on=Programme("datacomm"))
    assert not held_by(cast["stranger"]).pairs
    assert not held_by(cast["applicant"]).pairs


def test_seeding_again_makes_nobody_twice_and_adds_what_is_new(cast):
    people, roles = Person.objects.count(), RoleAssignment.objects.count()
    again = sample.seed_cast(programmes=["diagcomm"], at=AT)
    assert again["officer"] == cast["officer"]
    assert (Person.objects.count(), RoleAssignment.objects.count()) == (people, roles)
    sample.seed_cast(programmes=["diagcomm", "datacomm"], at=AT)
    assert can(Person.objects.get(pk=cast["officer"].pk), Permission.APPLICATION_SCREEN, on=Programme("datacomm"))


@pytest.mark.django_db
def test_company_and_funder_people_hold_their_roles_on_their_own_organisation():
    company = Organisation.objects.create(name="Plainly Fictional Ltd", kind=Organisation.Kind.COMPANY)
    authority = Organisation.objects.create(name="Fictional Authority", kind=Organisation.Kind.FUNDER)
    people = sample.seed_cast(programmes=["diagcomm"], company=company, funder=authority, at=AT)
    assert held_by(people["applicant"]).pairs == {(Role.OWNER, company.scope)}
    assert held_by(people["funder"]).pairs == {(Role.FUNDER, authority.scope)}


def test_as_many_assessors_as_asked_have_names_of_their_own():
    cast = sample.parts(assessors=30)
    assert len({part.name for part in cast}) == len({part.email for part in cast}) == len(cast) == 44
