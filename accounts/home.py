"""What waits for a person, gathered from every package that knows of something."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connections
from django.db.models import Count, F, IntegerField, Model, QuerySet, Value

from accounts.access import reach
from accounts.models import Person
from accounts.roles import Permission

MOST_COUNTED = 1000
"""Beyond this nobody needs the very number, and counting on would read every row."""
MOST = 10
"""Lines of one kind on one landing page."""
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
    return _to_its_end(rows).count()


def in_count(number: int) -> str:
    """`412`, or `1,000+` for what was not counted to its end."""
    return f"{number:,}" if number <= MOST_COUNTED else f"{MOST_COUNTED:,}+"


def holds(person: Person, permission: Permission) -> bool:
    """Whether the person holds it on any programme."""
    held = reach(person, permission)
    return held.everywhere or bool(held.programmes)


Found = list[tuple[str, int]]
"""What one question found: names (of a round, of a record) in order, each with how many there are."""


@dataclass(frozen=True)
class Asked:
    """A question to the database, put to it together with all others of the page, and what the page says of what it found.

    `rows` are counted where `is_counted`; else they hold `called` and `n` for each line. Where there is a `model`, what they are called is
    its key, and `line` gets the record, with what `related` names.
    """

    rows: QuerySet
    line: Callable[[Any, int], HomeItem | None]
    is_counted: bool = False
    model: type[Model] | None = None
    related: tuple[str, ...] = ()


def counted(rows: QuerySet, title: str, text: str, url: str) -> Asked:
    """One line that says how many there are, if any."""
    return Asked(_to_its_end(rows), lambda _, n: HomeItem(title, text, url, n) if n else None, is_counted=True)


def named(rows: QuerySet, by: str, line: Callable[[str], HomeItem]) -> Asked:
    """A line for each of the first few, in the order of the rows, from nothing but its name (the field `by`)."""
    return Asked(_lines(rows, by), lambda name, _: line(name))


def grouped(rows: QuerySet, by: Any, line: Callable[[str, int], HomeItem], *, most: int = MOST) -> Asked:
    """A line for each of the first few names, with how many there are of it."""
    names = rows.order_by().annotate(called=F(by) if isinstance(by, str) else by).values("called").annotate(n=Count("pk"))
    return Asked(names.order_by("called").values_list("called", "n")[:most], line)


def one_by_one(rows: QuerySet, line: Callable[[Any], HomeItem | None], *related: str) -> Asked:
    """A line for each of the first few, in the order of the rows, from the record itself; none where `line` gives none."""
    return Asked(_lines(rows, "pk"), lambda one, _: line(one), model=rows.model, related=related)


def _lines(rows: QuerySet, by: str) -> QuerySet:
    return rows.annotate(called=F(by), n=Value(1, IntegerField())).values_list("called", "n")[:MOST]


def _to_its_end(rows: QuerySet) -> QuerySet:
    return rows.order_by().values("pk")[: MOST_COUNTED + 1]


def ask(questions: list[Asked]) -> list[Found]:
    """What each of them found: one query for all, one more for each kind of record of which something was found."""
    parts: list[str] = []
    values: list[Any] = []
    for number, question in enumerate(questions):
        try:
            sql, given = question.rows.query.get_compiler(using=question.rows.db).as_sql()
        except EmptyResultSet:
            continue
        what = "'', COUNT(*), 1" if question.is_counted else "CAST(called AS TEXT), n, ROW_NUMBER() OVER ()"
        parts.append(f"SELECT {number}, {what} FROM ({sql}) AS rows_{number}")  # noqa: S608  every value is a parameter
        values += given
    found: list[Found] = [[] for _ in questions]
    if parts:
        with connections[questions[0].rows.db].cursor() as cursor:
            cursor.execute(" UNION ALL ".join(parts), values)
            for number, name, n, _ in sorted(cursor.fetchall(), key=lambda row: (row[0], row[3])):
                found[number].append((name, n))
    return found


Contributor = Callable[[Person, datetime], Iterable[HomeItem | Asked]]
_contributors: list[Contributor] = []


def contributes(contributor: Contributor) -> Contributor:
    """Register `contributor(person, at) -> items and questions` for the landing page. Return nothing for people it does not concern."""
    if contributor not in _contributors:
        _contributors.append(contributor)
    return contributor


def items_for(person: Person, *, at: datetime) -> dict[str, list[HomeItem]]:
    """The items by group, what waits first. Whatever is asked is asked in one query."""
    given = [item for contributor in _contributors for item in contributor(person, at)]
    groups: dict[str, list[HomeItem]] = {WAITING: []}
    for item in answered(given):
        groups.setdefault(item.group, []).append(item)
    return groups


def answered(given: Iterable[HomeItem | Asked]) -> Iterator[HomeItem]:
    """The same lines in the same order, with what was found in the place of each question."""
    given = list(given)
    questions = [item for item in given if isinstance(item, Asked)]
    found = ask(questions)
    records = _records(questions, found)
    answers = iter(zip(questions, found, strict=True))
    for item in given:
        if isinstance(item, HomeItem):
            yield item
            continue
        question, rows = next(answers)
        for name, n in rows:
            about = records[question.model][int(name)] if question.model else name
            if (line := question.line(about, n)) is not None:
                yield line


def _records(questions: list[Asked], found: list[Found]) -> dict[type[Model], dict[int, Any]]:
    """The records whose keys were found, by kind: one query for each kind."""
    keys: dict[type[Model], set[int]] = defaultdict(set)
    related: dict[type[Model], set[str]] = defaultdict(set)
    for question, rows in zip(questions, found, strict=True):
        if question.model and rows:
            keys[question.model] |= {int(name) for name, _ in rows}
            related[question.model] |= set(question.related)
    return {model: model._default_manager.select_related(*sorted(related[model])).in_bulk(keys[model]) for model in keys}
