"""What must hold across the whole document: names that exist, sums that come out, stages in an order that can be walked."""

import re
from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import Any

from grants import places
from grants.definition import deciding_checks, expression_checks
from grants.definition.document import STAGE_ORDER, Definition
from grants.definition.form import Criterion
from grants.definition.questions import (
    Choice,
    CostTable,
    Date,
    Declaration,
    Group,
    LongText,
    MilestonePlan,
    Money,
    Several,
    Text,
    YesNo,
)
from grants.rules import catalogue, checking
from grants.rules.syntax import ExpressionRefused

Path = tuple[Any, ...]
Found = Iterator[tuple[Path, str]]


def problems(definition: Definition) -> list[tuple[Path, str]]:
    """Everything that is wrong, as (path in the document, sentence)."""
    looks = (
        _ids,
        _funding,
        _area,
        _stages,
        _expression,
        _form,
        expression_checks.problems,
        _meaning,
        _criteria,
        _assessment,
        deciding_checks.problems,
        _running,
        _domestic_inputs,
    )
    return [problem for look in looks for problem in look(definition)]


def _twice(ids: Iterable[tuple[Path, str]], what: str) -> Found:
    seen: set[str] = set()
    for path, id in ids:
        if id in seen:
            yield (*path, "id"), f"The id “{id}” is used by two {what}."
        seen.add(id)


def _each(path: Path, parts: Iterable[Any]) -> Iterator[tuple[Path, str]]:
    for index, part in enumerate(parts):
        yield (*path, index), part.id


def _ids(definition: Definition) -> Found:
    sections = definition.form.sections
    questions = [
        (("form", "sections", number, "questions", index), question.id)
        for number, section in enumerate(sections)
        for index, question in enumerate(section.questions)
    ]
    cells = [((*path, "questions", index), cell.id) for path, group in _groups(definition) for index, cell in enumerate(group.questions)]
    yield from _twice([*questions, *cells], "questions")
    yield from _twice(_each(("form", "sections"), sections), "sections")
    own = [_each(("form", "sections", number, "checks"), section.checks) for number, section in enumerate(sections)]
    agreements = [place for each in own for place in each]
    yield from _twice([*agreements, *_each(("form", "checks"), definition.form.checks)], "checks")
    yield from _twice(_each(("eligibility", "rules"), definition.eligibility.rules), "rules")
    yield from _twice(_each(("criteria",), definition.criteria), "criteria")
    yield from _twice(_each(("indicators",), definition.indicators), "indicators")
    yield from _twice(_each(("reports",), definition.reports), "reports")
    yield from _twice(_each(("delivery", "cost_categories"), definition.delivery.cost_categories), "cost categories")
    yield from _twice(_each(("award", "conditions"), definition.award.conditions), "conditions")
    yield from _twice(_each(("award", "checklist"), definition.award.checklist), "checks")
    yield from _twice(_each(("funding", "activities"), definition.funding.activities), "activities")
    for path, question in _questions(definition, with_cells=True):
        if isinstance(question, (Choice, Several)):
            yield from _twice(_each((*path, "options"), question.options), "options")


def _questions(definition: Definition, *, with_cells: bool = False) -> Iterator[tuple[Path, Any]]:
    for number, section in enumerate(definition.form.sections):
        for index, question in enumerate(section.questions):
            path = ("form", "sections", number, "questions", index)
            yield path, question
            if with_cells and isinstance(question, Group):
                yield from (((*path, "questions", place), cell) for place, cell in enumerate(question.questions))


def _groups(definition: Definition) -> Iterator[tuple[Path, Group]]:
    return ((path, question) for path, question in _questions(definition) if isinstance(question, Group))


def _funding(definition: Definition) -> Found:
    funding = definition.funding
    if funding.grant_min > funding.grant_max:
        yield ("funding", "grant_min"), "The smallest grant is larger than the largest."
    if funding.grant_max > funding.round_budget:
        yield ("funding", "round_budget"), "A round's budget does not reach for one grant of the largest size."
    known = {activity.id for activity in funding.activities}
    said: set[tuple[str, str]] = set()
    for index, rate in enumerate(funding.rates):
        for activity in rate.activities:
            if activity not in known:
                yield ("funding", "rates", index, "activities"), f"“{activity}” is not an activity of this programme."
        for size in rate.sizes:
            for activity in rate.activities or sorted(known) or [""]:
                if (size, activity) in said:
                    yield ("funding", "rates", index), f"Two rates are given for {size} companies{f' and {activity}' if activity else ''}."
                said.add((size, activity))
    if definition.route.kind != "open_call" and not definition.route.justification:
        yield ("route",), "A programme that is not an open call needs its justification (GovS 015, requirement 5)."


