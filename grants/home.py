"""What waits for a person among programmes, for the landing page: what somebody put forward, a pause too long, a round none follows."""

from collections.abc import Iterable
from datetime import datetime

from django.urls import reverse

from accounts.access import reach
from accounts.home import Asked, HomeItem, contributes, holds, named, one_by_one
from accounts.models import Person
from accounts.roles import Permission
from design.words import deadline_in_words
from grants.models import Correction, Programme, ProgrammeVersion, Round
from grants.models.rounds import RoundQuerySet
from grants.presenters.staff import version_href


@contributes
def to_publish(person: Person, at: datetime) -> Iterable[Asked]:
    """Versions and corrections that wait for a second person, unless this one put them forward."""
    if not holds(person, Permission.PROGRAMME_PUBLISH):
        return
    theirs = reach(person, Permission.PROGRAMME_PUBLISH)
    seen = Programme.objects.all() if theirs.everywhere else Programme.objects.filter(slug__in=theirs.programmes)
    versions = ProgrammeVersion.objects.filter(programme__in=seen, state=ProgrammeVersion.State.PREPARED).exclude(prepared_by=person)
    yield one_by_one(versions.order_by("prepared_at", "pk"), _to_publish, "programme", "prepared_by")
    corrections = Correction.objects.filter(round__programme__in=seen, state=Correction.State.PROPOSED).exclude(proposed_by=person)
    yield one_by_one(corrections.order_by("proposed_at", "pk"), _to_correct, "round", "proposed_by")


def _to_publish(version: ProgrammeVersion) -> HomeItem:
    return HomeItem(f"Publish {version}", f"{version.prepared_by} has put it forward.", version_href(version))


def _to_correct(correction: Correction) -> HomeItem:
    reference = correction.round.reference
    says = f"{correction.proposed_by} asks for it: {correction.reason[:120]}"
    return HomeItem(f"Decide on the correction of {reference}", says, reverse("grants:corrections", args=[reference]))


@contributes
def to_end_a_pause(person: Person, at: datetime) -> Iterable[Asked]:
    """Rounds whose deadline passed while they were paused: somebody gives more time or closes them."""
    if holds(person, Permission.ROUND_MANAGE):
        paused = _managed_by(person).filter(state=Round.State.PAUSED, closes_at__lte=at)
        yield named(paused.order_by("closes_at", "pk"), "reference", _to_end_its_pause)


def _to_end_its_pause(reference: str) -> HomeItem:
    why = "Its deadline passed while it was paused. Give everybody more time, or close it."
    return HomeItem(f"Decide on {reference}", why, reverse("grants:round", args=[reference]))


@contributes
def to_follow_on(person: Person, at: datetime) -> Iterable[Asked]:
    """Rolling programmes that end with the round that runs, because the one that was to follow it is cancelled."""
    if holds(person, Permission.ROUND_MANAGE):
        last = _managed_by(person).without_the_next(at).order_by("closes_at", "pk")
        yield one_by_one(last, _to_be_followed, "programme", "version")


def _to_be_followed(round: Round) -> HomeItem | None:
    if round.definition.rounds.kind != "rolling":
        return None
    return HomeItem(
        f"Decide what follows {round.reference}",
        f"It closes at {deadline_in_words(round.closes_at)}, and the round after it is cancelled. Announce another, or none follows.",
        reverse("grants:manage_programme", args=[round.programme.slug]),
    )


def _managed_by(person: Person) -> RoundQuerySet:
    theirs = reach(person, Permission.ROUND_MANAGE)
    return Round.objects.all() if theirs.everywhere else Round.objects.filter(programme__slug__in=theirs.programmes)
