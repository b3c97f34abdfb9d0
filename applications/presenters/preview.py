"""A programme's form before anybody has filled it in."""

from typing import Any

from django import forms
from django.urls import reverse

from applications.forms.fields import ROWS, field_for
from applications.forms.sections import rows_of
from grants.definition import Definition, loading
from grants.models import ProgrammeVersion


def page(version: ProgrammeVersion) -> dict[str, Any]:
    """Every section with its questions drawn as applicants get them; drafts that must still be mended can be looked at too."""
    definition, _ = loading.examine(version.document)
    return {
        "version": version,
        "definition": definition,
        "sections": [
            {"section": section, "parts": [_part(definition, question) for question in section.questions]}
            for section in definition.form.sections
        ],
        "draft_href": reverse("grants:draft", args=[version.programme.slug]),
    }


def _part(definition: Definition, question: Any) -> dict[str, Any]:
    titles = [criterion.title for criterion in definition.criteria if question.id in criterion.reads]
    part: dict[str, Any] = {"question": question, "criteria": titles, "when": question.when}
    if question.kind in ROWS:
        return part | {"table": rows_of(definition, question, stored=None, data=None)}
    if question.kind == "calculated":
        return part | {"calculated": f"Worked out: {question.value}"}
    if question.kind == "declaration":
        return part | {"statements": question.statements}
    form = forms.Form(prefix="preview")
    form.fields[question.id] = field_for(question)
    return part | {"field": form[question.id]}
