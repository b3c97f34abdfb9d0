"""What a question asks for, in words: its limits, and what there is to choose from."""

from typing import Any

from grants.definition import Definition
from grants.definition.questions import (
    Calculated,
    Choice,
    CostTable,
    File,
    Group,
    LongText,
    MilestonePlan,
    Money,
    Number,
    Several,
    SicCodes,
    Text,
)
from grants.definition.running import CostCategory


def limits(question: Any) -> str:
    """How much may be answered, whether it must be, and what becomes of the answer."""
    said = [] if question.required else ["Optional"]
    match question:
        case Text():
            said.append(f"Up to {question.max_characters} characters")
        case LongText():
            said.append(f"Up to {question.max_words} words")
        case Money() | Number():
            said.append("Amount in pounds" if isinstance(question, Money) else f"Number{f' of {question.unit}' if question.unit else ''}")
        case File():
            files = "file" if question.at_most == 1 else "files"
            kinds = " or ".join(kind.upper() for kind in question.types)
            said.append(f"{question.at_most} {files}, {kinds}, at most {question.max_megabytes} MB each")
        case Calculated():
            return "Worked out from what you answer"
        case SicCodes():
            said.append(f"Up to {question.at_most} codes")
        case Group():
            asked = "; ".join(cell.label + (f" ({about})" if (about := limits(cell)) else "") for cell in question.questions)
            said.append(f"{question.at_least} to {question.at_most}, for each {question.row}: {asked}")
        case MilestonePlan():
            count = f"Up to {question.at_most} milestones" if not question.expected else ""
            of = "These milestones and shares stay as they are" if question.is_fixed else "We expect these; you may propose others"
            said.append(count or of)
            said.append("For each: what will be delivered, how one sees that it is, the month, and its share of the grant, 100 % in all")
        case CostTable():
            said.append("For each cost: its kind, what it is, and the amount")
    if question.when:
        said.append("Asked only where it applies")
    if question.published:
        said.append("We publish this")
    if question.may_be_confidential:
        said.append("You may mark it as confidential")
    return ". ".join(said)


def options(definition: Definition, question: Any) -> list[str]:
    """What there is to choose from: of a cost table the kinds of cost, of a plan the milestones that are expected."""
    match question:
        case Choice() | Several():
            return [option.label for option in question.options]
        case CostTable():
            kinds = definition.delivery.cost_categories
            return [_kind_of_cost(kind) for kind in kinds if not question.categories or kind.id in question.categories]
        case MilestonePlan():
            return [f"{one.title}, {one.percent} %" + (f": {one.deliverable}" if one.deliverable else "") for one in question.expected]
    return []


def _kind_of_cost(kind: CostCategory) -> str:
    """`Equipment: bought or hired for the project (at most 30 % of the eligible cost)`."""
    guidance = f": {kind.guidance.rstrip('.')}" if kind.guidance else ""
    if not kind.is_eligible:
        return f"{kind.title}{guidance} (we do not pay for it)"
    return f"{kind.title}{guidance}" + (f" (at most {kind.cap_percent} % of the eligible cost)" if kind.cap_percent else "")
