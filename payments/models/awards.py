"""An award, what was checked before it, the papers it rests on, and its milestones."""

from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.timezone import make_aware

from accounts.access import reach
from accounts.models import Person
from accounts.roles import Permission
from applications.barriers import open_to
from assessments.models import Decision
from audit.triggers import protect
from payments import ledger, papers, terms
from payments.due import COUNTED
from payments.lifecycle.awards import AwardLifecycle, MilestoneLifecycle
from payments.models.columns import moment, pairs, person
from workflow import deadlines
from workflow.models import Case

if TYPE_CHECKING:
    from accounts.models import Organisation


def start_of(day: date) -> datetime:
    """Midnight, UK time, with which a day begins."""
    return make_aware(datetime.combine(day, time.min))


class AwardQuerySet(models.QuerySet["Award"]):
    def visible_to(self, person: Person) -> "AwardQuerySet":
        """A company's own awards, and those of programmes whose awards the person may read (never their own company's as staff)."""
        own = reach(person, Permission.COMPANY_VIEW).organisations
        staff = reach(person, Permission.AWARD_VIEW)
        ours = Q(company__organisation__in=own)
        free = open_to(person, "application")
        if staff.everywhere:
            return self.filter(ours | free)
        return self.filter(ours | (free & Q(programme__slug__in=staff.programmes)))

    def of_team(self, person: Person) -> "AwardQuerySet":
        """Awards of the companies the person belongs to."""
        return self.filter(company__organisation__in=reach(person, Permission.COMPANY_VIEW).organisations)

    def for_staff(self, person: Person) -> "AwardQuerySet":
        """Awards the person works on as staff: their own companies' left out."""
        staff = reach(person, Permission.AWARD_VIEW)
        own = reach(person, Permission.COMPANY_VIEW).organisations
        free = self.filter(open_to(person, "application"))
        rows = free.exclude(company__organisation__in=own) if own else free
        return rows if staff.everywhere else rows.filter(programme__slug__in=staff.programmes)


