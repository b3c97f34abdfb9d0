"""A small cast with names that say their part. Staff and assessors hold their roles on `programme:diagcomm`.

The company's people (`applicant`, `colleague`, `signatory`) hold no role until a test registers a company for them.
`cast` has everybody by word: `cast["assessor-2"]`, `cast["second-lead"]`.
"""

import time
from datetime import UTC, datetime

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value

from accounts.actions import sample
from accounts.actions.sample import Part
from accounts.encryption import encrypt
from accounts.models import Person
from accounts.roles import Role
from tests.remembering import remembered

SINCE = datetime(2024, 1, 1, tzinfo=UTC)
PROGRAMME = "diagcomm"
TOTP_SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
EXTRAS = (
    Part("stranger", "Stan Stranger", (), "Holds no role anywhere."),
    Part("conflicted-assessor", "Connie Conflicted", (Role.ASSESSOR,), "Works for a company that applies."),
    Part("second-finance", "Finlay Finance", (Role.FINANCE,), "The second finance officer."),
)


@remembered
def everybody() -> dict[str, Person]:
    """The whole cast by word, for worlds that outlive one test."""
    people = sample.seed_cast(programmes=[PROGRAMME], extras=EXTRAS, at=SINCE)
    set_up_second_factor(*people.values())
    return people


@pytest.fixture
def cast(db) -> dict[str, Person]:
    return everybody()


def set_up_second_factor(*people: Person) -> None:
    """Give people an authenticator app, as staff must have before any page answers them; its secret is TOTP_SECRET."""
    secret = encrypt(TOTP_SECRET)
    Authenticator.objects.bulk_create(
        Authenticator(user=person, type=Authenticator.Type.TOTP, data={"secret": secret}) for person in people
    )


def _named(who: str):
    @pytest.fixture(name=who.replace("-", "_"))
    def person(cast) -> Person:
        return cast[who]

    return person


applicant = _named("applicant")
colleague = _named("colleague")
signatory = _named("signatory")
assessor_1 = _named("assessor-1")
assessor_2 = _named("assessor-2")
assessor_3 = _named("assessor-3")
assessor_4 = _named("assessor-4")
conflicted_assessor = _named("conflicted-assessor")
officer = _named("officer")
lead = _named("lead")
second_lead = _named("second-lead")
chair = _named("chair")
monitor = _named("monitor")
finance = _named("finance")
second_finance = _named("second-finance")
independent_approver = _named("independent-approver")
funder = _named("funder")
auditor = _named("auditor")
admin = _named("admin")
stranger = _named("stranger")


@pytest.fixture
def assessor(cast) -> Person:
    return cast["assessor-1"]


@pytest.fixture
def assessors(cast) -> list[Person]:
    """Four assessors without a conflict."""
    return [cast[f"assessor-{number}"] for number in range(1, 5)]


@pytest.fixture
def system(db) -> Person:
    return Person.objects.system()


PASSWORD = "correct horse battery"


def sign_in(client, person: Person) -> None:
    """Sign in as a browser does: password, then the app's code where there is one. (`force_login` skips allauth's records of it.)"""
    if not person.check_password(PASSWORD):
        person.set_password(PASSWORD)
        person.save(update_fields=["password"])
    response = client.post("/accounts/login/", {"login": person.email, "password": PASSWORD})
    if response.url == "/accounts/2fa/authenticate/":
        code = format_hotp_value(hotp_value(TOTP_SECRET, int(time.time()) // 30))
        client.post("/accounts/2fa/authenticate/", {"code": code})
    assert client.session.get("_auth_user_id") == str(person.pk)
