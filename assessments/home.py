"""What waits for a person in assessment, on their landing page."""

from collections.abc import Callable, Iterable
from datetime import datetime
from functools import partial

from django.db.models import Case, CharField, Count, Exists, F, Min, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Coalesce, Concat
from django.urls import reverse

from accounts.access import reach
from accounts.home import Asked, HomeItem, answered, contributes, grouped, named, one_by_one
from accounts.models import Person
from accounts.roles import Permission
from applications.models import Application
from assessments import amounts, membership
from assessments.actions import feedback
from assessments.models import AgendaItem, Assessment, Conflict, Decision, FewerReviews, Meeting, Moderation
from assessments.scheme import scheme_of
from design.words import in_words, moment_in_words
from grants.models import Round

ROUNDS = 10
"""Rounds, or meetings, that one landing page speaks of."""
MOST_PROPOSED = 100
"""Proposals that are looked at for whose agreement they need."""
TO_COME = ("planned", "open")
"""States of a meeting that is still to be held or under way."""
TO_BE_TOLD = ("approved", "reserve", "declined")
"""States of an application in which its company is told the decision."""


@contributes
def assessor_items(person: Person, at: datetime) -> Iterable[HomeItem]:
    """Reviews to answer, write or correct."""
    if not reach(person, Permission.ASSESSMENT_SCORE).programmes:
        return
    waiting = (
        Assessment.objects.of(person)
        .filter(state__in=Assessment.WAITING)
        .aggregate(n=Count("pk"), soonest=Min("due_at"), invited=Count("pk", filter=Q(state="invited")))
    )
    if waiting["n"]:
        asked = f"{waiting['invited']} to accept or decline. " if waiting["invited"] else ""
        text = f"{asked}The first is due on {in_words(waiting['soonest'])}."
        yield HomeItem("Applications to assess", text, reverse("assessments:queue"), waiting["n"])


@contributes
def pool_items(person: Person, at: datetime) -> Iterable[HomeItem]:
    """What an assessor signs and declares before they may be invited."""
    if not reach(person, Permission.ASSESSMENT_SCORE).programmes:
        return
    to_do = membership.to_do(person, at=at)
    if to_do:
        text = f"{' '.join(to_do)} Until then you cannot be invited."
        yield HomeItem("Your part in the pool of assessors", text, reverse("assessments:membership"), len(to_do))


@contributes
def staff_items(person: Person, at: datetime) -> Iterable[Asked]:
    """Applications that wait for an officer's or a lead's hand, by round: the rounds that closed first."""
    wants = {
        "eligible": (Permission.ASSESSMENT_ALLOCATE, "allocation", "Assessors to invite", "Eligible applications without assessors."),
        "moderating": (Permission.ASSESSMENT_MODERATE, "moderation", "Scores to settle", "Something about the scores needs a person."),
        "panel": (Permission.ASSESSMENT_MODERATE, "meetings", "For the panel", "A meeting is to be called, or what it signed sent on."),
        "interview": (Permission.ASSESSMENT_MODERATE, "meetings", "For interview", "A day is to be called, or what it signed sent on."),
        "deciding": (Permission.DECISION_PROPOSE, "decisions", "Decisions to propose", "Assessed applications that await a proposal."),
        "proposed": (Permission.DECISION_APPROVE, "decisions", "Decisions to make", "Proposals that await a second person."),
        "on_hold": (Permission.DECISION_APPROVE, "decisions", "On hold", "Take them up again once what they wait for has come."),
    }
    slugs = {state: reach(person, need).programmes for state, (need, *_) in wants.items()}
    if not any(slugs.values()):
        return
    mine = Q(pk=None)
    for state, programmes in slugs.items():
        mine |= Q(state=state, round__programme__slug__in=programmes)
    anywhere = _on_no_agenda(Application.objects.filter(mine))
    busy = Round.objects.filter(Exists(anywhere.filter(round=OuterRef("pk")))).order_by("closes_at", "pk")[:ROUNDS]
    waiting = _on_no_agenda(Application.objects.for_staff(person).filter(mine, round__in=busy.values("pk")))
    places = [When(state=state, then=Value(f"{place} ")) for place, state in enumerate(wants)]
    by = Concat(Case(*places, default=Value(""), output_field=CharField()), "round__reference")
    yield grouped(waiting, by, partial(_in_state, list(wants.values())), most=ROUNDS * len(wants))


