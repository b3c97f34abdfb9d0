"""An assessor's part in the pool, in words; the statement that payment goes by."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.urls import reverse

from accounts.models import Person
from assessments import agreement, rounds, statements
from assessments.fitting import profile_of
from assessments.models import Assessment, InterestDeclaration
from design.words import in_words, moment_in_words, pounds_exact
from grants.models import Round

STATEMENT_COLUMNS = ["Application", "Submitted", {"label": "Fee", "numeric": True}]
PAYMENT_COLUMNS = ["Assessor", {"label": "Reviews submitted", "numeric": True}, {"label": "To be paid", "numeric": True}]


def facts(person: Person, *, at: datetime) -> list[tuple[str, str]]:
    """What is signed, declared and attested, and until when."""
    profile, last = profile_of(person), InterestDeclaration.objects.filter(person=person).order_by("-declared_at", "-pk").first()
    signed = "Not signed"
    if profile.agreed_at:
        earlier = "" if has_signed(person) else ": an earlier wording; sign the one that stands now"
        signed = f"Signed {moment_in_words(profile.agreed_at)}{earlier}"
    declared = "None yet"
    if last is not None:
        word = "In force until" if last.expires_at > at else "Expired on"
        declared = f"{word} {in_words(last.expires_at)}"
    return [
        ("Agreement", signed),
        ("Declaration of interest", declared),
        ("Companies declared", ", ".join(last.interests) if last and last.interests else "None"),
        ("Induction", f"Attested {in_words(profile.inducted_at)}" if profile.inducted_at else "Not attested yet"),
    ]


def has_signed(person: Person) -> bool:
    return profile_of(person).agreement_sha256 == agreement.SHA256


def interests_of(person: Person) -> list[str]:
    return list(profile_of(person).interests)


def statement(person: Person, round: Round, *, reader: Person) -> dict[str, Any]:
    """Reviews submitted in a round, whether they count or not: the work was done. The fee is what the programme says."""
    fee, done = fee_pence(round), statements.lines(round, of=person)
    hidden = rounds.hidden_from(reader, round)
    rows = [[_named(one, hidden), moment_in_words(one.submitted_at), _pounds(fee)] for one in done]
    return {
        "columns": STATEMENT_COLUMNS,
        "rows": rows,
        "total": ["In all", _reviews(len(rows)), _pounds(fee * len(rows))],
        "has_fee": bool(fee),
    }


def payments(round: Round) -> dict[str, Any]:
    """What every assessor is to be paid for a round, and in all."""
    fee, counts = fee_pence(round), statements.counts(round)
    rows = [
        [{"text": one.name, "href": reverse("assessments:statement", args=[round.reference, one.pk])}, n, _pounds(fee * n)]
        for one, n in counts
    ]
    number = sum(n for _, n in counts)
    return {"columns": PAYMENT_COLUMNS, "rows": rows, "total": ["In all", number, _pounds(fee * number)], "has_fee": bool(fee)}


def fee_pence(round: Round) -> int:
    """What the programme pays for a review; 0 where it names no fee."""
    stage = round.definition.assessment
    return (stage.fee_per_review if stage else None) or 0


def _pounds(pence: int) -> str:
    return pounds_exact(pence) if pence else "–"


def _reviews(number: int) -> str:
    return "1 review" if number == 1 else f"{number} reviews"


def _named(review: Assessment, hidden: Collection[int]) -> str:
    if review.application_id in hidden:
        return "An application that is closed to you"
    return review.application.reference + (" (scored first by everybody)" if review.is_calibration else "")
