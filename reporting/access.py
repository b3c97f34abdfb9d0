"""Whose figures a person may read."""

from django.db.models import Q, QuerySet

from accounts.access import reach
from accounts.models import Person
from accounts.roles import Permission
from grants.models import Programme


def programmes_with_figures_for(person: Person) -> QuerySet[Programme]:
    """The programmes a person reads figures of: those of their funder, and those they work on."""
    seen = reach(person, Permission.FIGURES_VIEW)
    if seen.everywhere:
        return Programme.objects.all()
    return Programme.objects.filter(Q(slug__in=seen.programmes) | Q(funder_id__in=seen.organisations))
