"""What the scores of one application show beside the noise of the whole scheme: spread, outlier, split, near the line, thin comment.

s is the residual standard deviation of the scheme (`mixed_model`). The limits of the spread are the 95th percentiles of the range of n
independent normal values; an outlier lies more than 2.5 standard errors from the mean of the others.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from math import inf, sqrt

import scipy

SPREAD = {2: 2.77, 3: 3.31, 4: 3.63, 5: 3.86}
OUTLIER = 2.5
THIN = 200
EXTREME = 0.10


@dataclass(frozen=True)
class Review:
    """One counted review: who gave what, whether they would fund it, and how much they wrote. None: not asked."""

    key: int
    score: float
    suitable: bool | None = None
    in_scope: bool | None = None
    comment_length: int | None = None


@dataclass(frozen=True)
class Trigger:
    """What was pulled, by which review if by one, and the figures: what was found and the limit."""

    name: str
    sentence: str
    review: int | None = None
    found: float = 0.0
    limit: float = 0.0


def spread_limit(reviews: int) -> float:
    """The range of so many scores, in units of s, that chance exceeds once in twenty."""
    return SPREAD.get(reviews) or _studentised(reviews)


@cache
def _studentised(reviews: int) -> float:
    return float(scipy.stats.studentized_range.ppf(0.95, reviews, inf))


def triggers(
    reviews: Sequence[Review], *, s: float, threshold: float | None = None, scale: tuple[float, float] = (0, 100)
) -> list[Trigger]:
    """Everything the reviews of one application show. A scheme without residual variance shows no spread and no outlier."""
    found = [*_spread(reviews, s), *_outliers(reviews, s), *_split(reviews)]
    if threshold is not None:
        found += _near_the_line(reviews, threshold)
    return found + _thin(reviews, scale)


def _spread(reviews: Sequence[Review], s: float) -> list[Trigger]:
    if len(reviews) < 2 or s <= 0:
        return []
    scores = [review.score for review in reviews]
    apart, limit = (max(scores) - min(scores)) / s, spread_limit(len(scores))
    if apart <= limit:
        return []
    sentence = f"The scores lie {max(scores) - min(scores):.1f} apart, {apart:.2f} times the usual noise; {limit:.2f} is the limit."
    return [Trigger("spread", sentence, None, apart, limit)]


def _outliers(reviews: Sequence[Review], s: float) -> list[Trigger]:
    if len(reviews) < 3 or s <= 0:
        return []
    total, others = sum(review.score for review in reviews), len(reviews) - 1
    found = []
    for review in reviews:
        away = abs(review.score - (total - review.score) / others) / (s * sqrt(1 + 1 / others))
        if away > OUTLIER:
            sentence = f"This score lies {away:.2f} standard errors from the mean of the others; {OUTLIER} is the limit."
            found.append(Trigger("outlier", sentence, review.key, away, OUTLIER))
    return found


def _split(reviews: Sequence[Review]) -> list[Trigger]:
    asked = ([review.suitable for review in reviews], [review.in_scope for review in reviews])
    if any(len({answer for answer in answers if answer is not None}) > 1 for answers in asked):
        return [Trigger("split", "The assessors do not agree whether it is in scope or should be funded.")]
    return []


def _near_the_line(reviews: Sequence[Review], threshold: float) -> list[Trigger]:
    """One score decides which side of the threshold the mean falls on."""
    if len(reviews) < 2:
        return []
    total = sum(review.score for review in reviews)
    passes = total / len(reviews) >= threshold
    deciding = [review for review in reviews if ((total - review.score) / (len(reviews) - 1) >= threshold) != passes]
    if not deciding:
        return []
    said = "would fall below" if passes else "would reach"
    only = deciding[0].key if len(deciding) == 1 else None
    return [Trigger("near_line", f"Without one of the scores the mean {said} {threshold:g}.", only)]


def _thin(reviews: Sequence[Review], scale: tuple[float, float]) -> list[Trigger]:
    edge = EXTREME * (scale[1] - scale[0])
    return [
        Trigger("thin", f"An extreme score, {review.score:g}, with {review.comment_length} characters of comment.", review.key)
        for review in reviews
        if review.comment_length is not None
        and review.comment_length < THIN
        and (review.score <= scale[0] + edge or review.score >= scale[1] - edge)
    ]
