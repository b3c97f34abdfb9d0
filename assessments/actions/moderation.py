"""Moderation: items opened by what the scores show, settled by people."""

from collections.abc import Iterator
from datetime import datetime

from django.db import transaction
from django.db.models import Q

from accounts.access import require
from accounts.models import Person
from accounts.refusals import Refusal, Refused
from accounts.roles import Permission
from applications.models import Application
from assessments import policies, ranking, standings
from assessments.actions import decisions
from assessments.methods import moderation as methods
from assessments.models import Assessment, FewerReviews, Moderation, Score
from assessments.noise import Noise, noise_of
from assessments.scheme import Scheme, scheme_of
from assessments.stages import step_after
from audit import trail
from grants.models import Round
from workflow.engine import fire, lock


def begin(*, application: Application, by: Person, at: datetime) -> Application:
    """Close scoring. What the scores show opens items and the application goes to moderation; with nothing to settle, to its next stage.

    Raises NotAllowedNow while reviews are out.
    """
    with transaction.atomic():
        fresh = lock(application)
        require(by, Permission.ASSESSMENT_MODERATE, on=fresh)
        policies.check_is_disinterested(fresh, by=by)
        policies.check_all_in(fresh, at=at)
        items = _open_items(fresh, by=by, at=at)
        return fire(fresh, "start_moderating" if items else step_after(fresh), by=by, at=at)


def begin_round(*, round: Round, by: Person, at: datetime) -> Iterator[tuple[Application, Refusal | None]]:
    """Close scoring of every application of a round whose reviews are in, each in its own transaction, and report every one."""
    for application in Application.objects.for_staff(by).filter(round=round, state="assessing").for_pages().order_by("pk"):
        try:
            yield begin(application=application, by=by, at=at), None
        except Refusal as refusal:
            yield application, refusal


def open_item(*, assessment: Assessment, reason: str, by: Person, at: datetime) -> Moderation:
    """Open an item by hand, about one review whose score its comments do not support."""
    if not reason.strip():
        raise Refused("Say what should be looked at.", code="reason_missing", field="reason")
    with transaction.atomic():
        application = lock(assessment.application)
        require(by, Permission.ASSESSMENT_MODERATE, on=application)
        item = _open(application, ranking.Flag("by_hand", reason.strip(), assessment.pk), by=by, at=at)
        if application.state == "assessing":
            fire(application, "start_moderating", by=by, at=at)
    return item


def resolve(*, moderation: Moderation, outcome: str, reason: str, by: Person, at: datetime) -> Moderation:
    """Settle an item: `keep`, `exclude` or `extra`.

    `exclude` by an officer proposes it, and by the chair confirms it (two people, by separation of duties); `keep` by the chair refuses
    what was proposed. Raises Refused for another outcome.
    """
    proposed = moderation.state == Moderation.State.EXCLUSION_PROPOSED
    steps = {"keep": "refuse_exclusion", "exclude": "confirm_exclusion"} if proposed else {
        "keep": "keep", "exclude": "propose_exclusion", "extra": "ask_for_extra",
    }  # fmt: skip
    if outcome not in steps:
        raise Refused("Choose one of the outcomes offered.", code="outcome_unknown", field="outcome")
    policies.check_is_disinterested(moderation.application, by=by)
    with transaction.atomic():
        settled = fire(moderation, steps[outcome], by=by, at=at, note=reason)
        if settled.state == settled.State.EXCLUDED:
            _look_at_open(settled.application, at=at)
    return settled


def finish(*, application: Application, by: Person, at: datetime) -> tuple[Application, list[Moderation]]:
    """Send a moderated application on to its next stage, unless what counts now shows something new, which opens further items.

    Returns the application and the new items (then it stays in moderation). Raises NotAllowedNow while something is unsettled.
    """
    with transaction.atomic():
        fresh = lock(application)
        require(by, Permission.ASSESSMENT_MODERATE, on=fresh)
        policies.check_is_disinterested(fresh, by=by)
        policies.check_moderation_done(fresh, at=at)
        items = _open_items(fresh, by=by, at=at)
        if items:
            return fresh, items
        for asked in fresh.moderations.filter(state="extra_assessor").order_by("pk"):
            asked.keep_after()
            asked.save(update_fields=["results"])
        return fire(fresh, step_after(fresh), by=by, at=at), []