def _area(definition: Definition) -> Found:
    if definition.area is None:
        return
    for key in ("includes", "unsure"):
        for index, pattern in enumerate(getattr(definition.area, key)):
            if not places.is_pattern(pattern):
                yield ("area", key, index), f"“{pattern}” does not name outcodes. Write WS, DE13 or SY1-SY13."


def _stages(definition: Definition) -> Found:
    stages = definition.stages
    for needed in ("eligibility", "decision", "award", "delivery"):
        if needed not in stages:
            yield ("stages",), f"The stage “{needed}” is missing; every programme passes it."
    if len(set(stages)) < len(stages):
        yield ("stages",), "A stage is listed twice."
    for earlier, later in pairwise(stages):
        if STAGE_ORDER.index(earlier) > STAGE_ORDER.index(later):
            yield ("stages",), f"“{later}” cannot come after “{earlier}”."
    if "moderation" in stages and "assessment" not in stages:
        yield ("stages",), "There is moderation but no assessment whose scores it could look at."
    if "assessment" in stages and not (definition.assessment and definition.criteria):
        yield ("stages",), "There is an assessment stage, so the sections “assessment” and “criteria” are needed."
    if "assessment" not in stages and (definition.assessment or definition.criteria):
        yield ("stages",), "There are criteria, but no assessment stage in which they are scored."
    for name in ("interview", "demonstration"):
        if name not in stages and getattr(definition, name):
            yield (name,), f"The section “{name}” is filled in, but “{name}” is not among the stages."
    if definition.rounds.kind == "rolling" and definition.rounds.every_months is None:
        yield ("rounds",), "Rolling rounds need “every_months”."
    if definition.rounds.kind != "rolling" and definition.rounds.every_months is not None:
        yield ("rounds", "every_months"), "Only rolling rounds come every so many months."


def _expression(definition: Definition) -> Found:
    """A programme in two steps has a form for the first, which holds what lists show, and rules that read nothing else."""
    sections, rules = definition.form.sections, definition.eligibility.rules
    if "expression_of_interest" not in definition.stages:
        for number, section in enumerate(sections):
            if section.asked_in == "expression_of_interest":
                yield ("form", "sections", number, "asked_in"), "There is no stage “expression_of_interest” in which this could be asked."
        for index, rule in enumerate(rules):
            if rule.in_expression:
                yield ("eligibility", "rules", index, "in_expression"), "There is no stage “expression_of_interest” to judge by it."
        if definition.expression:
            yield ("expression",), "The section “expression” is filled in, but “expression_of_interest” is not among the stages."
        return
    if definition.expression is None:
        yield ("stages",), "There is an expression of interest, so the section “expression” is needed."
    asked = definition.expression_questions
    for name in ("title", "summary"):
        if getattr(definition.form.means, name) not in asked:
            yield (
                ("form", "means", name),
                "The expression of interest must ask this: set “asked_in: expression_of_interest” on its section.",
            )
    for index, rule in enumerate(rules):
        late = sorted(name for name in _needs(definition, rule.must) if name not in asked) if rule.in_expression else []
        if late:
            path = ("eligibility", "rules", index, "in_expression")
            yield path, f"The rule reads “{late[0]}”, which the expression of interest does not ask."


_FROM_MEANS = {
    "application.grant_pence": ("grant",),
    "application.project_pence": ("costs",),
    "application.rate_percent": ("grant", "costs"),
    "application.activity": ("activity",),
    "application.starts_on": ("starts_on",),
    "application.ends_on": ("ends_on",),
    "application.months": ("starts_on", "ends_on"),
    "company.is_insolvent": ("insolvent",),
    "subsidy.received_pence": ("assistance",),
    "subsidy.with_this_pence": ("assistance", "grant"),
    "subsidy.is_confirmed": ("declaration",),
}
"""Which of the form's meanings a fact is worked out from."""


def _needs(definition: Definition, expression: str) -> set[str]:
    """The questions that an expression rests on, directly or through what they mean. Nothing where it cannot be read."""
    try:
        references = checking.check(expression, catalogue.names(definition.answer_types)).references
    except ExpressionRefused:
        return set()
    found = {name.removeprefix("answers.") for name in references if name.startswith("answers.")}
    for name in references:
        means = ("costs",) if name.startswith("costs.") else _FROM_MEANS.get(name, ())
        found |= {question for each in means if (question := getattr(definition.form.means, each))}
    return found