def _in_state(wants: list[tuple[Permission, str, str, str]], called: str, n: int) -> HomeItem:
    place, _, round = called.partition(" ")
    _, page, title, text = wants[int(place)]
    return _in_round(title, text, page)(round, n)


def _in_round(title: str, text: str, page: str) -> Callable[[str, int], HomeItem]:
    """A line that says how many there are of something in a round, and leads to the page of the round where it is done."""
    return lambda round, n: HomeItem(f"{title} ({round})", text, reverse(f"assessments:{page}", args=[round]), n)


@contributes
def scoring_items(person: Person, at: datetime) -> Iterable[HomeItem]:
    """Places that came open again after assessors were invited, and scoring to close where every review is in."""
    may_invite = reach(person, Permission.ASSESSMENT_ALLOCATE).programmes
    may_close = reach(person, Permission.ASSESSMENT_MODERATE).programmes
    if not may_invite | may_close:
        return
    assessing = Application.objects.filter(state="assessing", round=OuterRef("pk"))
    busy = Round.objects.filter(Exists(assessing), programme__slug__in=may_invite | may_close).select_related("version")
    rounds = list(busy.order_by("closes_at", "pk")[:ROUNDS])
    if not rounds:
        return
    short, ready = _by_places(Application.objects.for_staff(person).filter(state="assessing", round__in=rounds), rounds)
    text = "Somebody declined or has a conflict of interest: an assessor is missing."
    open_again = short.filter(round__programme__slug__in=may_invite)
    missing = grouped(open_again, "round__reference", _in_round("Places open again", text, "allocation"))
    text = "Every review is in. Closing it shows what people must settle."
    to_close = ready.filter(round__programme__slug__in=may_close)
    yield from answered([missing, grouped(to_close, "round__reference", _in_round("Scoring to close", text, "moderation"))])


@contributes
def untold_items(person: Person, at: datetime) -> Iterable[Asked]:
    """Companies whose application is decided and who do not know."""
    there = reach(person, Permission.DECISION_NOTIFY).programmes
    if there:
        decided = Application.objects.for_staff(person).filter(decided_at__isnull=False, notified_at=None, state__in=TO_BE_TOLD)
        text = "Their applications are decided, and they do not know."
        line = _in_round("Companies to tell", text, "decisions")
        yield grouped(decided.filter(round__programme__slug__in=there), "round__reference", line)


@contributes
def feedback_items(person: Person, at: datetime) -> Iterable[Asked]:
    """Of the rounds that closed last, those of which companies know their decision and not what the assessors said. Nothing is counted."""
    there = reach(person, Permission.DECISION_NOTIFY).programmes
    if there:
        last = Round.objects.filter(programme__slug__in=there, closes_at__lte=at).order_by("-closes_at", "-pk").values("pk")[:ROUNDS]
        told = Application.objects.for_staff(person).filter(pk__in=feedback.owing().values("pk"), notified_at__isnull=False)
        owed = Round.objects.filter(Exists(told.filter(round=OuterRef("pk"))), pk__in=last)
        yield named(owed.order_by("closes_at", "pk"), "reference", _to_release)


def _to_release(round: str) -> HomeItem:
    text = "Companies know their decision, and have not read what the assessors said."
    return HomeItem(f"Feedback to release ({round})", text, reverse("assessments:feedback_letters", args=[round]))


NEVER = 99
"""Reviews that suffice where nobody has let fewer do: more than any programme asks for."""


def _by_places(assessing: QuerySet[Application], rounds: list[Round]) -> tuple[QuerySet[Application], QuerySet[Application]]:
    """Those that lack an assessor, by what their round asks for or an officer lets suffice, and those whose reviews are all in."""
    short, ready = Q(pk=None), Q(pk=None)
    for round in rounds:
        enough = Q(held__gte=scheme_of(round.version).assessors) | Q(held__gte=F("suffice"))
        short |= Q(round=round) & ~enough
        ready |= Q(round=round, out=0) & enough
    allowed = FewerReviews.objects.filter(application=OuterRef("pk"), ended_at=None).order_by("counted").values("counted")[:1]
    live = Q(assessments__state__in=Assessment.LIVE, assessments__is_calibration=False)
    out = live & ~Q(assessments__state=Assessment.State.SUBMITTED)
    held, waits = (Count("assessments", filter=these) for these in (live, out))
    seen = assessing.annotate(held=held, out=waits, suffice=Coalesce(Subquery(allowed), Value(NEVER)))
    found = [Application.objects.filter(pk__in=seen.filter(which).values("pk")) for which in (short, ready)]
    return found[0], found[1]


