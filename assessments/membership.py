"""What an assessor still lacks before a programme lets them be invited."""

from collections.abc import Iterable
from datetime import datetime

from accounts.access import reach
from accounts.models import Person
from accounts.roles import Permission
from assessments import agreement
from assessments.models import AssessorProfile, InterestDeclaration
from grants.models import ProgrammeVersion, Round

SENTENCES = {
    "agreement": "Has not signed the agreement.",
    "declaration": "Has no declaration of interest in force.",
    "induction": "Has not been inducted.",
}


OWN_PART = {
    "agreement": "Sign the agreement.",
    "declaration": "Declare which companies you have an interest in.",
}
"""What the assessor does themself; the induction is attested by an officer."""
RUNNING = (Round.State.OPEN, Round.State.PAUSED, Round.State.CLOSED)


def to_do(person: Person, *, at: datetime) -> list[str]:
    """What an assessor has to do before the running rounds of their programmes let them be invited."""
    there = reach(person, Permission.ASSESSMENT_SCORE).programmes
    running = ProgrammeVersion.objects.filter(programme__slug__in=there, rounds__state__in=RUNNING).distinct()
    stages = [version.definition.assessment for version in running]
    wanted = {one for stage in stages if stage is not None for one in stage.asks}
    lacks = lacking([person], [one for one in OWN_PART if one in wanted], at=at).get(person.pk, [])
    return [words for name, words in OWN_PART.items() if SENTENCES[name] in lacks]


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