def _form(definition: Definition) -> Found:
    form = definition.form
    if form.words_asked > form.words_in_all:
        yield (
            ("form", "words_in_all"),
            f"The questions allow {form.words_asked:,} words together, more than the {form.words_in_all:,} in all.",
        )
    categories = {category.id for category in definition.delivery.cost_categories}
    for path, question in _questions(definition, with_cells=True):
        if isinstance(question, CostTable):
            for category in question.categories:
                if category not in categories:
                    yield (*path, "categories"), f"“{category}” is not a cost category of the delivery section."
        if isinstance(question, MilestonePlan) and question.expected:
            total = sum(milestone.percent for milestone in question.expected)
            if total != 100:
                yield (*path, "expected"), f"The milestones' shares add up to {total} %, not 100 %."
        low, high = (getattr(question, name, None) for name in ("minimum", "maximum"))
        if low is not None and high is not None and low > high:
            yield (*path, "minimum"), "The minimum is larger than the maximum."
    for path, group in _groups(definition):
        if group.at_least > group.at_most:
            yield (*path, "at_least"), f"At least {group.at_least} and at most {group.at_most} cannot be."
        for index, cell in enumerate(group.questions):
            for key in ("when", "may_be_confidential", "published"):
                if getattr(cell, key):
                    yield (*path, "questions", index, key), "A question inside a group cannot have this. Give it to the group."


_MEANS: dict[str, tuple[type[Any], ...]] = {
    "title": (Text,),
    "summary": (LongText,),
    "grant": (Money,),
    "costs": (CostTable,),
    "milestones": (MilestonePlan,),
    "starts_on": (Date,),
    "ends_on": (Date,),
    "declaration": (Declaration,),
    "activity": (Choice,),
    "assistance": (Money,),
    "advance": (YesNo,),
    "recovers_vat": (YesNo,),
    "insolvent": (YesNo,),
}


def _meaning(definition: Definition) -> Found:
    questions: dict[str, Any] = {question.id: question for question in definition.form.questions()}
    for name, kinds in _MEANS.items():
        id = getattr(definition.form.means, name)
        if id is None:
            continue
        path = ("form", "means", name)
        if id not in questions:
            yield path, f"There is no question “{id}”."
        elif not isinstance(questions[id], kinds):
            wanted = kinds[0].model_fields["kind"].annotation.__args__[0]
            yield path, f"“{id}” is a question of kind {questions[id].kind}; {name} needs one of kind {wanted}."
    activity = definition.form.means.activity
    chosen = questions.get(activity) if activity else None
    if isinstance(chosen, Choice):
        strange = {option.id for option in chosen.options} - {each.id for each in definition.funding.activities}
        if strange:
            yield ("form", "means", "activity"), f"The option “{min(strange)}” is not one of the programme's activities."


def _criteria(definition: Definition) -> Found:
    if definition.criteria:
        total = sum(criterion.weight for criterion in definition.criteria)
        if total != 100:
            yield ("criteria",), f"The weights of the criteria add up to {total}, not 100."
    questions = set(definition.answer_types)
    for index, criterion in enumerate(definition.criteria):
        for read in criterion.reads:
            if read not in questions:
                yield ("criteria", index, "reads"), f"“{criterion.title}” reads “{read}”, which is not a question of the form."
        yield from _bands(("criteria", index, "bands"), criterion)


def _bands(path: Path, criterion: Criterion) -> Found:
    """Bands cover every mark from nothing to the maximum once."""
    covered = sorted((band.low, band.high) for band in criterion.bands)
    expected = 0
    for low, high in covered:
        if low != expected or high < low:
            yield path, f"The bands of “{criterion.title}” leave a gap or overlap at {min(low, expected)} marks."
            return
        expected = high + 1
    if expected != criterion.maximum + 1:
        yield path, f"The bands of “{criterion.title}” end at {expected - 1} marks; its maximum is {criterion.maximum}."


