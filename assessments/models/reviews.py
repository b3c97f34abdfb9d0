"""One assessor's review of one application: its marks, its closing questions, and the papers of each submission."""

import hashlib
from collections.abc import Mapping
from datetime import datetime
from fractions import Fraction
from typing import Any

import rfc8785
from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.urls import reverse

from accounts.access import reach
from accounts.constraints import both_or_neither
from accounts.models import Person
from accounts.roles import Permission
from applications.models import Application
from assessments import policies, ranking
from assessments.lifecycle import AssessmentLifecycle
from assessments.models.pool import Conflict
from assessments.models.runs import Run
from assessments.scheme import Scheme, scheme_of
from audit.triggers import protect
from workflow.models import Case


class AssessmentQuerySet(models.QuerySet["Assessment"]):
    def visible_to(self, person: Person) -> "AssessmentQuerySet":
        """An assessor's own, and all on programmes where the person runs assessment or sits on the panel.

        Never their own company's or one they are conflicted on, and never others' reviews of what they assess themselves.
        """
        own_companies = reach(person, Permission.COMPANY_VIEW).organisations
        scoring = reach(person, Permission.ASSESSMENT_SCORE)
        staff = [reach(person, permission) for permission in policies.READS]
        theirs = Q(assessor=person) & _on(scoring.programmes, everywhere=scoring.everywhere)
        barred = Conflict.objects.barring().filter(person=person, application=OuterRef("application"))
        own = Assessment.objects.filter(assessor=person, application=OuterRef("application"))
        run = _on(frozenset().union(*(one.programmes for one in staff)), everywhere=any(one.everywhere for one in staff))
        run_by_them = run & ~Exists(barred) & ~Exists(own)
        return self.filter(theirs | run_by_them).exclude(application__company__organisation__in=own_companies)

    def of(self, person: Person) -> "AssessmentQuerySet":
        """The person's own reviews, as an assessor."""
        return self.visible_to(person).filter(assessor=person)

    def not_barred(self) -> "AssessmentQuerySet":
        """Without those that a conflict of interest closed to their assessor: for them nothing is there any more."""
        barred = Conflict.objects.barring().filter(person=OuterRef("assessor"), application=OuterRef("application"))
        return self.filter(~Exists(barred))

    def with_content_for(self, person: Person) -> "AssessmentQuerySet":
        """The person's own reviews whose application they may read: accepted without a conflict, and none found since."""
        barred = Conflict.objects.barring().filter(person=person, application=OuterRef("application"))
        state = Assessment.State
        return self.of(person).filter(~Exists(barred), state__in=[state.ACCEPTED, state.RETURNED, state.SUBMITTED])

    def live(self) -> "AssessmentQuerySet":
        """Those that take one of the application's places."""
        return self.filter(state__in=Assessment.LIVE, is_calibration=False)

    def asked(self) -> "AssessmentQuerySet":
        """Whoever holds a review or gave one back is not asked again. Scoring first with everybody is no such review."""
        return self.filter(is_calibration=False).exclude(state=Assessment.State.WITHDRAWN)

    def counted(self) -> "AssessmentQuerySet":
        """Those whose score counts: submitted, not excluded in moderation, and by nobody with a confirmed conflict of interest."""
        from assessments.models.moderation import Moderation

        excluded = Moderation.objects.filter(assessment=OuterRef("pk"), state=Moderation.State.EXCLUDED)
        barred = Conflict.objects.barring().filter(person=OuterRef("assessor"), application=OuterRef("application"))
        return self.filter(~Exists(excluded), ~Exists(barred), state=Assessment.State.SUBMITTED, is_calibration=False)

    def with_counts(self) -> "AssessmentQuerySet":
        """Each with whether its score counts."""
        return self.annotate(counts=Exists(Assessment.objects.counted().filter(pk=OuterRef("pk"))))

    def for_pages(self) -> "AssessmentQuerySet":
        """With everything that a page about one review names."""
        return self.select_related("case", "assessor", "application__company__organisation", "application__round__programme")


def _on(programmes: frozenset[str], *, everywhere: bool) -> Q:
    return ~Q(pk=None) if everywhere else Q(application__round__programme__slug__in=programmes)


