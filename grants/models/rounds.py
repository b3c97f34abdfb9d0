"""Rounds, their money, and what was changed about them while they ran."""

from datetime import datetime
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Count, Exists, F, OuterRef, Q
from django.urls import reverse

from accounts.access import reach
from accounts.constraints import both_or_neither
from accounts.models import Person
from accounts.roles import Permission
from audit.triggers import protect
from design.words import deadline_in_words, in_words
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

    def not_over(self) -> "RoundQuerySet":
        """Rounds that take applications, or will."""
        return self.filter(state__in=Round.NOT_OVER)

    def full(self) -> set[int]:
        """Those of these that have as many applications as they take, by `Round.sent_in`, in one query."""
        had = Q(applications__submitted_at__isnull=False) | Q(applications__papers__isnull=False)
        sent, gone = (Count("applications", filter=which, distinct=True) for which in (had, had & Q(applications__state="withdrawn")))
        counted = self.exclude(most_applications=None).annotate(places_taken=sent - gone)
        return set(counted.filter(places_taken__gte=F("most_applications")).values_list("pk", flat=True))

    def without_the_next(self, moment: datetime) -> "RoundQuerySet":
        """Rounds of published programmes that still run, where what was to come after is cancelled."""
        running = self.filter(
            state__in=[Round.State.OPEN, Round.State.PAUSED], closes_at__gt=moment, programme__state=Programme.State.PUBLISHED
        )
        after = Round.objects.filter(programme=OuterRef("programme"), opens_at__gte=OuterRef("closes_at"))
        return running.filter(Exists(after), ~Exists(after.exclude(state=Round.State.CANCELLED)))

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
    most_applications = models.PositiveIntegerField(null=True, blank=True)
    """As many as the round takes; None for as many as come."""
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")

    objects = RoundQuerySet.as_manager()
    NOT_OVER = (RoundLifecycle.State.SCHEDULED, RoundLifecycle.State.OPEN, RoundLifecycle.State.PAUSED)
    """States in which it takes applications, or will."""

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(closes_at__gte=F("opens_at")), name="round_closes_after_it_opens"),
            models.CheckConstraint(
                condition=Q(most_applications=None) | Q(most_applications__gte=1), name="round_takes_at_least_one_application"
            ),
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

    def sent_in(self) -> int:
        """Applications that have a place: sent in, also when reopened since, and not withdrawn."""
        had = Q(submitted_at__isnull=False) | Q(papers__isnull=False)
        return self.applications.filter(had).exclude(state="withdrawn").distinct().count()

    def takes(self) -> str:
        """How many applications it takes and has, where it takes no more than so many; otherwise nothing."""
        if self.most_applications is None:
            return ""
        return f"{self.most_applications:,}, the first that are sent in; {self.sent_in():,} are in"

    def is_open_at(self, moment: datetime) -> bool:
        """Whether applications may be started and submitted at this moment, by the announced times."""
        return self.state in (self.State.SCHEDULED, self.State.OPEN) and self.opens_at <= moment < self.closes_at


@protect
class RoundChange(models.Model):
    """Something about a round that everybody is told, with the reason: more time, more places, a pause, an early end, no round at all."""

    class Kind(models.TextChoices):
        EXTENDED = "extended", "Deadline moved"
        CLOSED_EARLY = "closed_early", "Closed early"
        PAUSED = "paused", "Paused"
        RESUMED = "resumed", "Taken up again"
        CANCELLED = "cancelled", "Cancelled"
        PLACES = "places", "Takes another number of applications"
        RESCHEDULED = "rescheduled", "Other dates"

    round = models.ForeignKey(Round, on_delete=models.PROTECT, related_name="changes")
    kind = models.CharField(max_length=12, choices=Kind)
    reason = models.TextField(blank=True)
    closes_before = models.DateTimeField()
    closes_after = models.DateTimeField()
    opens_before = models.DateTimeField(null=True, blank=True)
    opens_after = models.DateTimeField(null=True, blank=True)
    """When it was to open, and is to open now. Only where its dates changed before it opened."""
    reopens_forms = models.BooleanField(default=False)
    """Whether what was sent in may be taken up again in the time that was added."""
    takes_before = models.PositiveIntegerField(null=True, blank=True)
    takes_after = models.PositiveIntegerField(null=True, blank=True)
    """As many applications as the round takes since; None for as many as come. Only where that is what changed."""
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(kind="resumed") | ~Q(reason=""), name="round_change_has_a_reason"),
            models.CheckConstraint(
                condition=~Q(kind="extended") | Q(closes_after__gt=F("closes_before")), name="round_extension_moves_the_deadline_later"
            ),
            models.CheckConstraint(
                condition=Q(kind="places") | Q(takes_before=None, takes_after=None), name="round_change_of_places_says_how_many"
            ),
            models.CheckConstraint(
                condition=Q(kind="rescheduled", opens_before__isnull=False, opens_after__isnull=False)
                | (~Q(kind="rescheduled") & Q(opens_before=None, opens_after=None)),
                name="round_change_of_dates_says_which",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.round.reference}: {self.get_kind_display().lower()}"

    @property
    def sentence(self) -> str:
        """What changed, for everybody."""
        before, after = deadline_in_words(self.closes_before), deadline_in_words(self.closes_after)
        match self.kind:
            case self.Kind.EXTENDED:
                return f"The deadline was moved for everybody, from {before} to {after}."
            case self.Kind.CLOSED_EARLY:
                return f"The round closed early, at {after}. It was to close at {before}."
            case self.Kind.PAUSED:
                return f"The round was paused at {deadline_in_words(self.made_at)}. Nothing can be sent in for now."
            case self.Kind.RESUMED:
                return f"The round takes applications again since {deadline_in_words(self.made_at)}."
            case self.Kind.PLACES:
                return f"The round takes {_places(self.takes_after)} now. Before, it took {_places(self.takes_before)}."
            case self.Kind.RESCHEDULED:
                return f"The dates were changed on {in_words(self.made_at)}: {self._dates()}."
        return f"The round was cancelled at {deadline_in_words(self.made_at)}."

    def _dates(self) -> str:
        """Which of the two times moved, from when to when."""
        times = (("opening", self.opens_before, self.opens_after), ("closing", self.closes_before, self.closes_after))
        moved = [
            f"{what} at {deadline_in_words(after)} instead of {deadline_in_words(before)}"
            for what, before, after in times
            if before and after and before != after
        ]
        return "; ".join(moved)


def _places(count: int | None) -> str:
    return "as many applications as come" if count is None else f"{count:,} application{'' if count == 1 else 's'}"


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
