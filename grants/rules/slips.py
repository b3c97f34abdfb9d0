"""What somebody meant who wrote an expression as other languages, spreadsheets or English have it, and how it is written here."""

WORDS = {
    "and": "Write “&&” for “and”.",
    "or": "Write “||” for “or”.",
    "not": "Write “!” before what is not to be.",
    "is": "Write “==” to compare.",
    "if": "Write a choice as: what is asked ? the value if so : the value if not.",
    "then": "Write a choice as: what is asked ? the value if so : the value if not.",
    "else": "Write a choice as: what is asked ? the value if so : the value if not.",
    "between": "Write both comparisons, with “&&” between them.",
    "contains": 'Write what it is asked of first: name.contains("text").',
    "equals": "Write “==” to compare.",
}
SIGNS = {
    "=": "Write “==” to compare.",
    "&": "Write “&&” for “and”.",
    "|": "Write “||” for “or”.",
    "£": "Write money as a plain number of pence: 5000000 for £50,000.",
    "“": 'Write straight quotation marks: "…".',
    "”": 'Write straight quotation marks: "…".',
    "‘": 'Write straight quotation marks: "…".',
    "’": 'Write straight quotation marks: "…".',
    "≤": "Write “<=”.",
    "≥": "Write “>=”.",
    "≠": "Write “!=”.",
    '"': "A quotation mark is not closed.",
    "'": "A quotation mark is not closed.",
}
NAMES = {
    "True": "true", "TRUE": "true", "False": "false", "FALSE": "false", "None": "null", "NULL": "null",
    "length": "size", "len": "size", "count": "size", "timestamp": "date", "DATE": "date",
}  # fmt: skip


def of_sign(sign: str) -> str:
    """The mend for a character that does not belong in an expression, after a blank; nothing where there is none to tell."""
    return f" {SIGNS[sign]}" if sign in SIGNS else ""


def of_tokens(before: tuple[str, str], now: tuple[str, str], after: tuple[str, str], *, open_brackets: str) -> str:
    """The mend for a piece that was not expected, after a blank; the pieces as (kind, text), `open_brackets` those not closed before it."""
    for kind, text in (now, before):
        if kind == "name" and (said := WORDS.get(text.lower())):
            return f" {said}"
    if (before[1], now[1]) == ("<", ">"):
        return " Write “!=” for “not equal”."
    if before[1] == "=" or (before[1], now[1]) in (("=", ">"), ("=", "<")):
        return " Write “>=” or “<=”."
    if now[1] == ",":
        if before[0] == "int" and after[0] == "int" and len(after[1]) == 3:
            return " Write numbers without commas."
        return ' Write a list in square brackets: ["a", "b"].'
    if before[1] == "%" and now[1] != "(":
        return " Write a percentage as a plain number, without “%”."
    if now[0] == "end" and before[0] == "sign" and before[1] not in (")", "]"):
        return f" It breaks off after “{before[1]}”."
    if now[0] == "end" and open_brackets:
        return f" A “{open_brackets[-1]}” is not closed."
    return ""
