"""Selection scenarios: worked out as often as wanted, one of them frozen as the evidence that decisions rest on."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

import rfc8785
from django.db import transaction
from django.utils.timezone import localdate

from accounts.access import require
from accounts.models import Person
from accounts.refusals import NotAllowedNow, Refused
from accounts.roles import Permission
from applications.models import Answer
from applications.models.companies import know_related
from assessments import jobs, standings
from assessments.actions import runs
from assessments.methods.figures import FEW
from assessments.models import Draw, Run
from assessments.scheme import scheme_of
from assessments.standings import Standing
from audit import trail
from grants.definition.form import PortfolioLimit
from grants.definition.questions import Choice
from grants.models import Budget, Round

SEED = 0
LABELS = {"place": "place", "postcode_area": "postcode area", "size": "company size"}


@dataclass(frozen=True)
class Settings:
    """What is asked of a scenario. `limits`: dicts of `label value least most is_pence`; `must` and `must_not`: references."""

    budget_pence: int
    rule: str = "top-down"
    limits: tuple[dict[str, Any], ...] = ()
    must: tuple[str, ...] = ()
    must_not: tuple[str, ...] = ()


@dataclass(frozen=True)
class Chosen:
    """What the frozen scenario funds, and how a decision names it."""

    run: Run
    funded: frozenset[str]
    said: str
    equals: frozenset[str] = frozenset()
    """Those at the line whom nothing that was declared tells apart: neither funded by it nor passed over."""


def rule_of(round: Round) -> str:
    """The rule that the programme declared beforehand."""
    stage = round.definition.assessment
    return "portfolio" if stage is not None and stage.selection == "portfolio" else "top-down"


def declared(round: Round) -> tuple[dict[str, Any], ...]:
    """The limits of the portfolio that the programme declared beforehand, as a scenario's settings name them."""
    stage = round.definition.assessment
    found = []
    for one in stage.portfolio if stage is not None else []:
        of = _by_answer(round, one) if one.by == "answer" else {"label": one.by, "value": one.value or ""}
        if one.at_least is not None or one.at_most is not None:
            found.append({**of, "least": one.at_least or 0, "most": one.at_most})
        if one.share_at_least is not None or one.share_at_most is not None:
            found.append({**of, "least": one.share_at_least or 0, "most": one.share_at_most, "is_percent": True})
    return tuple(found)


def _by_answer(round: Round, limit: PortfolioLimit) -> dict[str, str]:
    """A limit by what was chosen in the form, in the words of the form."""
    asked = limit.question or ""
    value = _titles(round, asked)[limit.value] if limit.value else ""
    return {"label": f"answer:{asked}", "value": value, "shown": f"answer to “{round.definition.form.question(asked).label}”"}


def _titles(round: Round, id: str) -> dict[str, str]:
    """The options of a question, as the form words them."""
    question = round.definition.form.question(id)
    return {option.id: option.label for option in question.options} if isinstance(question, Choice) else {}


def request(*, round: Round, settings: Settings, by: Person, at: datetime) -> Run:
    """Have a scenario worked out over the ranking as it stands; down a list at once, a portfolio in the background.

    Raises Denied; Refused (unknown references, a rule or limits that the programme did not declare), NotAllowedNow (nothing ranked).
    """
    require(by, Permission.DECISION_PROPOSE, on=round)
    ranked = standings.of_round(round)
    if not ranked:
        raise NotAllowedNow("Scoring of no application is closed yet, so there is nothing to select from.", code="nothing_ranked")
    _check(round, settings, ranked)
    if settings.rule == "portfolio":
        own = declared(round)
        settings = replace(settings, limits=(*own, *(limit for limit in settings.limits if limit not in own)))
    with transaction.atomic():
        Budget.objects.select_for_update(no_key=True).get(round=round)
        inputs = {"settings": _plain(settings), **inputs_of(round, ranked, settings)}
        run = runs.start(round=round, kind=Run.Kind.SELECTION, inputs=inputs, seed=SEED, by=by, at=at)
    return jobs.done_now(run, at=at) if settings.rule == "top-down" else run


