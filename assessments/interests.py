"""What the records show between people and applications: the finder of conflicts of interest. It reads and judges nothing.

Each ground is looked up by key (a number, a postcode, a name), never pair by pair: 1,000 assessors and 5,000 applications are five
million pairs, and nearly all of them share nothing.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Q, QuerySet, Value

from accounts.models import Person, RoleAssignment
from accounts.roles import COMPANY_ROLES
from applications.models import Application, AssistedAnswer, Company, SubmittedPaper
from assessments.kin import WORD, keys_around, keys_of, plain, ties_of
from assessments.models import Advice, AssessorProfile, Conflict

PUBLIC_DOMAINS = frozenset({
    "gmail.com", "googlemail.com", "outlook.com", "hotmail.com", "hotmail.co.uk", "live.com", "live.co.uk", "msn.com", "yahoo.com",
    "yahoo.co.uk", "icloud.com", "me.com", "mac.com", "aol.com", "proton.me", "protonmail.com", "gmx.com", "gmx.co.uk", "mail.com",
    "zoho.com", "fastmail.com", "btinternet.com", "btopenworld.com", "virginmedia.com", "ntlworld.com", "sky.com", "talktalk.net",
    "blueyonder.co.uk", "tiscali.co.uk", "example.com", "example.net", "example.org",
})  # fmt: skip
"""Mail providers that anybody may use, and the names reserved for examples (RFC 2606): sharing one means nothing."""
CO_APPLIED = timedelta(days=5 * 365)

Pair = tuple[int, int]
"""(person, application) by primary key."""
Ground, Status = Conflict.Ground, Conflict.Status


@dataclass(frozen=True)
class Found:
    """An interest that the records show. Suggested ones wait for a person; confirmed ones bar at once."""

    ground: Conflict.Ground
    status: Conflict.Status
    sentence: str


Hit = tuple[int, Application, Found]


def find(people: Iterable[Person], applications: Iterable[Application], *, on: date) -> dict[Pair, list[Found]]:
    """What the records show between these people and these applications (with their company), in a fixed number of queries."""
    records = _Records(list(people), list(applications), on)
    looks = (_in_team, _rivals, _employed, _in_group, _declared, _domains, _postcodes, _shared_people, _co_applied, _named, _advised)
    found: dict[Pair, list[Found]] = defaultdict(list)
    for look in looks:
        for person, application, shown in look(records):
            if all(known.ground != shown.ground for known in found[(person, application.pk)]):
                found[(person, application.pk)].append(shown)
    return dict(found)


class _Records:
    """Everything the looks read, fetched once and indexed."""

    def __init__(self, people: list[Person], applications: list[Application], on: date) -> None:
        self.people, self.applications, self.on = people, applications, on
        self.by_organisation: dict[int, list[Application]] = defaultdict(list)
        for application in applications:
            self.by_organisation[application.company.organisation_id].append(application)
        self.named: dict[str, set[Company]] = defaultdict(set)
        """The companies that applied, by number and by plain name: two may have the same."""
        for application in applications:
            self.named[application.company.company_number.upper()].add(application.company)
            self.named[plain(application.company.name)].add(application.company)
        self.named.pop("", None)
        self.profiles = _profiles(people)
        self.joined: dict[int, set[int]] = defaultdict(set)
        """Organisations by person: those they belong to now, and with them those they belonged to within five years."""
        self.joined_ever: dict[int, set[int]] = defaultdict(set)
        self.teams: dict[int, dict[int, tuple[str, str]]] = defaultdict(dict)
        """(name, e-mail) of a team's people, by organisation and person."""
        self._read_roles()

    def _read_roles(self) -> None:
        """Who belongs where, of these people and of the teams of these applications."""
        theirs = Q(person__in=self.people) & (Q(ends_at=None) | Q(ends_at__date__gte=self.on - CO_APPLIED))
        teams = Q(ends_at=None, scope__in=[f"organisation:{pk}" for pk in self.by_organisation])
        asked = {person.pk for person in self.people}
        rows = RoleAssignment.objects.filter(theirs | teams, role__in=COMPANY_ROLES).order_by("pk")
        for person, name, email, scope, ends_at in rows.values_list("person_id", "person__name", "person__email", "scope", "ends_at"):
            organisation = int(scope.partition(":")[2])
            if ends_at is None and organisation in self.by_organisation:
                self.teams[organisation][person] = (name, email)
            if person in asked:
                self.joined_ever[person].add(organisation)
                if ends_at is None:
                    self.joined[person].add(organisation)

    def companies(self, said: str) -> set[Company]:
        """Those that applied under this number or this name."""
        return self.named.get(said.strip().upper()) or self.named.get(plain(said)) or set()

    def of(self, company: Company) -> list[Application]:
        return self.by_organisation[company.organisation_id]


def _profiles(people: list[Person]) -> list[AssessorProfile]:
    """Those of these people who have one: as they were read with them, where they were."""
    if all("assessor_profile" in person._state.fields_cache for person in people):
        return [profile for person in people if (profile := getattr(person, "assessor_profile", None)) is not None]
    return list(AssessorProfile.objects.filter(person__in=people))


