"""What a company may do about a finding it thinks is wrong, and until when: each check raises a refusal with a code and a sentence."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from accounts.refusals import NotAllowedNow
from applications.policies import check_not_erased
from grants.policies import in_words
from workflow.models import StepTaken

if TYPE_CHECKING:
    from applications.models import Appeal, Application

REVIEW_WITHIN = timedelta(days=14)
"""How long after a finding of ineligibility a company may ask for a review."""

APPEAL_WITHIN = timedelta(days=28)
"""How long after being told of a decision a company may appeal against how it was reached: twenty working days."""


def review_until(application: "Application") -> datetime | None:
    """The moment up to which a review can be asked for; None where nothing was found against it."""
    found = StepTaken.objects.filter(record_type=application.record_type(), record_id=application.pk, target="ineligible")
    finding = found.exclude(source="ineligible").order_by("-at", "-pk").first()
    return finding.at + REVIEW_WITHIN if finding else None


def check_review_not_asked(application: "Application", *, at: datetime) -> None:
    """One review per finding."""
    if application.reviewed_at is not None:
        raise NotAllowedNow("A second person has already reviewed this finding.", code="already_reviewed")
    if application.review_asked_at is not None:
        raise NotAllowedNow("You have already asked for a review. A second person is looking at it.", code="review_asked")


def check_review_in_time(application: "Application", *, at: datetime) -> None:
    """Within two weeks of the finding, so that a round can go on."""
    until = review_until(application)
    if until is not None and at > until:
        raise NotAllowedNow(f"A review could be asked for until {in_words(until)}.", code="review_too_late")


def check_review_waits(application: "Application", *, at: datetime) -> None:
    """A finding is kept in answer to a request."""
    if application.review_asked_at is None or application.reviewed_at is not None:
        raise NotAllowedNow("The company has not asked for a review.", code="review_not_asked")


def appeal_until(application: "Application") -> datetime | None:
    """The moment up to which an appeal can be lodged; None where there is no decision to appeal against."""
    told = application.notified_at if application.state in ("declined", "reserve") else None
    return told + APPEAL_WITHIN if told else None


def check_may_appeal(application: "Application", *, at: datetime) -> None:
    """Against a decision the company was told of, within its window, once."""
    check_not_erased(application, at=at)
    until = appeal_until(application)
    if until is None:
        raise NotAllowedNow("There is no decision to appeal against.", code="nothing_to_appeal")
    if at > until:
        raise NotAllowedNow(f"An appeal could be lodged until {in_words(until)}.", code="appeal_too_late")
    if application.appeals.filter(lodged_at__gte=application.notified_at).exists():
        raise NotAllowedNow("You have already appealed against this decision.", code="already_appealed")


WENT_ON = {"approved": "has been approved", "withdrawn": "was withdrawn", "ruled_out": "was ruled out"}
"""How an application ended that cannot be taken up again."""


def how_it_ended(application: "Application") -> str:
    """In words, where nothing is left to take up again: approved and told so, withdrawn or ruled out; "" otherwise."""
    if application.state == "approved" and application.notified_at is None:
        return ""
    return WENT_ON.get(application.state, "")


def check_can_be_put_right(appeal: "Appeal", *, at: datetime) -> None:
    """What was declined or is on the reserve list can be taken up again; what was promoted, withdrawn or ruled out since cannot."""
    application = appeal.application
    if ended := how_it_ended(application):
        raise NotAllowedNow(f"The application {ended} since, so nothing is left to put right: close the appeal.", code="moved_on")
    if application.state not in ("declined", "reserve", "eligible"):
        raise NotAllowedNow("The application is being decided anew. Come back once the company knows the decision.", code="decided_anew")


def check_nothing_is_left_to_put_right(appeal: "Appeal", *, at: datetime) -> None:
    """An appeal is closed without a remedy only where there is nothing to take up again."""
    if not how_it_ended(appeal.application):
        raise NotAllowedNow("The application can still be taken up again.", code="not_over")


def check_appeal_upheld(application: "Application", *, at: datetime) -> None:
    """Only an appeal that was upheld takes up again what was decided."""
    if not application.appeals.filter(state="upheld").exists():
        raise NotAllowedNow("No appeal on this application is upheld.", code="no_appeal_upheld")
