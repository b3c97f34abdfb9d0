"""What waits for a person among programmes, for the landing page: what somebody put forward, a pause too long, a round none follows."""

from collections.abc import Iterable
from datetime import datetime

from django.urls import reverse

from accounts.access import reach
from accounts.home import HomeItem, contributes
from accounts.models import Person
from accounts.roles import Permission
from design.words import deadline_in_words
from grants.models import Correction, Programme, ProgrammeVersion, Round
from grants.presenters.staff import version_href

MOST = 10


@contributes
def to_publish(person: Person, at: datetime) -> Iterable[HomeItem]:
    """Versions and corrections that wait for a second person, unless this one put them forward."""
    theirs = reach(person, Permission.PROGRAMME_PUBLISH)
    if not (theirs.everywhere or theirs.programmes):
        return []
    seen = Programme.objects.all() if theirs.everywhere else Programme.objects.filter(slug__in=theirs.programmes)
    versions = ProgrammeVersion.objects.filter(programme__in=seen, state=ProgrammeVersion.State.PREPARED).exclude(prepared_by=person)
    corrections = Correction.objects.filter(round__programme__in=seen, state=Correction.State.PROPOSED).exclude(proposed_by=person)
    return [
        *(
            HomeItem(f"Publish {one}", f"{one.prepared_by} has put it forward.", version_href(one))
            for one in versions.select_related("programme", "prepared_by").order_by("prepared_at", "pk")[:MOST]
        ),
        *(
            HomeItem(
                f"Decide on the correction of {one.round.reference}",
                f"{one.proposed_by} asks for it: {one.reason[:120]}",
                reverse("grants:corrections", args=[one.round.reference]),
            )
            for one in corrections.select_related("round", "proposed_by").order_by("proposed_at", "pk")[:MOST]
        ),
    ]


@contributes
def to_end_a_pause(person: Person, at: datetime) -> Iterable[HomeItem]:
    """Rounds whose deadline passed while they were paused: somebody gives more time or closes them."""
    theirs = reach(person, Permission.ROUND_MANAGE)
    if not (theirs.everywhere or theirs.programmes):
        return []
    paused = Round.objects.filter(state=Round.State.PAUSED, closes_at__lte=at)
    seen = paused if theirs.everywhere else paused.filter(programme__slug__in=theirs.programmes)
    why = "Its deadline passed while it was paused. Give everybody more time, or close it."
    return [HomeItem(f"Decide on {one.reference}", why, one.get_absolute_url()) for one in seen.order_by("closes_at", "pk")[:MOST]]


@contributes
def to_follow_on(person: Person, at: datetime) -> Iterable[HomeItem]:
    """Rolling programmes that end with the round that runs, because the one that was to follow it is cancelled."""
    theirs = reach(person, Permission.ROUND_MANAGE)
    if not (theirs.everywhere or theirs.programmes):
        return []
    last = Round.objects.without_the_next(at).select_related("programme", "version").order_by("closes_at", "pk")
    seen = last if theirs.everywhere else last.filter(programme__slug__in=theirs.programmes)
    return [
        HomeItem(
            f"Decide what follows {one.reference}",
            f"It closes at {deadline_in_words(one.closes_at)}, and the round after it is cancelled. Announce another, or none follows.",
            reverse("grants:manage_programme", args=[one.programme.slug]),
        )
        for one in seen[:MOST]
        if one.definition.rounds.kind == "rolling"
    ]
