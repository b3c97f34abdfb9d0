"""Who is told about erasures."""

from collections.abc import Iterable
from datetime import date, datetime

from accounts.access import holders
from accounts.models import Person
from accounts.roles import Permission
from applications.notices import team_of
from design.words import in_words
from notifications.outbox import Letter, composes
from records.keeping import WARNED, Kept
from records.models import Erasure, Restriction
from workflow.models import StepTaken


def to_judge(erasure: Erasure) -> list[Letter]:
    """Those who may accept it, but for whoever asked."""
    application = erasure.application
    body = f"{erasure.asked_by} asks that the records of {application.reference} be erased: {erasure.reason}\n\nAccept or refuse it."
    people = holders(application.scopes(), Permission.RECORDS_ERASE)
    path = f"/manage/records/{application.reference}/"
    return [Letter(person, f"Erase {application.reference}, or not", body, path) for person in people if person != erasure.asked_by]


def before_records_go(kept: Kept, *, on: date) -> list[Letter]:
    """To the company's team, a month before its records are erased."""
    application = kept.application
    body = (
        f"{kept.because} On {in_words(on)} we erase what was written and attached in {application.reference}, and the names in it. "
        "What stays is that there was an application, its amounts, what was decided and when.\n\n"
        "Save what you want to keep: your copy of the answers and your receipts are on its page. You need do nothing else."
    )
    path = f"{application.get_absolute_url()}erasure/"
    subject = f"The records of {application.reference} are erased on {in_words(on)}"
    return [Letter(person, subject, body, path) for person in team_of(application)]


def before_an_account_goes(person: Person, *, at: datetime) -> Letter:
    """To somebody who has not signed in for nearly two years."""
    body = (
        "You have not signed in for nearly two years, and nothing is kept that needs your account. "
        f"We erase it after {in_words(at + WARNED)}. To keep it, sign in."
    )
    return Letter(person, "Your account is about to be erased", body, "/home/")


def of_a_restriction(placed: Restriction, people: Iterable[Person]) -> list[Letter]:
    """To those who look after accounts."""
    body = (
        f"{placed.person} asks that what we hold about them be kept and not used otherwise: {placed.reason}\n\n"
        "It stands at once. Answer within a month; lift it when the matter is settled."
    )
    path = "/manage/records/people/"
    return [
        Letter(person, f"{placed.person} asks us to restrict the use of their data", body, path)
        for person in people
        if person != placed.person
    ]


@composes("erasure.answered")
def answered(erasure: Erasure, taken: StepTaken) -> Iterable[Letter]:
    """The company's team, and whoever asked."""
    application = erasure.application
    path = f"{application.get_absolute_url()}erasure/"
    if taken.target == Erasure.State.REFUSED:
        body = f"We cannot erase what we hold about {application.reference}: {erasure.answer}"
        subject = f"We keep the records of {application.reference}"
    else:
        body = (
            f"The words, files and names in {application.reference} are erased. What stays is that there was an application, its amounts, "
            "what was decided and when."
        )
        subject = f"The records of {application.reference} are erased"
    return [Letter(person, subject, body, path) for person in team_of(application)]
