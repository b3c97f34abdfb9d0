"""The mark of those who asked that what we hold about them be kept and not used, where staff meet their names."""

from collections.abc import Iterable

from django.db.models import QuerySet

from accounts.marks import contributes
from accounts.models import Person
from design.words import in_words
from records.models import Restriction

USE = "what we hold about them be kept and not used otherwise. Use it only for what others depend on, such as deciding, paying and checking"


@contributes
def restricted(people: QuerySet[Person]) -> Iterable[str]:
    """UK GDPR article 18(2). The reason stays with those who look after accounts."""
    standing = Restriction.objects.standing().filter(person__in=people).select_related("person").order_by("placed_at", "pk")
    return [f"{one.person.name} asked on {in_words(one.placed_at)} that {USE}. None of it is erased meanwhile." for one in standing]
