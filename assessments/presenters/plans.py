"""Allocation plans as officers see them: what is missing, who gets how much, every pair with its reason."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from django.urls import reverse

from accounts.models import Person
from applications.models import Application
from assessments.fitting import Cell
from assessments.methods import planning
from assessments.models import Assessment, Run
from design.looks import Choice
from design.words import moment_in_words
from grants.models import Round

NUMBER = "numeric"
PLAN_COLUMNS = [
    "Worked out", "By", {"label": "Applications", NUMBER: True}, {"label": "Pairs", NUMBER: True}, "Optimum",
    {"label": "Invited", NUMBER: True},
]  # fmt: skip
PAIR_COLUMNS = ["Application", "Assessor", {"label": "Fit of 100", NUMBER: True}, "Why", "State"]
LOAD_COLUMNS = [
    "Assessor", *({"label": label, NUMBER: True} for label in ("Has now", "Planned", "In all", "At most", "Hours to come")),
]  # fmt: skip
BEST = 15
"""So many assessors are offered for an application beside those in the plan."""


def plan_rows(plans: Iterable[Run], sent: Mapping[int, int]) -> list[list[Any]]:
    """The plans of a round, the last first."""
    return [
        [
            {
                "text": moment_in_words(one.finished_at)
                if one.finished_at
                else "Failed"
                if one.failure
                else f"Under way, {one.progress} %",
                "href": reverse("assessments:plan", args=[one.round.reference, one.pk]),
            },
            one.requested_by.name,
            len(one.inputs["applications"]),
            len(one.outcome["pairs"]) if one.outcome else "",
            optimum(one) if one.outcome else "",
            sent.get(one.pk, 0),
        ]
        for one in plans
    ]


def optimum(run: Run) -> str:
    """How sure the plan is, in a word or two."""
    if run.figures["is_proven"]:
        return "Proven"
    gap = run.figures["gap"]
    return f"Within {gap:g} points" if gap is not None else "Not proven"


def verdict(run: Run) -> str:
    """How sure the plan is, in a sentence."""
    found = run.figures
    if found["is_proven"]:
        return f"No other allocation fits better under these rules: {found['total']:,.1f} points in all, proven."
    if found["gap"] is None:
        return f"{found['total']:,.1f} points in all. The time allowed ran out before it was proven that nothing fits better."
    return f"{found['total']:,.1f} points in all. The time allowed ran out: another could fit better by {found['gap']:g} points at most."


def missing(run: Run, references: Mapping[int, str], names: Mapping[int, str]) -> list[str]:
    """What the plan could not meet, by name; applications that the reader may not see are left out."""
    found = run.figures
    said = [
        f"{references[pk]} lacks {n} {'assessor' if n == 1 else 'assessors'}: {able or 'nobody'} of the pool may be asked for it."
        for pk, n, able in found["shortfalls"]
        if pk in references
    ]
    if found["shortfalls"]:
        planned = Counter(pair["assessor"] for pair in found["pairs"])
        room = sum(one["most"] > planned[one["number"]] for one in run.inputs["assessors"])
        said.append(f"{room or 'None'} of the pool {'has' if room == 1 else 'have'} room for another review once this plan is sent.")
    said += [f"{references[pk]} has too few assessors who know “{skill}”." for pk, skill in found["skills_not_met"] if pk in references]
    said += [f"{names.get(person, 'An assessor')} gets {n} fewer than the least you asked for." for person, n in found["loads_not_met"]]
    return said


def workload(run: Run, pairs: Mapping[Cell, str], names: Mapping[int, str], minutes: int) -> list[list[Any]]:
    """Who has how many reviews now and would have, the heaviest first; everybody in the pool."""
    held = Counter(person for _, person, said in run.inputs["pins"] if said == "Invited already")
    planned = Counter(person for _, person in pairs)
    rows = []
    for one in run.inputs["assessors"]:
        now = one["elsewhere"] + held[one["number"]]
        new = planned[one["number"]] - held[one["number"]]
        rows.append(
            (names.get(one["number"], "?"), now, new, now + new, max(one["elsewhere"] + one["most"], now), f"{new * minutes / 60:.1f}")
        )
    return [list(row) for row in sorted(rows, key=lambda row: (-row[3], row[0]))]


def pair_rows(
    run: Run, applications: Sequence[Application], pairs: Mapping[Cell, str], names: Mapping[int, str], may_change: bool
) -> list[list[Any]]:
    """A row for each pair of these applications, with its reason and how far it is."""
    scores = {(pair["application"], pair["assessor"]): pair for pair in run.figures["pairs"]}
    live = {
        (one.application_id, one.assessor_id): one.state_now.label
        for one in Assessment.objects.asked().filter(application__in=applications).order_by("pk")
    }
    by_application: dict[int, list[int]] = defaultdict(list)
    for number, person in pairs:
        by_application[number].append(person)
    rows = []
    for application in applications:
        href = reverse("assessments:plan_item", args=[run.round.reference, run.pk, application.reference]) if may_change else ""
        heads: dict[str, Any] = {"text": application.reference, "href": href, "hint": application.title}
        for person in sorted(by_application[application.pk], key=lambda one: names.get(one, "")):
            pair, cell = scores.get((application.pk, person)), (application.pk, person)
            by_hand = not pairs[cell][:1].isdigit() and "of 100" not in pairs[cell]
            fit = f"{pair['score']:.0f}" if pair and not by_hand else "–"
            rows.append([heads, names.get(person, "?"), fit, _reason(pairs[cell]), live.get(cell, "By hand" if by_hand else "Planned")])
        if not by_application[application.pk]:
            rows.append([heads, "Nobody found", "–", "", ""])
    return rows


def _reason(why: str) -> str:
    return why.partition(" of 100: ")[2].capitalize() or why


def stats(run: Run, pairs: Collection[Cell], sent: int, minutes: int) -> list[dict[str, Any]]:
    """The plan at a glance."""
    held = sum(said == "Invited already" for *_, said in run.inputs["pins"])
    people = {person for _, person in pairs}
    return [
        {"value": len(run.inputs["applications"]), "label": "Applications with open places"},
        {"value": len(pairs) - held, "label": "Invitations in the plan", "note": f"{sent} sent"},
        {"value": len(people), "label": "Assessors with a review", "note": f"{len(planning.with_room(run.inputs))} have room now"},
        {"value": f"{(len(pairs) - held) * minutes / 60:,.0f}", "label": "Hours of reading in all", "note": f"{minutes} minutes a review"},
    ]


def left_out(run: Run, names: Mapping[int, str]) -> list[str]:
    """Who of the pool cannot be asked at all, and why."""
    return [f"{names.get(person, '?')}: {why}" for person, why in run.inputs["left_out"]]


def settings(run: Run) -> list[tuple[str, Any]]:
    """What the plan was worked out with, and from what."""
    chosen = run.inputs["settings"]
    newcomers = chosen["newcomers_most"]
    return [
        ("One assessor of an employer at most", "Yes" if chosen["one_per_organisation"] else "No"),
        ("Newcomers on an application", "Any number" if newcomers is None else f"{newcomers} at most"),
        ("Reviews for each assessor, at least", chosen["least"]),
        ("What a further review costs", f"{chosen['balance']:g} of 100 points"),
        ("Asked for", f"{run.requested_by.name}, {moment_in_words(run.requested_at)}"),
        ("Method and inputs", f"{run.method_version}, {run.inputs_sha256[:16]}"),
    ]


def changes(run: Run) -> list[str]:
    """What was changed by hand, in order."""
    made = run.changes.select_related("application", "person", "made_by").order_by("pk")
    return [
        f"{one.application.reference}: {one.person.name} {'put in' if one.is_in else 'taken out'} by {one.made_by.name}, "
        f"{moment_in_words(one.made_at)}: {one.reason}"
        for one in made
    ]


def choices(run: Run, application: Application, pairs: Collection[Cell], names: Mapping[int, str], invited: set[int]) -> list[Any]:
    """Those in the plan for the open places of an application, then the best of the others, with what makes their fit."""
    match, numbers = planning.match_of(run.inputs), [one["number"] for one in run.inputs["assessors"]]
    row = [one["number"] for one in run.inputs["applications"]].index(application.pk)
    barred = {
        person for pk, person, why in run.inputs["barred"] if pk == application.pk and not why.startswith("Taken out by hand")
    } | invited  # fmt: skip
    chosen = {person for pk, person in pairs if pk == application.pk}
    asked = (planning.with_room(run.inputs) | chosen) - barred
    fit = {number: match.parts(row, column) for column, number in enumerate(numbers) if number in asked}
    order = sorted(fit, key=lambda person: (person not in chosen, -sum(points for _, points, _ in fit[person]), person))
    return [(str(person), Choice(names.get(person, "?"), hint=_fit(fit[person]))) for person in order[: len(chosen) + BEST]]


def _fit(parts: Sequence[tuple[str, float, str]]) -> str:
    said = ", ".join(f"{part} {points:.0f}" + (f" ({words})" if words else "") for part, points, words in parts)
    return f"{sum(points for _, points, _ in parts):.0f} of 100: {said}"


def barred(run: Run, application: Application, names: Mapping[int, str]) -> list[tuple[str, str]]:
    """Who may not be asked for an application, and why."""
    return [(names.get(person, "?"), why) for pk, person, why in run.inputs["barred"] if pk == application.pk]


def names_of(run: Run) -> dict[int, str]:
    """Everybody whom the plan's inputs or its changes know."""
    people = {one["number"] for one in run.inputs["assessors"]} | {person for person, _ in run.inputs["left_out"]}
    return dict(Person.objects.filter(pk__in=people).values_list("pk", "name"))


def sent_of(round: Round) -> Counter[int]:
    """Invitations sent, by plan."""
    return Counter(
        plan for plan in Assessment.objects.filter(application__round=round, plan__isnull=False).values_list("plan_id", flat=True) if plan
    )