class Award(AwardLifecycle):
    """Money promised to one company for one application.

    `amount_pence` is what was decided; `committed_pence`, `approved_pence` and `paid_pence` (less what came back) are running totals that
    only `payments.ledger` writes. `rate_bp` is the grant's share of accepted cost in basis points, fixed when the award was drafted.
    """

    case = models.OneToOneField(Case, on_delete=models.PROTECT, related_name="award")
    application = models.OneToOneField("applications.Application", on_delete=models.PROTECT, related_name="award")
    programme = models.ForeignKey("grants.Programme", on_delete=models.PROTECT, related_name="awards")
    company = models.ForeignKey("applications.Company", on_delete=models.PROTECT, related_name="awards")
    budget = models.ForeignKey("grants.Budget", on_delete=models.PROTECT, related_name="awards")
    reference = models.CharField(max_length=24, unique=True)
    amount_pence = models.BigIntegerField()
    rate_bp = models.PositiveIntegerField()
    committed_pence = models.BigIntegerField(default=0)
    approved_pence = models.BigIntegerField(default=0)
    paid_pence = models.BigIntegerField(default=0)
    conditions = models.TextField(blank=True)
    conditions_met_at = moment()
    conditions_met_by = person()
    conditions_note = models.TextField(blank=True)
    starts_on = models.DateField(null=True, blank=True)
    ends_on = models.DateField(null=True, blank=True)
    offer_until = models.DateTimeField(null=True, blank=True)  # type: ignore[assignment] # what a step sets is empty until then
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    checking_at, checking_by = moment(), person()
    cleared_at, cleared_by = moment(), person()
    offered_at, offered_by = moment(), person()
    accepted_at, accepted_by = moment(), person()
    refused_at, refused_by = moment(), person()
    lapsed_at, lapsed_by = moment(), person()
    rescinded_at, rescinded_by = moment(), person()
    live_at, live_by = moment(), person()
    suspended_at, suspended_by = moment(), person()
    completed_at, completed_by = moment(), person()
    closed_at, closed_by = moment(), person()

    objects = AwardQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(amount_pence__gt=0), name="award_is_positive"),
            models.CheckConstraint(condition=Q(rate_bp__gt=0, rate_bp__lte=10_000), name="award_rate_is_a_share"),
            models.CheckConstraint(
                condition=Q(committed_pence__gte=0, committed_pence__lte=F("amount_pence")), name="award_commits_at_most_itself"
            ),
            models.CheckConstraint(
                condition=Q(approved_pence__gte=0, approved_pence__lte=F("amount_pence")), name="award_approves_at_most_itself"
            ),
            models.CheckConstraint(condition=Q(paid_pence__gte=0, paid_pence__lte=F("amount_pence")), name="award_pays_at_most_itself"),
            *pairs(
                "award",
                "conditions_met",
                "checking",
                "cleared",
                "offered",
                "accepted",
                "refused",
                "lapsed",
                "rescinded",
                "live",
                "suspended",
                "completed",
                "closed",
            ),
        ]
        indexes = [
            models.Index(fields=["programme", "state", "id"]),
            models.Index(fields=["company", "id"]),
            models.Index(fields=["created_at", "id"]),
        ]

    def __str__(self) -> str:
        return self.reference

    def get_absolute_url(self) -> str:
        return reverse("payments:award", args=[self.reference])

    @property
    def company_url(self) -> str:
        """The company's own page about it."""
        return reverse("payments:company_award", args=[self.reference])

    def scopes(self) -> set[str]:
        return {f"programme:{self.programme.slug}", f"organisation:{self.company.organisation_id}"}

    def control(self) -> str:
        return self.programme.control()

    @property
    def organisation(self) -> "Organisation":
        return self.company.organisation

    @property
    def terms(self) -> "terms.Terms":
        """What the programme version that the application was written under says of awards and delivery."""
        return terms.of(self.application.version)

    def assistance_from_others(self) -> int:
        """Pence of it that the company confirmed last; 0 before it did."""
        confirmed = self.subsidy_notices.filter(kind="confirmation").order_by("-pk").values_list("other_pence", flat=True)
        return confirmed.first() or 0

    @property
    def left_pence(self) -> int:
        """What may still be approved."""
        return self.amount_pence - self.approved_pence

    @property
    def bank_account(self) -> "models.Model | None":
        """The company's verified account, if there is one."""
        return self.company.bank_accounts.verified().first()

    def issue_offer(self, *, by: Person, at: datetime) -> None:
        """Freeze the offer as it is made."""
        papers.freeze(self, kind="offer", body=papers.offer(self), by=by, at=at)

    def issue_agreement(self, *, by: Person, at: datetime) -> None:
        """Freeze the signed agreement, and give the subsidy: the letter that section 37 of the Subsidy Control Act 2022 asks for."""
        papers.freeze(self, kind="agreement", body=papers.agreement(self, signed_by=by, at=at), by=by, at=at)
        papers.give(self, by=by, at=at)

    def plan_milestones(self, *, at: datetime) -> None:
        """The milestones of the programme's plan, with the award split over them exactly."""
        for planned in terms.milestones(self):
            milestone = Milestone.objects.create(
                case=self.case,
                award=self,
                number=planned.number,
                title=planned.title,
                evidence_asked=planned.evidence_asked,
                due_on=planned.due_on,
                cap_pence=planned.cap_pence,
            )
            deadlines.set_deadline(milestone, "due", start_of(planned.due_on), at=at)

    def plan_reports(self, *, at: datetime) -> None:
        """The outcome reports of the programme's calendar; each falls overdue the day after it is due."""
        for name, due_on, is_final, asks in terms.reports(self):
            report = self.outcome_reports.create(case=self.case, name=name, due_on=due_on, is_final=is_final, asks=asks)
            deadlines.set_deadline(report, "overdue", start_of(due_on + timedelta(days=1)), at=at)

    def take_over_plan(self) -> None:
        """What the decision planned is in the books from here on, or given back: it is not counted twice."""
        Decision.objects.hand_over(self.application)

    def release_commitment(self, *, at: datetime) -> None:
        """Give the budget back what is committed and will not be paid any more."""
        self.take_over_plan()
        fresh = Award.objects.get(pk=self.pk)
        unspent = fresh.committed_pence - fresh.approved_pence
        if unspent > 0:
            ledger.post(
                kind="release", budget=self.budget, award=self, amount_pence=unspent, source="award_ended", external_ref=str(self.pk), at=at
            )


