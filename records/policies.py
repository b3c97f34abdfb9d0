"""What must hold before records go: each check raises a refusal with a code and a sentence."""

from datetime import datetime
from typing import TYPE_CHECKING

from accounts.refusals import NotAllowedNow
from design.words import in_words

if TYPE_CHECKING:
    from records.models import Erasure


def check_was_asked_by_a_person(erasure: "Erasure", *, at: datetime) -> None:
    """What falls due is the machine's to do."""
    if erasure.ground != erasure.Ground.REQUEST:
        raise NotAllowedNow("Nobody asked for this: it falls due by the programme's rule.", code="not_a_request")


def check_nothing_is_open(erasure: "Erasure", *, at: datetime) -> None:
    """No hold, no appeal, no claim or payment under way, and it is over."""
    from records import keeping

    kept = keeping.of(erasure.application, at=at)
    if kept.obstacles:
        raise NotAllowedNow(f"Nothing can be erased: {'; '.join(kept.obstacles)}.", code="records_in_use", obstacles=list(kept.obstacles))


def check_may_go_on_request(erasure: "Erasure", *, at: datetime) -> None:
    """What public money was given for is kept for its years, whoever asks (UK GDPR article 17(3)(b))."""
    from records import keeping

    kept = keeping.of(erasure.application, at=at)
    if kept.had_an_offer and not kept.is_due(at):
        raise NotAllowedNow(f"{kept.because} The law asks us to keep it, until {in_words(kept.until)}.", code="must_be_kept")


def check_retention_is_over(erasure: "Erasure", *, at: datetime) -> None:
    """The years have run."""
    from records import keeping

    kept = keeping.of(erasure.application, at=at)
    if not kept.is_due(at):
        until = f" until {in_words(kept.until)}" if kept.until else ""
        raise NotAllowedNow(f"{erasure.application.reference} is kept{until}.", code="not_due")