def _assessment(definition: Definition) -> Found:
    if definition.assessment is None:
        return
    known = {criterion.id for criterion in definition.criteria}
    fewest = definition.assessment.may_rest_on
    if fewest is not None and fewest > definition.assessment.assessors:
        yield (
            ("assessment", "may_rest_on"),
            f"A decision cannot rest on {fewest} reviews where {definition.assessment.assessors} are asked.",
        )
    for index, id in enumerate(definition.assessment.tie_break):
        if id not in known:
            yield ("assessment", "tie_break", index), f"“{id}” is not a criterion."
    for index, skill in enumerate(definition.assessment.skills):
        if skill.at_least > definition.assessment.assessors:
            yield (
                ("assessment", "skills", index),
                f"{skill.at_least} assessors must know “{skill.topic}”, but only {definition.assessment.assessors} are asked.",
            )
    read = {name for criterion in definition.criteria for name in criterion.reads}
    for index, id in enumerate(definition.assessment.hidden):
        if id not in definition.answer_types:
            yield ("assessment", "hidden", index), f"“{id}” is not a question of the form."
        elif id in read:
            yield ("assessment", "hidden", index), f"“{id}” is hidden from assessors, and a criterion reads it."
        elif id == definition.form.means.title:
            yield ("assessment", "hidden", index), f"“{id}” is the title under which assessors find an application, so it cannot be hidden."
    if definition.has_stage("moderation") and definition.assessment.moderation is None:
        yield ("assessment",), "There is a moderation stage, so “moderation” is needed here."


def _running(definition: Definition) -> Found:
    indicators = {indicator.id for indicator in definition.indicators}
    for index, report in enumerate(definition.reports):
        for asked in report.asks:
            if asked not in indicators:
                yield ("reports", index, "asks"), f"“{asked}” is not an indicator."
    delivery = definition.delivery
    categories = {category.id for category in delivery.cost_categories}
    for index, category in enumerate(delivery.cost_categories):
        if category.flat_rate and category.flat_rate.of not in categories - {category.id}:
            yield ("delivery", "cost_categories", index, "flat_rate", "of"), f"“{category.flat_rate.of}” is not another cost category."
    if delivery.payment == "advance" and delivery.advance_percent is None:
        yield ("delivery",), "Payment in advance needs “advance_percent”."
    if delivery.payment != "advance" and delivery.advance_percent is not None:
        yield ("delivery", "advance_percent"), "An advance is named, but the payment is not in advance. Write “payment: advance”."
    if delivery.vat == "irrecoverable" and not definition.form.means.recovers_vat:
        yield ("form", "means"), "VAT that companies cannot recover is paid for, so “recovers_vat” must name the question that asks it."
    if definition.form.means.advance and delivery.payment != "advance":
        yield ("form", "means", "advance"), "This asks who wants an advance, but the payment is not in advance."
    if definition.subsidy.basis == "scheme" and not definition.subsidy.scheme_number:
        yield ("subsidy",), "A subsidy scheme needs its number."


_PLACE = r"(?:UK|U\.K\.|British|Britain|England|English|domestic|local|locally|regional|region|West Midlands|Midlands)"
_INPUT = r"(?:suppliers?|supplied|goods|materials|components|parts|inputs?|content|purchas\w+|procure\w*|sourc\w+|subcontract\w*|buy\w*)"
_DOMESTIC = re.compile(
    rf"\b(?:{_PLACE}\W+(?:\w+\W+){{0,2}}?{_INPUT}|{_INPUT}\W+(?:\w+\W+){{0,4}}?(?:in|from|within|of)\W+(?:the\W+)?{_PLACE})\b",
    re.IGNORECASE,
)


def _domestic_inputs(definition: Definition) -> Found:
    """No rule or criterion of a programme of Minimal Financial Assistance may ask for domestic over imported inputs.

    Subsidy Control Act 2022 s.36(6). Found by words: what a person would write who meant it. It cannot see what is meant and not written.
    """
    if definition.subsidy.basis != "mfa":
        return
    for index, rule in enumerate(definition.eligibility.rules):
        for name in ("must", "title", "sentence"):
            yield from _domestic(("eligibility", "rules", index, name), getattr(rule, name))
    for index, criterion in enumerate(definition.criteria):
        for name in ("title", "guidance"):
            yield from _domestic(("criteria", index, name), getattr(criterion, name))
        for number, band in enumerate(criterion.bands):
            yield from _domestic(("criteria", index, "bands", number, "guidance"), band.guidance)
    for index, condition in enumerate(definition.award.conditions):
        yield from _domestic(("award", "conditions", index, "text"), condition.text)


def _domestic(path: Path, text: str) -> Found:
    found = _DOMESTIC.search(text.replace("_", " "))
    if found:
        yield (
            path,
            f"“{found[0]}”: money given as Minimal Financial Assistance may not depend on buying in the UK or the region "
            "(Subsidy Control Act 2022 s.36(6)). Take this out, or change the subsidy basis.",
        )
