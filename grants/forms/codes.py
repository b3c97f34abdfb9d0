"""Fields for what is written as codes."""

from collections.abc import Callable
from typing import Any

from django import forms

from accounts.refusals import Refused
from design.looks import Look
from grants import identifiers


class RegularField(forms.CharField):
    """Text that is made regular, such as a postcode or a company number. Cleans to None when optional and empty."""

    look = Look(width=10)

    def __init__(self, *, regular: Callable[[str], str], **options: Any) -> None:
        self.regular = regular
        super().__init__(widget=forms.TextInput({"autocomplete": "off", "spellcheck": "false"}), **options)

    def clean(self, value: Any) -> Any:
        typed = super().clean(value)
        if not typed:
            return None
        try:
            return self.regular(typed)
        except Refused as refused:
            raise forms.ValidationError(refused.sentence, code=refused.code) from None


class SicCodesField(forms.CharField):
    """SIC codes, with commas or spaces between them. Cleans to a list of five-digit texts, each once."""

    look = Look(width=30)

    def __init__(self, *, at_most: int = 4, **options: Any) -> None:
        self.at_most = at_most
        super().__init__(widget=forms.TextInput({"autocomplete": "off", "spellcheck": "false"}), **options)

    def clean(self, value: Any) -> list[str]:
        typed = str(super().clean(value) or "").replace(",", " ").replace(";", " ").split()
        try:
            codes = list(dict.fromkeys(identifiers.sic_code(code) for code in typed))
        except Refused as refused:
            raise forms.ValidationError(refused.sentence, code=refused.code) from None
        if len(codes) > self.at_most:
            raise forms.ValidationError(f"Enter {self.at_most} codes or fewer", code="too_many")
        return codes

    def prepare_value(self, value: Any) -> Any:
        return ", ".join(value) if isinstance(value, list) else value
