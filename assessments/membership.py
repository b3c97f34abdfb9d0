"""What an assessor still lacks before a programme lets them be invited."""

from collections.abc import Iterable
from datetime import datetime

from accounts.models import Person
from assessments import agreement
from assessments.models import AssessorProfile, InterestDeclaration

SENTENCES = {
    "agreement": "Has not signed the agreement.",
    "declaration": "Has no declaration of interest in force.",
    "induction": "Has not been inducted.",
}


def lacking(people: Iterable[Person], wanted: Iterable[str], *, at: datetime) -> dict[int, list[str]]:
    """By person, what is missing of what the programme wants, in sentences. One query, none where nothing is wanted."""
    wanted = list(wanted)
    if not wanted:
        return {}
    people = list(people)
    declared: set[int] = set()
    if "declaration" in wanted:
        in_force = InterestDeclaration.objects.filter(person__in=people, expires_at__gt=at)
        declared = set(in_force.values_list("person_id", flat=True))
    found = {}
    for person in people:
        profile = getattr(person, "assessor_profile", None) or AssessorProfile(person=person)
        has = {
            "agreement": profile.agreement_sha256 == agreement.SHA256,
            "declaration": person.pk in declared,
            "induction": profile.inducted_at is not None,
        }
        found[person.pk] = [SENTENCES[one] for one in wanted if not has[one]]
    return {pk: missing for pk, missing in found.items() if missing}
