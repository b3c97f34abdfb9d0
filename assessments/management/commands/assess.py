"""`manage.py assess …`: the methods of assessment on anybody's own files. See docs/assessment-methods.md."""

import ctypes
import json
import os
import sys
from argparse import ArgumentTypeError
from collections.abc import Iterator
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from assessments.methods import BadInput, allocation, draw, figures, problems, reading, selection
from assessments.methods.votes import Votes

MOST_BYTES = 200 * 1024 * 1024
MOST_SECONDS = 86_400


class Command(BaseCommand):
    help = (
        "Hold the methods of assessment against your own data: rank scores, allocate assessors, replay a draw, select within a budget. "
        "The same functions serve the application. Nothing is read from or written to the database."
    )
    requires_system_checks = ()

    def add_arguments(self, parser: Any) -> None:
        what = parser.add_subparsers(dest="what", required=True, metavar="rank|allocate|draw|select|rfc3797")
        self._add_rank(what)
        self._add_allocate(what)
        self._add_draw(what)
        self._add_select(what)
        old = what.add_parser("rfc3797", help="The list of RFC 3797 from its key string", description="The list of RFC 3797.")
        old.add_argument("--key", required=True, help="The canonical key string, as in 9319./2.5.8.10.12./9.18.26.34.41.45./")
        old.add_argument("--pool", type=int, required=True, help="How many there are to select from")
        old.add_argument("--select", type=int, required=True, dest="wanted", help="How many are selected")

    def _add_rank(self, what: Any) -> None:
        parser = what.add_parser(
            "rank",
            help="Means, adjusted scores, reliability, expected ranks and the funding line of a table of scores",
            description="Columns application, assessor, score and, with --panels, panel, in any order; lines without a score are skipped.",
        )
        parser.add_argument("file", help="A CSV file, or - for standard input")
        parser.add_argument("--scale", type=_scale, required=True, metavar="MIN:MAX", help="Lowest and highest score; write --scale=-5:5")
        parser.add_argument("--places", type=int, required=True, metavar="K", help="How many can be funded")
        parser.add_argument("--panels", action="store_true", help="Merge panels: each panel has its own level")
        parser.add_argument("--interval", type=int, default=50, metavar="PERCENT", help="The rank interval that makes the groups (50)")
        parser.add_argument("--seed", type=int, default=figures.SEED, help=f"Seed of the draws ({figures.SEED})")
        _json(parser)

    def _add_allocate(self, what: Any) -> None:
        parser = what.add_parser(
            "allocate",
            help="The best allocation of assessors to applications, exactly",
            description="A JSON object: score and conflict (a row for each application, a column for each assessor), demand, min_load, "
            "max_load; if wanted pins, balance, organisation, skills and needs, newcomers and max_newcomers.",
        )
        parser.add_argument("file", help="A JSON file, or - for standard input")
        parser.add_argument("--seconds", type=float, default=120, help="Time limit where side constraints need integer programming (120)")
        _json(parser)

    def _add_draw(self, what: Any) -> None:
        parser = what.add_parser(
            "draw",
            help="The order of a verifiable draw",
            description="Every reference gets a ticket, SHA-256(seed, 0x1f, reference); the smallest comes first. "
            "The seed is SHA-256(frozen hash, public value, secret).",
        )
        parser.add_argument("file", help="One reference a line, or a CSV with a column application; - for standard input")
        parser.add_argument("--freeze", required=True, metavar="HASH", help="The SHA-256 published before the public value existed")
        parser.add_argument("--public", required=True, metavar="VALUE", help="The public value named beforehand")
        parser.add_argument("--secret", default="", metavar="S", help="The secret committed to beforehand, if there was one")
        parser.add_argument("--places", type=int, help="How many are drawn; the next ones are reserves")
        _json(parser)

    def _add_select(self, what: Any) -> None:
        parser = what.add_parser(
            "select",
            help="What to fund within a budget",
            description="Columns application, score, cost (whole pence); if wanted must (fund or not), value (instead of "
            "(score − threshold) × cost), and any others as labels for the limits.",
        )
        parser.add_argument("file", help="A CSV file, or - for standard input")
        parser.add_argument("--budget", type=_pence, required=True, metavar="PENCE", help="Whole pence")
        parser.add_argument("--rule", choices=["top-down", "portfolio"], default="top-down", help="top-down (default) or portfolio")
        parser.add_argument("--threshold", type=_number, default=Fraction(0), help="Scores below it are not funded (0)")
        limit = "Portfolio: how many with this label, as in strand=Digital:2.. or company:..1; ends in p if in pence"
        parser.add_argument("--limit", action="append", type=_limit, default=[], metavar="LABEL[=VALUE]:MIN..MAX", help=limit)
        parser.add_argument("--scenarios", action="store_true", help="Also with 5, 10 and 20 per cent less and more")
        _json(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            with _only_our_words():
                report, lines = getattr(self, f"_{options['what']}")(options)
        except BadInput as error:
            raise CommandError(str(error)) from error
        self.stdout.write(json.dumps(report, ensure_ascii=False, indent=1) if options.get("json") else "\n".join(lines))

    def _rank(self, options: dict) -> tuple[Any, list[str]]:
        if options["places"] < 1:
            raise BadInput("--places must be 1 or more.")
        if not 1 <= options["interval"] <= 99:
            raise BadInput("--interval must lie between 1 and 99.")
        if options["seed"] < 0:
            raise BadInput("--seed must be 0 or more.")
        given, missing = reading.votes(_text(options["file"]), panels=options["panels"])
        votes = Votes.of(given, options["scale"])
        report = figures.rank(votes, places=options["places"], panels=options["panels"], seed=options["seed"], percent=options["interval"])
        report["missing"] = missing
        if missing:
            report["warnings"].append(f"{missing} {'line has' if missing == 1 else 'lines have'} no score and were left out.")
        return report, _rank_lines(report)

    def _allocate(self, options: dict) -> tuple[Any, list[str]]:
        try:
            document = json.loads(_text(options["file"]))
        except (ValueError, RecursionError) as error:
            raise BadInput(f"The file is not JSON that can be read: {error}.") from error
        if not 0 < options["seconds"] <= MOST_SECONDS:
            raise BadInput(f"--seconds must be above 0 and at most {MOST_SECONDS}.")
        found = allocation.allocate(problems.read(document), seconds=options["seconds"])
        report = {
            "pairs": [list(pair) for pair in found.pairs],
            "total": found.total,
            "feasible": found.is_feasible,
            "shortfalls": [list(one) for one in found.shortfalls],
            "loads_not_met": [list(one) for one in found.loads_not_met],
            "skills_not_met": [list(one) for one in found.skills_not_met],
            "proven": found.is_proven,
            "gap": found.gap,
        }
        lines = [f"application {i}: assessor {j}" for i, j in found.pairs]
        lines += [f"application {i} lacks {n} of its assessors" for i, n in found.shortfalls]
        lines += [f"assessor {j} has {n} fewer reviews than the least asked" for j, n in found.loads_not_met]
        lines += [f"application {i} has no assessor who knows {skill}" for i, skill in found.skills_not_met]
        proof = "proven best" if found.is_proven else f"not proven best: at most {found.gap:g} higher"
        return report, [*lines, f"total {found.total:g} ({proof})"]

    def _draw(self, options: dict) -> tuple[Any, list[str]]:
        places = options["places"]
        if places is not None and places < 1:
            raise BadInput("--places must be 1 or more.")
        tickets = draw.draw(
            reading.references(_text(options["file"])), frozen=options["freeze"], public=options["public"], secret=options["secret"]
        )
        seed = draw.seed(options["freeze"], options["public"], options["secret"]).hex()
        rows = [{"place": t.place, "reference": t.reference, "ticket": t.ticket} for t in tickets]
        report: dict[str, Any] = {"seed": seed, "tickets": rows, "order": [t.reference for t in tickets]}
        if places is not None:
            report |= {"drawn": report["order"][:places], "reserves": report["order"][places:]}
        lines = [f"{t.place:>4}  {t.reference}  {t.ticket}" for t in tickets]
        if places is not None and places < len(lines):
            lines.insert(places, "      reserves:")
        return report, [f"seed {seed}", *lines]

    def _select(self, options: dict) -> tuple[Any, list[str]]:
        items = reading.items(_text(options["file"]))
        budget, threshold, limits = options["budget"], options["threshold"], options["limit"]
        is_portfolio = options["rule"] == "portfolio"
        if limits and not is_portfolio:
            raise BadInput("Limits need --rule portfolio.")
        labels = {name for item in items for name, _ in item.labels}
        if strange := next((limit.label for limit in limits if limit.label not in labels), None):
            raise BadInput(f"There is no column “{strange}” for a limit to go by; the labels are {', '.join(sorted(labels)) or 'none'}.")
        others: list[selection.Scenario] = []
        if options["scenarios"]:
            found, others = selection.simulate(items, budget, limits, threshold, rule=options["rule"])
        else:
            found = selection.portfolio(items, budget, limits, threshold) if is_portfolio else selection.top_down(items, budget, threshold)
        report = {
            "rule": options["rule"],
            "funded": found.funded,
            "cost": found.cost,
            "budget": budget,
            "left": found.left,
            "value": float(found.value),
            "not_met": found.not_met,
            "least_missing": found.is_least,
            "tied_at_line": found.tied_at_line,
            "leapfrogs": [{"application": one.name, "score": float(one.score), "cause": one.cause} for one in found.leapfrogs],
            "prices": [
                {"limit": limit, "price": None if price is None else float(price), "proven": limit not in found.unproven_prices}
                for limit, price in found.prices
            ],
            "proven": found.is_proven,
            "gap": found.gap,
        }
        if options["scenarios"]:
            report["scenarios"] = [
                {"percent": one.percent, "funded": one.selection.funded, "entries": one.entries, "exits": one.exits,
                 "proven": one.selection.is_proven}
                for one in others
            ]  # fmt: skip
        return report, _select_lines(report)

    def _rfc3797(self, options: dict) -> tuple[Any, list[str]]:
        chosen = draw.rfc3797(options["key"], options["pool"], options["wanted"])
        return chosen, [" ".join(map(str, chosen))]


def _rank_lines(report: dict) -> list[str]:
    wide = max(11, *(len(row["application"]) for row in report["applications"]))
    lines = [f"{'application':{wide}}  {'mean':>8}  {'adjusted':>8}  {'exp. rank':>9}  {'50 %':>9}  {'90 %':>9}  {'P(fund)':>7}  group"]
    for row in report["applications"]:
        adjusted = f"{row['adjusted']:8.3f}" if row["adjusted"] is not None else f"{'–':>8}"
        half, most = (f"{row[key][0]}–{row[key][1]}" for key in ("interval_50", "interval_90"))
        lines.append(
            f"{row['application']:{wide}}  {row['mean']:8.3f}  {adjusted}  {row['expected_rank']:9.2f}  {half:>9}  {most:>9}  "
            f"{row['p_funded']:7.2f}  {row['group']}"
        )
    lines.append(f"line at expected rank {report['line']:.2f}; {report['draw']} to be drawn from the middle group")
    if report["icc"]:
        lines.append(f"ICC {report['icc']['single']:.4f} (one score), {report['icc']['mean_of_k']:.4f} (mean of {report['icc']['k']:g})")
    if report["alpha"]["interval"] is not None:
        lines.append(f"Krippendorff's alpha {report['alpha']['interval']:.4f} (interval), {report['alpha']['nominal']:.4f} (nominal)")
    return lines + report["warnings"]


def _select_lines(report: dict) -> list[str]:
    lines = [f"fund {name}" for name in report["funded"]]
    lines += [f"passed over: {one['application']} ({one['score']:g}): {one['cause']}" for one in report["leapfrogs"]]
    unsure = "" if report["least_missing"] else ", as far as was found in the time allowed"
    lines += [f"cannot be met: {one}{unsure}" for one in report["not_met"]]
    lines += [f"price of “{one['limit']}”: {_price(one)}" for one in report["prices"]]
    if report["tied_at_line"]:
        lines.append(f"equal scores at the line: {', '.join(report['tied_at_line'])}")
    for one in report.get("scenarios", []):
        moved = f"in {', '.join(one['entries']) or 'none'}; out {', '.join(one['exits']) or 'none'}"
        lines.append(f"budget {one['percent']:+d} %: {moved}{'' if one['proven'] else '; not proven best'}")
    if not report["proven"]:
        share = f"{report['gap']:.2%}" if report["gap"] >= 0.0001 else "less than 0.01%"
        lines.append(f"not proven best in the time allowed: at most {share} more value")
    return [*lines, f"{len(report['funded'])} funded, {report['cost']} of {report['budget']} pence, {report['left']} left"]


def _price(one: dict) -> str:
    if one["price"] is None:
        return "not worked out in the time allowed"
    return f"{one['price']:g}{'' if one['proven'] else ', not proven'}"


@contextmanager
def _only_our_words() -> Iterator[None]:
    """The solver's library writes a line of its own to standard output now and then; it goes to standard error, so that JSON stays JSON."""
    sys.stdout.flush()
    kept = os.dup(1)
    os.dup2(2, 1)
    try:
        yield
    finally:
        ctypes.CDLL(None).fflush(None)
        os.dup2(kept, 1)
        os.close(kept)


def _text(path: str) -> str:
    try:
        if path == "-":
            return sys.stdin.read()
        file = Path(path)
        if file.is_file() and file.stat().st_size > MOST_BYTES:
            raise BadInput(f"{path} is larger than {MOST_BYTES // 1024 // 1024} MB.")
        return file.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadInput(f"{path} is not text in UTF-8.") from error
    except OSError as error:
        raise BadInput(f"{path} cannot be read: {error.strerror}.") from error


def _number(text: str) -> Fraction:
    try:
        return Fraction(text)
    except (ValueError, ZeroDivisionError) as error:
        raise ArgumentTypeError(f"{text} is not a number") from error


def _pence(text: str) -> int:
    if not text.removeprefix("-").isdecimal():
        raise ArgumentTypeError(f"{text} is not whole pence, as in 2500000 for £25,000")
    return int(text)


def _scale(text: str) -> tuple[Fraction, Fraction]:
    low, colon, high = text.partition(":")
    if not colon:
        raise ArgumentTypeError(f"{text} is not MIN:MAX, as in 1:6")
    bounds = _number(low), _number(high)
    if bounds[0] >= bounds[1]:
        raise ArgumentTypeError(f"{text} does not rise")
    return bounds


def _limit(text: str) -> selection.Limit:
    what, colon, bounds = text.rpartition(":")
    least, dots, most = bounds.removesuffix("p").partition("..")
    if not (colon and dots and what) or not all(part.isdecimal() or not part for part in (least, most)):
        raise ArgumentTypeError(f"{text} is not LABEL[=VALUE]:MIN..MAX")
    if not least and not most:
        raise ArgumentTypeError(f"{text} bounds nothing: give MIN, MAX or both")
    if least and most and int(least) > int(most):
        raise ArgumentTypeError(f"{text} asks for at least {least} and at most {most}")
    label, _, value = what.partition("=")
    return selection.Limit(label.strip().lower(), value.strip(), int(least or 0), int(most) if most else None, bounds.endswith("p"))


def _json(parser: Any) -> None:
    parser.add_argument("--json", action="store_true", help="Print one JSON object")
