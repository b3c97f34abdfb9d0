"""Fields that Django lacks: a date as people remember it, money in pounds kept as pence, text with a limit in words."""

import re
from collections.abc import Mapping
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from design.looks import Look
from design.words import MONTHS, count_words, in_words, pounds

_DATE_PART = {"inputmode": "numeric", "autocomplete": "off"}


class MemorableDateInput(forms.MultiWidget):
    """Day, month and year in three boxes; what was typed is kept, right or wrong."""

    template_name = "django/forms/widgets/memorable_date.html"
    use_fieldset = True

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        box = "govuk-input govuk-date-input__input govuk-input--width-"
        super().__init__(
            {
                "day": forms.TextInput({**_DATE_PART, "class": f"{box}2"}),
                "month": forms.TextInput({**_DATE_PART, "class": f"{box}2"}),
                "year": forms.TextInput({**_DATE_PART, "class": f"{box}4"}),
            },
            attrs,
        )

    def decompress(self, value: Any) -> list[Any]:
        if isinstance(value, date):
            return [value.day, value.month, value.year]
        return list(value) if isinstance(value, (list, tuple)) else [None, None, None]

    def value_from_datadict(self, data: Mapping[str, Any], files: Any, name: str) -> Any:
        if isinstance(data.get(name), date):
            return data[name]
        return super().value_from_datadict(data, files, name)


class MemorableDateField(forms.Field):
    """A date that people know by heart or from a paper. Cleans to a `datetime.date`, or None when optional and empty."""

    widget = MemorableDateInput

    def __init__(self, *, earliest: date | None = None, latest: date | None = None, **options: Any) -> None:
        self.earliest, self.latest = earliest, latest
        super().__init__(**options)

    def to_python(self, value: Any) -> date | None:
        if value is None or isinstance(value, date):
            return value
        typed = [str(part or "").strip() for part in value]
        if not any(typed):
            return None
        missing = [name for name, part in zip(("day", "month", "year"), typed, strict=True) if not part]
        if missing:
            raise ValidationError(f"{self._subject} must include a {' and '.join(missing)}", code="incomplete")
        try:
            return date(self._year(typed[2]), _month(typed[1]), int(typed[0]))
        except (ValueError, OverflowError):
            raise ValidationError(f"{self._subject} must be a real date, like 27 3 2027", code="invalid") from None

    def validate(self, value: date | None) -> None:
        super().validate(value)
        if value and self.earliest and value < self.earliest:
            raise ValidationError(f"{self._subject} must be {in_words(self.earliest)} or later", code="too_early")
        if value and self.latest and value > self.latest:
            raise ValidationError(f"{self._subject} must be {in_words(self.latest)} or earlier", code="too_late")

    def has_changed(self, initial: Any, data: Any) -> bool:
        try:
            return self.to_python(data) != initial
        except ValidationError:
            return True

    def _year(self, typed: str) -> int:
        if not re.fullmatch(r"[12]\d{3}", typed):
            raise ValidationError(f"{self._subject} must have a year of four digits", code="invalid")
        return int(typed)

    @property
    def _subject(self) -> str:
        """What the sentence is about: a question in quotation marks, a name as it is."""
        label = str(self.label or "The date")
        return f"“{label}”" if label.endswith("?") else label


def _month(typed: str) -> int:
    if typed.isdecimal():
        return int(typed)
    for number, name in enumerate(MONTHS, start=1):
        if len(typed) >= 3 and name.lower().startswith(typed.lower()):
            return number
    raise ValueError(typed)


class PoundsField(forms.Field):
    """An amount typed in pounds, with or without £ and commas. Cleans to whole pence (int), or None when optional and empty."""

    AMOUNT = re.compile(r"\d{1,3}(?:,\d{3})+(?:\.\d{1,2})?|\d{1,11}(?:\.\d{1,2})?", re.ASCII)

    def __init__(self, *, min_pence: int = 0, max_pence: int | None = None, **options: Any) -> None:
        self.min_pence, self.max_pence = min_pence, max_pence
        options.setdefault("widget", forms.TextInput({"inputmode": "decimal", "autocomplete": "off", "spellcheck": "false"}))
        super().__init__(**options)
        self.look = Look(prefix="£", width=10)

    def to_python(self, value: Any) -> int | None:
        if value is None or isinstance(value, int):
            return value
        typed = re.sub(r"[\s£]", "", str(value))
        if not typed:
            return None
        if not self.AMOUNT.fullmatch(typed):
            raise ValidationError("Enter an amount in pounds, like 1,250 or 1250.75", code="invalid")
        whole, _, odd = typed.replace(",", "").partition(".")
        return int(whole) * 100 + int(odd.ljust(2, "0") or 0)

    def validate(self, value: int | None) -> None:
        super().validate(value)
        if value is None:
            return
        if value < self.min_pence:
            raise ValidationError(f"Enter {pounds(self.min_pence)} or more", code="too_little")
        if self.max_pence is not None and value > self.max_pence:
            raise ValidationError(f"Enter {pounds(self.max_pence)} or less", code="too_much")

    def prepare_value(self, value: Any) -> Any:
        return pounds(value).removeprefix("£") if isinstance(value, int) and not isinstance(value, bool) else value

    def has_changed(self, initial: Any, data: Any) -> bool:
        try:
            return self.to_python(data) != initial
        except ValidationError:
            return True


class WordsField(forms.CharField):
    """Longer text with a limit in words, shown while typing; pasting over the limit is allowed, saving it is not."""

    def __init__(self, *, max_words: int, rows: int = 8, **options: Any) -> None:
        self.max_words = max_words
        options.setdefault("widget", forms.Textarea())
        super().__init__(**options)
        self.look = Look(words=max_words, rows=rows)

    def validate(self, value: str) -> None:
        super().validate(value)
        over = count_words(value) - self.max_words
        if over > 0:
            raise ValidationError(
                f"Use {self.max_words:,} words or fewer. You have {over:,} word{'' if over == 1 else 's'} too many.", code="too_many_words"
            )