class Assessment(AssessmentLifecycle):
    """One review. `total` is out of 100, kept as an exact fraction from the marks last submitted."""

    class Confidence(models.TextChoices):
        LOW = "low", "Low: at the edge of what I know"
        MEDIUM = "medium", "Medium"
        HIGH = "high", "High: this is my own field"

    audited = ("state", "in_scope", "suitable")

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="assessments")
    application = models.ForeignKey(Application, on_delete=models.PROTECT, related_name="assessments")
    assessor = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="assessments")
    due_at = models.DateTimeField()
    invited_at = models.DateTimeField()
    invited_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    in_scope = models.BooleanField(null=True, blank=True)
    suitable = models.BooleanField(null=True, blank=True)
    confidence = models.CharField(max_length=6, choices=Confidence, blank=True)
    overall_comment = models.TextField(blank=True)
    reading_order = models.PositiveIntegerField(default=0)
    """Where the application stands in the assessor's own list: drawn for each of them, so that nobody is read first by everybody."""
    is_calibration = models.BooleanField(default=False)
    """Scored by everybody before they begin, to compare how they mark. It takes no place and does not count."""
    plan = models.ForeignKey(Run, null=True, blank=True, on_delete=models.PROTECT, related_name="assessments")
    """The allocation plan that the invitation was sent from."""
    why = models.TextField(blank=True)
    """Why this assessor: the parts of the score in words, or the officer's reason."""
    saved_at = models.DateTimeField(null=True, blank=True)
    saved_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    revision = models.PositiveIntegerField(default=0)
    total_numerator = models.BigIntegerField(null=True, blank=True)
    total_denominator = models.BigIntegerField(null=True, blank=True)

    counts: bool
    """Whether its score counts; known of those that were read `with_counts`."""

    objects = AssessmentQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["application", "assessor", "is_calibration"],
                condition=Q(state__in=["invited", "accepted", "returned", "submitted"]),
                name="assessor_reviews_an_application_once_at_a_time",
            ),
            both_or_neither("accepted_at", "accepted_by", of="assessment"),
            both_or_neither("submitted_at", "submitted_by", of="assessment"),
            both_or_neither("returned_at", "returned_by", of="assessment"),
            both_or_neither("ended_at", "ended_by", of="assessment"),
            both_or_neither("saved_at", "saved_by", of="assessment"),
            both_or_neither("total_numerator", "total_denominator", of="assessment"),
            models.CheckConstraint(
                condition=~Q(state="submitted")
                | Q(submitted_at__isnull=False, total_numerator__isnull=False, in_scope__isnull=False, suitable__isnull=False),
                name="assessment_submitted_has_total_and_answers",
            ),
            models.CheckConstraint(
                condition=Q(total_numerator=None)
                | Q(total_denominator__gt=0, total_numerator__gte=0, total_numerator__lte=100 * models.F("total_denominator")),
                name="assessment_total_lies_between_0_and_100",
            ),
        ]
        indexes = [
            models.Index(fields=["assessor", "state", "due_at", "id"], name="assessment_queue"),
            models.Index(fields=["application", "state"], name="assessment_of_application"),
        ]

    def __str__(self) -> str:
        return f"review {self.pk} of application {self.application_id}"

    def get_absolute_url(self) -> str:
        return reverse("assessments:declare", args=[self.pk])

    def others(self) -> "AssessmentQuerySet":
        """The submitted reviews by others of the same application, once this one is submitted itself; before that, none."""
        if not self.may_see_others:
            return Assessment.objects.none()
        same = Assessment.objects.filter(application=self.application_id, is_calibration=self.is_calibration, state=self.State.SUBMITTED)
        return same.exclude(pk=self.pk)

    @property
    def may_see_others(self) -> bool:
        """Once one's own is in. What everybody scored first stays closed until nobody can be asked to assess it in earnest any more."""
        is_over = not self.is_calibration or self.application.state not in policies.SCORING
        return self.state == self.State.SUBMITTED and is_over

    def draw_reading_order(self) -> None:
        """A place in the assessor's list that depends on nothing but the two of them."""
        drawn = hashlib.sha256(f"{self.assessor_id}:{self.application_id}".encode()).digest()
        self.reading_order = int.from_bytes(drawn[:4], "big") >> 1

    @property
    def takes_a_place(self) -> bool:
        """Whether it is one of those that the application needs."""
        return self.state in self.LIVE and not self.is_calibration

    @property
    def is_asked(self) -> bool:
        """Whether its assessor holds it or gave it back, and so is not asked again."""
        return not self.is_calibration and self.state != self.State.WITHDRAWN

    def scopes(self) -> set[str]:
        return self.application.scopes()

    def control(self) -> str:
        return self.application.control()

    @property
    def total(self) -> Fraction | None:
        """Marks last submitted, weighted, out of exactly 100."""
        if self.total_numerator is None or self.total_denominator is None:
            return None
        return Fraction(self.total_numerator, self.total_denominator)

    @property
    def scheme(self) -> Scheme:
        """What the version that the application was written under says of scoring."""
        return scheme_of(self.application.version)

    def as_vote(self, marks: Mapping[str, int] | None = None) -> ranking.Vote:
        """What this submitted review adds to the figures. The constraints see to it that nothing of it is missing."""
        if self.total is None or self.in_scope is None or self.suitable is None:
            raise ValueError(f"{self} has not been submitted")
        return ranking.Vote(self.pk, self.total, self.in_scope, self.suitable, marks or {})

    def given(self) -> "dict[str, Score]":
        """The scores as they stand, by criterion."""
        return {score.criterion: score for score in self.scores.all()}

    def missing(self) -> dict[str, str]:
        """What keeps the review from being submitted: form field → sentence. Empty when nothing does."""
        given = self.given()
        missing: dict[str, str] = {}
        for criterion in self.scheme.criteria:
            score = given.get(criterion.id)
            if score is None or score.marks is None:
                missing[f"marks_{criterion.id}"] = f"Give marks for “{criterion.title}”."
            if score is None or len(score.comment.strip()) < policies.COMMENT_MIN:
                missing[f"comment_{criterion.id}"] = (
                    f"Give the reasons for your marks for “{criterion.title}” in at least {policies.COMMENT_MIN} characters."
                )
        if self.in_scope is None:
            missing["in_scope"] = "Say whether the application is in scope."
        if self.suitable is None:
            missing["suitable"] = "Say whether the application is suitable for funding."
        if len(self.overall_comment.strip()) < policies.COMMENT_MIN:
            missing["overall_comment"] = f"Give an overall comment of at least {policies.COMMENT_MIN} characters."
        return missing

    def keep_total(self) -> None:
        """Work the total out from the marks as they stand."""
        marks = {score.criterion: score.marks for score in self.scores.all() if score.marks is not None}
        total = ranking.weighted_total(marks, self.scheme.criteria)
        self.total_numerator, self.total_denominator = total.numerator, total.denominator

    def keep_paper(self, *, by: Person, at: datetime) -> "ReviewPaper":
        """Freeze what is being submitted."""
        document = rfc8785.dumps(self._as_submitted()).decode()
        return ReviewPaper.objects.create(
            assessment=self,
            number=self.papers.count() + 1,
            document=document,
            sha256=hashlib.sha256(document.encode()).hexdigest(),
            frozen_at=at,
            frozen_by=by,
        )

    def _as_submitted(self) -> dict[str, Any]:
        scores = [
            {"criterion": score.criterion, "marks": score.marks, "comment": score.comment}
            for score in sorted(self.scores.all(), key=lambda one: one.criterion)
        ]
        return {
            "application": self.application.reference,
            "version": self.application.version.sha256,
            "scores": scores,
            "in_scope": self.in_scope,
            "suitable": self.suitable,
            "confidence": self.confidence,
            "overall_comment": self.overall_comment,
            "total": [self.total_numerator, self.total_denominator],
        }

    def keep_declared_conflict(self, *, reason: str, by: Person, at: datetime) -> None:
        """Record what the assessor declared; it bars them from this application for good."""
        Conflict.objects.update_or_create(
            person=by,
            application=self.application,
            ground=Conflict.Ground.DECLARED,
            defaults={
                "kind": Conflict.Kind.DECLARED,
                "status": Conflict.Status.CONFIRMED,
                "detail": reason[:1000],
                "recorded_at": at,
                "recorded_by": by,
            },
        )


class Score(models.Model):
    """Marks and reasons for one criterion, as they stand. What was submitted is in the review's papers."""

    assessment = models.ForeignKey(Assessment, on_delete=models.PROTECT, related_name="scores")
    criterion = models.CharField(max_length=60)
    marks = models.PositiveSmallIntegerField(null=True, blank=True)
    comment = models.TextField(blank=True)
    saved_at = models.DateTimeField()
    saved_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["assessment", "criterion"], name="score_is_one_per_criterion")]

    def __str__(self) -> str:
        return f"{self.criterion} of review {self.assessment_id}"


@protect(deletable=True)
class ReviewPaper(models.Model):
    """A review frozen as it was submitted: canonical JSON (RFC 8785) and its SHA-256. Never changed: a correction is another paper.
    Deleted only when retention ends.
    """

    assessment = models.ForeignKey(Assessment, on_delete=models.PROTECT, related_name="papers")
    number = models.PositiveSmallIntegerField()
    document = models.TextField()
    sha256 = models.CharField(max_length=64)
    frozen_at = models.DateTimeField()
    frozen_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["assessment", "number"], name="review_paper_number_is_used_once")]

    def __str__(self) -> str:
        return f"paper {self.number} of review {self.assessment_id}"
