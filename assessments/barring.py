"""A confirmed conflict of interest closes an application to the person wherever staff find applications: lists, pages, files, exports."""

from django.db.models import Exists, OuterRef, Q

from accounts.models import Person
from applications.barriers import bars
from assessments.models import Conflict


@bars
def conflicted(person: Person, path: str) -> Q:
    """Rows whose application the person has a confirmed conflict with."""
    return Q(Exists(Conflict.objects.barring().filter(person=person, application=OuterRef(path))))
