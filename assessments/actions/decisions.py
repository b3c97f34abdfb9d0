"""Decisions: proposed by one person, made by another, told to the company."""

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from accounts.access import require
from accounts.models import Person
from accounts.refusals import NotAllowedNow, Refusal, Refused
from accounts.roles import Permission
from applications.models import Application
from assessments import basis, policies, ranking, standings
from assessments.actions import rankings, selections
from assessments.models import AgendaItem, Decision, Draw, Run
from assessments.scheme import scheme_of
from assessments.standings import Standing
from audit import trail
from grants.models import Budget, Round
from grants.money import format_pence
from notifications import outbox
from notifications.outbox import Letter
from workflow import deadlines
from workflow.engine import fire, lock
from workflow.models import StepTaken

DECIDES = {Decision.Outcome.APPROVE: "approve", Decision.Outcome.RESERVE: "put_on_reserve", Decision.Outcome.DECLINE: "decline",
           Decision.Outcome.HOLD: "put_on_hold"}  # fmt: skip

EQUALS = "The money ends between this and its equals, and nothing that was declared tells them apart. Propose it by itself, and say why."

VOIDABLE = ("proposed", "approved", "reserve", "declined", "on_hold")


def propose(*, application: Application, outcome: str, amount_pence: int = 0, reason: str, by: Person, at: datetime) -> Decision:
    """Propose to `approve` (with an amount), `reserve` or `decline` an application that awaits a decision, with the reason.

    Raises Refused (amount above the request or the budget left, no reason) and NotAllowedNow (not assessed).
    """
    ranked = standings.of_round(application.round)
    return _propose(application, outcome, amount_pence, reason, ranked=ranked, by=by, at=at)


def propose_round(*, round: Round, by: Person, at: datetime) -> Iterator[tuple[Application, Refusal | None]]:
    """Propose as the panel recommends; without a panel as the frozen scenario has it; without one by the budget line: from the top, approve
    what meets the threshold until the money ends, reserve what still meets it, decline what does not. Between equals where the money ends
    nothing is proposed: a person chooses, and says why.

    Each in its own transaction; every one is reported. Raises NotAllowedNow where the frozen scenario is overtaken."""
    ranked = standings.of_round(round)
    waiting = [standing for standing in ranked if standing.application.state == "deciding"]
    good = [standing for standing in waiting if standing.meets_threshold]
    chosen, run = selections.chosen(round, ranked), None
    above, _ = ranking.budget_line([(s.application.pk, s.application.grant_requested_pence) for s in good], left_pence(round))
    equals = ranking.equals_at_line([(s.application.pk, s.rank) for s in good], above)
    allowed = set(Application.objects.for_staff(by).filter(round=round, state="deciding").values_list("pk", flat=True))
    for standing in waiting:
        application = standing.application
        if application.pk not in allowed:
            continue
        item = basis.recorded(application)
        try:
            outcome, amount, reason = (
                (_by_the_panel(item) if item else None) or _by_the_scenario(standing, chosen) or _by_the_line(standing, above, equals)
            )
            leaves = item is not None and item.leaves_order
            decision = _propose(application, outcome, amount, reason, ranked=ranked, leaves_order=leaves, run=run, by=by, at=at)
        except Refusal as refusal:
            yield application, refusal
        else:
            run = decision.run
            yield application, None


def decide(*, application: Application, by: Person, at: datetime) -> Decision:
    """Decide as proposed. Raises Denied for whoever proposed or scored, NotAllowedNow when what it rested on has changed since."""
    with transaction.atomic():
        fresh = lock(application)
        decision = standing_of(fresh)
        fire(fresh, DECIDES[Decision.Outcome(decision.outcome)], by=by, at=at)
        decision.decided_at, decision.decided_by = at, by
        decision.save(update_fields=["decided_at", "decided_by"])
    return decision


