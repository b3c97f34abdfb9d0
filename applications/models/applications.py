"""An application, the papers frozen when it was sent in, and what the eligibility rules made of it."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q

from accounts.access import reach
from accounts.constraints import both_or_neither
from accounts.models import Person
from accounts.roles import Permission
from applications.barriers import open_to
from applications.lifecycle import ApplicationLifecycle
from applications.models.companies import Company
from audit.composed import Composed, Given
from audit.triggers import protect
from grants.models import ProgrammeVersion, Round
from workflow.models import Case


class ApplicationQuerySet(models.QuerySet["Application"]):
    def visible_to(self, person: Person) -> "ApplicationQuerySet":
        """The company's own team sees all of theirs; staff see what was sent in on their programmes, except by their own company or what
        a conflict of interest closes to them."""
        own = reach(person, Permission.COMPANY_VIEW).organisations
        staff = reach(person, Permission.APPLICATION_VIEW)
        mine = Q(company__organisation__in=own)
        sent = Q(submitted_at__isnull=False) & open_to(person)
        if staff.everywhere:
            return self.filter(mine | sent)
        if staff.programmes:
            return self.filter(mine | (sent & Q(round__programme__slug__in=staff.programmes)))
        return self.filter(mine)

    def for_staff(self, person: Person) -> "ApplicationQuerySet":
        """What staff may work on: sent in, on their programmes, not by a company they belong to, and closed by no conflict of interest."""
        staff = reach(person, Permission.APPLICATION_VIEW)
        own = reach(person, Permission.COMPANY_VIEW).organisations
        sent = self.filter(open_to(person), submitted_at__isnull=False).exclude(company__organisation__in=own)
        return sent if staff.everywhere else sent.filter(round__programme__slug__in=staff.programmes)

    def staff_may_write_about(self, person: Person) -> "ApplicationQuerySet":
        """What staff may exchange messages on: what they may work on, and drafts, of which they still read nothing."""
        staff = reach(person, Permission.APPLICATION_VIEW)
        if not (staff.everywhere or staff.programmes):
            return self.none()
        own = reach(person, Permission.COMPANY_VIEW).organisations
        drafts = Application.objects.drafts_for_staff(person).filter(open_to(person)).exclude(company__organisation__in=own)
        return self.filter(Q(pk__in=Application.objects.for_staff(person)) | Q(pk__in=drafts))

    def drafts_for_staff(self, person: Person) -> "ApplicationQuerySet":
        """Drafts on the programmes a person works on: to give more time to, not to read."""
        staff = reach(person, Permission.APPLICATION_VIEW)
        drafts = self.filter(state__in=Application.WRITTEN_IN)
        return drafts if staff.everywhere else drafts.filter(round__programme__slug__in=staff.programmes)

    def of_team(self, person: Person) -> "ApplicationQuerySet":
        """Applications of the companies the person belongs to."""
        return self.filter(company__organisation__in=reach(person, Permission.COMPANY_VIEW).organisations)

    def going(self) -> "ApplicationQuerySet":
        """Not over, as far as its company may know: one that is declined and not told still counts as being assessed."""
        untold = Q(state__in=Application.DECIDED, notified_at=None)
        return self.filter(untold | ~Q(state__in=Application.OVER))

    def told_no_since(self, moment: datetime) -> "ApplicationQuerySet":
        """Those whose company was told since then that nothing comes of them."""
        state = Application.State
        found = Q(state__in=[state.INELIGIBLE, state.NOT_INVITED, state.RULED_OUT], case__held_since__gte=moment)
        return self.filter(found | Q(state=state.DECLINED, notified_at__gte=moment))

    def one_of_team(self, person: Person, reference: str) -> "Application":
        """One of the applications of the companies the person belongs to, as a page needs it. Raises DoesNotExist."""
        found = FOR_A_PAGE.one(reference=reference)
        if found.company.organisation_id not in reach(person, Permission.COMPANY_VIEW).organisations:
            raise Application.DoesNotExist
        return found

    def afresh(self, application: "Application") -> "Application":
        """The same application as it stands now, with everything that a page names."""
        return WITH_ALL.one(key=application.pk)

    def for_pages(self) -> "ApplicationQuerySet":
        """With everything that a page about one application names."""
        return self.select_related("case", "company__organisation", "round__programme", "round__version", "version")


FOR_A_PAGE = Composed(lambda: Application.objects.for_pages().filter(reference=Given("reference", models.CharField())))
"""One application by its reference, with everything that a page about it names."""


OTHER_TRIES = Composed(
    lambda: (
        Application.objects.filter(
            company=Given("company", models.BigIntegerField()),
            round__programme=Given("programme", models.BigIntegerField()),
            submitted_at__isnull=False,
        )
        .exclude(pk=Given("key", models.BigIntegerField()))
        .values_list("pk", flat=True)
    )
)
"""What a company sent in to a programme besides one application."""


WITH_ALL = Composed(lambda: Application.objects.for_pages().filter(pk=Given("key", models.BigIntegerField())))


class Application(ApplicationLifecycle):
    """One company's application to one round, written under the programme version that the round pinned."""

    audited = (
        "state", "grant_requested_pence", "project_cost_pence", "starts_on", "ends_on", "receipt_sha256",
        "proposed_outcome", "proposed_amount_pence", "decided_amount_pence", "changes_until",
    )  # fmt: skip

    case = models.OneToOneField(Case, on_delete=models.PROTECT, related_name="application")
    round = models.ForeignKey(Round, on_delete=models.PROTECT, related_name="applications")
    version = models.ForeignKey(ProgrammeVersion, on_delete=models.PROTECT, related_name="applications")
    company = models.ForeignKey(Company, on_delete=models.PROTECT, related_name="applications")
    reference = models.CharField(max_length=24, unique=True)
    title = models.CharField(max_length=140, blank=True)
    public_summary = models.TextField(blank=True)
    resubmission_of = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="later_tries")
    """The earlier application of which this is another try."""
    started_at = models.DateTimeField()
    started_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    objects = ApplicationQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(submitted_at=None, submitted_by=None, receipt_sha256="")
                | (Q(submitted_at__isnull=False, submitted_by__isnull=False) & ~Q(receipt_sha256="")),
                name="application_submitted_has_date_and_receipt",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["draft", "invited", "withdrawn"]) | Q(submitted_at__isnull=False),
                name="application_past_draft_was_submitted",
            ),
            both_or_neither("declared_at", "declared_by", of="application"),
            both_or_neither("review_asked_at", "review_asked_by", of="application"),
            both_or_neither("reviewed_at", "reviewed_by", of="application"),
            both_or_neither("invited_at", "invited_by", of="application"),
            models.CheckConstraint(
                condition=Q(invited_at=None, invited_until=None) | Q(invited_at__isnull=False, invited_until__isnull=False),
                name="application_invitation_says_until_when",
            ),
            models.CheckConstraint(
                condition=~Q(state="changes_requested") | Q(changes_until__isnull=False), name="application_changes_are_due_at_a_time"
            ),
            both_or_neither("ruling_out_asked_at", "ruling_out_asked_by", of="application"),
            both_or_neither("decided_at", "decided_by", of="application"),
            both_or_neither("proposed_at", "proposed_by", of="application"),
            both_or_neither("notified_at", "notified_by", of="application"),
            both_or_neither("erased_at", "erased_by", of="application"),
            models.CheckConstraint(
                condition=Q(extended_until=None, extended_at=None, extended_by=None)
                | Q(extended_until__isnull=False, extended_at__isnull=False, extended_by__isnull=False),
                name="application_extension_says_who_and_when",
            ),
            models.CheckConstraint(
                condition=Q(ends_on=None) | Q(starts_on__isnull=False, ends_on__gte=models.F("starts_on")),
                name="application_project_ends_after_it_starts",
            ),
            models.CheckConstraint(
                condition=Q(grant_requested_pence__gte=0) & Q(project_cost_pence__gte=0), name="application_money_is_not_negative"
            ),
            models.CheckConstraint(
                condition=Q(decided_amount_pence=None) | Q(decided_amount_pence__gte=0), name="application_award_is_not_negative"
            ),
        ]
        indexes = [
            models.Index(fields=["round", "state", "submitted_at", "id"], name="application_queue"),
            models.Index(fields=["state", "submitted_at", "id"], name="application_by_state"),
            models.Index(fields=["company", "started_at"], name="application_of_company"),
            models.Index(fields=["submitted_at", "id"], name="application_by_submission"),
            models.Index(
                fields=["round", "id"], condition=Q(decided_at__isnull=False, notified_at__isnull=True), name="application_untold"
            ),
        ]

    def __str__(self) -> str:
        return self.reference

    def get_absolute_url(self) -> str:
        return f"/apply/{self.reference}/"

    def scopes(self) -> set[str]:
        return {f"programme:{self.round.programme.slug}", f"organisation:{self.company.organisation_id}"}

    def control(self) -> str:
        return self.round.control()

    def current_paper(self) -> "SubmittedPaper | None":
        """The answers as they were last sent in."""
        return self.papers.order_by("-number").first()

    def taken_back(self, papers: "list[SubmittedPaper] | None" = None) -> "SubmittedPaper | None":
        """What was sent in and reopened since, so that it counts no longer; None for what never was, or was only an expression of interest.

        `papers` are all that were sent in, the latest first, where they are known.
        """
        if not self.is_draft:
            return None
        last = self.current_paper() if papers is None else next(iter(papers), None)
        return last if last and (self.invited_at is None or last.frozen_at > self.invited_at) else None

    def failed_outcomes(self) -> list["EligibilityOutcome"]:
        """The rules that the paper sent in last does not meet."""
        paper = self.current_paper()
        return list(paper.outcomes.filter(passed=False).order_by("pk")) if paper else []

    def staff_path(self) -> str:
        return f"/manage/applications/{self.reference}/"

    def earlier_tries(self) -> int:
        """How often this company sent in another application to this programme before."""
        return len(OTHER_TRIES.all(company=self.company_id, programme=self.round.programme_id, key=self.pk))

    def tries_before(self) -> int:
        """How many tries of the same project lie before this one."""
        count, before = 0, self.resubmission_of
        while before is not None:
            count, before = count + 1, before.resubmission_of
        return count

    def values(self) -> dict[str, Any]:
        """The answers as they stand, by question."""
        return dict(self.answers.values_list("question", "value"))