class AwardCheck(models.Model):
    """One line of due diligence: what was looked at, by whom, when, what they found. Earlier words stay in the trail."""

    class Result(models.TextChoices):
        OPEN = "open", "Not done"
        PASSED = "passed", "Passed"
        FAILED = "failed", "Failed"
        REFERRED = "referred", "Referred"

    award = models.ForeignKey(Award, on_delete=models.PROTECT, related_name="checks")
    code = models.CharField(max_length=40)
    name = models.CharField(max_length=160)
    due = models.CharField(max_length=15, default="before_offer")
    result = models.CharField(max_length=10, choices=Result, default=Result.OPEN)
    note = models.TextField(blank=True)
    checked_at = moment()
    checked_by = person()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["award", "code"], name="award_check_is_once_per_award"),
            models.CheckConstraint(
                condition=Q(result="open", checked_at=None) | (~Q(result="open") & Q(checked_at__isnull=False)),
                name="award_check_result_has_a_date",
            ),
            *pairs("award_check", "checked"),
        ]

    def __str__(self) -> str:
        return f"{self.name}: {self.get_result_display()}"


@protect(deletable=True)
class SubsidyNotice(models.Model):
    """One of the three papers of Minimal Financial Assistance (Subsidy Control Act 2022 s.37), frozen as it was sent or received.

    `notification` says what is proposed and asks for confirmation, `confirmation` is the company's written answer, `giving` the letter with
    the date the subsidy was given.
    """

    class Kind(models.TextChoices):
        NOTIFICATION = "notification", "Notification"
        CONFIRMATION = "confirmation", "The company's confirmation"
        GIVING = "giving", "Giving letter"

    award = models.ForeignKey(Award, on_delete=models.PROTECT, related_name="subsidy_notices")
    kind = models.CharField(max_length=15, choices=Kind)
    amount_pence = models.BigIntegerField()
    other_pence = models.BigIntegerField(default=0)
    """In a confirmation: what the company says that others gave its group in the years that count."""
    dated_on = models.DateField()
    body = models.TextField()
    sha256 = models.CharField(max_length=64)
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["award", "kind", "amount_pence"], name="subsidy_notice_is_once_per_kind_and_amount"),
            models.CheckConstraint(condition=Q(amount_pence__gt=0), name="subsidy_notice_is_positive"),
            models.CheckConstraint(
                condition=Q(other_pence=0) | Q(kind="confirmation", other_pence__gt=0), name="subsidy_notice_names_others_in_a_confirmation"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} of {self.award_id}"


@protect(deletable=True)
class AwardPaper(models.Model):
    """The offer or the signed agreement, frozen as it was: never rendered again."""

    class Kind(models.TextChoices):
        OFFER = "offer", "Offer"
        AGREEMENT = "agreement", "Grant agreement"

    award = models.ForeignKey(Award, on_delete=models.PROTECT, related_name="papers")
    kind = models.CharField(max_length=15, choices=Kind)
    body = models.TextField()
    sha256 = models.CharField(max_length=64)
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["award", "kind"], name="award_paper_is_once_per_kind")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} of {self.award_id}"


class Milestone(MilestoneLifecycle):
    """A piece of work with a date and the most that can be claimed for it."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="milestones")
    award = models.ForeignKey(Award, on_delete=models.PROTECT, related_name="milestones")
    number = models.PositiveSmallIntegerField()
    title = models.CharField(max_length=200)
    evidence_asked = models.TextField(blank=True)
    due_on = models.DateField()
    cap_pence = models.BigIntegerField()
    judged_at = moment()
    judged_by = person()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["award", "number"], name="milestone_number_is_once_per_award"),
            models.CheckConstraint(condition=Q(cap_pence__gte=0), name="milestone_cap_is_not_negative"),
            *pairs("milestone", "judged"),
        ]

    def __str__(self) -> str:
        return f"{self.number}. {self.title}"

    def scopes(self) -> set[str]:
        return self.award.scopes()

    def control(self) -> str:
        return self.award.control()

    def earned_pence(self) -> int:
        """What was approved for this milestone so far, with what is held back of it and what was paid in advance."""
        done = self.claims.filter(state__in=COUNTED)
        return done.aggregate(total=models.Sum(F("approved_pence") + F("retained_pence") + F("offset_pence")))["total"] or 0

    @property
    def cap_left_pence(self) -> int:
        return self.cap_pence - self.earned_pence()
