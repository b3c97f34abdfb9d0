"""What must be true before a step of a programme, a version or a round: guards raise sentences."""

from datetime import datetime
from typing import TYPE_CHECKING

from accounts.refusals import NotAllowedNow, Refused
from design.words import deadline_in_words, pounds
from design.words import in_words as on_day
from grants.definition import outline
from workflow import staffing

if TYPE_CHECKING:
    from grants.models import Correction, Programme, ProgrammeVersion, Round


class RoundClosed(NotAllowedNow):
    """The round is not taking applications at this moment."""

    code = "round_closed"


class RoundFull(NotAllowedNow):
    """The round takes so many applications, and has them."""

    code = "round_full"


class Understaffed(NotAllowedNow):
    """Some duty of the programme has no lawful actor."""

    code = "understaffed"


def in_words(moment: datetime) -> str:
    """`midday on Wednesday 3 March 2027 (GMT)`: day, time and zone, as every deadline is shown."""
    return deadline_in_words(moment)


def check_has_published_version(programme: "Programme", *, at: datetime) -> None:
    """A programme goes public with a version that somebody published."""
    if programme.published_version is None:
        raise NotAllowedNow("Publish a version of this programme first.", code="no_published_version")


def check_no_round_is_running(programme: "Programme", *, at: datetime) -> None:
    """Monitoring begins when nothing is open or about to open."""
    running = programme.rounds.filter(state__in=("scheduled", "open", "paused")).order_by("opens_at", "pk").first()
    if running:
        raise NotAllowedNow(f"Round {running.reference} is {running.get_state_display().lower()}.", code="round_is_running")


def check_document_is_valid(version: "ProgrammeVersion", *, at: datetime) -> None:
    """The stored text still parses and still has the hash it was stored with. Raises DocumentRefused naming the line."""
    version.read()


def check_sections_are_ready(version: "ProgrammeVersion", *, at: datetime) -> None:
    """Whoever was given a section to write has said that it is ready."""
    waiting = version.section_tasks.filter(owner__isnull=False, ready_at=None).select_related("owner").order_by("pk").first()
    if waiting:
        title = outline.BY_KEY[waiting.section].title
        raise NotAllowedNow(f"{waiting.owner} has not said that “{title}” is ready.", code="section_not_ready")


def check_is_overseen(record: "ProgrammeVersion | Round", *, at: datetime) -> None:
    """A senior officer is named, and a route other than an open call is justified (GovS 015, minimum requirements 1 and 5)."""
    definition = record.definition
    if not definition.parties.senior_officer:
        raise NotAllowedNow("Name the senior officer responsible first (parties: senior_officer).", code="no_senior_officer")
    if definition.route.kind != "open_call" and not definition.route.justification:
        raise NotAllowedNow("Justify why this is not an open call first (route: justification).", code="route_not_justified")


def check_correction_still_fits(correction: "Correction", *, at: datetime) -> None:
    """The round still runs, and still goes by the version that was to be corrected; nobody decides on what they asked for."""
    round_ = correction.round
    if round_.state not in ("scheduled", "open", "paused"):
        raise NotAllowedNow(f"{round_.reference} is {round_.get_state_display().lower()}: its rules stand.", code="round_not_running")
    if round_.version_id != correction.version_before_id:
        raise NotAllowedNow("The round's rules were changed since this was asked for. Ask again.", code="correction_stale")


def check_version_is_published(round_: "Round", *, at: datetime) -> None:
    """A round pins a version that can no longer change."""
    if round_.version.published_at is None:
        raise NotAllowedNow("The version this round uses is not published yet.", code="version_not_published")


def check_has_budget(round_: "Round", *, at: datetime) -> None:
    """Money is named before anybody is invited to apply for it."""
    if not hasattr(round_, "budget"):
        raise NotAllowedNow("Set this round's budget first.", code="no_budget")


def check_opening_time_has_come(round_: "Round", *, at: datetime) -> None:
    """The clock opens a round no earlier than announced."""
    if at < round_.opens_at:
        raise NotAllowedNow(f"This round opens at {in_words(round_.opens_at)}.", code="too_early")


def check_opening_is_to_come(round_: "Round", *, at: datetime) -> None:
    """Dates change freely only while nobody can have begun to write: after that, all get more time, or the round closes early."""
    if at >= round_.opens_at:
        raise NotAllowedNow(
            f"This round opened at {in_words(round_.opens_at)}. Give everybody more time, or close it early.", code="opened_already"
        )


def check_money_matters(round_: "Round") -> None:
    """A cancelled round in which nothing is committed has no use for another budget."""
    if round_.state == type(round_).State.CANCELLED and not round_.budget.committed_pence:
        raise NotAllowedNow("This round was cancelled and nothing of its money is committed, so its budget stays.", code="round_cancelled")