def finish_round(*, round: Round, by: Person, at: datetime) -> Iterator[tuple[Application, Refusal | None]]:
    """Send on every application of a round whose items are settled, each in its own transaction, and report every one."""
    for application in Application.objects.for_staff(by).filter(round=round, state="moderating").for_pages().order_by("pk"):
        try:
            yield finish(application=application, by=by, at=at)[0], None
        except Refusal as refusal:
            yield application, refusal


def look_again(*, application: Application, at: datetime) -> None:
    """After a review changed: reopen what was settled about it, close what it no longer shows, and void a decision that rested on it.

    The machine does this, inside the transaction of what changed.
    """
    with transaction.atomic():
        fresh = lock(application)
        for item in fresh.moderations.filter(Q(state="exclusion_proposed") | Q(pk__in=fresh.moderations.settled())).order_by("pk"):
            system = Person.objects.system()
            if item.assessment is not None and item.assessment.state == "conflicted":
                fire(
                    item, "overtake", by=system, at=at, note="The score no longer counts: a conflict of interest was declared or confirmed."
                )
            elif item.is_overtaken:
                fire(item, "reopen", by=system, at=at, note="A review changed after this was settled.")
        _look_at_open(fresh, at=at)
        if fresh.state in decisions.VOIDABLE:
            decisions.look_again(application=fresh, at=at)


def allow_fewer(*, application: Application, reason: str, by: Person, at: datetime) -> FewerReviews:
    """Record why a decision may rest on the reviews that count, though they are fewer than the programme asks for. What waited for more
    assessors waits no longer.

    Raises NotAllowedNow where enough count, or the programme allows no such exception; Refused without a reason.
    """
    if not reason.strip():
        raise Refused("Say why these reviews suffice.", code="reason_missing", field="reason")
    with transaction.atomic():
        fresh = lock(application)
        require(by, Permission.ASSESSMENT_MODERATE, on=fresh)
        policies.check_is_disinterested(fresh, by=by)
        have = fresh.assessments.counted().count()
        policies.check_may_rest_on(fresh, have)
        allowed, _ = FewerReviews.objects.get_or_create(
            application=fresh, counted=have, ended_at=None, defaults={"reason": reason.strip(), "allowed_at": at, "allowed_by": by}
        )
        trail.record(
            stream=fresh.stream,
            kind="moderation.fewer_allowed",
            actor=by.pk,
            at=at,
            subject=f"assessments.fewerreviews:{allowed.pk}",
            after={"counted": have, "wanted": scheme_of(fresh.version).assessors},
            personal={"reason": allowed.reason},
        )
        if fresh.state == "eligible":
            fire(fresh, "start_assessing", by=by, at=at)
    return allowed


def send_back(*, application: Application, reason: str, by: Person, at: datetime) -> Application:
    """Back to moderation from the panel, the interview or the decision, to look at a score again or to ask another assessor."""
    with transaction.atomic():
        policies.check_is_disinterested(lock(application), by=by)
        return fire(application, "back_to_moderation", by=by, at=at, note=reason)


def _look_at_open(application: Application, *, at: datetime) -> None:
    """After what counts has changed: items that nobody has settled say what the scores show now, or close."""
    items = list(application.moderations.filter(state="open").exclude(trigger="by_hand").order_by("pk"))
    if items:
        shown, system = _shown(application), Person.objects.system()
        for item in items:
            _refresh(item, shown, by=system, at=at)


