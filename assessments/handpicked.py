"""What has to be said of places that are filled by hand: a plan keeps to it by itself."""

from collections import defaultdict
from collections.abc import Iterable

from accounts.models import Person
from applications.models import Application
from assessments import fitting
from assessments.kin import plain
from assessments.scheme import scheme_of


def remarks(application: Application, people: Iterable[Person]) -> list[str]:
    """Of everybody who would hold a place: a skill that too few have once all places are filled, and two of one employer."""
    people = list(people)
    return [*_skills(application, people), *same_employer(people)]


def holders(application: Application) -> list[Person]:
    """Who holds a place now."""
    held = fitting.places_of([application])[application.pk].held_by
    return list(Person.objects.filter(pk__in=held).select_related("assessor_profile").order_by("pk"))


def _skills(application: Application, people: list[Person]) -> list[str]:
    scheme = scheme_of(application.version)
    if len(people) < scheme.assessors:
        return []
    known = [{topic.lower() for topic in fitting.profile_of(person).topics} for person in people]
    found = []
    for skill in scheme.skills:
        have = sum(skill.topic.lower() in topics for topics in known)
        if have < skill.at_least:
            found.append(f"{have} of these assessors know {skill.topic}; the programme asks for {skill.at_least}.")
    return found


def same_employer(people: Iterable[Person]) -> list[str]:
    """A sentence for each employer that more than one of them works for."""
    together: dict[str, list[Person]] = defaultdict(list)
    for person in people:
        profile = fitting.profile_of(person)
        key = profile.employer_number or plain(profile.employer)
        if key:
            together[key].append(person)
    return [
        f"{' and '.join(one.name for one in same)} work for one employer, {fitting.profile_of(same[0]).employer}."
        for same in together.values()
        if len(same) > 1
    ]
