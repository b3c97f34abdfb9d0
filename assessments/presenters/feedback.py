"""What a company is told of its scores, once it has been told of the decision: by criterion, without names."""

import hashlib
from collections import defaultdict
from dataclasses import dataclass
from fractions import Fraction

from applications.models import Application
from assessments import ranking
from assessments.models import Assessment
from assessments.scheme import scheme_of


@dataclass(frozen=True)
class CriterionFeedback:
    """One criterion: what it asks, the mean of the marks, and what the assessors wrote, each under a letter."""

    title: str
    mean: str
    comments: list[tuple[str, str]]


@dataclass(frozen=True)
class Feedback:
    """All of it. The letters stand for the same person throughout one application and for nobody outside it."""

    mean: str
    criteria: list[CriterionFeedback]
    overall: list[tuple[str, str]]


def feedback_on(application: Application) -> Feedback | None:
    """The feedback of a notified application from the reviews that counted; None before, or where nobody scored."""
    return None if application.notified_at is None else _feedback(application)


def feedback_before_interview(application: Application) -> Feedback | None:
    """What the company reads before its interview: the same words, before any decision."""
    return _feedback(application)


def _feedback(application: Application) -> Feedback | None:
    reviews = list(Assessment.objects.counted().filter(application=application).prefetch_related("scores"))
    figures = ranking.figures([one.as_vote() for one in reviews])
    if figures is None:
        return None
    reviews.sort(key=_shuffled)
    letters = {review.pk: f"Assessor {chr(ord('A') + number)}" for number, review in enumerate(reviews)}
    by_criterion: dict[str, list[tuple[str, int, str]]] = defaultdict(list)
    for review in reviews:
        for score in review.scores.all():
            by_criterion[score.criterion].append((letters[review.pk], score.marks or 0, score.comment))
    return Feedback(
        mean=ranking.one_decimal(figures.mean),
        criteria=[
            CriterionFeedback(
                title=criterion.title,
                mean=f"{ranking.one_decimal(ranking.mean([Fraction(marks) for _, marks, _ in rows]))} of {criterion.maximum}",
                comments=[(letter, comment) for letter, _, comment in rows],
            )
            for criterion in scheme_of(application.version).criteria
            if (rows := by_criterion.get(criterion.id))
        ],
        overall=[(letters[review.pk], review.overall_comment) for review in reviews],
    )


def _shuffled(review: Assessment) -> str:
    """An order that says nothing about who was invited or who came first, and is the same every time."""
    return hashlib.sha256(f"{review.application_id}:{review.overall_comment}:{review.pk}".encode()).hexdigest()