def _refresh(item: Moderation, shown: dict[tuple[str, int | None], ranking.Flag], *, by: Person, at: datetime) -> None:
    """Say what the scores show now, or close the item where they no longer show it."""
    flag = shown.get((item.trigger, item.assessment_id))
    if flag is None:
        fire(item, "overtake", by=by, at=at, note="The scores no longer show this.")
    elif (flag.sentence, flag.criterion) != (item.sentence, item.criterion):
        item.sentence, item.criterion = flag.sentence, flag.criterion
        item.save(update_fields=["sentence", "criterion"])


def _shown(application: Application) -> dict[tuple[str, int | None], ranking.Flag]:
    """What the scores show now, by trigger and review."""
    votes = standings.votes([application], with_marks=True).get(application.pk, [])
    scheme = scheme_of(application.version)
    flags = _one_per_review(ranking.flags(votes, scheme.criteria, scheme.triggers), scheme)
    return {(flag.trigger, flag.assessment): flag for flag in flags + _finer(votes, scheme, noise_of(application.round))}


def _finer(votes: list[ranking.Vote], scheme: Scheme, noise: Noise | None) -> list[ranking.Flag]:
    """What is looked at besides the programme's own limits: spread and outliers beyond the noise of the whole scheme, once figures are
    worked out; and where the programme wants it, one score that decides at the threshold, an extreme total with a thin comment."""
    wanted = {"near_line": scheme.triggers.near_line, "thin": scheme.triggers.thin, "spread": noise, "outlier": noise}
    if not any(wanted.values()):
        return []
    written: dict[int, int] = {}
    for assessment, comment in Score.objects.filter(assessment__in=[vote.assessment for vote in votes]).values_list(
        "assessment", "comment"
    ):
        written[assessment] = written.get(assessment, 0) + len(comment)
    looked_at = [
        methods.Review(vote.assessment, float(vote.total), vote.suitable, vote.in_scope, written.get(vote.assessment, 0)) for vote in votes
    ]
    found = methods.triggers(looked_at, s=noise.s if noise else 0, threshold=float(scheme.threshold))
    by_noise = f" Noise is {noise.s:.1f} points, by run {noise.run}." if noise else ""
    return [
        ranking.Flag(one.name, one.sentence + (by_noise if one.name in ("spread", "outlier") else ""), one.review)
        for one in found
        if wanted.get(one.name)
    ]


def _open_items(application: Application, *, by: Person, at: datetime) -> list[Moderation]:
    """Open an item for everything that the scores show and that has none yet; what was settled is not opened again."""
    known = set(application.moderations.exclude(state="overtaken").values_list("trigger", "assessment"))
    return [_open(application, flag, by=by, at=at) for key, flag in _shown(application).items() if key not in known]


def _one_per_review(flags: list[ranking.Flag], scheme: Scheme) -> list[ranking.Flag]:
    """Criteria in which the same review stands out become one item that names them all."""
    together: dict[tuple[str, int | None], list[ranking.Flag]] = {}
    for flag in flags:
        together.setdefault((flag.trigger, flag.assessment), []).append(flag)
    merged = []
    for (trigger, assessment), found in together.items():
        said = [f"{scheme.criterion(flag.criterion).title}: {flag.sentence}" if flag.criterion else flag.sentence for flag in found]
        merged.append(ranking.Flag(trigger, " ".join(said), assessment, found[0].criterion if len(found) == 1 else ""))
    return merged


def _open(application: Application, flag: ranking.Flag, *, by: Person, at: datetime) -> Moderation:
    item = Moderation.objects.create(
        case=application.case,
        application=application,
        assessment_id=flag.assessment,
        trigger=flag.trigger,
        criterion=flag.criterion,
        sentence=flag.sentence,
        opened_at=at,
        opened_by=by,
    )
    trail.record(
        stream=application.stream,
        kind="moderation.opened",
        actor=by.pk,
        at=at,
        subject=f"assessments.moderation:{item.pk}",
        after={"trigger": flag.trigger, "assessment": flag.assessment, "criterion": flag.criterion},
    )
    return item
