"""An assessor's part in the pool, in words; the statement that payment goes by."""

from datetime import datetime
from typing import Any

from accounts.models import Person
from assessments import agreement
from assessments.fitting import profile_of
from assessments.models import Assessment, InterestDeclaration
from design.words import in_words, moment_in_words, pounds_exact
from grants.models import Round

STATEMENT_COLUMNS = ["Application", "Submitted", {"label": "Fee", "numeric": True}]


def facts(person: Person, *, at: datetime) -> list[tuple[str, str]]:
    """What is signed, declared and attested, and until when."""
    profile, last = profile_of(person), InterestDeclaration.objects.filter(person=person).order_by("-declared_at", "-pk").first()
    signed = "Not signed"
    if profile.agreed_at:
        signed = moment_in_words(profile.agreed_at) + ("" if has_signed(person) else ": an earlier wording; sign the one that stands now")
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


def statement(person: Person, round: Round) -> dict[str, Any]:
    """Reviews submitted in a round, whether they count or not: the work was done. The fee is what the programme says."""
    stage = round.definition.assessment
    fee = (stage.fee_per_review if stage else None) or 0
    done = Assessment.objects.filter(assessor=person, application__round=round, submitted_at__isnull=False)
    rows = [
        [one.application.reference, moment_in_words(one.submitted_at), pounds_exact(fee) if fee else "–"]
        for one in done.select_related("application").order_by("submitted_at", "pk")
    ]
    return {
        "rows": rows,
        "total": ["In all", "1 review" if len(rows) == 1 else f"{len(rows)} reviews", pounds_exact(fee * len(rows)) if fee else "–"],
        "has_fee": bool(fee),
    }
