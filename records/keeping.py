"""Until when an application's records are kept, and why: by its programme's document, from the event that ended it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import CharField, Exists, F, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Cast, Concat
from django.utils import timezone

from accounts.models import Person, RoleAssignment
from accounts.roles import COMPANY_ROLES
from applications.models import Appeal, Application
from applications.models.applications import ApplicationQuerySet
from applications.notices import team_of
from design.words import in_words
from notifications.models import Notice
from payments.models import Award, Claim, LedgerEntry, Payment, SubsidyNotice
from payments.models.runs import OPEN as OPEN_PAYMENTS
from records.models import Erasure, LegalHold, Restriction
from workflow.models import StepTaken

APPEAL_IS_OPEN = (Appeal.State.LODGED, Appeal.State.ADMITTED, Appeal.State.UPHELD)
CLAIM_IS_OVER = (Claim.State.PAID, Claim.State.REJECTED, Claim.State.WITHDRAWN)
AWARD_IS_OVER = (Award.State.REFUSED, Award.State.LAPSED, Award.State.RESCINDED, Award.State.CLOSED)
NEVER_AN_OFFER = (Award.State.DRAFTED, Award.State.CHECKING, Award.State.CLEARED)
DORMANT_AFTER = timedelta(days=731)
WARNED = timedelta(days=30)
"""How long before records or an account go their people hear of it."""
AT_LEAST = timedelta(days=365)
"""No programme keeps anything for less than a year."""


@dataclass(frozen=True)
class Kept:
    """How long one application's records are kept. `until` is None while it is not over; `obstacles` say why nothing may go now."""

    application: Application
    because: str
    until: date | None
    obstacles: tuple[str, ...]
    had_an_offer: bool
    is_held: bool

    def is_due(self, at: datetime) -> bool:
        """Whether the years have run."""
        return self.until is not None and self.until <= timezone.localdate(at)


def of(application: Application, *, at: datetime) -> Kept:
    """How long this one is kept, read afresh."""
    return _judged(_with_ends(Application.objects.filter(pk=application.pk)).get(), at=at)


def due(found: QuerySet[Application], *, at: datetime, within: timedelta = timedelta(0)) -> list[Kept]:
    """Those whose years are over at `at` (or will be within a span), the earliest first: held ones too, with what holds them."""
    last = timezone.localdate(at + within)
    old_enough = found.filter(erased_at=None, round__closes_at__lt=at + within - AT_LEAST)
    judged = (_judged(one, at=at) for one in _with_ends(old_enough).order_by("pk").iterator(chunk_size=500))
    return sorted((kept for kept in judged if kept.until and kept.until <= last), key=lambda kept: (kept.until, kept.application.pk))


def goes_on(kept: Kept, *, at: datetime) -> date:
    """The day on which what is due goes: never less than a month after its team was told, though nothing ran for a while."""
    told = Notice.objects.filter(kind="records.going", stream=kept.application.stream).order_by("created_at").first()
    until = kept.until or timezone.localdate(at)
    if told is None and not team_of(kept.application):
        return until
    return max(until, timezone.localdate(told.created_at if told else at) + WARNED)


def seen_by(person: Person) -> ApplicationQuerySet:
    """The applications whose records a person looks after: what they work on as staff, and drafts by their reference."""
    return Application.objects.staff_may_write_about(person)


def what_keeps(person: Person, *, at: datetime) -> list[str]:
    """Why an account cannot be erased now, in sentences: what it decided, or whose records name it. Nothing: then it can."""
    roles = RoleAssignment.objects.filter(person=person)
    found = []
    if Restriction.objects.standing().of(person).exists():
        found.append("You asked us to keep what we hold about you. Ask us to lift that first.")
    if roles.exclude(role__in=COMPANY_ROLES).exists():
        found.append("You have worked on grants: who assessed, decided or paid is kept as long as what was decided.")
    scopes = roles.filter(role__in=COMPANY_ROLES).values("scope")
    mine = Application.objects.filter(erased_at=None).annotate(
        scope=Concat(Value("organisation:"), Cast("company__organisation_id", CharField()), output_field=CharField())
    )
    for application in _with_ends(mine.filter(scope__in=scopes)).order_by("pk"):
        kept = _judged(application, at=at)
        until = f" It is kept until {in_words(kept.until)}." if kept.until else ""
        found.append(f"{application.reference} of {application.company.name} names you. {kept.because}{until}")
    return found


def dormant(*, at: datetime) -> QuerySet[Person]:
    """Accounts that nobody used for two years, that never held a role but in companies, of which nothing is kept any longer."""
    long_ago = at - DORMANT_AFTER
    kept = Application.objects.filter(erased_at=None).annotate(
        scope=Concat(Value("organisation:"), Cast("company__organisation_id", CharField()), output_field=CharField())
    )
    roles = RoleAssignment.objects.filter(person=OuterRef("pk"))
    unused = Person.objects.filter(Q(last_login=None) | Q(last_login__lt=long_ago), created_at__lt=long_ago)
    unused = unused.exclude(pk__in=Restriction.objects.standing().values("person"))
    unused = unused.exclude(email=Person.SYSTEM_EMAIL).exclude(email__endswith="@pumphouse.invalid")
    others = roles.exclude(role__in=COMPANY_ROLES)
    return unused.exclude(Exists(others)).exclude(Exists(roles.filter(scope__in=kept.values("scope")))).order_by("pk")