def agree(*, application: Application, by: Person, at: datetime) -> Decision:
    """Agree to the amount of a large grant, as the programme asks. Raises Denied for whoever proposed it or plays no part that is named."""
    with transaction.atomic():
        fresh = fire(application, "agree_amount", by=by, at=at)
        decision = standing_of(fresh)
        decision.agreed_at, decision.agreed_by = at, by
        decision.save(update_fields=["agreed_at", "agreed_by"])
    return decision


def send_back(*, application: Application, reason: str, by: Person, at: datetime) -> Application:
    """Do not agree, or take back what was decided and not told yet: it ends, with the reason, and another may be proposed."""
    with transaction.atomic():
        fresh = fire(application, "send_back", by=by, at=at, note=reason)
        _end(standing_of(fresh), reason=reason, by=by, at=at)
    return fresh


def take_from_reserve(*, application: Application, reason: str, by: Person, at: datetime) -> Application:
    """A place has come free, or what it was held for has happened: the application awaits a decision again."""
    if not reason.strip():
        raise Refused("Give a reason.", code="reason_missing", field="reason")
    with transaction.atomic():
        decision = standing_of(lock(application))
        fresh = fire(application, "start_deciding", by=by, at=at, note=reason)
        deadlines.clear(fresh, "reserve_expires", at=at)
        _end(decision, reason=reason, by=by, at=at)
    return fresh


def notify(*, application: Application, by: Person, at: datetime) -> Application:
    """Tell the company what was decided. An approved application becomes an award; one on the reserve list stays on it until its day."""
    with transaction.atomic():
        told = fire(application, "notify", by=by, at=at)
        if told.reserve_until is not None:
            deadlines.set_deadline(told, "reserve_expires", told.reserve_until, at=at)
    return told


def look_again(*, application: Application, at: datetime) -> list[str]:
    """After a change of score, conflict or amount: void the proposal or untold decision that rested on it. Returns why; empty if it stands.

    The machine does this, inside the transaction of what changed.
    """
    with transaction.atomic():
        fresh = lock(application)
        decision = fresh.decisions.standing().first()
        if decision is None or fresh.state not in VOIDABLE or fresh.notified_at is not None:
            return []
        why = basis.since(decision, fresh)
        if why:
            system, reason = Person.objects.system(), " ".join(why)
            fire(fresh, "void_decision", by=system, at=at, note=reason)
            _end(decision, reason=reason, by=system, at=at)
        return why


def letters(*, round: Round, by: Person) -> list[tuple[Application, Letter]]:
    """Every letter that telling the companies would send, one per person, as it would read now. Nothing is sent."""
    untold = Application.objects.for_staff(by).filter(round=round, state__in=Application.DECIDED, notified_at=None).for_pages()
    compose = outbox.COMPOSERS["decision.notified"]
    return [(one, letter) for one in untold.order_by("state", "pk") for letter in compose(one, StepTaken(target=one.state))]


def send_test(*, round: Round, by: Person, at: datetime) -> int:
    """Send the sender one letter of each kind that is about to go out, marked as a test. Returns how many."""
    require(by, Permission.DECISION_NOTIFY, on=round)
    kinds: dict[str, Letter] = {}
    for application, letter in letters(round=round, by=by):
        kinds.setdefault(application.state, letter)
    if not kinds:
        raise NotAllowedNow("No company waits for its letter.", code="nothing_to_tell")
    with transaction.atomic():
        for state, letter in kinds.items():
            test = Letter(by, f"[Test] {letter.subject}", f"A test: no company has had this yet.\n\n{letter.body}", letter.path)
            key = f"decision.test:{round.pk}:{state}:{at.timestamp()}"
            outbox.send_notice("decision.test", test, at=at, stream=round.stream, key=key)
        trail.record(
            stream=round.stream,
            kind="decision.tested",
            actor=by.pk,
            at=at,
            subject=f"grants.round:{round.pk}",
            after={"letters": len(kinds)},
        )
    return len(kinds)


