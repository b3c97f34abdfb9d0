"""The documented commands: their keys, and a sentence for every bad file."""

import json

import pytest
from django.core.management import CommandError, call_command

SCORES = "Assessor;score ;application;remark\nx;6;A;good\ny;5;A;\n\nx;3;B;\ny;;B;away\nz;2;B;\nx;1;C;\nz;2;C;\n"


@pytest.fixture
def assess(capsys, tmp_path):
    """Run with a file of this content."""

    def run(what: str, content: str | bytes, *args: str) -> str:
        file = tmp_path / "file"
        file.write_bytes(content if isinstance(content, bytes) else content.encode())
        call_command("assess", what, str(file), *args)
        return capsys.readouterr().out

    return run


def test_rank(assess, monkeypatch):
    monkeypatch.setattr("assessments.methods.figures.expected_rank.KEPT", 50)
    args = ("--scale", "1:6", "--places", "1", "--json")
    out = assess("rank", "\ufeff" + SCORES, *args)
    report = json.loads(out)
    assert {"application", "mean", "adjusted", "expected_rank", "interval_50", "interval_90", "group"} <= set(report["applications"][0])
    assert {"icc", "alpha", "variances", "draw"} <= set(report)
    assert report["missing"] == 1
    assert [(row["application"], row["mean"]) for row in report["applications"]] == [("A", 5.5), ("B", 2.5), ("C", 1.5)]
    rows = SCORES.strip().split("\n")
    assert assess("rank", "\n".join([rows[0], *reversed(rows[1:])]), *args) == out
    assert "to be drawn" in assess("rank", SCORES, "--scale=1:6", "--places=1", "--seed=4")


HEAD = "application,assessor,score,panel\n"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "The file is empty"),
        (" \n\n", "The file is empty"),
        (HEAD, "nothing below it"),
        (HEAD + "A,x,\n", "There is no score"),
        ("a,b\n1,2\n", "there is no column “application” and “assessor” and “score”"),
        (HEAD + "A,x,5\nB,x,abc\n", "Line 3: “abc” in the column “score” is not a number"),
        (HEAD + "A,x,5\nB,x,7\n", "Line 3: the score 7 lies outside the scale of 1 to 6"),
        (HEAD + "A,x,5\n\nA,x,4\n", "Line 4: assessor x has scored application A already, on line 2"),
        (HEAD + "A,,5\n", "Line 2: the column “assessor” is empty"),
        (HEAD + "A,x,5,p,more\n", "Line 2: there are 5 cells under 4 headings"),
        (HEAD + "A,x,inf\n", "is not a number"),
        (HEAD + "A,x,1e999999\n", "is not a number"),
        (HEAD + "A,x,1_0\n", "is not a number"),
        ("application;assessor;score\nA;x;5,5\n", "is not a number. Write decimals with a point"),
        (HEAD + 'A,"x,5\n', "Line 2: a quotation mark is opened"),
        ("score,score,application,assessor\n1,2,A,x\n", "the column “score” is there twice"),
        (b"application,assessor,score\nA,\xff,5\n", "is not text in UTF-8"),
        (b"application,assessor\0,score\n", "is not text"),
    ],
)
def test_a_bad_table_is_refused_in_a_sentence(assess, content, said):
    with pytest.raises(CommandError) as refusal:
        assess("rank", content, "--scale", "1:6", "--places", "1")
    assert said in str(refusal.value)


@pytest.mark.parametrize("args", [("--places", "0"), ("--places", "1", "--seed", "-1"), ("--places", "1", "--interval", "100")])
def test_bad_options_are_refused(assess, args):
    with pytest.raises(CommandError):
        assess("rank", SCORES, "--scale", "1:6", *args)
    with pytest.raises(CommandError, match="does not rise"):
        assess("rank", SCORES, "--scale", "6:1", "--places", "1")
    for scale in ("0:1e400", "0:1e-300", "1000000000:1000000001/1"):
        with pytest.raises(CommandError, match=r"too large or too narrow|outside the scale"):
            assess("rank", HEAD + "A,x,0\n", "--scale", scale, "--places", "1")


