"""The forms of programmes: the public eligibility check, a document to load, a round to schedule, a budget to set."""

from datetime import datetime, time
from typing import Any, get_args
from zoneinfo import ZoneInfo

from django import forms
from django.core.exceptions import ValidationError

from design.fields import MemorableDateField, PoundsField, WordsField
from design.looks import Look
from grants import identifiers, precheck
from grants.definition import Definition
from grants.definition.identity import Strand
from grants.definition.yaml_text import MAX_BYTES
from grants.forms.codes import RegularField, SicCodesField
from grants.models import Round

LEGAL_FORMS = [
    ("", "Choose one"),
    ("limited", "Private limited company"),
    ("plc", "Public limited company"),
    ("llp", "Limited liability partnership"),
    ("cic", "Community interest company"),
    ("charity", "Charitable incorporated organisation"),
    ("sole_trader", "Sole trader or ordinary partnership"),
    ("university", "University or research organisation"),
    ("other", "Another legal form"),
]
STATUSES = [
    ("active", "Active"),
    ("dormant", "Dormant"),
    ("insolvent", "In liquidation, administration or a voluntary arrangement"),
    ("dissolved", "Dissolved"),
]
YES_NO = [("yes", "Yes"), ("no", "No")]


class YesNoField(forms.ChoiceField):
    """Yes or no. Cleans to True, False, or None when optional and empty."""

    def __init__(self, **options: Any) -> None:
        super().__init__(choices=YES_NO, widget=forms.RadioSelect, **options)
        self.look = Look(inline=True)

    def clean(self, value: Any) -> bool | None:
        typed = super().clean(value)
        return None if not typed else typed == "yes"


