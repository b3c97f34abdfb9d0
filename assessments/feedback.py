"""The letter of feedback on an application: what the counted reviews say, without names, and what in it needs a reader's eye."""

import hashlib
import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import rfc8785

from accounts.models import Person
from applications.models import Application
from assessments import ranking
from assessments.models import Assessment
from assessments.scheme import scheme_of
from grants.models import Round

OVERALL = "overall"
Content = dict[str, Any]


@dataclass(frozen=True)
class Warning:
    """Something that a reader should look at before the letter goes out: which comment (empty for what is missing), and why."""

    key: str
    sentence: str


def contents(applications: Collection[Application]) -> dict[int, Content]:
    """The letters of these applications, from the reviews that count; nothing for those that none counts for.

    The letters A, B, C stand for the same person throughout one application and for nobody outside it.
    """
    reviews: dict[int, list[Assessment]] = defaultdict(list)
    counted = Assessment.objects.counted().filter(application__in=[one.pk for one in applications])
    for review in counted.order_by("pk").prefetch_related("scores"):
        reviews[review.application_id].append(review)
    return {one.pk: _content(one, reviews[one.pk]) for one in applications if reviews[one.pk]}


def of(application: Application) -> Content | None:
    return contents([application]).get(application.pk)


def without(content: Content, left_out: Collection[str]) -> Content:
    """The letter without these comments; the means stay as they are."""
    return {
        **content,
        "criteria": [
            {**each, "comments": [[letter, said] for letter, said in each["comments"] if f"{each['id']}:{letter}" not in left_out]}
            for each in content["criteria"]
        ],
        "overall": [[letter, said] for letter, said in content["overall"] if f"{OVERALL}:{letter}" not in left_out],
    }


def digest(content: Content) -> str:
    return hashlib.sha256(rfc8785.dumps(content)).hexdigest()


def keys(content: Content) -> set[str]:
    """What can be left out."""
    by_criterion = {f"{each['id']}:{letter}" for each in content["criteria"] for letter, _ in each["comments"]}
    return by_criterion | {f"{OVERALL}:{letter}" for letter, _ in content["overall"]}


def warnings(content: Content, *, names: Iterable[str], banned: Iterable[str]) -> list[Warning]:
    """Criteria that say nothing, comments that name an assessor, comments with words that the programme does not send."""
    found = [
        Warning("", f"Nothing is said about “{each['title']}”.")
        for each in content["criteria"]
        if not any(said.strip() for _, said in each["comments"])
    ]
    people, words = _pattern(names, flags=0), _pattern(banned, flags=re.IGNORECASE)
    for key, said in _comments(content):
        found += [Warning(key, f"“{name}” is an assessor’s name.") for name in _hits(people, said)]
        found += [Warning(key, f"“{word}” is among the words that this programme does not send.") for word in _hits(words, said)]
    return found


def names_of(round: Round) -> list[str]:
    """The names of everybody who reviews in a round, whole and in parts of three letters and more."""
    people = Person.objects.filter(pk__in=Assessment.objects.filter(application__round=round).values("assessor"))
    names = list(people.order_by("pk").values_list("name", flat=True))
    return [*names, *(part for name in names for part in name.split() if len(part) > 2)]


def _comments(content: Content) -> Iterable[tuple[str, str]]:
    for each in content["criteria"]:
        yield from ((f"{each['id']}:{letter}", said) for letter, said in each["comments"])
    yield from ((f"{OVERALL}:{letter}", said) for letter, said in content["overall"])


def _pattern(words: Iterable[str], *, flags: int) -> re.Pattern[str] | None:
    longest_first = sorted({word for word in words if word.strip()}, key=lambda word: (-len(word), word))
    return re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, longest_first))})(?!\w)", flags) if longest_first else None


def _hits(pattern: re.Pattern[str] | None, said: str) -> list[str]:
    return list(dict.fromkeys(pattern.findall(said))) if pattern else []


def _content(application: Application, reviews: Sequence[Assessment]) -> Content:
    mean = ranking.mean([one.as_vote().total for one in reviews])
    in_order = sorted(reviews, key=_shuffled)
    letters = {review.pk: f"Assessor {chr(ord('A') + number)}" for number, review in enumerate(in_order)}
    marks: dict[str, list[tuple[str, int, str]]] = defaultdict(list)
    for review in in_order:
        for score in review.scores.all():
            marks[score.criterion].append((letters[review.pk], score.marks or 0, score.comment))
    return {
        "mean": ranking.one_decimal(mean),
        "criteria": [
            {
                "id": criterion.id,
                "title": criterion.title,
                "mean": f"{ranking.one_decimal(ranking.mean([Fraction(given) for _, given, _ in rows]))} of {criterion.maximum}",
                "comments": [[letter, said] for letter, _, said in rows],
            }
            for criterion in scheme_of(application.version).criteria
            if (rows := marks.get(criterion.id))
        ],
        "overall": [[letters[review.pk], review.overall_comment] for review in in_order],
    }


def _shuffled(review: Assessment) -> str:
    """An order that says nothing about who was invited or who came first, and is the same every time."""
    return hashlib.sha256(f"{review.application_id}:{review.overall_comment}:{review.pk}".encode()).hexdigest()