def freeze(*, run: Run, reason: str, by: Person, at: datetime) -> Run:
    """Choose a scenario as the evidence for decisions; what was frozen before stays on file and is overtaken.

    Raises Denied, Refused (no reason), NotAllowedNow (not worked out, frozen already, the ranking has changed since).
    """
    require(by, Permission.DECISION_PROPOSE, on=run.round)
    if not reason.strip():
        raise Refused("Say why this scenario is chosen.", code="reason_missing", field="reason")
    with transaction.atomic():
        fresh = Run.objects.select_for_update(of=("self",)).select_related("round__programme").get(pk=run.pk)
        if fresh.outcome is None:
            raise NotAllowedNow("This scenario is not worked out yet.", code="not_finished")
        if fresh.frozen_at is not None:
            raise NotAllowedNow("This scenario is frozen already.", code="frozen")
        if is_stale(fresh):
            raise NotAllowedNow("Scores or amounts have changed since this was worked out. Work it out again.", code="run_stale")
        fresh.frozen_at, fresh.frozen_by, fresh.frozen_reason = at, by, reason.strip()
        fresh.evidence_sha256 = hashlib.sha256(rfc8785.dumps({"inputs": fresh.inputs, "outcome": fresh.outcome})).hexdigest()
        fresh.save(update_fields=["frozen_at", "frozen_by", "frozen_reason", "evidence_sha256"])
        trail.record(
            stream=fresh.round.stream,
            kind="round.scenario_frozen",
            actor=by.pk,
            at=at,
            subject=f"assessments.run:{fresh.pk}",
            after={"run": fresh.pk, "evidence_sha256": fresh.evidence_sha256, "funded": len(fresh.figures["funded"])},
            personal={"reason": fresh.frozen_reason},
        )
    return fresh


def chosen(round: Round, ranked: Sequence[Standing]) -> Chosen | None:
    """What the frozen scenario says, where there is one. Raises NotAllowedNow once the ranking it rests on has changed, and before the draw
    that the programme declared has been held between equals at the line."""
    run, drawn = Run.objects.frozen(round), Draw.objects.last_drawn(round)
    if drawn is not None and run is not None and drawn.run_id != run.pk and not _is_later(drawn, run):
        drawn = None
    base = drawn.run if drawn else run
    if base is None:
        return None
    if _is_overtaken(base, ranked):
        raise NotAllowedNow(
            "Scores or amounts have changed since the selection was frozen. Work the selection out again and freeze it.", code="run_stale"
        )
    if drawn is not None:
        return _by_draw(drawn)
    if base.figures["tied_at_line"] and draws_at_line(round) and len(base.inputs["items"]) >= FEW:
        raise NotAllowedNow(
            "The line runs between equals, and the programme declared that a draw decides between them. Hold the draw first.",
            code="draw_first",
        )
    said = f"the scenario frozen as evidence (run {base.pk}, {base.evidence_sha256[:12]})."
    return Chosen(base, frozenset(base.figures["funded"]), said, frozenset(base.figures["tied_at_line"]))


def draws_at_line(round: Round) -> bool:
    """Whether the programme declared beforehand that it draws between equals at the line."""
    stage = round.definition.assessment
    return stage is not None and stage.selection == "random_at_line"


def _is_later(drawn: Draw, run: Run) -> bool:
    return drawn.drawn_at is not None and run.frozen_at is not None and drawn.drawn_at > run.frozen_at


def _is_overtaken(run: Run, ranked: Sequence[Standing]) -> bool:
    if run.kind == Run.Kind.FIGURES:
        return run.inputs_sha256 != runs.digest(runs.inputs_of(run.round))
    return _rests_on(run.inputs) != _rests_on(inputs_of(run.round, ranked, None))


