"""Schedule a round, set its money, open and close it."""

from calendar import monthrange
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db import IntegrityError, transaction

from accounts.access import require
from accounts.models import Person
from accounts.refusals import NotAllowedNow, Refused
from accounts.roles import Permission
from audit import trail
from design.words import deadline_in_words
from grants import policies
from grants.models import Budget, Programme, Round
from workflow import deadlines
from workflow.engine import fire
from workflow.models import Deadline

OPENING, CLOSING = "opening", "closing"


def schedule(
    *,
    programme: Programme,
    opens_at: datetime,
    closes_at: datetime,
    title: str = "",
    budget_pence: int | None = None,
    most_applications: int | None = None,
    by: Person,
    at: datetime,
) -> Round:
    """Announce a round of the version published last, with its money and its two times; it then opens and closes by itself.

    Raises NotAllowedNow where nothing is published, Refused where the times or the money make no sense.
    """
    require(by, Permission.ROUND_MANAGE, on=programme)
    _check_order(opens_at, closes_at)
    if closes_at <= at:
        raise Refused("The closing time has passed already.", code="closes_in_the_past", field="closes_on")
    try:
        with transaction.atomic():
            programme = Programme.objects.select_for_update(no_key=True).get(pk=programme.pk)
            return _announce(
                programme,
                opens_at=opens_at,
                closes_at=closes_at,
                title=title,
                budget_pence=budget_pence,
                most=most_applications,
                by=by,
                at=at,
            )
    except IntegrityError:
        raise NotAllowedNow("Somebody scheduled a round at the same moment. Look at it, then try again.", code="stale_version") from None


def reschedule(*, round: Round, opens_at: datetime, closes_at: datetime, reason: str, by: Person, at: datetime) -> Round:
    """Change the times of a round that nobody can apply in yet, for a reason that everybody reads. It still opens and closes by itself.

    Raises Refused where the times make no sense or are the same, NotAllowedNow once it has opened.
    """
    _check_order(opens_at, closes_at)
    if opens_at <= at:
        raise Refused("That time has passed. To open it now, open it by its own button.", code="opens_in_the_past", field="opens_on")
    if (opens_at, closes_at) == (round.opens_at, round.closes_at):
        raise Refused("Those are its dates already.", code="dates_unchanged", field="opens_on")
    with transaction.atomic():
        round = fire(round, "reschedule", note=reason, opens_at=opens_at, closes_at=closes_at, by=by, at=at)
        deadlines.set_deadline(round, OPENING, opens_at, at=at, reason="Its dates were changed")
        deadlines.set_deadline(round, CLOSING, closes_at, at=at, reason="Its dates were changed")
    return round


def _check_order(opens_at: datetime, closes_at: datetime) -> None:
    if closes_at <= opens_at:
        raise Refused("The round must close after it opens.", code="closes_before_it_opens", field="closes_on")


def _announce(
    programme: Programme,
    *,
    opens_at: datetime,
    closes_at: datetime,
    title: str,
    budget_pence: int | None = None,
    most: int | None = None,
    by: Person,
    at: datetime,
) -> Round:
    """The round with its money, its two times and how many applications it takes. The programme is locked."""
    round = _create(programme, opens_at=opens_at, closes_at=closes_at, title=title, most=most, by=by, at=at)
    amount = round.definition.funding.round_budget if budget_pence is None else budget_pence
    if amount <= 0:
        raise Refused("Enter a budget of more than £0.", code="no_budget", field="budget_pence")
    Budget.objects.create(round=round, amount_pence=amount)
    _record(round, "round.scheduled", by=by, at=at, after={**_times(round), "budget_pence": amount, "version": round.version.number})
    deadlines.set_deadline(round, OPENING, opens_at, at=at)
    deadlines.set_deadline(round, CLOSING, closes_at, at=at)
    return round


def _schedule_next(round: Round, *, at: datetime) -> Round | None:
    """In a rolling programme, the round that opens in the second in which this one closes; None where one follows already.

    Announced while this one is open, so that nobody finds the programme closed between two cut-offs. It takes the version published
    last. A programme that is no longer published, or is no longer rolling, takes no further round.
    """
    programme = Programme.objects.select_for_update(no_key=True).get(pk=round.programme_id)
    version = programme.published_version
    later = programme.rounds.filter(opens_at__gte=round.closes_at).exclude(pk=round.pk).exclude(state=Round.State.CANCELLED)
    if programme.state != Programme.State.PUBLISHED or version is None or later.exists():
        return None
    every = version.definition.rounds.every_months
    if version.definition.rounds.kind != "rolling" or every is None:
        return None
    closes_at = months_later(round.closes_at, every, zone=ZoneInfo(version.definition.time_zone))
    system = Person.objects.system()
    return _announce(programme, opens_at=round.closes_at, closes_at=closes_at, title="", by=system, at=at)


