"""What the counted reviews say, read for many applications at once: votes, figures, rank.

A round is ranked whole, from a few numbers of each application (`places`); applications themselves are read for the rows that are shown.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import lcm

from django.db.models import Count, Exists, Max, Min, OuterRef, Q, Subquery, Sum

from applications.models import Application
from assessments import ranking
from assessments.models import Assessment, Decision, Score
from assessments.scheme import Scheme, scheme_of
from grants.models import Round

SCORED = ("moderating", "panel", "interview", "deciding", "proposed", "approved", "reserve", "declined", "on_hold")
DECIDED = ("approved", "reserve", "declined")


@dataclass(frozen=True)
class Place:
    """Where one application stands in its round, and what a list chooses by."""

    application: int
    state: str
    is_told: bool
    requested_pence: int
    rank: int
    is_tied: bool
    figures: ranking.Figures
    meets_threshold: bool


@dataclass(frozen=True)
class Standing:
    """One application in its round's ranking: its place, its figures, whether it meets the threshold, what was decided."""

    application: Application
    rank: int
    is_tied: bool
    figures: ranking.Figures
    meets_threshold: bool
    decision: Decision | None


def votes(applications: Iterable[Application | int], *, with_marks: bool = False) -> dict[int, list[ranking.Vote]]:
    """The counted reviews of these applications (themselves or their numbers), by application. Marks by criterion cost one more query and
    are read only when asked."""
    counted = Assessment.objects.counted().filter(application__in=list(applications)).order_by("pk")
    rows = list(counted.values_list("pk", "application_id", "total_numerator", "total_denominator", "in_scope", "suitable"))
    marks: dict[int, dict[str, int]] = defaultdict(dict)
    if with_marks:
        scores = Score.objects.filter(assessment__in=[row[0] for row in rows], marks__isnull=False)
        for assessment, criterion, given in scores.values_list("assessment_id", "criterion", "marks"):
            marks[assessment][criterion] = given or 0
    found: dict[int, list[ranking.Vote]] = defaultdict(list)
    for pk, application, numerator, denominator, in_scope, suitable in rows:
        total = Fraction(numerator or 0, denominator or 1)
        found[application].append(ranking.Vote(pk, total, bool(in_scope), bool(suitable), marks.get(pk, {})))
    return found


def still_to_do(round: Round) -> tuple[bool, int]:
    """Whether a decision is to be proposed, taken or told (most rounds of a programme are past that, and need not be ranked again), and
    what standing proposals plan in pence. In one query."""
    untold = Q(state__in=DECIDED, notified_at=None)
    undecided = Application.objects.filter(Q(state__in=("deciding", "proposed")) | untold, round=OuterRef("pk"))
    planned = Decision.objects.planned(round).order_by().values("application__round").annotate(pence=Sum("amount_pence")).values("pence")
    is_any, pence = Round.objects.filter(pk=round.pk).values_list(Exists(undecided), Subquery(planned)).get()
    return is_any, pence or 0


def of_round(round: Round) -> list[Standing]:
    """The ranking of a round with its applications."""
    return with_applications(places(round), round)


def places(round: Round) -> list[Place]:
    """The ranking of a round by the mean of totals, highest first. Left out: those still with assessors, and those no review counts for."""
    scored = Application.objects.filter(round=round, state__in=SCORED)
    rows = scored.values_list("pk", "state", "notified_at", "grant_requested_pence")
    known = {pk: (state, told_at is not None, requested) for pk, state, told_at, requested in rows}
    summaries = {pk: figures for pk, figures in _figures(round).items() if pk in known}
    scheme = scheme_of(round.version)
    means = _mean_marks(round, scheme)
    tie_break = {pk: tuple(means.get((pk, criterion), Fraction(0)) for criterion in scheme.tie_break) for pk in summaries}
    too_low = {pk for pk in summaries if _fails_a_criterion(pk, scheme, means)}
    found = []
    for placed in ranking.rank(summaries, tie_break):
        state, is_told, requested = known[placed.key]
        meets = placed.figures.meets(scheme.threshold, majority_needed=scheme.majority_needed) and placed.key not in too_low
        found.append(Place(placed.key, state, is_told, requested, placed.rank, placed.is_tied, placed.figures, meets))
    return found


def with_applications(places: Sequence[Place], round: Round) -> list[Standing]:
    """These places with their applications, companies and decisions, in the same order."""
    applications = Application.objects.select_related("company__organisation", "version").in_bulk([place.application for place in places])
    decisions = {one.application_id: one for one in Decision.objects.standing().filter(application__in=applications)}
    found = []
    for place in places:
        application = applications[place.application]
        application.round = round
        decision = decisions.get(place.application)
        found.append(Standing(application, place.rank, place.is_tied, place.figures, place.meets_threshold, decision))
    return found


def _figures(round: Round) -> dict[int, ranking.Figures]:
    """What the counted reviews of each application come to, summed by the database: exactly, for totals of one denominator are added."""
    rows = (
        Assessment.objects.counted()
        .filter(application__round=round)
        .order_by()
        .values_list("application_id", "total_denominator")
        .annotate(
            votes=Count("pk"),
            points=Sum("total_numerator"),
            lowest=Min("total_numerator"),
            highest=Max("total_numerator"),
            fits=Count("pk", filter=Q(in_scope=True)),
            good=Count("pk", filter=Q(suitable=True)),
        )
    )
    parts: dict[int, list[tuple[int, ...]]] = defaultdict(list)
    for application, *part in rows:
        parts[application].append(tuple(part))
    return {application: _together(found) for application, found in parts.items()}


def _together(parts: Sequence[tuple[int, ...]]) -> ranking.Figures:
    """Figures from (denominator, reviews, sum, lowest, highest, in scope, suitable) for each denominator that occurs."""
    votes, common = sum(part[1] for part in parts), lcm(*(part[0] for part in parts))
    return ranking.Figures(
        votes=votes,
        mean=Fraction(sum(part[2] * common // part[0] for part in parts), common * votes),
        lowest=min(Fraction(part[3], part[0]) for part in parts),
        highest=max(Fraction(part[4], part[0]) for part in parts),
        in_scope_yes=sum(part[5] for part in parts),
        suitable_yes=sum(part[6] for part in parts),
    )


def _mean_marks(round: Round, scheme: Scheme) -> dict[tuple[int, str], Fraction]:
    """Mean marks by (application, criterion), for the criteria that break ties or have a minimum of their own; no query where none has."""
    needed = {*scheme.tie_break, *(criterion.id for criterion in scheme.criteria if criterion.needs_percent is not None)}
    if not needed:
        return {}
    counted = Assessment.objects.counted().filter(application__round=round)
    rows = (
        Score.objects.filter(assessment__in=counted.values("pk"), criterion__in=needed, marks__isnull=False)
        .values_list("assessment__application_id", "criterion")
        .annotate(given=Sum("marks"), votes=Count("pk"))
    )
    return {(application, criterion): Fraction(given, votes) for application, criterion, given, votes in rows}


def _fails_a_criterion(application: int, scheme: Scheme, means: dict[tuple[int, str], Fraction]) -> bool:
    return any(
        means.get((application, criterion.id), Fraction(0)) * 100 < Fraction(criterion.needs_percent) * criterion.maximum
        for criterion in scheme.criteria
        if criterion.needs_percent is not None
    )