def _on_no_agenda(applications: QuerySet[Application]) -> QuerySet[Application]:
    """Without those that a meeting to come, or under way, is about."""
    called = AgendaItem.objects.filter(application=OuterRef("pk"), meeting__kind=OuterRef("state"), meeting__state__in=TO_COME)
    return applications.exclude(Exists(called))


@contributes
def conflict_items(person: Person, at: datetime) -> Iterable[Asked]:
    """Conflicts that the records suggest: until a person judges them, files and meetings wait."""
    there = reach(person, Permission.ASSESSMENT_ALLOCATE).programmes
    if there:
        waiting = Conflict.objects.to_judge().filter(application__round__programme__slug__in=there, application__notified_at=None)
        text = "The records suggest a conflict of interest; until it is judged, the application stays closed to that person."
        line = _in_round("Conflicts to judge", text, "conflicts")
        yield grouped(waiting.exclude(person=person), "application__round__reference", line)


@contributes
def meeting_items(person: Person, at: datetime) -> Iterable[HomeItem]:
    """Meetings that the person is called to, the soonest first."""
    if not reach(person, Permission.PANEL_RANK).programmes:
        return
    called = Meeting.objects.filter(members__person=person, state__in=TO_COME).select_related("round").order_by("held_at", "pk")
    for meeting in called[:ROUNDS]:
        is_open = meeting.state == Meeting.State.OPEN
        text = "It is in session." if is_open else "Say where you have a conflict of interest, then read what is on the agenda."
        yield HomeItem(f"{meeting}, {moment_in_words(meeting.held_at)}", text, meeting.get_absolute_url())


@contributes
def agreement_items(person: Person, at: datetime) -> Iterable[HomeItem]:
    """Large grants that are decided only once this person, or another whom the programme names, has agreed."""
    there = reach(person, Permission.DECISION_AGREE).programmes
    if not there:
        return
    unagreed = Decision.objects.standing().filter(agreed_at=None).exclude(proposed_by=person).values("application")
    waiting = Application.objects.filter(state=Application.State.PROPOSED, round__programme__slug__in=there, pk__in=unagreed)
    counts: dict[str, int] = {}
    for application in waiting.select_related("version", "round__programme").order_by("pk")[:MOST_PROPOSED]:
        asked = amounts.asked_of(application)
        if asked is not None and amounts.holds_a_part(application, asked, person):
            counts[application.round.reference] = counts.get(application.round.reference, 0) + 1
    for reference, n in sorted(counts.items())[:ROUNDS]:
        text = "The programme asks for your agreement to large grants before they are decided."
        yield HomeItem(f"Amounts to agree to ({reference})", text, reverse("assessments:decisions", args=[reference]), n)


@contributes
def interview_items(person: Person, at: datetime) -> Iterable[Asked]:
    """Interviews before which the person's company may answer what the assessors said, and has not."""
    if not reach(person, Permission.APPLICATION_EDIT).organisations:
        return
    mine = Application.objects.of_team(person).filter(state=Application.State.INTERVIEW)
    to_come = AgendaItem.objects.filter(starts_at__gt=at, meeting__state=Meeting.State.PLANNED, response="")
    mine_to_come = to_come.filter(application__in=mine.values("pk"))
    yield one_by_one(mine_to_come.order_by("starts_at", "pk"), _to_answer_in_writing, "application")


def _to_answer_in_writing(item: AgendaItem) -> HomeItem:
    text = f"Your interview is on {moment_in_words(item.starts_at)}. You can answer in writing until it begins."
    where = reverse("assessments:interview", args=[item.application.reference])
    return HomeItem(f"Read what the assessors said of {item.application.reference}", text, where)


@contributes
def chair_items(person: Person, at: datetime) -> Iterable[Asked]:
    """Exclusions that wait for the chair."""
    if reach(person, Permission.PANEL_CHAIR).programmes:
        waiting = Moderation.objects.visible_to(person).filter(state=Moderation.State.EXCLUSION_PROPOSED)
        line = _in_round("Exclusions to confirm", "An officer proposes to leave a score out of the mean.", "moderation")
        yield grouped(waiting, "application__round__reference", line)