def _by_draw(drawn: Draw) -> Chosen:
    """Who is funded outright and who was drawn."""
    places = json.loads(drawn.frozen)["places"]
    tickets = sorted(drawn.tickets or [], key=lambda ticket: ticket["place"])
    funded = frozenset([*drawn.outright, *(ticket["reference"] for ticket in tickets[:places])])
    return Chosen(drawn.run, funded, f"the selection that the public draw {drawn.frozen_sha256[:12]} completed.")


def is_stale(run: Run) -> bool:
    """Whether the ranking that a scenario rests on has changed since."""
    return _rests_on(run.inputs) != _rests_on(inputs_of(run.round, standings.of_round(run.round), None))


def inputs_of(round: Round, ranked: Sequence[Standing], settings: Settings | None) -> dict[str, Any]:
    """The ranking as it stands: scores as exact fractions, what each asks for, what limits may speak of."""
    must = set(settings.must) if settings else set()
    never = set(settings.must_not) if settings else set()
    threshold = scheme_of(round.version).threshold
    answers = _answers(round, ranked)
    know_related(one.application.company for one in ranked)
    return {
        "round": round.reference,
        "threshold": [threshold.numerator, threshold.denominator],
        "items": [
            {
                "reference": one.application.reference,
                "rank": one.rank,
                "score": [one.figures.mean.numerator, one.figures.mean.denominator],
                "cost_pence": one.application.grant_requested_pence or 0,
                "meets": one.meets_threshold,
                "labels": {
                    "place": one.application.company.region,
                    "postcode_area": area_of(one.application.company.postcode),
                    "size": one.application.company.size_by(round.definition.size_rule, on=localdate(one.application.submitted_at)),
                    "company": one.application.company.group_key,
                    **answers.get(one.application.pk, {}),
                },
                "must": "fund" if one.application.reference in must else "not" if one.application.reference in never else "",
            }
            for one in ranked
        ],
    }


def _answers(round: Round, ranked: Sequence[Standing]) -> dict[int, dict[str, str]]:
    """By application what it chose in the questions that limits go by, in the words of the form."""
    stage = round.definition.assessment
    asked = {one.question for one in stage.portfolio if one.question} if stage is not None else set()
    found: dict[int, dict[str, str]] = {}
    if not asked:
        return found
    titles = {id: _titles(round, id) for id in asked}
    rows = Answer.objects.filter(application__in=[one.application.pk for one in ranked], question__in=asked)
    for application, question, value in rows.values_list("application_id", "question", "value"):
        found.setdefault(application, {})[f"answer:{question}"] = titles[question].get(str(value), str(value))
    return found


def area_of(postcode: str) -> str:
    """The letters that a postcode begins with."""
    return postcode[: next((place for place, letter in enumerate(postcode) if not letter.isalpha()), len(postcode))].upper()


def _rests_on(inputs: dict[str, Any]) -> list[Any]:
    """What makes a scenario stale when it changes: not who must be funded, nor a decision that follows from it."""
    return [inputs["threshold"], [[one[key] for key in ("reference", "rank", "score", "cost_pence", "meets")] for one in inputs["items"]]]


def _plain(settings: Settings) -> dict[str, Any]:
    return {name: list(value) if isinstance(value, tuple) else value for name, value in asdict(settings).items()}


def _check(round: Round, settings: Settings, ranked: Sequence[Standing]) -> None:
    """The rule is the declared one, and every reference is known."""
    if settings.rule == "portfolio":
        if rule_of(round) != "portfolio":
            raise Refused("This programme declared that it selects in the order of scores.", code="rule_not_declared", field="rule")
        if len(ranked) < FEW:
            raise Refused(f"A portfolio is worked out from {FEW} applications on.", code="too_few", field="rule")
    elif settings.limits or settings.must:
        raise Refused("Limits, and what must be funded, belong to a portfolio.", code="rule_not_declared", field="rule")
    known = {one.application.reference for one in ranked}
    for field in ("must", "must_not"):
        strange = [name for name in getattr(settings, field) if name not in known]
        if strange:
            raise Refused(f"{', '.join(strange)}: not in this ranking.", code="reference_unknown", field=field)
