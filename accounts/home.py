"""What waits for a person, gathered from every package that knows of something."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from accounts.models import Person

MOST_COUNTED = 1000
"""Beyond this nobody needs the very number, and counting on would read every row."""
WAITING = "Waiting for you"
UNDER_WAY = "Under way"


@dataclass(frozen=True)
class HomeItem:
    """One line of the landing page: what it is, in a sentence, where to do it, and how many there are of it (0: not counted)."""

    title: str
    text: str
    url: str
    count: int = 0
    group: str = WAITING

    @property
    def counted(self) -> str:
        return in_count(self.count)


def number_of(rows: QuerySet) -> int:
    """How many there are; `MOST_COUNTED` and one more stands for any number beyond."""
    return rows.order_by().values("pk")[: MOST_COUNTED + 1].count()


def in_count(number: int) -> str:
    """`412`, or `1,000+` for what was not counted to its end."""
    return f"{number:,}" if number <= MOST_COUNTED else f"{MOST_COUNTED:,}+"


Contributor = Callable[[Person, datetime], Iterable[HomeItem]]
_contributors: list[Contributor] = []


def contributes(contributor: Contributor) -> Contributor:
    """Register `contributor(person, at) -> items` for the landing page. Return nothing for people it does not concern."""
    if contributor not in _contributors:
        _contributors.append(contributor)
    return contributor


def items_for(person: Person, *, at: datetime) -> dict[str, list[HomeItem]]:
    """The items by group, what waits first."""
    groups: dict[str, list[HomeItem]] = {WAITING: []}
    for contributor in _contributors:
        for item in contributor(person, at):
            groups.setdefault(item.group, []).append(item)
    return groups
