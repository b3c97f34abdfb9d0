"""The ten minimum requirements for grants of the government functional standard GovS 015, and what evidences each on one programme.

Evidence is read from records, each line with the page that shows it. Where no record can tell, a person does, by name and date:
comply or explain.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cached_property

from django.db.models import Count, F, Q
from django.urls import reverse

from accounts.models import Person, RoleAssignment
from accounts.roles import Role
from assessments.models import Decision
from grants.definition import Definition
from grants.models import Programme, ProgrammeVersion, RequirementNote
from payments.models import Award, AwardCheck, OutcomeReport, Payment

STATEMENT_DAYS = 5
"""Days in which a released payment is expected on a bank statement: Bacs takes three, and a weekend."""
ROUTES = {"open_call": "an open call", "closed_call": "a closed call", "direct": "a direct award"}


class Status(StrEnum):
    """What stands for a requirement."""

    MET = "Met"
    NOT_YET = "Not yet"
    EXPLAINED = "Explained"
    TO_NOTE = "Needs a note"


@dataclass(frozen=True)
class Evidence:
    """One line read from the records: whether it holds (None: it only informs), and where it can be seen."""

    text: str
    holds: bool | None
    href: str = ""


@dataclass(frozen=True)
class Requirement:
    """One of the ten: what it asks, and what only a person can say of it."""

    number: int
    title: str
    asks: str
    by_hand: str = ""
    lasts_days: int | None = None
    """After so many days a note is to be said again."""


REQUIREMENTS = (
    Requirement(1, "Senior officer responsible", "A named senior officer answers for the grant from its design to its end."),
    Requirement(
        2,
        "Approvals and data capture",
        "The grant and its awards are approved by those who may, and registered.",
        "Where the scheme and its awards are registered (the government grants information system, or the funder's own), and when last.",
    ),
    Requirement(
        3,
        "Advice on complex grants",
        "A grant that is novel, contentious or of high risk is referred for advice before it opens.",
        "Whether the grant is novel, contentious or of high risk; if it is, who was asked and what they said.",
    ),
    Requirement(
        4,
        "Business case",
        "A proportionate business case stands behind the grant.",
        "Where the business case is, who approved it and when.",
    ),
    Requirement(5, "Competed by default", "Grants are competed; anything but an open call is justified in writing."),
    Requirement(6, "Grant agreement", "A proportionate agreement says what may be spent, and is signed before money moves."),
    Requirement(
        7,
        "Due diligence and fraud risk",
        "Every company is checked in time and in proportion, and the risk of fraud is assessed.",
        "Where the fraud risk assessment of this programme is, and when it was last looked at.",
        365,
    ),
    Requirement(8, "Performance and outcomes", "What the money is to achieve is agreed, measured and reviewed."),
    Requirement(
        9,
        "Annual review and reconciliation",
        "Once a year the grant is reconciled, reviewed, and continued, changed or stopped.",
        "When it was last reviewed, what was found, and whether to continue, change or stop.",
        365,
    ),
    Requirement(
        10,
        "Training",
        "Those who manage and assess grants are trained for it.",
        "What training the team has had, and when.",
        730,
    ),
)
BY_NUMBER = {each.number: each for each in REQUIREMENTS}


@dataclass(frozen=True)
class Standing:
    """One requirement with its evidence and the note that stands."""

    requirement: Requirement
    evidence: list[Evidence]
    note: RequirementNote | None
    is_stale: bool
    status: Status = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "status", self._status())

    def _status(self) -> Status:
        """A person's explanation stands beside what records say; their yes does not outweigh a record that says no."""
        said = self.note if self.note and not self.is_stale else None
        if said and said.verdict != RequirementNote.Verdict.MET:
            return Status.EXPLAINED if said.verdict == RequirementNote.Verdict.EXPLAINED else Status.NOT_YET
        if any(line.holds is False for line in self.evidence):
            return Status.NOT_YET
        if self.requirement.by_hand and said is None:
            return Status.TO_NOTE
        return Status.MET


def standings(programme: Programme, *, at: datetime) -> list[Standing]:
    """All ten as they stand at `at`."""
    notes = {note.requirement: note for note in programme.requirement_notes.select_related("noted_by").order_by("pk")}
    look = Look(programme, at)
    return [_standing(each, list(EVIDENCE[each.number](look)), notes.get(each.number), at) for each in REQUIREMENTS]


