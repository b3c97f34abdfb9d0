"""What a big programme costs to check, and how fast its rules are: no database.

    python benchmarks/definitions.py [questions]        (300 unless told)

Takes DIAGCOMM, gives its form so many questions of every simple kind in sections of twenty, every third with a condition on an earlier
answer, every section with a check, and forty rules more. Times reading and checking the whole document from its text, and a thousand
evaluations of one rule as a submission makes them, all rules in turn. Prints a table and writes it into docs/performance.md.
"""

import logging
import os
import platform
import sys
from datetime import UTC, datetime
from statistics import median
from time import perf_counter
from typing import Any

import _bench as bench

QUESTIONS = int(sys.argv[1]) if len(sys.argv) > 1 else 300
SECTION = 20
RULES = 40
TIMES = 7
KINDS: tuple[tuple[str, dict[str, Any], Any], ...] = (
    ("number", {"minimum": 0}, 5),
    ("yes_no", {}, True),
    ("money", {}, 1_250_00),
    ("text", {"max_characters": 100}, "Some words"),
    ("percent", {}, "12.5"),
    ("choice", {"options": [{"id": "one", "label": "One"}, {"id": "two", "label": "Two"}]}, "one"),
)


def document() -> tuple[str, dict[str, Any]]:
    """The text, and an answer to each of its questions."""
    import yaml

    values = yaml.safe_load((bench.ROOT / "programmes" / "diagcomm.yaml").read_text())
    sections, answers = values["form"]["sections"], {}
    missing = QUESTIONS - sum(len(section["questions"]) for section in sections)
    for start in range(0, missing, SECTION):
        asked = [_question(number, answers) for number in range(start, min(start + SECTION, missing))]
        check = {
            "id": f"check_{start}",
            "code": "wrong",
            "must": f"answers.q{start} >= 0",
            "sentence": f"{{answers.q{start}}}?",
        }
        sections.insert(-1, {"id": f"part_{start}", "title": f"Part {start}", "questions": asked, "checks": [check]})
    for number in range(RULES):
        must = f"answers.q{number * 6} >= 0 && (answers.q{number * 6 + 1} || application.grant_pence > 0)"
        rule = {"id": f"rule_{number}", "code": "wrong", "title": "A rule.", "must": must, "on_fail": "refer", "sentence": "It fails."}
        values["eligibility"]["rules"].append(rule)
    return yaml.safe_dump(values, sort_keys=False, allow_unicode=True), answers


def _question(number: int, answers: dict[str, Any]) -> dict[str, Any]:
    kind, own, answer = KINDS[number % len(KINDS)]
    answers[f"q{number}"] = float(answer) if kind == "percent" else answer
    when = {"when": f"answers.q{number // 6 * 6 - 6} >= 0"} if number >= 6 and number % 3 == 2 else {}
    return {"id": f"q{number}", "kind": kind, "label": f"Question {number}?", **own, **when}


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    os.environ.setdefault("DEMO", "1")
    import django

    django.setup()
    logging.disable(logging.WARNING)
    from grants.definition import loading
    from grants.rules import evaluate
    from grants.rules.evaluation import compiled

    text, answers = document()
    definition, problems = loading.examine(text)
    if problems:
        raise SystemExit(f"The document made up is no programme: {problems[0]}")
    rules = definition.eligibility.rules
    facts = {"answers": answers, "application": {"grant_pence": 2_000_000}, "company": {"status": "active", "legal_form": "limited"}}
    seconds: dict[str, list[float]] = {"read": [], "rules": []}
    for _ in range(TIMES):
        _forget()
        began = perf_counter()
        loading.examine(text)
        seconds["read"].append(perf_counter() - began)
        for rule in rules:
            compiled(rule.must)
        began, done = perf_counter(), 0
        while done < 1_000:
            done += len(evaluate(rules, facts))
        seconds["rules"].append((perf_counter() - began) * 1_000 / done)
    asked = len(list(definition.form.questions()))
    rows = [
        f"| Read and check a document of {asked} questions and {len(rules)} rules | {median(seconds['read']):.2f} s |",
        f"| 1,000 evaluations of a rule, {len(rules)} at a time on {asked} answers | {median(seconds['rules']) * 1_000:.0f} ms |",
    ]
    cores = len(os.sched_getaffinity(0))
    where = (
        f"Median of {TIMES}, measured on {cores} cores, {platform.system()}, Python {platform.python_version()}, on "
        f"{datetime.now(UTC):%-d %B %Y}; load {os.getloadavg()[0]:.0f} at the end."
    )
    bench.publish("definitions", "\n".join(["| What | Time |", "|---|---:|", *rows, "", where]))


def _forget() -> None:
    """As in a process that has never seen the text, nor its expressions."""
    from grants.definition import loading, yaml_text
    from grants.rules import evaluation

    for kept in (loading.examine, yaml_text.kept, evaluation.compiled):
        kept.cache_clear()


if __name__ == "__main__":
    main()