def check_not_past_closing(round_: "Round", *, at: datetime) -> None:
    """A round whose closing time has passed is not opened."""
    if at >= round_.closes_at:
        raise RoundClosed(f"This round's closing time, {in_words(round_.closes_at)}, has passed.")


def check_time_is_left(round_: "Round", *, at: datetime) -> None:
    """A pause that outlasted the deadline ends with more time for everybody, or with the round: nobody decides that but a person."""
    if at >= round_.closes_at:
        raise RoundClosed(
            f"Its closing time, {in_words(round_.closes_at)}, passed while it was paused. Give everybody more time first, or close it.",
            code="closed_while_paused",
        )


def check_closing_time_has_come(round_: "Round", *, at: datetime) -> None:
    """Nobody loses announced time without a reason on record (that is `close_early`)."""
    if at < round_.closes_at:
        raise NotAllowedNow(f"This round closes at {in_words(round_.closes_at)}. To close it sooner, give a reason.", code="too_early")


def check_nothing_is_proposed(round_: "Round", *, at: datetime) -> None:
    """Once somebody has proposed a decision, the round is past more time for everybody."""
    decided = ("proposed", "approved", "reserve", "declined", "on_hold")
    if round_.applications.filter(state__in=decided).exists():
        raise NotAllowedNow("A decision has been proposed in this round, so its deadline stands.", code="decisions_begun")


def check_money_is_committed(round_: "Round", *, at: datetime) -> None:
    """What is left of the budget would not make the programme's smallest grant."""
    left, least = round_.budget.left_pence, round_.definition.funding.grant_min
    if left >= least:
        raise NotAllowedNow(f"{pounds(left)} is left, which reaches for another grant.", code="money_left")


def check_has_room(round_: "Round", *, at: datetime) -> None:
    """A round that takes so many applications and no more has a place left. Raises RoundFull."""
    if round_.most_applications is not None and round_.sent_in() >= round_.most_applications:
        plural = "" if round_.most_applications == 1 else "s"
        raise RoundFull(
            f"This round takes {round_.most_applications:,} application{plural}, and that many are in. It cannot take another unless "
            f"one is withdrawn before {in_words(round_.closes_at)}."
        )


def check_places_are_enough(round_: "Round", places: int | None) -> None:
    """Nobody loses a place that they have, and a change changes something. Raises Refused."""
    if places == round_.most_applications:
        raise Refused("That is how many it takes already.", code="places_unchanged", field="places")
    if places is not None and places < max(1, taken := round_.sent_in()):
        least = f"{taken:,} {'is' if taken == 1 else 'are'} in already" if taken else "It takes at least 1"
        raise Refused(
            f"{least}, so it cannot take {places:,}. Nobody loses the place that they have.", code="places_too_few", field="places"
        )


def check_round_takes_applications(round_: "Round", *, at: datetime) -> None:
    """Raise RoundClosed unless an application may be started, saved and submitted at this moment.

    Judged on the announced times to the second, not on when the worker got round to opening or closing.
    """
    states = type(round_).State
    if round_.state == states.PAUSED:
        raise RoundClosed("This round is paused. We will tell you when it takes applications again.", code="round_paused")
    if round_.state == states.CANCELLED:
        raise RoundClosed("This round was cancelled.", code="round_cancelled")
    if at < round_.opens_at:
        raise RoundClosed(f"This round opens at {in_words(round_.opens_at)}.", code="round_not_open_yet")
    if round_.state not in (states.OPEN, states.SCHEDULED) or at >= round_.closes_at:
        raise RoundClosed(f"This round closed at {in_words(round_.closes_at)}.")
    check_version_is_published(round_, at=at)


def _unstaffed(record: "ProgrammeVersion | Round", *, at: datetime) -> list[staffing.Finding]:
    """What keeps a case from being run lawfully; also whether somebody is there for each agreement that large grants need."""
    programme = record.programme
    return staffing.check(programme.slug, programme.control(), at=at, agreeing=record.definition.decision.agreeing())


def check_is_staffed(record: "ProgrammeVersion | Round", *, at: datetime) -> None:
    """Every duty of the programme has somebody who may lawfully do it: now, and for a round when it closes and its work begins.

    Raises Understaffed naming the first duty that has not.
    """
    missing = _unstaffed(record, at=at)
    if missing:
        raise Understaffed(missing[0].sentence, duty=missing[0].duty)
    closes_at = getattr(record, "closes_at", None)
    later = _unstaffed(record, at=closes_at) if closes_at else []
    if later:
        raise Understaffed(f"When the round closes, on {on_day(closes_at)}: {later[0].sentence}", duty=later[0].duty)