def months_later(moment: datetime, months: int, *, zone: ZoneInfo) -> datetime:
    """The same time of day so many months later in the programme's zone, on the month's last day where the day is missing."""
    local = moment.astimezone(zone)
    year, month = divmod(local.year * 12 + local.month - 1 + months, 12)
    day = min(local.day, monthrange(year, month + 1)[1])
    return local.replace(year=year, month=month + 1, day=day).astimezone(UTC)


def _create(
    programme: Programme, *, opens_at: datetime, closes_at: datetime, title: str, most: int | None, by: Person, at: datetime
) -> Round:
    if programme.state != Programme.State.PUBLISHED:
        raise NotAllowedNow(f"The programme is {programme.state_now.label.lower()}, so no round can be scheduled.", code="wrong_state")
    version = programme.published_version
    if version is None:
        raise NotAllowedNow("Publish a version of this programme first.", code="no_published_version")
    number = programme.rounds.count() + 1
    return Round.objects.create(
        programme=programme,
        version=version,
        reference=f"{programme.slug.upper()}-{number}",
        title=title.strip() or f"{programme.name}: round {number}",
        opens_at=opens_at,
        closes_at=closes_at,
        most_applications=most or version.definition.rounds.applications_at_most,
        created_at=at,
        created_by=by,
    )


def set_budget(*, round: Round, amount_pence: int, reason: str, by: Person, at: datetime) -> Budget:
    """Change what a round may commit. Below what is committed is a fact we record, not refuse: it then says so and blocks offers.

    Where the programme says so, a running round without enough left for its smallest grant closes. The budget comes with its round as it
    is then.
    """
    require(by, Permission.ROUND_MANAGE, on=round)
    if amount_pence <= 0:
        raise Refused("Enter a budget of more than £0.", code="no_budget", field="amount_pence")
    if not reason.strip():
        raise Refused("Give a reason.", code="reason_missing", field="reason")
    policies.check_money_matters(round)
    with transaction.atomic():
        round = Round.objects.select_for_update(no_key=True).get(pk=round.pk)
        budget = Budget.objects.select_for_update(no_key=True).get(round=round)
        before = budget.amount_pence
        budget.amount_pence = amount_pence
        budget.over_committed = budget.committed_pence > amount_pence
        budget.save(update_fields=["amount_pence", "over_committed"])
        _record(
            round,
            "round.budget_set",
            by=by,
            at=at,
            before={"budget_pence": before},
            after={"budget_pence": amount_pence, "over_committed": budget.over_committed},
            personal={"reason": reason},
        )
        budget.round = close_if_committed(round=round, at=at)
    return budget


def open(*, round: Round, by: Person, at: datetime) -> Round:
    """Open a scheduled round now; where its announced opening is still to come, that moves to now."""
    with transaction.atomic():
        round = fire(round, "open", by=by, at=at)
        deadlines.clear(round, OPENING, at=at)
        _schedule_next(round, at=at)
    return round


def close(*, round: Round, reason: str = "", by: Person, at: datetime) -> Round:
    """Close a round; before its announced time only with a reason."""
    with transaction.atomic():
        is_early = bool(reason) and at < round.closes_at
        round = fire(round, "close_early" if is_early else "close", note=reason, by=by, at=at)
        deadlines.clear(round, CLOSING, at=at)
    return round


def pause(*, round: Round, reason: str, by: Person, at: datetime) -> Round:
    """Take no submissions for now."""
    return fire(round, "pause", note=reason, by=by, at=at)


def resume(*, round: Round, by: Person, at: datetime) -> Round:
    """Take submissions again."""
    return fire(round, "resume", by=by, at=at)


def cancel(*, round: Round, reason: str, by: Person, at: datetime) -> Round:
    """End a round without results."""
    with transaction.atomic():
        round = fire(round, "cancel", note=reason, by=by, at=at)
        deadlines.clear(round, OPENING, at=at)
        deadlines.clear(round, CLOSING, at=at)
    return round


