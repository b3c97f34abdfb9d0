"""What closes an application to one of the staff wherever staff find applications: lists, pages, files, exports.

A confirmed conflict of interest does for good; a review that they still owe does until it is in.
"""

from django.db.models import Exists, OuterRef, Q

from accounts.models import Person
from applications.barriers import bars
from assessments.models import Assessment, Conflict


@bars
def conflicted(person: Person, path: str) -> Q:
    """Rows whose application the person has a confirmed conflict with."""
    return Q(Exists(Conflict.objects.barring().filter(person=person, application=OuterRef(path))))


@bars
def to_score_it(person: Person, path: str) -> Q:
    """Rows whose application the person is to score: what is hidden from assessors, and others' scores, are read after one's own."""
    return Q(Exists(Assessment.objects.filter(assessor=person, state__in=Assessment.WAITING, application=OuterRef(path))))