def test_the_line_that_spreadsheets_write_first(assess, monkeypatch):
    monkeypatch.setattr("assessments.methods.figures.expected_rank.KEPT", 50)
    out = assess("rank", "sep=;\r\napplication;assessor;score\r\nA;x;5\r\nB;x;4\r\n", "--scale=1:6", "--places=1")
    assert out.splitlines()[1].startswith("A ")
    with pytest.raises(CommandError, match="Line 3: the score 9"):
        assess("rank", "sep=;\napplication;assessor;score\nA;x;9\n", "--scale=1:6", "--places=1")


def test_panels_need_their_column(assess):
    with pytest.raises(CommandError, match="no column “panel”"):
        assess("rank", SCORES, "--scale", "1:6", "--places", "1", "--panels")


def test_allocate(assess):
    document = {"score": [[1, 5], [2, 3]], "conflict": [[0, 1], [0, 0]], "demand": [1, 2], "min_load": [0, 0], "max_load": [1, 2]}
    report = json.loads(assess("allocate", json.dumps(document), "--json"))
    assert report["feasible"] is False
    assert report["shortfalls"] in ([[0, 1]], [[1, 1]])
    assert report["total"] == sum(document["score"][i][j] for i, j in report["pairs"])
    assert "lacks 1" in assess("allocate", json.dumps(document))
    with pytest.raises(CommandError, match="not JSON"):
        assess("allocate", "{")
    with pytest.raises(CommandError, match="not JSON"):
        assess("allocate", "[" * 100_000)
    with pytest.raises(CommandError, match="--seconds"):
        assess("allocate", json.dumps(document), "--seconds", "0")


def test_draw(assess):
    args = ("--freeze", "0" * 64, "--public", "9 12 31", "--json")
    report = json.loads(assess("draw", "B\nA\n\nC\n", *args, "--places", "1"))
    assert sorted(report["order"]) == ["A", "B", "C"]
    assert (report["drawn"], report["reserves"]) == (report["order"][:1], report["order"][1:])
    assert json.loads(assess("draw", "score,application\n1,C\n2,A\n3,B\n", *args))["order"] == report["order"]
    assert json.loads(assess("draw", "A\nB\nC\n", *args, "--secret", "s"))["seed"] != report["seed"]
    with pytest.raises(CommandError, match="UTF-8"):
        assess("draw", "A\n", "--freeze", "0" * 64, "--public", "\udcff")
    with pytest.raises(CommandError, match="64 hexadecimal"):
        assess("draw", "A\n", "--freeze", "x", "--public", "y")


def test_select(assess):
    content = "score,amount_pence,application,strand\n80,100,A,x\n90,120,B,y\n70,30,C,x\n"
    report = json.loads(assess("select", content, "--budget", "150", "--json", "--scenarios"))
    assert (report["funded"], report["cost"], report["left"]) == (["B"], 120, 30)
    assert len(report["scenarios"]) == 6
    said = assess("select", content, "--budget", "150", "--rule", "portfolio", "--limit", "strand=x:2..")
    assert "passed over: B (90): It would be funded without the limit on strand x: at least 2." in said
    for bad in (
        "score,cost,application\n1,1.5,A\n",
        "score,cost,application\n1,1,A\n1,1,A\n",
        "score,cost,application,must\n1,1,A,maybe\n",
    ):
        with pytest.raises(CommandError, match=r"^Line "):
            assess("select", bad, "--budget", "10")
    with pytest.raises(CommandError, match="portfolio"):
        assess("select", content, "--budget", "150", "--limit", "strand=x:2..")
    with pytest.raises(CommandError, match="There is no column “county” for a limit to go by"):
        assess("select", content, "--budget", "150", "--rule", "portfolio", "--limit", "county:2..")
    for nothing in ("strand=x:..", "strand=x:..p", "strand=x:3..1"):
        with pytest.raises(CommandError, match=r"bounds nothing|at least 3 and at most 1"):
            assess("select", content, "--budget", "150", "--rule", "portfolio", "--limit", nothing)
    with pytest.raises(CommandError, match="A must be funded: only a portfolio"):
        assess("select", "score,cost,application,must\n1,1,A,fund\n", "--budget", "10")
    with pytest.raises(CommandError, match="not whole pence"):
        assess("select", content, "--budget", "£150")


def test_rfc3797(capsys):
    call_command("assess", "rfc3797", "--key", "9319./", "--pool", "3", "--select", "3")
    assert sorted(capsys.readouterr().out.split()) == ["1", "2", "3"]