@protect(deletable=True)
class SubmittedPaper(models.Model):
    """The answers, documents and company facts frozen at submission: canonical JSON (RFC 8785) and its SHA-256.

    Never changed; deleted only when retention ends.
    """

    application = models.ForeignKey(Application, on_delete=models.PROTECT, related_name="papers")
    number = models.PositiveSmallIntegerField()
    document = models.TextField()
    sha256 = models.CharField(max_length=64)
    frozen_at = models.DateTimeField()
    frozen_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["application", "number"], name="paper_number_is_used_once_per_application")]

    def __str__(self) -> str:
        return f"paper {self.number} of application {self.application_id}"


@protect(deletable=True)
class Receipt(models.Model):
    """The PDF that a company was given for one frozen paper, byte for byte as it was given, with its own SHA-256.

    Written once, from the paper alone; never written again, whatever the templates look like later.
    """

    paper = models.OneToOneField(SubmittedPaper, on_delete=models.PROTECT, related_name="receipt")
    pdf = models.BinaryField()
    sha256 = models.CharField(max_length=64)
    written_at = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(condition=~Q(sha256=""), name="receipt_has_its_hash")]

    def __str__(self) -> str:
        return f"receipt of paper {self.paper_id}"


@protect(deletable=True)
class EligibilityOutcome(models.Model):
    """What one rule of the programme version made of one frozen paper, with the values it looked at."""

    class OnFail(models.TextChoices):
        REJECT = "reject", "Reject"
        REFER = "refer", "Refer to an officer"

    application = models.ForeignKey(Application, on_delete=models.PROTECT, related_name="eligibility_outcomes")
    paper = models.ForeignKey(SubmittedPaper, on_delete=models.PROTECT, related_name="outcomes")
    rule_id = models.CharField(max_length=60)
    code = models.CharField(max_length=60)
    passed = models.BooleanField()
    on_fail = models.CharField(max_length=10, choices=OnFail)
    sentence = models.TextField()
    values = models.JSONField(default=dict)
    rule_version_sha = models.CharField(max_length=64)
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["paper", "rule_id"], name="rule_is_judged_once_per_paper")]
        indexes = [models.Index(fields=["application", "passed"])]

    def __str__(self) -> str:
        return f"{self.rule_id}: {'passed' if self.passed else self.on_fail}"
