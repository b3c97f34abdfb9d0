"""From text to a definition, or to the sentences that say what is wrong and on which line."""

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache, lru_cache
from typing import Any

from pydantic import BaseModel, ValidationError

from accounts.refusals import Refused
from grants.definition import base, checks, form, identity, questions, running, yaml_text
from grants.definition.document import Definition

MOST_KEPT = 200
_kept: dict[str, Definition] = {}


@dataclass(frozen=True)
class Problem:
    """One thing wrong with a document: where, on which line, and what."""

    path: str
    line: int | None
    sentence: str
    steps: tuple[Any, ...] = ()
    """The path as keys and numbers from nothing, for the builder's pages."""

    def __str__(self) -> str:
        place = f"line {self.line}" if self.line else "the document"
        return f"{place}, {self.path}: {self.sentence}" if self.path else f"{place}: {self.sentence}"


class DocumentRefused(Refused):
    """The document is not a programme. `problems` lists everything that is wrong with it."""

    code = "document_refused"

    def __init__(self, source: str, problems: Iterable[Problem]) -> None:
        self.source = source
        self.problems = list(problems)
        first = self.problems[0]
        more = f" ({len(self.problems) - 1} more)" if len(self.problems) > 1 else ""
        super().__init__(f"{source}, {first}{more}")

    def report(self) -> str:
        """Every problem on a line of its own."""
        return "\n".join(f"{self.source}, {problem}" for problem in self.problems)


@lru_cache(maxsize=32)
def parse(text: str, *, source: str = "The document") -> Definition:
    """The definition that a text holds; as it cannot be changed, one text is read once. Raises DocumentRefused with every problem found."""
    definition, found = examine(text, source=source)
    if found:
        raise DocumentRefused(source, found)
    return definition


@lru_cache(maxsize=32)
def examine(text: str, *, source: str = "The document") -> tuple[Definition, list[Problem]]:
    """The definition that a text holds and what does not hold across it yet, as of a draft being written.

    Raises DocumentRefused where it has not even the shape of a programme.
    """
    try:
        read = yaml_text.kept(text)
    except yaml_text.YamlRefused as refused:
        raise DocumentRefused(source, [Problem("", refused.line, str(refused))]) from None
    if not isinstance(read.values, dict):
        raise DocumentRefused(source, [Problem("", 1, "The document must begin with keys such as “slug:” and “name:”.")])
    if "extends" in read.values:
        sentence = "Only files extend one another. Make it whole first: manage.py programme flatten FILE."
        raise DocumentRefused(source, [Problem("extends", read.line_of(("extends",)), sentence)])
    try:
        definition = Definition.model_validate(read.values)
    except ValidationError as error:
        raise DocumentRefused(source, [_problem(each, read) for each in error.errors(include_url=False)]) from None
    return definition, [Problem(dotted(path), read.line_of(path), sentence, path) for path, sentence in checks.problems(definition)]


def sha256(text: str) -> str:
    """The hash of a document: of exactly the text that is stored."""
    return hashlib.sha256(text.encode()).hexdigest()


def parse_stored(text: str, expected: str) -> Definition:
    """A stored document. Raises DocumentRefused when the text is no longer the one that was stored."""
    if sha256(text) != expected:
        raise DocumentRefused("The stored document", [Problem("", None, "It no longer has the hash it was stored with.")])
    return parse(text, source="The stored document")


def kept(expected: str, text: Callable[[], str]) -> Definition:
    """The definition of a stored document, parsed once a process and then known by its hash; `text` fetches it."""
    found = _kept.get(expected)
    if found is None:
        found = parse_stored(text(), expected)
        if len(_kept) >= MOST_KEPT:
            _kept.clear()
        _kept[expected] = found
    return found


def _problem(error: Any, read: yaml_text.Read) -> Problem:
    path = tuple(error["loc"])
    inside = tuple(step for number, step in enumerate(path) if _is_in_text(path[:number], step, read) or number == len(path) - 1)
    return Problem(dotted(inside), read.line_of(path), sentence_of(error), inside)


def _is_in_text(before: tuple[Any, ...], step: Any, read: yaml_text.Read) -> bool:
    """Whether a step of Pydantic's path is in the document: the kind of a question is in its path but not in ours."""
    found: tuple[Any, ...] = ()
    for each in before:
        if (*found, each) in read.lines:
            found = (*found, each)
    return (*found, step) in read.lines


def dotted(path: tuple[Any, ...]) -> str:
    """`form.sections[2].questions[1].max_words`, counting from one as people do."""
    text = ""
    for step in path:
        text += f"[{step + 1}]" if isinstance(step, int) else f".{step}" if text else str(step)
    return text


def sentence_of(error: Any) -> str:
    """Pydantic's finding in our words, with the mend."""
    context = error.get("ctx", {})
    if error["input"] is None and error["type"] not in ("missing", "extra_forbidden"):
        return "Nothing stands after the colon. Write the value, or leave the line out where it is optional."
    if error["type"] in ("int_type", "int_from_float") and (mend := _whole_number(error["input"])):
        return mend
    match error["type"]:
        case "extra_forbidden":
            key = str(error["loc"][-1])
            near = get_close_matches(key, _keys(), n=1)
            return f"“{key}” is not a key here." + (f" Did you mean “{near[0]}”?" if near and near[0] != key else "")
        case "missing":
            return f"“{error['loc'][-1]}” is missing."
        case "literal_error" | "union_tag_invalid":
            allowed = context.get("expected") or context.get("expected_tags")
            given = error["input"].get("kind") if isinstance(error["input"], dict) else error["input"]
            curly = " Leave out the curly quotation marks." if str(given)[:1] in "“”‘’" else ""
            return f"“{str(given).strip('“”‘’')}” is not one of {str(allowed).replace(chr(39), '')}.{curly}"
        case "union_tag_not_found":
            return "The question has no “kind”."
        case "value_error":
            return str(context["error"])
        case "string_type":
            return "This must be text. Put it in quotation marks."
        case "int_type" | "int_from_float":
            return "This must be a whole number."
        case "bool_type":
            return "This must be true or false."
        case "list_type":
            inside = f": [{error['input']}], or" if isinstance(error["input"], str) and len(error["input"]) <= 60 else ","
            return f"This must be a list{inside} each item on a line of its own after a dash."
        case "model_type" | "model_attributes_type" | "dict_type":
            return "This must be a group of keys."
        case "string_pattern_mismatch":
            return "Write this in small letters, figures and underscores, beginning with a letter."
        case "too_short" | "string_too_short":
            return f"There must be at least {context.get('min_length')} here."
        case "too_long" | "string_too_long":
            return f"There may be at most {context.get('max_length')} here."
        case "greater_than_equal":
            return f"This must be {context['ge']} or more."
        case "less_than_equal":
            return f"This must be {context['le']} or less."
    return f"{error['msg']}."


def _whole_number(given: Any) -> str:
    """The mend where a whole number was written in another way: “25%”, "25", 20.5."""
    bare = str(given).strip().removesuffix("%").strip()
    if not isinstance(given, str) or not bare.replace(",", "").isdecimal():
        return ""
    figures = bare.replace(",", "")
    how = "without the % sign" if "%" in given else "without the comma" if "," in given else "without quotation marks"
    return f"Write {figures} {how}."


@cache
def _keys() -> list[str]:
    modules = (base, form, identity, questions, running)
    models: list[type[BaseModel]] = [
        each for module in modules for each in vars(module).values() if isinstance(each, type) and issubclass(each, BaseModel)
    ]
    models.append(Definition)
    return sorted({name for model in models for name in model.model_fields})
