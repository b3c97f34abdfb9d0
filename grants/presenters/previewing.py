"""A draft as those see it for whom it is written."""

from typing import Any

from grants.presenters import public
from grants.presenters.builder import Draft


def assessor_page(draft: Draft) -> dict[str, Any]:
    """Each criterion with the questions whose answers are read for it, and what the marks mean."""
    definition = draft.definition
    asked = {question.id: question for question in definition.form.questions()}
    read = {id for criterion in definition.criteria for id in criterion.reads}
    hidden = set(definition.assessment.hidden) if definition.assessment else set()
    return {
        "criteria": [
            {
                "criterion": criterion,
                "share": f"{criterion.weight} % of the total",
                "questions": [asked[id] for id in criterion.reads if id in asked],
                "bands": public.bands(criterion),
            }
            for criterion in definition.criteria
        ],
        "band_columns": public.COLUMNS["band_columns"],
        "rest": [question for id, question in asked.items() if id not in read and id not in hidden],
        "hidden": [asked[id] for id in asked if id in hidden],
        "assessment": definition.assessment,
    }