class PreCheckForm(forms.Form):
    """What the programme's public rules need to know. Nothing is mandatory: what is left empty is answered “we cannot tell yet”."""

    says_optional = False
    every = False
    """Whether it asks for what every rule reads, not only the public ones."""

    def __init__(self, definition: Definition, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in precheck.asks(definition, every=self.every):
            of = definition.form.question(name.removeprefix("answers.")) if name.startswith("answers.") else None
            self.fields[name.replace(".", "__")] = own_field(of) if of else _field(definition, name)

    def given(self) -> dict[str, Any]:
        """What was given, by the names that `grants.precheck` uses."""
        return {name.replace("answers__", "answers."): None if value in ("", []) else value for name, value in self.cleaned_data.items()}


def _label(definition: Definition, question_id: str | None, otherwise: str) -> str:
    return definition.form.question(question_id).label if question_id else otherwise


def _field(definition: Definition, name: str) -> forms.Field:
    means = definition.form.means
    match name:
        case "legal_form":
            return forms.ChoiceField(label="What kind of organisation are you?", choices=LEGAL_FORMS, required=False)
        case "status":
            label = "What is your status at Companies House?"
            return forms.ChoiceField(label=label, choices=STATUSES, widget=forms.RadioSelect, required=False)
        case "company_number":
            return RegularField(regular=identifiers.company_number, label="What is your Companies House number?", required=False)
        case "sic_codes":
            hint = "Five digits each, with commas between them, as Companies House has them."
            return SicCodesField(label="What does your company do? SIC codes", help_text=hint, required=False)
        case "postcode":
            return RegularField(regular=identifiers.postcode, label="What is the postcode of your place of work?", required=False)
        case "incorporated_on":
            return MemorableDateField(label="When was the company incorporated?", required=False)
        case "employees":
            hint = "Count every company under the same control, here and below."
            count = forms.IntegerField(
                label="How many people do you employ?", help_text=hint, min_value=0, max_value=10_000_000, required=False
            )
            count.look = Look(width=5)  # type: ignore[attr-defined]
            return count
        case "turnover":
            return PoundsField(label="What is your yearly turnover?", required=False)
        case "balance_sheet":
            return PoundsField(label="What is your balance sheet total?", required=False)
        case "is_insolvent":
            return YesNoField(
                label=_label(definition, means.insolvent, "Is the company subject to insolvency proceedings?"), required=False
            )
        case "mfa_received":
            label = "How much Minimal Financial Assistance has your company received from others since 1 April two financial years ago?"
            said = "Count every company under the same control. Leave out what we gave you: we count that once you apply. Enter 0 if none."
            return PoundsField(label=_label(definition, means.assistance, label), help_text=said, required=False)
        case "grant":
            return PoundsField(label=_label(definition, means.grant, "How much grant would you ask for?"), required=False)
        case "project_cost":
            return PoundsField(label="What would the project cost in all, without VAT that you can recover?", required=False)
        case "starts_on":
            return MemorableDateField(label=_label(definition, means.starts_on, "When will the project start?"), required=False)
    return MemorableDateField(label=_label(definition, means.ends_on, "When will the project end?"), required=False)


def own_field(question: Any) -> forms.Field:
    """One of the form's own questions, asked ahead."""
    about: dict[str, Any] = {"label": question.label, "help_text": question.hint or "", "required": False}
    match question.kind:
        case "yes_no" | "declaration":
            return YesNoField(**about)
        case "file":
            return YesNoField(**about | {"label": f"{question.label}: is it there?"})
        case "choice":
            options = [(option.id, option.label) for option in question.options]
            return forms.ChoiceField(choices=options, widget=forms.RadioSelect, **about)
        case "several":
            options = [(option.id, option.label) for option in question.options]
            return forms.MultipleChoiceField(choices=options, widget=forms.CheckboxSelectMultiple, **about)
        case "money":
            return PoundsField(**about)
        case "number":
            exact = {"decimal_places": question.decimals, "max_digits": 15} if question.decimals else {}
            number = forms.DecimalField(**exact, **about) if exact else forms.IntegerField(**about)
            number.look = Look(width=10, suffix=question.unit or "")  # type: ignore[attr-defined]
            return number
        case "percent":
            share = forms.DecimalField(min_value=0, max_value=100, **about)
            share.look = Look(width=5, suffix="%")  # type: ignore[attr-defined]
            return share
        case "date":
            return MemorableDateField(**about)
        case "postcode":
            return RegularField(regular=identifiers.postcode, **about)
        case "company_number":
            return RegularField(regular=identifiers.company_number, **about)
        case "sic_codes":
            return SicCodesField(at_most=question.at_most, **about)
    return forms.CharField(**about)


class DocumentForm(forms.Form):
    """A programme's document, chosen as a file or pasted."""

    file = forms.FileField(label="Upload the document", help_text="A YAML file of at most 1 MB", required=False)
    text = forms.CharField(label="Or paste it here", widget=forms.Textarea({"spellcheck": "false"}), required=False, strip=False)
    looks = {"text": Look(rows=12)}
    says_optional = False

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        file, text = cleaned.get("file"), cleaned.get("text") or ""
        if file is not None and file.size > MAX_BYTES:
            self.add_error("file", f"The file is {file.size / 1_000_000:.1f} MB long; the most is {MAX_BYTES // 1_000_000} MB.")
            return cleaned
        if file is not None:
            try:
                text = file.read().decode()
            except UnicodeDecodeError:
                self.add_error("file", "The file is not text in UTF-8.")
                return cleaned
        if not text.strip():
            raise ValidationError("Choose a file, or paste the document.")
        cleaned["document"] = text.removeprefix("\ufeff").replace("\r\n", "\n")
        cleaned["source"] = file.name if file is not None else "The document"
        return cleaned


class CloneForm(forms.Form):
    """What the copy of a programme is called."""

    title = forms.CharField(label="Name of the new programme", max_length=100)
    slug = forms.CharField(
        label="Short name",
        help_text="In its address and in the references of its applications, such as devicomm. It cannot be changed later.",
        max_length=40,
    )
    strand = forms.ChoiceField(label="Strand", choices=[(name, name.capitalize()) for name in get_args(Strand)])
    looks = {"slug": Look(width=20)}


class RoundForm(forms.Form):
    """A round to schedule. Times are in the programme's time zone."""

    title = forms.CharField(label="Title", help_text="Leave empty to have it numbered.", max_length=120, required=False)
    opens_on = MemorableDateField(label="Opens on")
    opens_time = forms.TimeField(
        label="Opening time", help_text="Such as 09:00", initial=time(9, 0), widget=forms.TimeInput(format="%H:%M")
    )
    closes_on = MemorableDateField(label="Closes on")
    closes_time = forms.TimeField(
        label="Closing time", help_text="Such as 12:00", initial=time(12, 0), widget=forms.TimeInput(format="%H:%M")
    )
    budget_pence = PoundsField(label="Budget", min_pence=100)
    most_applications = forms.IntegerField(
        label="Most applications it takes", help_text="Leave empty to take as many as come.", min_value=1, max_value=100_000, required=False
    )
    looks = {"opens_time": Look(width=5), "closes_time": Look(width=5), "most_applications": Look(width=5)}

    def __init__(self, zone: str, *args: Any, at: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.zone = ZoneInfo(zone)
        self.fields["opens_on"].earliest = at.astimezone(self.zone).date()  # a slip in the year would open it to everybody at once

    def times(self) -> tuple[datetime, datetime]:
        """Opening and closing as moments."""
        given = self.cleaned_data
        return (
            datetime.combine(given["opens_on"], given["opens_time"], tzinfo=self.zone),
            datetime.combine(given["closes_on"], given["closes_time"], tzinfo=self.zone),
        )


class DatesForm(RoundForm):
    """Other times for a round that has not opened, and why."""

    reason = WordsField(
        label="Why do they change?",
        help_text="Everybody reads this: on the programme’s page, and in a message to those who asked to hear when it opens.",
        max_words=150,
        rows=4,
        error_messages={"required": "Say why"},
    )
    title = budget_pence = most_applications = None  # type: ignore[assignment]

    def __init__(self, round_: Round, *args: Any, at: datetime, **kwargs: Any) -> None:
        zone = round_.definition.time_zone
        opens, closes = (moment.astimezone(ZoneInfo(zone)) for moment in (round_.opens_at, round_.closes_at))
        as_they_are = {"opens_on": opens.date(), "opens_time": opens.time(), "closes_on": closes.date(), "closes_time": closes.time()}
        super().__init__(zone, *args, initial=as_they_are, at=at, **kwargs)


class AlertForm(forms.Form):
    """Where to write when a programme opens."""

    address = forms.EmailField(label="Email address", max_length=254, widget=forms.EmailInput(attrs={"autocomplete": "email"}))


class ExtensionForm(forms.Form):
    """More time for everybody, and why."""

    until_on = MemorableDateField(label="New deadline: day")
    until_time = forms.TimeField(
        label="New deadline: time", help_text="Such as 12:00", initial=time(12, 0), widget=forms.TimeInput(format="%H:%M")
    )
    reason = WordsField(
        label="Why is there more time?",
        help_text="Everybody reads this: on the programme’s page, in the application and in the message to each team.",
        max_words=150,
        rows=4,
        error_messages={"required": "Say why"},
    )
    reopens_forms = forms.BooleanField(label="Applications that were sent in may be taken up again in the added time", required=False)
    looks = {"until_time": Look(width=5)}

    def __init__(self, zone: str, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.zone = ZoneInfo(zone)

    def until(self) -> datetime:
        """The new deadline as a moment."""
        return datetime.combine(self.cleaned_data["until_on"], self.cleaned_data["until_time"], tzinfo=self.zone)


class PlacesForm(forms.Form):
    """How many applications a round takes, changed for a reason that everybody reads."""

    places = forms.IntegerField(
        label="Most applications it takes", help_text="Leave empty to take as many as come.", min_value=1, max_value=100_000, required=False
    )
    reason = WordsField(
        label="Why does it change?",
        help_text="Everybody reads this: on the programme’s page, and in a message to each team that is still writing.",
        max_words=150,
        rows=4,
        error_messages={"required": "Say why"},
    )
    looks = {"places": Look(width=5)}


class BudgetForm(forms.Form):
    """A round's budget, changed with a reason."""

    amount_pence = PoundsField(label="Budget of this round", min_pence=100)
    reason = WordsField(label="Why does it change?", max_words=100, rows=3, error_messages={"required": "Say why the budget changes"})


class CorrectionForm(forms.Form):
    """Another version for a round that runs, and why."""

    version = forms.ChoiceField(label="Which version shall it go by?")
    reason = WordsField(
        label="Why must its rules change?", help_text="Applicants read this.", max_words=150, rows=4, error_messages={"required": "Say why"}
    )

    def __init__(self, versions: dict[str, str], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["version"].choices = list(versions.items())  # type: ignore[attr-defined]
