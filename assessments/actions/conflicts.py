"""Conflicts of interest: found from what the house knows, judged by people."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from accounts.access import require
from accounts.models import Person, RoleAssignment
from accounts.refusals import NotAllowedNow, Refused
from accounts.roles import COMPANY_ROLES, Permission
from applications.models import Application
from assessments.actions import moderation
from assessments.models import AssessorProfile, Conflict
from audit import trail
from workflow.engine import fire

PUBLIC_DOMAINS = frozenset({
    "gmail.com", "googlemail.com", "outlook.com", "hotmail.com", "hotmail.co.uk", "live.com", "live.co.uk", "msn.com", "yahoo.com",
    "yahoo.co.uk", "icloud.com", "me.com", "mac.com", "aol.com", "proton.me", "protonmail.com", "gmx.com", "gmx.co.uk", "mail.com",
    "zoho.com", "fastmail.com", "btinternet.com", "btopenworld.com", "virginmedia.com", "ntlworld.com", "sky.com", "talktalk.net",
    "blueyonder.co.uk", "tiscali.co.uk", "example.com", "example.net", "example.org",
})  # fmt: skip
"""Mail providers that anybody may use, and the names reserved for examples (RFC 2606): sharing one means nothing."""

Pair = tuple[int, int]
"""(person, application) by primary key."""


@dataclass(frozen=True)
class Found:
    """An interest that the records show. Suggested ones wait for a person; confirmed ones bar at once."""

    ground: Conflict.Ground
    status: Conflict.Status
    sentence: str


def find(people: Iterable[Person], applications: Iterable[Application]) -> dict[Pair, list[Found]]:
    """What the records show between these people and these applications (with their company). Reads only, in a fixed number of queries."""
    people, applications = list(people), list(applications)
    companies = {application.company.organisation_id: application.company for application in applications}
    teams = RoleAssignment.objects.filter(ends_at=None, role__in=COMPANY_ROLES)
    joined = _by_person(teams.filter(person__in=people))
    domains = _team_domains(teams.filter(scope__in=[f"organisation:{pk}" for pk in companies]))
    profiles = {profile.person_id: profile for profile in AssessorProfile.objects.filter(person__in=people)}
    rivals = _rounds_of(joined)
    found: dict[Pair, list[Found]] = defaultdict(list)
    for person in people:
        for application in applications:
            found[(person.pk, application.pk)] = [
                *_in_team(joined.get(person.pk, set()), application),
                *_is_rival(rivals.get(person.pk, {}), application),
                *_is_employed(profiles.get(person.pk), application),
                *_shares_domain(person, domains.get(application.company.organisation_id, set())),
            ]
    return {pair: grounds for pair, grounds in found.items() if grounds}


def standing(people: Iterable[Person], applications: Iterable[Application]) -> dict[Pair, list[str]]:
    """Why a person may not be given an application: recorded and not dismissed, or found and not yet judged. Sentences by pair."""
    people, applications = list(people), list(applications)
    recorded = Conflict.objects.filter(person__in=people, application__in=applications)
    dismissed: set[tuple[int, int, str]] = set()
    sentences: dict[Pair, list[str]] = defaultdict(list)
    known: set[tuple[int, int, str]] = set()
    for conflict in recorded:
        key = (conflict.person_id, conflict.application_id, conflict.ground)
        known.add(key)
        if conflict.status == Conflict.Status.DISMISSED:
            dismissed.add(key)
        else:
            sentences[key[:2]].append(conflict.get_ground_display())
    for pair, grounds in find(people, applications).items():
        sentences[pair] += [found.sentence for found in grounds if (*pair, str(found.ground)) not in known]
    return {pair: grounds for pair, grounds in sentences.items() if grounds}


def record_found(*, applications: Iterable[Application], people: Iterable[Person], by: Person, at: datetime) -> list[Conflict]:
    """Write down what the records show, once: confirmed grounds bar the person at once, suggested ones wait. Returns the new rows."""
    applications, people = list(applications), list(people)
    by_pk = {application.pk: application for application in applications}
    for application in applications:
        require(by, Permission.ASSESSMENT_ALLOCATE, on=application)
    with transaction.atomic():
        known = set(
            Conflict.objects.filter(person__in=people, application__in=applications).values_list("person_id", "application_id", "ground")
        )
        recorded = [
            _record(person, by_pk[application], found, by=by, at=at)
            for (person, application), grounds in find(people, applications).items()
            for found in grounds
            if (person, application, str(found.ground)) not in known
        ]
        for conflict in recorded:
            if conflict.status == Conflict.Status.CONFIRMED:
                _shut(conflict, by=by, at=at)
        return recorded


def judge(*, conflict: Conflict, confirm: bool, reason: str, by: Person, at: datetime) -> Conflict:
    """Confirm a suggested conflict, which then bars the person, or dismiss it. Raises NotAllowedNow once it has been judged."""
    require(by, Permission.ASSESSMENT_ALLOCATE, on=conflict.application)
    if not reason.strip():
        raise Refused("Give the reason for your judgement.", code="reason_missing", field="reason")
    with transaction.atomic():
        fresh = Conflict.objects.select_for_update().get(pk=conflict.pk)
        if fresh.status != Conflict.Status.SUGGESTED:
            raise NotAllowedNow("This conflict has been judged already.", code="conflict_judged")
        fresh.status = Conflict.Status.CONFIRMED if confirm else Conflict.Status.DISMISSED
        fresh.judged_at, fresh.judged_by, fresh.judgement = at, by, reason.strip()[:1000]
        fresh.save(update_fields=["status", "judged_at", "judged_by", "judgement"])
        trail.record(
            stream=conflict.application.stream,
            kind=f"conflict.{fresh.status}",
            actor=by.pk,
            at=at,
            subject=f"assessments.conflict:{fresh.pk}",
            before={"status": "suggested"},
            after={"status": str(fresh.status), "person": fresh.person_id},
            personal={"reason": fresh.judgement},
        )
        if confirm:
            _shut(fresh, by=by, at=at)
    return fresh


def _shut(conflict: Conflict, *, by: Person, at: datetime) -> None:
    """A confirmed conflict closes the person's review of the application, late or not, and voids what rested on it."""
    application = conflict.application
    for review in application.assessments.live().filter(assessor=conflict.person_id):
        fire(review, "bar", by=by, at=at, note=f"{conflict.get_ground_display()}: {conflict.judgement or conflict.detail}")
    moderation.look_again(application=application, at=at)


