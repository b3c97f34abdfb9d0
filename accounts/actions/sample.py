"""The sample people of the demo and of the tests: plainly fictional, one for each part."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import make_password
from django.db import transaction

from accounts.models import Organisation, Person, RoleAssignment
from accounts.roles import Role
from audit import trail


@dataclass(frozen=True)
class Part:
    """A sample person: the word they go by, their name, the roles they hold on the programmes, and what they can try."""

    who: str
    name: str
    roles: tuple[Role, ...]
    tries: str
    company_role: Role | None = None
    is_site_wide: bool = False

    @property
    def email(self) -> str:
        return f"{self.who}@example.org"

    @property
    def title(self) -> str:
        """What they are, in words."""
        held = [*self.roles, *([self.company_role] if self.company_role else [])]
        return ", ".join(str(role.label) for role in held)


ASSESSOR_NAMES = ("Ada", "Ben", "Cora", "Dev", "Esi", "Finn", "Gita", "Hugh", "Isla", "Jude", "Kofi", "Lila")
COMPANY_PARTS = (
    Part("applicant", "Ann Applicant", (), "Register a company, apply, answer queries, claim and report.", Role.OWNER),
    Part("colleague", "Colin Colleague", (), "Write an application together with Ann.", Role.MEMBER),
    Part("signatory", "Sigrid Signatory", (), "Submit an application, and accept an offer for the company.", Role.SIGNATORY),
)
STAFF_PARTS = (
    Part("officer", "Olive Officer", (Role.OFFICER,), "Screen referrals, allocate assessors, propose decisions, check claims."),
    Part("lead", "Leo Lead", (Role.LEAD,), "Publish a programme, decide applications, verify bank details, approve claims."),
    Part("second-lead", "Lena Lead", (Role.LEAD,), "Cover for Leo, and be the second pair of eyes where one lead proposed."),
    Part("chair", "Chidi Chair", (Role.CHAIR,), "Chair the panel, and exclude a score that stands out."),
    Part("panel-member", "Pia Panel", (Role.PANEL_MEMBER,), "Sit on the panel, and step out where there is a conflict."),
    Part("monitor", "Mona Monitor", (Role.MONITOR,), "Check claims and their evidence, accept outcome reports."),
    Part("finance", "Fay Finance", (Role.FINANCE,), "Verify bank details, approve claims, build and approve payment runs."),
    Part(
        "independent-approver", "Ira Independent", (Role.INDEPENDENT_APPROVER,), "Release a payment run, confirm a role that Leo granted."
    ),
    Part("funder", "Fred Funder", (Role.FUNDER,), "Read the live figures of the programme."),
    Part("auditor", "Audrey Auditor", (Role.AUDITOR,), "Read everything, change nothing, verify the trail."),
    Part("admin", "Alma Admin", (Role.ADMIN,), "Invite people, grant roles, issue and revoke API keys.", is_site_wide=True),
)


def assessor(number: int) -> Part:
    """The assessor of that number, from 1."""
    first = ASSESSOR_NAMES[(number - 1) % len(ASSESSOR_NAMES)]
    again = "" if number <= len(ASSESSOR_NAMES) else f" {1 + (number - 1) // len(ASSESSOR_NAMES)}"
    return Part(
        f"assessor-{number}", f"{first} Assessor{again}", (Role.ASSESSOR,), "Accept an assessment, declare a conflict, read and score."
    )


def parts(*, assessors: int = 4) -> tuple[Part, ...]:
    """Everybody in the cast, in the order in which an application meets them."""
    return COMPANY_PARTS + tuple(assessor(number) for number in range(1, assessors + 1)) + STAFF_PARTS


def seed_cast(
    *,
    programmes: Iterable[str] = (),
    company: Organisation | None = None,
    funder: Organisation | None = None,
    assessors: int = 4,
    extras: Iterable[Part] = (),
    at: datetime,
) -> dict[str, Person]:
    """Make the sample people, by the word they go by, with their roles on these programmes (slugs). Again is harmless.

    Staff and assessors hold their roles on each programme; the funder's person holds theirs on `funder` where one is given; the
    company's people hold theirs on `company` where one is given, and otherwise none, so that they can register one themselves.
    """
    everybody = (*parts(assessors=assessors), *extras)
    with transaction.atomic():
        people = _people(everybody)
        system = Person.objects.system()
        wanted = [
            (people[part.who].pk, str(role), scope)
            for part in everybody
            for role, scope in _roles(part, programmes=tuple(programmes), company=company, funder=funder)
        ]
        held = set(RoleAssignment.objects.filter(person__in=people.values(), ends_at=None).values_list("person_id", "role", "scope"))
        missing = [trio for trio in wanted if trio not in held]
        RoleAssignment.objects.bulk_create(
            RoleAssignment(person_id=person, role=role, scope=scope, starts_at=at, granted_by=system) for person, role, scope in missing
        )
        if missing:
            trail.record(
                stream="system", kind="sample.cast_seeded", actor=system.pk, at=at, after={"people": len(people), "roles": len(missing)}
            )
    return people


def _people(everybody: Iterable[Part]) -> dict[str, Person]:
    by_email = {part.email: part for part in everybody}
    known = set(Person.objects.filter(email__in=by_email).values_list("email", flat=True))
    Person.objects.bulk_create(
        Person(email=email, name=part.name, password=make_password(None)) for email, part in by_email.items() if email not in known
    )
    people = {by_email[person.email].who: person for person in Person.objects.filter(email__in=by_email)}
    EmailAddress.objects.bulk_create(
        (EmailAddress(user=person, email=person.email, verified=True, primary=True) for person in people.values()), ignore_conflicts=True
    )
    return people


def _roles(
    part: Part, *, programmes: tuple[str, ...], company: Organisation | None, funder: Organisation | None
) -> Iterable[tuple[Role, str]]:
    if part.company_role is not None:
        return [(part.company_role, company.scope)] if company is not None else []
    if part.is_site_wide:
        return [(role, "site") for role in part.roles]
    if Role.FUNDER in part.roles and funder is not None:
        return [(Role.FUNDER, funder.scope)]
    return [(role, f"programme:{slug}") for slug in programmes for role in part.roles]
