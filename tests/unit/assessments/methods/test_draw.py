"""The draw, its stand-alone replay, and what moderation sees."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from assessments.methods import BadInput, draw, moderation
from assessments.methods.moderation import Review

REPLAY = Path(draw.__file__).with_name("replay_draw.py")
TEXT, FROZEN = draw.freeze(round="R1", references=["B", "A", "C"], places=1)


def record(**changes) -> dict:
    tickets = draw.draw("ABC", frozen=FROZEN, public="17 3 44", secret="s")
    return {
        "frozen": TEXT,
        "frozen_sha256": FROZEN,
        "public": "17 3 44",
        "secret": "s",
        "secret_sha256": "043a718774c572bd8a25adbeb1bfcd5c0256ae11cecf9f9c3f925d0e52beaf89",
        "tickets": [{"reference": one.reference, "ticket": one.ticket} for one in tickets],
    } | changes


def replay(content: dict, folder: Path) -> subprocess.CompletedProcess:
    (folder / "record.json").write_text(json.dumps(content))
    return subprocess.run([sys.executable, "-I", REPLAY, folder / "record.json"], capture_output=True, text=True, check=False)


def test_a_worked_draw():
    """By hand: printf of hash, value and secret through sha256sum, then of its bytes, 0x1f and the reference."""
    import hashlib

    seed = hashlib.sha256(f"{FROZEN}17 3 44s".encode()).digest()
    expected = sorted("ABC", key=lambda name: hashlib.sha256(seed + b"\x1f" + name.encode()).hexdigest())
    found = draw.draw(["C", "A", "B"], frozen=FROZEN.upper(), public="17 3 44", secret="s")
    assert [one.reference for one in found] == expected
    assert [one.place for one in found] == [1, 2, 3]


def test_the_frozen_hash_does_not_depend_on_the_order_of_the_list():
    assert draw.freeze(round="R1", references=["C", "B", "A"], places=1) == (TEXT, FROZEN)
    assert draw.freeze(round="R1", references=["A", "B", "C"], places=2)[1] != FROZEN


@pytest.mark.parametrize(
    ("references", "frozen", "public"),
    [([], FROZEN, "x"), (["A", "A"], FROZEN, "x"), (["A"], "abc", "x"), (["A"], "g" * 64, "x"), (["A"], FROZEN, " ")],
)
def test_a_draw_that_cannot_be_is_refused(references, frozen, public):
    with pytest.raises(BadInput):
        draw.draw(references, frozen=frozen, public=public)


def test_an_outsider_replays_the_draw_alone(tmp_path):
    done = replay(record(), tmp_path)
    assert done.returncode == 0, done.stdout
    assert done.stdout.count("drawn") == 1
    assert done.stdout.count("reserve") == 2


def test_the_replay_names_what_was_changed(tmp_path):
    assert "do not follow" in replay(record(public="17 3 45"), tmp_path).stdout
    assert "not the one committed" in replay(record(secret="t"), tmp_path).stdout
    assert "not have the hash" in replay(record(frozen=TEXT.replace("A", "D")), tmp_path).stdout
    done = replay({"x": 1}, tmp_path)
    assert (done.returncode, "not the record" in done.stdout) == (1, True)


def test_the_key_of_rfc_3797_and_its_limits():
    assert draw.rfc3797_key([9319, [2, 5, 12, 8, 10]]) == "9319./2.5.8.10.12./"
    assert sorted(draw.rfc3797("9319./", 5, 5)) == [1, 2, 3, 4, 5]
    with pytest.raises(BadInput):
        draw.rfc3797("9319./", 5, 6)


def named(reviews, **more) -> list[str]:
    return [one.name for one in moderation.triggers(reviews, **more)]


def scores(*values: float) -> list[Review]:
    return [Review(key, value) for key, value in enumerate(values)]


@pytest.mark.parametrize(
    ("values", "limit"), [((50, 77), 2.77), ((50, 60, 83), 3.31), ((50, 60, 70, 86), 3.63), ((50, 55, 60, 70, 88), 3.86)]
)
def test_the_limits_of_the_spread(values, limit):
    apart = max(values) - min(values)
    assert "spread" not in named(scores(*values), s=apart / limit * 1.001)
    assert "spread" in named(scores(*values), s=apart / limit * 0.999)


def test_the_limit_for_more_scores_goes_on():
    assert moderation.spread_limit(6) == pytest.approx(4.03, abs=0.01)
    assert moderation._studentised(3) == pytest.approx(3.31, abs=0.01)


def test_an_outlier_is_the_one_far_from_the_others():
    found = moderation.triggers(scores(70, 70, 40), s=9)
    assert [(one.name, one.review) for one in found if one.name == "outlier"] == [("outlier", 2)]
    assert next(one for one in found if one.name == "outlier").found == pytest.approx(30 / (9 * 1.5**0.5))


def test_without_noise_nothing_is_far():
    assert named(scores(10, 90, 50), s=0) == []
    assert named(scores(10), s=5) == []


def test_split_line_and_thin_comment():
    split = [Review(1, 70, suitable=True), Review(2, 70, suitable=False)]
    assert named(split, s=10) == ["split"]
    assert named(scores(90, 60, 61), s=100, threshold=70) == ["near_line"]
    assert moderation.triggers(scores(90, 60, 61), s=100, threshold=70)[0].review == 0
    assert named(scores(90, 85, 88), s=100, threshold=70) == []
    assert named([Review(1, 95, comment_length=20), Review(2, 60, comment_length=20)], s=100) == ["thin"]