def _with_ends(found: QuerySet[Application]) -> QuerySet[Application]:
    """With the moments and states that retention is reckoned from, in one query."""
    stream = Concat(Value("case:"), OuterRef("case__reference"), output_field=CharField())
    steps = StepTaken.objects.filter(stream=stream).exclude(record_type=Erasure._meta.label_lower)
    money = LedgerEntry.objects.filter(award__application=OuterRef("pk"), kind__in=["payment", "recovery"])
    given = SubsidyNotice.objects.filter(award__application=OuterRef("pk"), kind=SubsidyNotice.Kind.GIVING)
    mine: dict[str, Any] = {"award__application": OuterRef("pk")}
    return found.select_related("case", "round__programme", "version__text", "company__organisation").annotate(
        last_step_at=Subquery(steps.order_by("-at").values("at")[:1]),
        last_paid_at=Subquery(money.order_by("-at").values("at")[:1]),
        subsidy_given_on=Subquery(given.order_by("-dated_on").values("dated_on")[:1]),
        award_state=F("award__state"),
        is_restricted=Exists(Restriction.objects.standing().filter(person__role_assignments__scope=_team_scope())),
        is_held=Exists(LegalHold.objects.standing().filter(application=OuterRef("pk"))),
        has_appeal=Exists(Appeal.objects.filter(application=OuterRef("pk"), state__in=APPEAL_IS_OPEN)),
        has_claim=Exists(Claim.objects.filter(**mine).exclude(state__in=CLAIM_IS_OVER)),
        has_payment=Exists(Payment.objects.filter(Q(state__in=OPEN_PAYMENTS), **mine)),
    )


def _team_scope() -> Any:
    """The scope of roles in the company of the application around."""
    return Concat(Value("organisation:"), Cast(OuterRef("company__organisation_id"), CharField()), output_field=CharField())


def _judged(application: Any, *, at: datetime) -> Kept:
    because, until = _kept_until(application, at=at)
    had_an_offer = application.award_state is not None and application.award_state not in NEVER_AN_OFFER
    obstacles = tuple(_obstacles(application, is_over=until is not None))
    return Kept(application, because, until, obstacles, had_an_offer, application.is_held)


def _obstacles(application: Any, *, is_over: bool) -> Iterable[str]:
    """Why nothing may go, whatever the years say."""
    if application.erased_at is not None:
        yield f"it was erased on {in_words(application.erased_at)}"
    if application.is_held:
        yield "a legal hold keeps it"
    if application.is_restricted:
        yield "somebody of its team asked us to keep what we hold about them"
    if application.has_appeal:
        yield "an appeal is open"
    if application.has_claim:
        yield "a claim is open"
    if application.has_payment:
        yield "a payment is under way"
    if not is_over:
        yield "the application is not over"
    if application.waits_for_review:
        yield "the company waits for a review"


def _kept_until(application: Any, *, at: datetime) -> tuple[str, date | None]:
    """The sentence and the day; no day while something can still happen."""
    keep = application.version.definition.retention
    if application.award_state is not None:
        if application.award_state not in AWARD_IS_OVER:
            return "The award is not over.", None
        return _award(application, keep)
    if application.state in Application.WRITTEN_IN:
        return _never_sent(application, keep, at=at)
    told = application.state in (Application.State.DECLINED, Application.State.RESERVE) and application.notified_at is not None
    if not told and (application.state not in Application.OVER or application.state == Application.State.DECLINED):
        return "The application is not over.", None
    ended = timezone.localdate(application.last_step_at or application.started_at)
    return f"Not funded: kept {_years(keep.unsuccessful_years)} from {in_words(ended)}.", later(ended, keep.unsuccessful_years)


def _award(application: Any, keep: Any) -> tuple[str, date | None]:
    """From the last payment (or the last step, where nothing was paid), and no shorter than the subsidy's own record."""
    last = timezone.localdate(application.last_paid_at or application.last_step_at)
    what = "last payment" if application.last_paid_at else "last step"
    until = later(last, keep.awarded_years)
    because = f"Award: kept {_years(keep.awarded_years)} from its {what}, {in_words(last)}."
    if application.subsidy_given_on and (subsidy := later(application.subsidy_given_on, keep.subsidy_years)) > until:
        return f"Subsidy: kept {_years(keep.subsidy_years)} from when it was given, {in_words(application.subsidy_given_on)}.", subsidy
    return because, until


def _never_sent(application: Any, keep: Any, *, at: datetime) -> tuple[str, date | None]:
    shut = max(moment for moment in (application.closes_at, application.extended_until) if moment)
    if shut > at:
        return "It can still be sent in.", None
    ended = timezone.localdate(shut)
    return f"Never sent in: kept {_years(keep.unsuccessful_years)} from {in_words(ended)}.", later(ended, keep.unsuccessful_years)


def later(day: date, years: int) -> date:
    """The same day, years later; 1 March for a 29 February that is not there."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return date(day.year + years, 3, 1)


def _years(number: int) -> str:
    return f"{number} year{'' if number == 1 else 's'}"