def extend(*, round: Round, until: datetime, reason: str, reopens_forms: bool, by: Person, at: datetime) -> Round:
    """Move the deadline of every application of a round, once, for a reason that everybody reads (an outage, say).

    With `reopens_forms` what was sent in may be taken up again in the added time. In a rolling programme the next round, which was to
    open as this one closes, gives way. Raises Refused where the time is not later, or swallows the next round.
    """
    if until <= max(round.closes_at, at):
        raise Refused("The new deadline must be later than the old one, and still to come.", code="not_later", field="until_on")
    with transaction.atomic():
        before = Round.objects.select_for_update(no_key=True).get(pk=round.pk).closes_at
        round = fire(round, "extend", note=reason, until=until, reopens_forms=reopens_forms, by=by, at=at)
        deadlines.set_deadline(round, CLOSING, until, at=at, reason="More time for everybody")
        following = round.programme.rounds.filter(opens_at=before, state=Round.State.SCHEDULED).exclude(pk=round.pk).first()
        if following is not None:
            _give_way(following, until, by=by, at=at)
    return round


def change_places(*, round: Round, places: int | None, reason: str, by: Person, at: datetime) -> Round:
    """Let a round take more applications, or fewer, or as many as come (None), for a reason that everybody reads.

    Raises Refused for fewer than have a place already, Denied, NotAllowedNow once it is closed.
    """
    return fire(round, "change_places", note=reason, places=places, by=by, at=at)


def _give_way(following: Round, until: datetime, *, by: Person, at: datetime) -> None:
    """Open a round later, as the one before it closes later."""
    if following.closes_at <= until:
        raise Refused(
            f"{following.reference} closes at {deadline_in_words(following.closes_at)}; the new deadline must be before that.",
            code="swallows_the_next",
            field="until_on",
        )
    before = _times(following)
    following.opens_at = until
    following.save(update_fields=["opens_at"])
    deadlines.set_deadline(following, OPENING, until, at=at, reason="The round before it was extended")
    _record(following, "round.rescheduled", by=by, at=at, before=before, after=_times(following))


def close_if_committed(*, round: Round, at: datetime) -> Round:
    """Close a round whose money is committed, where its programme says so; otherwise nothing happens."""
    if not round.definition.rounds.close_when_committed or round.state not in (Round.State.OPEN, Round.State.PAUSED):
        return round
    if round.budget.left_pence >= round.definition.funding.grant_min:
        return round
    with transaction.atomic():
        round = fire(round, "close_committed", by=Person.objects.system(), at=at)
        deadlines.clear(round, CLOSING, at=at)
    return round


def decide(*, round: Round, by: Person, at: datetime) -> Round:
    """Mark a round as decided: no application of it is still on its way."""
    return fire(round, "decide", by=by, at=at)


def announce(*, round: Round, by: Person, at: datetime) -> Round:
    """Say that every company has heard."""
    return fire(round, "announce", by=by, at=at)


def move(*, round: Round, step: str, reason: str, by: Person, at: datetime) -> Round:
    """Take the step of a round that a button names. Raises Refused where there is no such button."""
    match step:
        case "open":
            return open(round=round, by=by, at=at)
        case "close":
            return close(round=round, by=by, at=at)
        case "close_early":
            return close(round=round, reason=reason or " ", by=by, at=at)
        case "pause":
            return pause(round=round, reason=reason, by=by, at=at)
        case "resume":
            return resume(round=round, by=by, at=at)
        case "cancel":
            return cancel(round=round, reason=reason, by=by, at=at)
        case "decide":
            return decide(round=round, by=by, at=at)
        case "announce":
            return announce(round=round, by=by, at=at)
    raise Refused("There is no such step.", code="step_unknown")


@deadlines.on_due("grants.round", OPENING)
def opening_is_due(round: Any, at: datetime, deadline: Deadline) -> None:
    """The clock opens the round."""
    _schedule_next(fire(round, "open_on_time", by=Person.objects.system(), at=at, key=f"deadline:{deadline.pk}"), at=at)


@deadlines.on_due("grants.round", CLOSING)
def closing_is_due(round: Any, at: datetime, deadline: Deadline) -> None:
    """The clock closes the round. A round that nobody opened in time is opened first, so that its history has no hole."""
    system = Person.objects.system()
    if round.state == Round.State.SCHEDULED:
        round = fire(round, "open_on_time", by=system, at=at, key=f"deadline:{deadline.pk}:late")
        _schedule_next(round, at=at)
    fire(round, "close_on_time", by=system, at=at, key=f"deadline:{deadline.pk}")


def _times(round: Round) -> dict[str, str]:
    return {"opens_at": round.opens_at.isoformat(), "closes_at": round.closes_at.isoformat()}


def _record(round: Round, kind: str, *, by: Person, at: datetime, **changes: Any) -> None:
    trail.record(stream=round.stream, kind=kind, actor=by.pk, at=at, subject=f"{round.record_type()}:{round.pk}", **changes)
