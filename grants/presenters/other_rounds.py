"""The rounds of a programme beside the one that its public page shows: the next one, and one that ended before people expected it to."""

from collections.abc import Iterable
from datetime import datetime

from grants.models import Round, RoundChange
from grants.presenters.public import when_words

ENDED = (RoundChange.Kind.CLOSED_EARLY, RoundChange.Kind.CANCELLED)


def beside(rounds: Iterable[Round], shown: Round | None, at: datetime) -> list[dict[str, str]]:
    """Each with what there is to say of it; one that ended early is told of until the deadline that it was announced with."""
    others = [each for each in rounds if shown is None or each.pk != shown.pk]
    to_come = [each for each in others if each.state in Round.NOT_OVER and at < each.closes_at]
    found = [{"title": each.title, "said": f"{when_words(each, at)}.", "reason": ""} for each in sorted(to_come, key=_by_time)]
    ended = [each.pk for each in others if each not in to_come]
    if ended:
        changes = RoundChange.objects.filter(round__in=ended, kind__in=ENDED, closes_before__gt=at).select_related("round").order_by("pk")
        found += [{"title": one.round.title, "said": one.sentence, "reason": one.reason} for one in changes]
    return found


def _by_time(round_: Round) -> tuple[datetime, int]:
    return round_.opens_at, round_.pk
