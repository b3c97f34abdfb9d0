"""The reference page of a programme's document, made from the models: every key with its type, its default and what it means."""

from collections.abc import Iterator
from typing import Any

from grants.definition import Definition
from grants.rules import catalogue, primer

HEAD = """# A programme's document, key by key

Made from the code by `manage.py programme reference`; editors read the same from [programme.schema.json](programme.schema.json).
Money is written “£12,500”, percentages as plain numbers, dates as 2027-03-31. Unknown keys are refused.
"""


def page() -> str:
    """The whole page, in Markdown."""
    schema = Definition.model_json_schema(mode="validation")
    parts = [HEAD, _part("The document", schema)]
    parts += [_part(_title(name), body) for name, body in sorted(schema["$defs"].items()) if body.get("type") == "object"]
    return "\n".join([*parts, *_names()])


def _part(title: str, body: dict[str, Any]) -> str:
    lines = [f"## {title}\n", _plain(body.get("description", "")), "", "| Key | Takes | Default | Meaning |", "|---|---|---|---|"]
    needed = set(body.get("required", []))
    for key, about in body.get("properties", {}).items():
        default = "needed" if key in needed else _default(about.get("default"))
        lines.append(f"| `{key}` | {_type(about)} | {default} | {_plain(about.get('description', ''))} |")
    return "\n".join([*lines, ""])


def _type(about: dict[str, Any]) -> str:
    if "$ref" in about:
        name = _title(about["$ref"].rpartition("/")[2])
        return f"[{name}](#{name.lower().replace(' ', '-')})"
    if "const" in about:
        return f"`{about['const']}`"
    if "enum" in about:
        return ", ".join(f"`{value}`" for value in about["enum"])
    for several in ("anyOf", "oneOf"):
        if several in about:
            kinds = [_type(each) for each in about[several] if each.get("type") != "null"]
            return " or ".join(dict.fromkeys(kinds))
    if about.get("type") == "array":
        return f"list of {_type(about['items'])}"
    return _limits(about)


def _limits(about: dict[str, Any]) -> str:
    words = {"string": "text", "integer": "whole number", "number": "number", "boolean": "`true` or `false`"}[about.get("type", "string")]
    if str(about.get("pattern", "")).startswith("^£"):
        return "money"
    low, high = about.get("minimum"), about.get("maximum")
    if low is not None and high is not None:
        words += f", {low} to {high}"
    return f"{words}, at most {about['maxLength']} characters" if "maxLength" in about else words


def _default(value: Any) -> str:
    match value:
        case None | [] | "":
            return "–"
        case bool():
            return f"`{str(value).lower()}`"
        case dict():
            return "as there"
        case _:
            return f"`{value}`"


def _names() -> Iterator[str]:
    yield "## What rules and conditions may name\n"
    yield "`answers.<question>` is every answer; `today` is the day. An answer to a question that was not asked is not known.\n"
    yield "Rules, conditions and calculations are written in CEL, the Common Expression Language.\n"
    yield "| Rule | What it says |\n|---|---|"
    for text, means in primer.EXAMPLES:
        yield f"| `{_plain(text)}` | {_plain(means)} |"
    yield ""
    yield "| Name | Type | Meaning |\n|---|---|---|"
    for group, facts in catalogue.GROUPS.items():
        for name, fact in facts.items():
            yield f"| `{group}.{name}` | {fact.type} | {_plain(fact.means)} |"
    yield ""


def _title(name: str) -> str:
    return "".join(f" {letter.lower()}" if letter.isupper() and place else letter for place, letter in enumerate(name))


def _plain(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")