def decide_round(*, round: Round, by: Person, at: datetime) -> Iterator[tuple[Application, Refusal | None]]:
    """Decide everything in a round as proposed, each in its own transaction, and report every one."""
    yield from _each(round, "proposed", decide, by=by, at=at)


def notify_round(*, round: Round, by: Person, at: datetime) -> Iterator[tuple[Application, Refusal | None]]:
    """Tell every company of a round whose application is decided, each in its own transaction, and report every one."""
    for state in ("approved", "reserve", "declined"):
        yield from _each(round, state, notify, by=by, at=at)


def left_pence(round: Round) -> int:
    """What can still be promised: the budget less what awards have committed and what proposals and approvals plan beyond that."""
    budget = Budget.objects.get(round=round)
    return budget.amount_pence - budget.committed_pence - Decision.objects.planned_pence(round)


def standing_of(application: Application) -> Decision:
    """The proposal or decision that stands. Raises NotAllowedNow when there is none."""
    decision = application.decisions.standing().first()
    if decision is None:
        raise NotAllowedNow("Nothing is proposed for this application.", code="nothing_proposed")
    return decision


def _propose(
    application: Application, outcome: str, amount_pence: int, reason: str, *, ranked: Sequence[Standing], leaves_order: bool = False,
    run: Run | None = None, by: Person, at: datetime,
) -> Decision:  # fmt: skip
    with transaction.atomic():
        fresh = lock(application)
        require(by, Permission.DECISION_PROPOSE, on=fresh)
        policies.check_is_disinterested(fresh, by=by)
        proposed = fire(fresh, "propose", by=by, at=at, outcome=outcome, amount_pence=amount_pence, reason=reason)
        if outcome == Decision.Outcome.APPROVE:
            _check_money(fresh, amount_pence)
        rests_on = basis.of(fresh)
        decision = Decision.objects.create(
            application=fresh,
            outcome=outcome,
            amount_pence=0 if outcome in Decision.COSTS_NOTHING else amount_pence,
            reason=reason.strip(),
            leaves_order=leaves_order or out_of_order(fresh, outcome, ranked),
            reserve_order=reserve_order(fresh, ranked) if outcome == Decision.Outcome.RESERVE else None,
            run=run or Run.objects.frozen(fresh.round) or rankings.keep_for(fresh.round, by=by, at=at),
            basis=rests_on,
            basis_sha256=basis.digest(rests_on),
            proposed_at=at,
            proposed_by=by,
        )
        for letter in outbox.COMPOSERS["decision.agreement_asked"](proposed, None):
            key = f"decision.agreement_asked:{decision.pk}:{letter.person.pk}"
            outbox.send_notice("decision.agreement_asked", letter, at=at, stream=proposed.stream, key=key)
    return decision


def reserve_order(application: Application, ranked: Sequence[Standing]) -> int:
    """The place on the reserve list: the rank; between those that were drawn from, as their tickets lie."""
    ranks = {standing.application.reference: standing.rank for standing in ranked}
    drawn = Draw.objects.last_drawn(application.round)
    places = {ticket["reference"]: ticket["place"] for ticket in (drawn.tickets or [] if drawn else [])}
    mine = application.reference
    if mine in places:
        return min(ranks.get(name, 0) for name in places) + places[mine] - 1
    return ranks.get(mine, len(ranks) + 1)


def out_of_order(application: Application, outcome: str, ranked: Sequence[Standing]) -> bool:
    """Whether this leaves rank order: approved below the threshold or before one that is not funded, or passed over for a lower one."""
    mine = next((standing for standing in ranked if standing.application.pk == application.pk), None)
    if mine is None:
        return outcome == Decision.Outcome.APPROVE
    if outcome == Decision.Outcome.APPROVE:
        passed_over = [s for s in ranked if s.rank < mine.rank and s.meets_threshold and _is_not_to_be_funded(s.decision)]
        return not mine.meets_threshold or bool(passed_over)
    funded_below = [s for s in ranked if s.rank > mine.rank and s.decision and s.decision.outcome == Decision.Outcome.APPROVE]
    return mine.meets_threshold and bool(funded_below)