def _standing(requirement: Requirement, evidence: list[Evidence], note: RequirementNote | None, at: datetime) -> Standing:
    lasts = requirement.lasts_days
    return Standing(requirement, evidence, note, is_stale=bool(note and lasts and at - note.noted_at > timedelta(days=lasts)))


class Look:
    """What several requirements read of one programme, asked once."""

    def __init__(self, programme: Programme, at: datetime) -> None:
        self.programme, self.at = programme, at
        self.here = reverse("grants:manage_programme", args=[programme.slug])
        self.figures = reverse("reporting:figures", args=[programme.slug])

    def rows(self, name: str) -> str:
        """The page of the rows behind a figure."""
        return reverse("reporting:rows", args=[self.programme.slug, name])

    @cached_property
    def versions(self) -> list[ProgrammeVersion]:
        """Published ones, the newest first."""
        published = self.programme.versions.filter(state=ProgrammeVersion.State.PUBLISHED)
        return list(published.select_related("programme").order_by("-number"))

    @cached_property
    def definition(self) -> Definition | None:
        return self.versions[0].definition if self.versions else None

    @property
    def version_href(self) -> str:
        return reverse("grants:version", args=[self.programme.slug, self.versions[0].number])

    @cached_property
    def awards(self) -> dict[str, int]:
        """How many awards were offered, were accepted, and were accepted without their agreement."""
        accepted = Q(accepted_at__isnull=False)
        signed = Award.objects.filter(programme=self.programme, papers__kind="agreement").values("pk")
        return Award.objects.filter(programme=self.programme).aggregate(
            offered=Count("pk", filter=Q(offered_at__isnull=False)),
            accepted=Count("pk", filter=accepted),
            unsigned=Count("pk", filter=accepted & ~Q(pk__in=signed)),
        )


def _share(label: str, wrong: int, whole: int, things: str, *, href: str = "") -> Evidence:
    """`Signed agreement: 3 of 3 accepted awards`; where there is nothing to count yet it only informs."""
    if not whole:
        return Evidence(f"{label}: no {things} yet.", None)
    return Evidence(f"{label}: {whole - wrong} of {whole} {things}.", not wrong, href)


NOT_PUBLISHED = Evidence("No version is published yet.", False)


def _senior_officer(look: Look) -> Iterator[Evidence]:
    if look.definition is None:
        yield NOT_PUBLISHED
        return
    named = look.definition.parties.senior_officer
    text = f"{named} is named in version {look.versions[0].number}." if named else "Nobody is named in the published version."
    yield Evidence(text, bool(named), look.version_href)
    before = [version for version in look.versions[1:] if version.definition.parties.senior_officer != named]
    for version in before:
        yield Evidence(f"Before, in version {version.number}: {version.definition.parties.senior_officer}.", None)


def _approvals(look: Look) -> Iterator[Evidence]:
    alone = sum(1 for version in look.versions if version.prepared_by_id == version.published_by_id)
    yield _share("Published by a second person", alone, len(look.versions), "versions", href=look.here)
    decided = Decision.objects.filter(application__round__programme=look.programme, decided_at__isnull=False)
    counts = decided.aggregate(all=Count("pk"), alone=Count("pk", filter=Q(decided_by=F("proposed_by"))))
    yield _share("Decided by a second person", counts["alone"], counts["all"], "decisions", href=look.rows("applications"))
    released = Payment.objects.filter(award__programme=look.programme, released_at__isnull=False)
    counts = released.aggregate(all=Count("pk"), alone=Count("pk", filter=Q(released_by=F("claim__approved_by"))))
    label = "Released by somebody who did not approve the claim"
    yield _share(label, counts["alone"], counts["all"], "payments", href=look.rows("payments"))
    yield Evidence("The register of awards, as a list and a file.", None, look.rows("awards"))


def _nothing(look: Look) -> Iterator[Evidence]:
    yield from ()


def _competition(look: Look) -> Iterator[Evidence]:
    if look.definition is None:
        yield NOT_PUBLISHED
        return
    route = look.definition.route
    if route.kind == "open_call":
        yield Evidence("The programme is an open call.", True, look.version_href)
    else:
        why = f": {route.justification}" if route.justification else ", and nothing justifies it"
        yield Evidence(f"The programme is {ROUTES[route.kind]}{why}", bool(route.justification), look.version_href)


