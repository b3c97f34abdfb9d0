"""How well an assessor fits an application: parts that add up to 100 at most, each with its words.

Expertise is the cosine between two TF-IDF vectors over the words that the pool uses of itself (what nobody in the pool claims to know
cannot tell who fits). Topics count once more where the application names them whole. The rest is language, time and fresh eyes.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import scipy

from assessments.methods.votes import Floats

EXPERTISE, TOPIC, TOPICS_MOST, LANGUAGE, FREE, FRESH = 60.0, 8.0, 16.0, 4.0, 10.0, 10.0
DECLARED = 3
"""A word of a declared topic weighs as much as so many of the free text."""
NAMED = 4
"""Words in common that a reason names."""
WORD = re.compile(r"[a-z][a-z0-9]{2,}")
_COMMON = (
    "about after all also and any are because been before being between both but can could does during each for from had has have "
    "how into its may more most must new not now one only other our out over own per shall should since some such than that the "
    "their them then there these they this those through under until upon use used using very was were what when where which while "
    "who whom whose why will with within without would year you your"
)
COMMON = frozenset(_COMMON.split())


def words(text: str) -> Counter[str]:
    """The words of a text that may say what it is about, plural and singular as one."""
    return Counter(_singular(word) for word in WORD.findall(text.lower()) if word not in COMMON)


def profile_words(topics: Iterable[str], expertise: str) -> Counter[str]:
    """The words of an assessor's profile; those of declared topics weigh more."""
    found = words(expertise)
    for topic in topics:
        for word in words(topic):
            found[word] += DECLARED
    return found


def named(phrases: Iterable[str], text: str) -> list[str]:
    """Which of these phrases the text holds as whole words."""
    line = f" {' '.join(re.findall(r'[a-z0-9]+', text.lower()))} "
    return sorted({phrase for phrase in phrases if (plain := " ".join(re.findall(r"[a-z0-9]+", phrase.lower()))) and f" {plain} " in line})


def _singular(word: str) -> str:
    return word[:-1] if len(word) > 4 and word.endswith("s") and not word.endswith(("ss", "us", "is")) else word


class Match:
    """Scores of all pairs. Applications have `words`, `topics` and `languages` (those of the pool that they name); assessors `words`,
    `topics`, `languages` and `free` (the share of the time to review in which they are there)."""

    def __init__(
        self, applications: Sequence[Mapping[str, Any]], assessors: Sequence[Mapping[str, Any]], met: Iterable[tuple[int, int]] = ()
    ) -> None:
        """`met`: pairs by index whose company the assessor has assessed before."""
        self.applications, self.assessors = applications, assessors
        self.met = set(met)
        vocabulary = sorted({word for one in assessors for word in one["words"]})
        self.place = {word: index for index, word in enumerate(vocabulary)}
        self.word = vocabulary
        self.rarity = self._rarity()
        self.theirs, self.ours = self._vectors(applications), self._vectors(assessors)

    def scores(self) -> Floats:
        """Applications down, assessors across."""
        found = EXPERTISE * (self.theirs @ self.ours.T).toarray()
        found += np.minimum(TOPIC * self._shared("topics"), TOPICS_MOST)
        found += LANGUAGE * (self._shared("languages") > 0)
        found += FREE * np.array([one["free"] for one in self.assessors])[None, :]
        found += FRESH
        for i, j in self.met:
            found[i, j] -= FRESH
        return found

    def parts(self, i: int, j: int) -> list[tuple[str, float, str]]:
        """What the score of one pair is made of: (part, points, words); parts without points are left out, but for expertise."""
        application, person = self.applications[i], self.assessors[j]
        mine, yours = _row(self.theirs, i), _row(self.ours, j)
        shared = {self.word[at]: weight * mine[at] for at, weight in yours.items() if at in mine}
        best = sorted(shared, key=lambda word: (-shared[word], word))
        topics = sorted(set(application["topics"]) & set(person["topics"]))
        spoken = sorted(set(application["languages"]) & set(person["languages"]))
        rows = [("expertise", EXPERTISE * math.fsum(shared.values()), ", ".join(best[:NAMED]) or "no word in common")]
        rows.append(("topics", min(TOPIC * len(topics), TOPICS_MOST), ", ".join(topics)))
        rows.append(("language", LANGUAGE if spoken else 0.0, ", ".join(spoken)))
        rows.append(("time", FREE * person["free"], "there all the time" if person["free"] == 1 else "away for a part of it"))
        rows.append(("fresh eyes", 0.0 if (i, j) in self.met else FRESH, "has not assessed this company before"))
        return [(part, points, said) for part, points, said in rows if points > 0 or part == "expertise"]

    def _rarity(self) -> Floats:
        """Inverse document frequency over the applications."""
        held: Counter[str] = Counter()
        for one in self.applications:
            held.update(word for word in one["words"] if word in self.place)
        total = len(self.applications)
        return np.array([math.log((1 + total) / (1 + held[word])) + 1 for word in self.place])

    def _vectors(self, rows: Sequence[Mapping[str, Any]]) -> scipy.sparse.csr_array:
        """TF-IDF vectors of length one (or nought)."""
        values, columns, starts = [], [], [0]
        for one in rows:
            known = [(self.place[word], count) for word, count in sorted(one["words"].items()) if word in self.place]
            weights = [(1 + math.log(count)) * self.rarity[at] for at, count in known]
            length = math.sqrt(math.fsum(weight * weight for weight in weights)) or 1.0
            values += [weight / length for weight in weights]
            columns += [at for at, _ in known]
            starts.append(len(columns))
        return scipy.sparse.csr_array((values, columns, starts), shape=(len(rows), len(self.place)))

    def _shared(self, key: str) -> Floats:
        """How many topics (or languages) each pair has in common."""
        place = {name: at for at, name in enumerate(sorted({name for one in self.assessors for name in one[key]}))}
        left, right = (_incidence(rows, key, place) for rows in (self.applications, self.assessors))
        return (left @ right.T).toarray()


def _row(matrix: scipy.sparse.csr_array, at: int) -> dict[int, float]:
    """One row as column → value."""
    span = slice(matrix.indptr[at], matrix.indptr[at + 1])
    return dict(zip(matrix.indices[span].tolist(), matrix.data[span].tolist(), strict=True))


def _incidence(rows: Sequence[Mapping[str, Any]], key: str, place: Mapping[str, int]) -> scipy.sparse.csr_array:
    cells = [(i, place[name]) for i, one in enumerate(rows) for name in set(one[key]) if name in place]
    down, across = [i for i, _ in cells], [at for _, at in cells]
    return scipy.sparse.csr_array((np.ones(len(cells)), (down, across)), shape=(len(rows), len(place)))
