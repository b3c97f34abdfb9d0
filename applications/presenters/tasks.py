"""The task list of an application, and what stands between it and its submission."""

from typing import Any

from django.urls import reverse

from applications.reading import Reading

WORDS = {"completed": ("Completed", ""), "started": ("In progress", "active"), "not_started": ("Not yet started", "neutral")}


def tasks(reading: Reading) -> list[dict[str, Any]]:
    """One task a section that asks something beside the declaration."""
    found = []
    for asked in reading.asked:
        if all(question.kind == "declaration" for question in asked.questions):
            continue
        status, tone = WORDS[reading.status(asked)]
        found.append(
            {
                "section": asked.section.id,
                "title": asked.section.title,
                "href": reverse("applications:section", args=[reading.application.reference, asked.section.id]),
                "hint": _hint(asked),
                "status": status,
                "tone": tone,
            }
        )
    return found


def _hint(asked: Any) -> str:
    words = sum(getattr(question, "max_words", None) or 0 for question in asked.questions)
    count = sum(question.kind != "declaration" for question in asked.questions)
    return f"{count} question{'' if count == 1 else 's'}" + (f", up to {words:,} words" if words else "")


def next_section(reading: Reading, section_id: str) -> str | None:
    """The section asked after this one, if there is one to fill in."""
    ids = [asked.section.id for asked in reading.asked if any(question.kind != "declaration" for question in asked.questions)]
    after = ids[ids.index(section_id) + 1 :] if section_id in ids else []
    return after[0] if after else None


def missing(reading: Reading) -> list[dict[str, str]]:
    """What is missing by name, each with the place to mend it."""
    return [
        {
            "label": item.label,
            "sentence": item.sentence,
            "href": f"{reverse('applications:section', args=[reading.application.reference, item.section])}#id_{item.question}",
        }
        for item in reading.missing()
    ]
