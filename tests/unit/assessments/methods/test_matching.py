"""How well assessors fit applications: parts that add up, in words."""

import pytest

from assessments.methods import matching, planning


def application(number: int, text: str, topics=(), languages=(), demand=1, needs=None) -> dict:
    return {"number": number, "words": matching.words(text), "topics": list(topics), "languages": list(languages), "demand": demand,
            "needs": needs or {}}  # fmt: skip


def assessor(number: int, topics=(), expertise="", languages=(), **about) -> dict:
    return {"number": number, "topics": list(topics), "languages": list(languages), "words": matching.profile_words(topics, expertise),
            "free": 1.0, "is_new": False, "organisation": "", "most": 5, "least": 0, **about}  # fmt: skip


def test_the_parts_of_a_score_add_up_to_it():
    applications = [application(1, "Sepsis tests for ambulances", ["sepsis"], ["welsh"]), application(2, "Soil sensors")]
    pool = [assessor(7, ["sepsis"], "ambulance trials", ["welsh"]), assessor(8, [], "soil chemistry", free=0.5)]
    match = matching.Match(applications, pool, met={(1, 1)})
    scores = match.scores()
    for i in range(2):
        for j in range(2):
            assert sum(points for _, points, _ in match.parts(i, j)) == pytest.approx(scores[i, j])
    assert scores[0, 0] > scores[0, 1]
    assert scores[1, 1] > scores[1, 0] - matching.FRESH
    assert ("topics", 8.0, "sepsis") in match.parts(0, 0)
    assert ("language", 4.0, "welsh") in match.parts(0, 0)
    assert [part for part, *_ in match.parts(1, 1)] == ["expertise", "time"]
    assert match.parts(0, 1)[0][2] == "no word in common"


def test_words_and_phrases():
    assert matching.words("Sensors, the sensor and glass") == {"sensor": 2, "glass": 1}
    assert matching.named(["point of care", "care", "car"], "A test at the Point-of-care") == ["care", "point of care"]


def test_a_plan_says_what_is_missing_by_number():
    inputs = {
        "settings": {"one_per_organisation": True, "newcomers_most": None, "least": 0, "balance": 1.0},
        "applications": [application(11, "sepsis", demand=2, needs={"law": 1}), application(12, "soil", demand=1)],
        "assessors": [assessor(5, ["sepsis"]), assessor(6, [], "soil", most=1), assessor(9, most=1), assessor(10, most=0)],
        "barred": [[11, 6, "Declared an interest."], [11, 9, "Was invited already."]],
        "pins": [[11, 5, "Invited already"]],
        "met": [],
        "left_out": [],
    }
    found = planning.work_out(inputs)
    assert [(pair["application"], pair["assessor"], pair["pinned"]) for pair in found["pairs"]] == [(11, 5, "Invited already"), (12, 6, "")]
    assert (found["shortfalls"], found["skills_not_met"], found["is_proven"]) == ([[11, 1, 0]], [[11, "law"]], True)