def _record(person: int, application: Application, found: Found, *, by: Person, at: datetime) -> Conflict:
    conflict = Conflict.objects.create(
        person_id=person,
        application=application,
        kind=Conflict.Kind.FOUND,
        ground=found.ground,
        status=found.status,
        detail=found.sentence,
        recorded_at=at,
        recorded_by=by,
    )
    trail.record(
        stream=application.stream,
        kind="conflict.found",
        actor=by.pk,
        at=at,
        subject=f"assessments.conflict:{conflict.pk}",
        after={"person": person, "ground": str(found.ground), "status": str(found.status)},
    )
    return conflict


def _by_person(roles: Iterable[RoleAssignment]) -> dict[int, set[int]]:
    """Organisations whose team each person belongs to."""
    joined: dict[int, set[int]] = defaultdict(set)
    for role in roles:
        joined[role.person_id].add(int(role.scope.partition(":")[2]))
    return joined


def _team_domains(roles: QuerySet[RoleAssignment]) -> dict[int, set[str]]:
    """The non-public mail domains of each company's team."""
    domains: dict[int, set[str]] = defaultdict(set)
    for role in roles.select_related("person"):
        domain = _domain(role.person.email)
        if domain not in PUBLIC_DOMAINS:
            domains[int(role.scope.partition(":")[2])].add(domain)
    return domains


def _rounds_of(joined: Mapping[int, set[int]]) -> dict[int, dict[int, str]]:
    """For each person the rounds in which a company of theirs has sent an application in, with that company's name."""
    organisations = set().union(*joined.values()) if joined else set()
    rows = Application.objects.filter(company__organisation__in=organisations, submitted_at__isnull=False).values_list(
        "company__organisation_id", "round_id", "company__organisation__name"
    )
    sent: dict[int, dict[int, str]] = defaultdict(dict)
    for organisation, round_id, name in rows:
        sent[organisation][round_id] = name
    return {
        person: {round_id: name for organisation in theirs for round_id, name in sent[organisation].items()}
        for person, theirs in joined.items()
    }


def _in_team(organisations: set[int], application: Application) -> list[Found]:
    if application.company.organisation_id not in organisations:
        return []
    return [Found(Conflict.Ground.TEAM, Conflict.Status.CONFIRMED, f"Belongs to {application.company.name}.")]


def _is_rival(rounds: Mapping[int, str], application: Application) -> list[Found]:
    name = rounds.get(application.round_id)
    if name is None or name == application.company.name:
        return []
    return [Found(Conflict.Ground.RIVAL, Conflict.Status.CONFIRMED, f"Belongs to {name}, which applies in the same round.")]


def _is_employed(profile: AssessorProfile | None, application: Application) -> list[Found]:
    if profile is None:
        return []
    company = application.company
    same_number = bool(profile.employer_number) and profile.employer_number == company.company_number.upper()
    same_name = bool(profile.employer) and _plain(profile.employer) == _plain(company.name)
    if not (same_number or same_name):
        return []
    return [Found(Conflict.Ground.EMPLOYER, Conflict.Status.CONFIRMED, f"Is employed by {company.name}.")]


def _shares_domain(person: Person, domains: set[str]) -> list[Found]:
    domain = _domain(person.email)
    if domain not in domains:
        return []
    return [Found(Conflict.Ground.EMAIL_DOMAIN, Conflict.Status.SUGGESTED, f"Has an e-mail address at {domain}, as the company has.")]


def _domain(email: str) -> str:
    return email.rpartition("@")[2].lower()


def _plain(name: str) -> str:
    """A company name as it is compared: lower case, letters and digits, without its legal form."""
    words = "".join(letter if letter.isalnum() else " " for letter in name.lower()).split()
    return " ".join(word for word in words if word not in {"limited", "ltd", "plc", "llp", "cic", "the"})
