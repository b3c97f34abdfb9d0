"""A review: declaring, scoring, giving back, typing it elsewhere."""

from collections.abc import Mapping
from typing import Any

from django import forms

from assessments import policies
from assessments.actions.reviews import Content
from assessments.models import Assessment
from design.looks import Choice, Look

YES_NO = [("yes", "Yes"), ("no", "No")]


class DeclarationForm(forms.Form):
    """What an assessor says before the application opens."""

    answer = forms.ChoiceField(
        label="Do you have a conflict of interest with this company or these people?",
        choices=[
            ("accept", Choice("No, I have no conflict of interest, and I will assess it", hint="The application opens.")),
            ("conflict", Choice("Yes, or it could look as if I had", hint="You will not see the application.")),
            ("decline", Choice("No, but I cannot assess it", hint="Somebody else is asked.")),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": "Say whether you have a conflict of interest.", "invalid_choice": "Choose one of the three answers."},
    )
    reason = forms.CharField(
        label="What the conflict is, or why you cannot assess it",
        help_text="Not needed if you accept. The programme's officers read it; the company does not.",
        max_length=1000,
        required=False,
        widget=forms.Textarea,
    )
    looks = {"answer": Look(label_size="m"), "reason": Look(rows=3)}

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("answer") in ("conflict", "decline") and not cleaned.get("reason", "").strip():
            self.add_error("reason", "Say in a sentence what the reason is.")
        return cleaned


class GiveBackForm(forms.Form):
    """Stopping after the application was opened."""

    answer = forms.ChoiceField(
        label="Why can you not go on?",
        choices=[
            ("conflict", Choice("I have a conflict of interest, or it could look as if I had", hint="The application closes to you.")),
            ("decline", Choice("Another reason", hint="Only before you have submitted your review.")),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": "Say why you cannot go on."},
    )
    reason = forms.CharField(
        label="The reason",
        help_text="The programme's officers read it; the company does not.",
        max_length=1000,
        widget=forms.Textarea,
        error_messages={"required": "Say in a sentence what the reason is."},
    )
    looks = {"answer": Look(label_size="m"), "reason": Look(rows=3)}


class CommentField(forms.CharField):
    """Words of an assessor. What is too long is counted and refused, never cut off while it is pasted. A line ends in one character."""

    widget = forms.Textarea

    def __init__(self, **named: Any) -> None:
        super().__init__(required=False, max_length=policies.COMMENT_MAX, **named)

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        return {name: value for name, value in super().widget_attrs(widget).items() if name != "maxlength"}

    def to_python(self, value: Any) -> str:
        return str(super().to_python(value)).replace("\r\n", "\n")


class MarksField(forms.CharField):
    """Whole marks from nothing to the criterion's maximum; empty while not decided."""

    def __init__(self, *, title: str, maximum: int) -> None:
        super().__init__(
            label=f"Marks for “{title}”",
            required=False,
            max_length=12,
            widget=forms.TextInput({"inputmode": "numeric", "autocomplete": "off"}),
        )
        self.title, self.maximum = title, maximum
        self.look = Look(label_size="s", width=2, suffix=f"of {maximum}", says_optional=False)

    def clean(self, value: Any) -> int | None:
        typed = str(value or "").strip()
        if not typed:
            return None
        if not (typed.isascii() and typed.isdigit() and len(typed) < 6 and int(typed) <= self.maximum):
            raise forms.ValidationError(f"Marks for “{self.title}” must be a whole number from 0 to {self.maximum}.")
        return int(typed)


class ReviewForm(forms.Form):
    """Marks and a comment for each criterion, two closing questions and an overall comment. Everything may be saved unfinished."""

    in_scope = forms.ChoiceField(
        label="Is the application in scope?",
        choices=YES_NO,
        widget=forms.RadioSelect,
        required=False,
        error_messages={"invalid_choice": "Choose yes or no."},
    )
    suitable = forms.ChoiceField(
        label="Is it suitable for funding?",
        choices=YES_NO,
        widget=forms.RadioSelect,
        required=False,
        error_messages={"invalid_choice": "Choose yes or no."},
    )
    confidence = forms.ChoiceField(
        label="How sure are you of your marks?",
        choices=Assessment.Confidence.choices,
        widget=forms.RadioSelect,
        required=False,
        error_messages={"invalid_choice": "Choose low, medium or high."},
    )
    overall_comment = CommentField(
        label="Overall comment",
        help_text="What you would tell the company. It is passed on without your name.",
        error_messages={"max_length": "Shorten the overall comment to %(limit_value)d characters; it has %(show_value)d."},
    )
    looks = {"in_scope": Look(inline=True), "suitable": Look(inline=True), "overall_comment": Look(rows=6, characters=policies.COMMENT_MAX)}
    says_optional = False

    def __init__(self, data: Mapping[str, Any] | None = None, *, assessment: Assessment) -> None:
        self.assessment = assessment
        super().__init__(data, initial=_as_saved(assessment) if data is None else None)  # what was sent is shown, not what was saved
        criteria: dict[str, forms.Field] = {}
        for criterion in assessment.scheme.criteria:
            criteria[f"marks_{criterion.id}"] = MarksField(title=criterion.title, maximum=criterion.maximum)
            criteria[f"comment_{criterion.id}"] = _comment(criterion.title)
        self.fields = {**criteria, **self.fields}

    def content(self) -> Content:
        """What was typed and is well formed; the rest is left as it was saved."""
        good = self.cleaned_data
        names = [criterion.id for criterion in self.assessment.scheme.criteria]
        closing: dict[str, bool | str | None] = {
            name: None if not good[name] else good[name] == "yes" for name in ("in_scope", "suitable") if name in good
        }
        for name in {"confidence"} & good.keys():
            closing[name] = good[name]
        if "overall_comment" in good:
            closing["overall_comment"] = good["overall_comment"]
        return Content(
            marks={name: good[f"marks_{name}"] for name in names if f"marks_{name}" in good},
            comments={name: good[f"comment_{name}"] for name in names if f"comment_{name}" in good},
            closing=closing,
        )

    def add_all(self, sentences: Mapping[str, str]) -> None:
        """Put what an action found missing on the fields it names."""
        for name, sentence in sentences.items():
            self.add_error(name if name in self.fields else None, sentence)


def _comment(title: str) -> CommentField:
    comment = CommentField(
        label=f"Reasons for your marks for “{title}”",
        error_messages={"max_length": f"Shorten your reasons for “{title}” to %(limit_value)d characters; they have %(show_value)d."},
    )
    comment.look = Look(label_size="s", rows=6, characters=policies.COMMENT_MAX, says_optional=False)  # type: ignore[attr-defined]
    return comment


def _as_saved(assessment: Assessment) -> dict[str, Any]:
    said = {True: "yes", False: "no", None: ""}
    initial: dict[str, Any] = {
        "in_scope": said[assessment.in_scope],
        "suitable": said[assessment.suitable],
        "confidence": assessment.confidence,
        "overall_comment": assessment.overall_comment,
    }
    for name, score in assessment.given().items():
        initial |= {f"marks_{name}": "" if score.marks is None else score.marks, f"comment_{name}": score.comment}
    return initial


class SheetForm(forms.Form):
    """A sheet of reviews filled in offline."""

    file = forms.FileField(
        label="The sheet",
        help_text="CSV or XLSX, in the form in which you downloaded it.",
        error_messages={"required": "Choose the file.", "empty": "This file is empty."},
    )