def _is_not_to_be_funded(decision: Decision | None) -> bool:
    return decision is not None and decision.outcome != Decision.Outcome.APPROVE


def _check_money(application: Application, amount_pence: int) -> None:
    """The budget row is locked last, so that two proposals cannot both take the same pounds."""
    Budget.objects.select_for_update(no_key=True).get(round=application.round_id)
    left = left_pence(application.round)
    if amount_pence > left:
        raise Refused(
            f"{format_pence(max(left, 0))} of the round's budget is left, so {format_pence(amount_pence)} cannot be proposed.",
            code="budget_short",
            field="amount_pence",
        )


BY_PANEL = {"fund": Decision.Outcome.APPROVE, "reserve": Decision.Outcome.RESERVE, "decline": Decision.Outcome.DECLINE}


def _by_the_panel(item: AgendaItem) -> tuple[str, int, str]:
    """What the signed minutes recommend, with the reason that they give."""
    reason = "As the panel recommends in its signed minutes" + (f": {item.reason}" if item.reason else ".")
    return BY_PANEL[item.outcome], item.amount_pence, reason


def by_what(round: Round) -> str:
    """What “propose all” goes by in a round, in words."""
    if {"panel", "interview", "demonstration"} & set(round.version.definition.stages):
        return "as the panel recommends"
    return "as the frozen scenario has it" if Run.objects.frozen(round) else "by the budget line"


def _by_the_scenario(standing: Standing, chosen: selections.Chosen | None) -> tuple[str, int, str] | None:
    """What the frozen scenario says of one application, and the draw where it stood in one."""
    if chosen is None:
        return None
    reference, asked = standing.application.reference, standing.application.grant_requested_pence
    if reference in chosen.equals:
        raise NotAllowedNow(EQUALS, code="equals_at_line")
    said = f"{chosen.said} Rank {standing.rank}, mean {ranking.one_decimal(standing.figures.mean)}."
    if reference in chosen.funded:
        return Decision.Outcome.APPROVE, asked, f"Funded in {said}"
    if standing.meets_threshold:
        return Decision.Outcome.RESERVE, asked, f"Meets the threshold, and is not funded in {said}"
    return Decision.Outcome.DECLINE, 0, f"Does not meet the threshold. Not funded in {said}"


def _by_the_line(standing: Standing, above: Sequence[int], equals: Collection[int]) -> tuple[str, int, str]:
    if standing.application.pk in equals:
        raise NotAllowedNow(EQUALS, code="equals_at_line")
    place = f"Rank {standing.rank}, mean {ranking.one_decimal(standing.figures.mean)}"
    asked = standing.application.grant_requested_pence
    if standing.application.pk in above:
        return Decision.Outcome.APPROVE, asked, f"{place}: meets the threshold and lies above the budget line."
    if standing.meets_threshold:
        return Decision.Outcome.RESERVE, asked, f"{place}: meets the threshold and lies below the budget line."
    threshold = ranking.one_decimal(scheme_of(standing.application.version).threshold)
    return Decision.Outcome.DECLINE, 0, f"{place}: does not meet the threshold of {threshold} with a majority recommending."


def _end(decision: Decision, *, reason: str, by: Person, at: datetime) -> None:
    decision.ended_at, decision.ended_by, decision.end_reason = at, by, reason.strip()
    decision.save(update_fields=["ended_at", "ended_by", "end_reason"])


def _each(round: Round, state: str, act: Any, *, by: Person, at: datetime) -> Iterator[tuple[Application, Refusal | None]]:
    waiting = Application.objects.for_staff(by).filter(round=round, state=state, notified_at=None).for_pages().order_by("pk")
    for application in waiting:
        try:
            act(application=application, by=by, at=at)
        except Refusal as refusal:
            yield application, refusal
        else:
            yield application, None
