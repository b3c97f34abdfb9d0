"""The stage on which the demonstration plays: people, a published programme, a round with money, and a clock that is moved by hand."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.contrib.auth.hashers import make_password

from accounts.actions import sample
from accounts.actions.sample import Part
from accounts.models import Person
from accounts.refusals import Refusal
from applications.models import Application
from assessments.actions import pool
from grants.actions import programmes, rounds
from grants.models import Programme, Round
from grants.rehearsals import clock as rehearsed
from notifications import delivery
from payments.actions import bank
from workflow import deadlines

MAIL = ("notice.mail",)
"""Outbox kinds left for the worker: the demonstration does effects, but sends no mail itself."""
REVIEWS_EACH = 10


@dataclass
class Clock:
    """The moment at which the demonstration stands. It only goes forward, and what falls due on the way is fired."""

    now: datetime

    def wait(self, **span: float) -> datetime:
        return self.to(self.now + timedelta(**span))

    def to(self, moment: datetime) -> datetime:
        """Go to a moment (or stay, if it is past), firing deadlines and doing what the outbox holds."""
        self.now = max(self.now, moment)
        rehearsed.move_to(self.now)
        deadlines.fire_due(at=self.now)
        settle(self.now)
        return self.now


def settle(at: datetime) -> None:
    """Do the effects that wait in the outbox; mails stay for the worker."""
    delivery.drain(at=at, leave=MAIL)


@dataclass
class Stage:
    """Who plays, in which round, at what time. `step` is told of every piece of work done, for the progress bar."""

    cast: dict[str, Person]
    programme: Programme
    round: Round
    clock: Clock
    step: Callable[[int], object] = field(default=lambda count: None)
    hosts: dict[int, dict[str, Person]] = field(default_factory=dict)
    """People of the cast who are a company's team, by the company's number; the others get people of their own."""
    refusals: list[str] = field(default_factory=list)

    def __getattr__(self, who: str) -> Person:
        """The person by their part: `stage.officer`, `stage.independent_approver`."""
        try:
            return self.__dict__["cast"][who.replace("_", "-")]
        except KeyError:
            raise AttributeError(who) from None

    @property
    def assessors(self) -> list[Person]:
        return [person for who, person in self.cast.items() if who.startswith("assessor-")]

    @property
    def claims_lead(self) -> Person:
        """The lead who approves claims: where a programme keeps its control to the standard, another than the one who decides."""
        return self.cast["second-lead" if self.programme.control() == "standard" else "lead"]

    def all_taken(self, outcomes: Iterable[tuple[Application, Refusal | None]]) -> None:
        """Run through a bulk action; what was refused is kept for the closing summary."""
        for record, refusal in outcomes:
            if refusal is not None:
                self.refusals.append(f"{record}: {refusal.sentence}")

    @contextmanager
    def noting(self, what: object) -> Iterator[None]:
        """Go on where an act is refused; what was refused is kept for the closing summary."""
        try:
            yield
        except Refusal as refusal:
            self.refusals.append(f"{what}: {refusal.sentence}")


def set_up(
    slug: str,
    *,
    companies: int,
    opens_at: datetime,
    open_for: timedelta,
    budget_pence: int | None = None,
    title: str = "",
    document: str = "",
) -> Stage:
    """Seed the cast, publish the programme by two people, schedule a round of it and let it open on time.

    The programme is the shipped one of that slug, or what `document` says.
    """
    at = opens_at - timedelta(days=30)
    clock = Clock(at)
    rehearsed.move_to(at)
    extras = [sample.assessor(number) for number in range(5, 5 + max(0, companies * 3 // REVIEWS_EACH - 2))]
    cast = sample.seed_cast(programmes=[slug], extras=extras, at=at - timedelta(days=1))
    text = document or (settings.BASE_DIR / "programmes" / f"{slug}.yaml").read_text()
    version = programmes.load(document=text, source=f"{slug}.yaml", by=cast["officer"], at=at)
    if version.published_at is None:
        version = programmes.publish(version=version, by=cast["lead"], at=at + timedelta(hours=1))
    programme = Programme.objects.get(pk=version.programme_id)
    sample.seed_cast(programmes=[slug], funder=programme.funder, extras=extras, at=at - timedelta(days=1))
    round = rounds.schedule(
        programme=programme,
        opens_at=opens_at,
        closes_at=opens_at + open_for,
        title=title,
        budget_pence=budget_pence,
        by=cast["officer"],
        at=at,
    )
    bank.set_paying_account(
        organisation=programme.delivery_body,
        programme=programme,
        name="Anyshire Cluster Grants",
        sort_code="00-00-99",
        account_number="12345678",
        by=cast["lead"],
        at=at,
    )
    clock.to(opens_at)
    stage = Stage(cast=cast, programme=programme, round=Round.objects.get(pk=round.pk), clock=clock)
    _describe_assessors(stage, at=at)
    return stage


def _describe_assessors(stage: Stage, *, at: datetime) -> None:
    for number, person in enumerate(stage.assessors):
        pool.describe(
            person=person,
            programme=stage.programme,
            topics=[
                "diagnostics",
                *(["clinician"] if number % 4 == 3 else []),
                ("assays", "imaging", "adoption", "regulation")[number % 4],
            ],
            expertise="Has brought health products into use." if number % 2 else "Has bought health products for hospitals.",
            employer=f"Sample Advisers {number + 1}",
            max_reviews=REVIEWS_EACH + 5,
            by=stage.officer,
            at=at,
        )


def moments(first: datetime, *, apart: timedelta) -> Iterator[datetime]:
    """Moments one after the other, so that no two companies act in the same instant."""
    while True:
        yield first
        first += apart


def midday(year: int, month: int, day: int) -> datetime:
    return datetime(year, month, day, 12, 0, tzinfo=UTC)


COMPANY_PEOPLE = (("owner", "Owner"), ("colleague", "Colleague"), ("signatory", "Signatory"))


def company_people(number: int) -> dict[str, Person]:
    """Three people for one company, who go by its number."""
    parts = [Part(f"{who}-{number:03d}", f"{title} {number:03d}", (), "") for who, title in COMPANY_PEOPLE]
    people = Person.objects.bulk_create(
        Person(email=f"{part.who}@companies.example.org", name=part.name, password=make_password(None)) for part in parts
    )
    return {who: person for (who, _), person in zip(COMPANY_PEOPLE, people, strict=True)}