def _members(roles: QuerySet[RoleAssignment]) -> dict[int, dict[int, tuple[str, str]]]:
    """(name, e-mail) of a team's people, by organisation and person."""
    found: dict[int, dict[int, tuple[str, str]]] = defaultdict(dict)
    for person, name, email, scope in roles.values_list("person_id", "person__name", "person__email", "scope"):
        found[int(scope.partition(":")[2])][person] = (name, email)
    return found


def _in_team(records: _Records) -> Iterator[Hit]:
    for person, organisations in records.joined.items():
        for organisation in organisations & records.by_organisation.keys():
            for application in records.by_organisation[organisation]:
                yield person, application, Found(Ground.TEAM, Status.CONFIRMED, f"Belongs to {application.company.name}.")


def _rivals(records: _Records) -> Iterator[Hit]:
    """Their own company applies in the same round."""
    ours = set().union(*records.joined.values()) if records.joined else set()
    if not ours:
        return
    sent: dict[int, set[tuple[int, str]]] = defaultdict(set)
    rows = Application.objects.filter(company__organisation__in=ours, submitted_at__isnull=False)
    for organisation, round, name in rows.values_list("company__organisation_id", "round_id", "company__organisation__name"):
        sent[organisation].add((round, name))
    for person, organisations in records.joined.items():
        rounds = dict(one for organisation in organisations for one in sorted(sent[organisation]))
        for application in records.applications:
            if application.round_id in rounds and application.company.organisation_id not in organisations:
                said = f"Belongs to {rounds[application.round_id]}, which applies in the same round."
                yield person, application, Found(Ground.RIVAL, Status.CONFIRMED, said)


def _employed(records: _Records) -> Iterator[Hit]:
    for profile in records.profiles:
        for company in records.companies(profile.employer_number) | records.companies(profile.employer):
            for application in records.of(company):
                yield profile.person_id, application, Found(Ground.EMPLOYER, Status.CONFIRMED, f"Is employed by {company.name}.")


def _in_group(records: _Records) -> Iterator[Hit]:
    """A company of theirs (team, employer, declared) stands under the same group as the applicant; or one holds a share in the other."""
    known: list[tuple[int, int | None, str, set[str]]] = []
    """Person, their company where it is on record, what is said of it, its keys."""
    employed: dict[str, set[int]] = defaultdict(set)
    for profile in records.profiles:
        known.append((profile.person_id, None, f"Is employed by {profile.employer or profile.employer_number}",
                      keys_of(profile.employer_number, profile.employer)))  # fmt: skip
        known += [(profile.person_id, None, f"Declared an interest in {one}", keys_of(str(one))) for one in profile.interests]
        if profile.employer_number:
            employed[profile.employer_number.upper()].add(profile.person_id)
    owners: dict[int, set[int]] = defaultdict(set)
    for person, organisations in records.joined.items():
        for organisation in organisations:
            owners[organisation].add(person)
    if employed or owners:
        theirs = Company.objects.filter(Q(company_number__in=employed) | Q(organisation__in=owners)).select_related("organisation")
        for company in theirs:
            people = employed.get(company.company_number.upper(), set()) | owners.get(company.organisation_id, set())
            known += [(person, company.pk, f"Belongs to {company.name}", keys_around(company)) for person in sorted(people)]
    if any(keys for *_, keys in known):
        yield from _tied(records, known)


def _tied(records: _Records, known: Iterable[tuple[int, int | None, str, set[str]]]) -> Iterator[Hit]:
    applied = {theirs[0].company_id: theirs[0].company for theirs in records.by_organisation.values()}
    ties = ties_of(applied.values())
    for person, own, said, keys in known:
        bound = {tie for key in keys & ties.keys() for tie in ties[key] if tie.company != own}
        for tie in sorted(bound, key=lambda one: (not one.is_group, one.company)):
            company = applied[tie.company]
            how = f"of the same group as {company.name}" if tie.is_group else f"which {company.name} named as its partner by a share"
            status = Status.CONFIRMED if tie.is_group else Status.SUGGESTED
            for application in records.of(company):
                yield person, application, Found(Ground.GROUP, status, f"{said}, {how}.")


def _declared(records: _Records) -> Iterator[Hit]:
    """Companies that the assessor named in their yearly declaration, by number or by name."""
    for profile in records.profiles:
        for interest in profile.interests:
            for company in records.companies(str(interest)):
                for application in records.of(company):
                    yield profile.person_id, application, Found(Ground.INTEREST, Status.CONFIRMED, f"Declared an interest in {company}.")


def _domains(records: _Records) -> Iterator[Hit]:
    people: dict[str, list[int]] = defaultdict(list)
    for person in records.people:
        people[_domain(person.email)].append(person.pk)
    for organisation, team in records.teams.items():
        for domain in {_domain(email) for _, email in team.values()} - PUBLIC_DOMAINS:
            for key in people.get(domain, ()):
                for application in records.by_organisation[organisation]:
                    said = f"Has an e-mail address at {domain}, as the company has."
                    yield key, application, Found(Ground.EMAIL_DOMAIN, Status.SUGGESTED, said)


