"""Rounds, their money, and what was changed about them while they ran."""

from datetime import datetime
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from accounts.access import reach
from accounts.constraints import both_or_neither
from accounts.models import Person
from accounts.roles import Permission
from grants.lifecycle import CorrectionLifecycle, RoundLifecycle
from grants.models.programmes import Programme, ProgrammeVersion

if TYPE_CHECKING:
    from grants.definition import Definition


class RoundQuerySet(models.QuerySet["Round"]):
    def visible_to(self, person: Person) -> "RoundQuerySet":
        """Rounds of the programmes that the person works on."""
        seen = reach(person, Permission.PROGRAMME_VIEW)
        if seen.everywhere:
            return self
        return self.filter(Q(programme__slug__in=seen.programmes) | Q(programme__funder_id__in=seen.organisations))

    def public(self) -> "RoundQuerySet":
        """Rounds of published programmes, whose version is published."""
        return self.filter(programme__in=Programme.objects.public(), version__published_at__isnull=False)

    def open_at(self, moment: datetime) -> "RoundQuerySet":
        """Rounds that take applications at this moment, by the announced times."""
        return self.public().filter(state__in=[Round.State.SCHEDULED, Round.State.OPEN], opens_at__lte=moment, closes_at__gt=moment)


class Round(RoundLifecycle):
    """A time in which companies apply, under one version of the programme. Times are UTC; shown in the programme's zone."""

    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="rounds")
    version = models.ForeignKey(ProgrammeVersion, on_delete=models.PROTECT, related_name="rounds")
    reference = models.CharField(max_length=50, unique=True)
    title = models.CharField(max_length=120)
    opens_at = models.DateTimeField()
    closes_at = models.DateTimeField()
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")

    objects = RoundQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(closes_at__gte=F("opens_at")), name="round_closes_after_it_opens"),
            both_or_neither("opened_at", "opened_by", of="round"),
            both_or_neither("closed_at", "closed_by", of="round"),
            models.CheckConstraint(
                condition=Q(state__in=["scheduled", "cancelled"]) | Q(opened_at__isnull=False), name="round_running_was_opened"
            ),
        ]
        indexes = [models.Index(fields=["state", "closes_at"])]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("grants:round", args=[self.reference])

    @property
    def stream(self) -> str:
        return self.programme.stream

    def scopes(self) -> set[str]:
        return self.programme.scopes()

    def control(self) -> str:
        return self.programme.control()

    @property
    def definition(self) -> "Definition":
        return self.version.definition

    def is_open_at(self, moment: datetime) -> bool:
        """Whether applications may be started and submitted at this moment, by the announced times."""
        return self.state in (self.State.SCHEDULED, self.State.OPEN) and self.opens_at <= moment < self.closes_at


class Budget(models.Model):
    """The money of one round. The running totals are written only by the ledger (`payments.ledger.post`), never by hand.

    Our own acts stay within `amount_pence`; only a cut by the funder can push it below what is committed, and then
    `over_committed` says so and no offer goes out.
    """

    round = models.OneToOneField(Round, on_delete=models.PROTECT, related_name="budget")
    amount_pence = models.BigIntegerField()
    committed_pence = models.BigIntegerField(default=0)
    paid_pence = models.BigIntegerField(default=0)
    over_committed = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(amount_pence__gte=0), name="budget_amount_is_not_negative"),
            models.CheckConstraint(condition=Q(committed_pence__gte=0), name="budget_committed_is_not_negative"),
            models.CheckConstraint(condition=Q(paid_pence__gte=0), name="budget_paid_is_not_negative"),
            models.CheckConstraint(
                condition=Q(over_committed=True) | Q(committed_pence__lte=F("amount_pence")), name="budget_is_not_overcommitted_unsaid"
            ),
        ]

    def __str__(self) -> str:
        return f"Budget of {self.round}"

    @property
    def left_pence(self) -> int:
        """What can still be committed; negative when the funder cut the budget below what is committed."""
        return self.amount_pence - self.committed_pence


class Correction(CorrectionLifecycle):
    """A round that runs is to go by another published version of its programme, for a reason that everybody may read."""

    round = models.ForeignKey(Round, on_delete=models.PROTECT, related_name="corrections")
    version_before = models.ForeignKey(ProgrammeVersion, on_delete=models.PROTECT, related_name="+")
    version = models.ForeignKey(ProgrammeVersion, on_delete=models.PROTECT, related_name="+")
    reason = models.TextField()
    proposed_at = models.DateTimeField()
    proposed_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            both_or_neither("decided_at", "decided_by", of="correction"),
            models.CheckConstraint(condition=~Q(reason=""), name="correction_has_a_reason"),
            models.CheckConstraint(condition=~Q(version=F("version_before")), name="correction_changes_the_version"),
            models.CheckConstraint(
                condition=~Q(state="applied") | (Q(decided_by__isnull=False) & ~Q(decided_by=F("proposed_by"))),
                name="correction_is_applied_by_another",
            ),
            models.UniqueConstraint(fields=["round"], condition=Q(state="proposed"), name="round_waits_for_one_correction"),
        ]

    def __str__(self) -> str:
        return f"Correction of {self.round.reference} to version {self.version.number}"

    @property
    def stream(self) -> str:
        return self.round.stream

    def scopes(self) -> set[str]:
        return self.round.scopes()

    def control(self) -> str:
        return self.round.control()

    def separation_threads(self) -> Q:
        """Each correction is judged on its own."""
        return Q(record_type=self.record_type(), record_id=self.pk)