def _agreement(look: Look) -> Iterator[Evidence]:
    if look.definition is None:
        yield NOT_PUBLISHED
        return
    delivery, terms = look.definition.delivery, look.definition.award
    eligible = sum(1 for category in delivery.cost_categories if category.is_eligible)
    text = f"Kinds of eligible cost: {eligible}; named as ineligible: {len(delivery.ineligible)}; conditions: {len(terms.conditions)}."
    yield Evidence(text, bool(eligible), look.version_href)
    unsigned, accepted = look.awards["unsigned"], look.awards["accepted"]
    yield _share("With a signed agreement", unsigned, accepted, "accepted awards", href=look.rows("awards"))


def _due_diligence(look: Look) -> Iterator[Evidence]:
    if look.definition is None:
        yield NOT_PUBLISHED
        return
    checks = look.definition.award.checklist
    yield Evidence(f"Checks that an award passes: {len(checks)}.", True, look.version_href)
    before_offer = AwardCheck.objects.filter(award__programme=look.programme, award__offered_at__isnull=False, due="before_offer")
    unpassed = before_offer.exclude(result=AwardCheck.Result.PASSED).values("award").distinct().count()
    yield _share("With every check passed before it", unpassed, look.awards["offered"], "offers", href=look.rows("awards"))


def _performance(look: Look) -> Iterator[Evidence]:
    if look.definition is None:
        yield NOT_PUBLISHED
        return
    outputs = sum(1 for indicator in look.definition.indicators if indicator.kind == "output")
    outcomes = len(look.definition.indicators) - outputs
    text = f"Outputs defined: {outputs}; longer-term outcomes: {outcomes}; reports that ask for them: {len(look.definition.reports)}."
    yield Evidence(text, bool(look.definition.indicators and look.definition.reports), look.version_href)
    reports = OutcomeReport.objects.filter(award__programme=look.programme).aggregate(
        overdue=Count("pk", filter=Q(state=OutcomeReport.State.OVERDUE)), accepted=Count("pk", filter=Q(state=OutcomeReport.State.ACCEPTED))
    )
    yield Evidence(f"Reports accepted: {reports['accepted']}; overdue: {reports['overdue']}.", not reports["overdue"], look.figures)


def _reconciliation(look: Look) -> Iterator[Evidence]:
    late = Q(state=Payment.State.RELEASED, released_at__lt=look.at - timedelta(days=STATEMENT_DAYS))
    released = Payment.objects.filter(award__programme=look.programme, released_at__isnull=False)
    counts = released.aggregate(all=Count("pk"), late=Count("pk", filter=late))
    label = f"On a bank statement, or released in the last {STATEMENT_DAYS} days"
    yield _share(label, counts["late"], counts["all"], "payments", href=reverse("payments:payments"))
    yield Evidence("What was awarded, claimed, paid and is left.", None, look.figures)


def _training(look: Look) -> Iterator[Evidence]:
    scored = Person.objects.filter(assessments__application__round__programme=look.programme, assessments__submitted_at__isnull=False)
    counts = scored.aggregate(
        all=Count("pk", distinct=True), inducted=Count("pk", distinct=True, filter=Q(assessor_profile__inducted_at__isnull=False))
    )
    asks = look.definition.assessment.asks if look.definition and look.definition.assessment else []
    line = _share("Induction attested", counts["all"] - counts["inducted"], counts["all"], "assessors who scored")
    yield line if "induction" in asks else Evidence(f"{line.text} The programme does not ask for it.", None)
    team = RoleAssignment.objects.filter(
        Q(ends_at=None) | Q(ends_at__gt=look.at), scope=f"programme:{look.programme.slug}", starts_at__lte=look.at
    ).exclude(role__in=[Role.ASSESSOR, Role.FUNDER])
    count = team.values("person").distinct().count()
    yield Evidence(f"{count} people hold a role on the programme.", None, reverse("reporting:staffing", args=[look.programme.slug]))


EVIDENCE: dict[int, Callable[[Look], Iterator[Evidence]]] = {
    1: _senior_officer,
    2: _approvals,
    3: _nothing,
    4: _nothing,
    5: _competition,
    6: _agreement,
    7: _due_diligence,
    8: _performance,
    9: _reconciliation,
    10: _training,
}