def _postcodes(records: _Records) -> Iterator[Hit]:
    people: dict[str, list[int]] = defaultdict(list)
    for profile in records.profiles:
        if profile.postcode:
            people[_squeezed(profile.postcode)].append(profile.person_id)
    for application in records.applications:
        for person in people.get(_squeezed(application.company.postcode), ()):
            said = f"Has the postcode {application.company.postcode}, as the company has."
            yield person, application, Found(Ground.POSTCODE, Status.SUGGESTED, said)


def _shared_people(records: _Records) -> Iterator[Hit]:
    """Somebody of the applicant's team (its directors sign there) also belongs to a company of the assessor's."""
    ours = set().union(*records.joined.values()) if records.joined else set()
    rows = RoleAssignment.objects.filter(ends_at=None, role__in=COMPANY_ROLES, scope__in=[f"organisation:{pk}" for pk in ours])
    yield from _through(records, records.joined, _members(rows), Ground.SHARED_PEOPLE, "is in a team with this person elsewhere")


def _co_applied(records: _Records) -> Iterator[Hit]:
    """Both belonged, within five years, to a company that applied."""
    since = records.on - CO_APPLIED
    ours = set().union(*records.joined_ever.values()) if records.joined_ever else set()
    applied = set(
        Application.objects.filter(company__organisation__in=ours, started_at__date__gte=since).values_list(
            "company__organisation_id", flat=True
        )
    )
    scopes = [f"organisation:{pk}" for pk in applied]
    rows = RoleAssignment.objects.filter(Q(ends_at=None) | Q(ends_at__date__gte=since), role__in=COMPANY_ROLES, scope__in=scopes)
    joined = {person: organisations & applied for person, organisations in records.joined_ever.items()}
    yield from _through(records, joined, _members(rows), Ground.CO_APPLICANT, "applied together with this person within five years")


def _through(
    records: _Records,
    joined: Mapping[int, set[int]],
    members: Mapping[int, Mapping[int, tuple[str, str]]],
    ground: Conflict.Ground,
    words: str,
) -> Iterator[Hit]:
    """Pairs that a third person links: in a company of the assessor's and in the applicant's team."""
    at_home: dict[int, list[tuple[int, str]]] = defaultdict(list)
    for organisation, team in records.teams.items():
        for member, (name, _) in team.items():
            at_home[member].append((organisation, name))
    for person, organisations in joined.items():
        for third in {member for organisation in organisations for member in members.get(organisation, ())} - {person}:
            for organisation, name in at_home.get(third, ()):
                if organisation not in organisations:
                    for application in records.by_organisation[organisation]:
                        yield person, application, Found(ground, Status.SUGGESTED, f"{name} of the company {words}.")


def _named(records: _Records) -> Iterator[Hit]:
    """The application names the assessor, or where they work: as a competitor, a partner, somebody who should not judge."""
    names: dict[str, list[tuple[tuple[str, ...], int, str]]] = defaultdict(list)
    employers = {profile.person_id: profile.employer for profile in records.profiles}
    for person in records.people:
        for name in (person.name, employers.get(person.pk, "")):
            words = tuple(plain(name).split())
            if len(words) > 1 or (words and len(words[0]) > 5):
                names[words[-1]].append((words, person.pk, name))
    by_pk = {application.pk: application for application in records.applications}
    papers = SubmittedPaper.objects.filter(application__in=by_pk).order_by("application_id", "number")
    for pk, document in papers.values_list("application_id", "document").iterator(chunk_size=200):
        text = WORD.findall(document.lower())
        known, line = set(text), ""
        for last in known & names.keys():
            for words, key, name in names[last]:
                line = line or f" {' '.join(text)} "
                if known.issuperset(words) and f" {' '.join(words)} " in line:
                    yield key, by_pk[pk], Found(Ground.NAMED, Status.SUGGESTED, f"The application names {name}.")


def _advised(records: _Records) -> Iterator[Hit]:
    """Advice that is on record; and whoever of the staff typed answers for the company had a hand in what is judged."""
    companies = {application.company_id: application.company for application in records.applications}
    advice = Advice.objects.filter(person__in=records.people, company__in=companies).values_list("person_id", "company_id", "what")
    typed = AssistedAnswer.objects.filter(typed_by__in=records.people, application__company__in=companies).distinct()
    rows = advice.union(typed.values_list("typed_by_id", "application__company_id", Value("typed answers for it in an application.")))
    for person, company, what in sorted(rows):
        for application in records.of(companies[company]):
            yield person, application, Found(Ground.ADVISED, Status.SUGGESTED, f"Advised the company: {what}")


def _domain(email: str) -> str:
    return email.rpartition("@")[2].lower()


def _squeezed(postcode: str) -> str:
    return "".join(postcode.split()).upper()
