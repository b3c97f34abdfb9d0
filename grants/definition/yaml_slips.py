"""What somebody did who wrote YAML by hand and got it wrong: the line that is meant, and the mend, where the parser names neither."""

import re
from collections.abc import Iterator

import yaml

ODD_BLANK = re.compile(r"^[ \t]*([\u00a0\u2000-\u200a\u202f\u205f\u3000])")
TAB = re.compile(r"^ *\t")
SECOND_COLON = re.compile(r"""^\s*(?:- +)*[\w.-]+: +[^\s"'|>{\[#&*!][^#]*?:(?: |$)""")
NO_BLANK_AFTER_COLON = re.compile(r"^\s*(?:- +)*([A-Za-z_]\w*):(?=[^\s/])")
NO_BLANK_AFTER_DASH = re.compile(r"^\s*-(?=[A-Za-z_][\w-]*:)")
NO_COLON = re.compile(r"^\s*(?:- +)*([A-Za-z_]\w*)(?: +[^:]*)?$")
FORBIDDEN_START = re.compile(r"^\s*(?:- +)*(?:[\w.-]+: +)?([@`%*])")
CLOSED_EARLY = re.compile(r"""^\s*(?:- +)*(?:[\w.-]+: +)?(?:'[^']*'(?=[^\s,\]}#'])|"[^"\\]*"(?=[^\s,\]}#]))""")
OPEN_AT_END = re.compile(r": *([\[{])\s*$")
CLOSES = {"[": "]", "{": "}"}
Slip = tuple[str, int | None]


def told(error: yaml.MarkedYAMLError, text: str, *, quoted: tuple[int, int] | None) -> Slip:
    """A sentence and a line, counting from one. `quoted` is where the last text in quotation marks over several lines begins and ends."""
    mark = error.problem_mark or error.context_mark
    if mark is None:
        return f"This is not YAML: {error.problem or error.context}.", None
    at, lines = mark.line, text.split("\n")
    if quoted and quoted[1] in (at, at - 1):
        return f"The quotation mark that opens here is closed only on line {quoted[1] + 1}. Close it where the value ends.", quoted[0] + 1
    for place in _near(lines, at):
        if sentence := _on(lines[place], error.problem or ""):
            return sentence, place + 1
    return _otherwise(error, lines, at)


def _near(lines: list[str], at: int) -> Iterator[int]:
    """The line that the parser stumbled over, and the last one above it that says something: it often stumbles one line late."""
    if at < len(lines):
        yield at
    above = next((place for place in range(min(at, len(lines)) - 1, -1, -1) if lines[place].strip()), None)
    if above is not None:
        yield above


def _on(line: str, problem: str) -> str:
    """What is wrong with one line, where it can be seen in it."""
    if TAB.match(line):
        return "The line begins with a tab. YAML takes blanks only: two for each step inwards."
    if odd := ODD_BLANK.match(line):
        return f"The line begins with a blank that is not an ordinary one (U+{ord(odd[1]):04X}). Type the blanks anew."
    if start := FORBIDDEN_START.match(line):
        return f"A value cannot begin with “{start[1]}”. Put it in quotation marks."
    if CLOSED_EARLY.match(line):
        return 'The value goes on after its closing quotation mark. Put it in the other kind of mark, as in "It\'s here".'
    if opened := OPEN_AT_END.search(line):
        return _not_closed(opened[1])
    if NO_BLANK_AFTER_DASH.match(line):
        return "A dash needs a blank after it: “- id: need”."
    if glued := NO_BLANK_AFTER_COLON.match(line):
        return f"The colon after “{glued[1]}” needs a blank after it."
    if "mapping values" in problem and SECOND_COLON.match(line):
        return "There is a second colon in this value. Put the value in quotation marks."
    if "could not find expected ':'" in problem and (word := NO_COLON.match(line)):
        return f"“{word[1]}” needs a colon and a blank after it, and then its value."
    return ""


def _otherwise(error: yaml.MarkedYAMLError, lines: list[str], at: int) -> Slip:
    problem, opened = error.problem or "", error.context_mark
    if "another document" in problem:
        return "A second document begins here, after “---”. A file holds one programme.", at + 1
    for opening in CLOSES:
        if f"'{CLOSES[opening]}'" in problem and opened:
            return _not_closed(opening), opened.line + 1
    if problem.startswith(("did not find expected", "mapping values", "block sequence entries")):
        where = _out_of_line(lines, at)
        said = "This line does not begin in the same column as those that belong with it. Use two blanks for each step inwards."
        return said, where + 1
    return f"This is not YAML: {problem or error.context}.", at + 1


def _not_closed(opening: str) -> str:
    return f"The “{opening}” on this line is not closed by “{CLOSES[opening]}”, or a comma is missing in between."


def _out_of_line(lines: list[str], at: int) -> int:
    """Of the line stumbled over and the one above it, the one whose beginning has no other like it nearby."""
    *_, above = _near(lines, at)
    around = [_inwards(line) for line in lines[max(0, above - 6) : at + 6] if line.strip()]
    return above if above != at and around.count(_inwards(lines[above])) == 1 else min(at, len(lines) - 1)


def _inwards(line: str) -> int:
    return len(line) - len(line.lstrip(" "))
