"""The forms of assessment. They validate shape; the actions enforce the rules."""

from collections.abc import Iterable, Mapping
from typing import Any, cast

from django import forms
from django.db.models import QuerySet

from accounts.models import Person
from applications.models import Company
from assessments import policies
from assessments.actions import selections
from assessments.actions.allocation import Candidate
from assessments.actions.reviews import Content
from assessments.fitting import Settings
from assessments.models import Assessment, AssessorProfile, Decision
from design.fields import MemorableDateField, PoundsField
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
    overall_comment = forms.CharField(
        label="Overall comment",
        help_text="What you would tell the company. It is passed on without your name.",
        required=False,
        max_length=policies.COMMENT_MAX,
        widget=forms.Textarea,
        error_messages={"max_length": "Shorten the overall comment to %(limit_value)d characters; it has %(show_value)d."},
    )
    looks = {"in_scope": Look(inline=True), "suitable": Look(inline=True), "overall_comment": Look(rows=6)}
    says_optional = False

    def __init__(self, data: Mapping[str, Any] | None = None, *, assessment: Assessment) -> None:
        self.assessment = assessment
        super().__init__(data, initial=_as_saved(assessment))
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


def _comment(title: str) -> forms.CharField:
    comment = forms.CharField(
        label=f"Reasons for your marks for “{title}”",
        required=False,
        max_length=policies.COMMENT_MAX,
        widget=forms.Textarea,
        error_messages={"max_length": f"Shorten your reasons for “{title}” to %(limit_value)d characters; they have %(show_value)d."},
    )
    comment.look = Look(label_size="s", rows=6, says_optional=False)  # type: ignore[attr-defined]
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


class AllocateForm(forms.Form):
    """Which assessors to invite. Those who cannot be asked are shown beside it, with the reason."""

    assessors = forms.MultipleChoiceField(
        label="Assessors to invite",
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Choose at least one assessor.", "invalid_choice": "One of these assessors cannot be invited."},
    )
    due_on = MemorableDateField(label="Review due on", required=False)
    looks = {"due_on": Look(hint="Left empty, the programme's usual time to review.")}

    def __init__(self, data: Mapping[str, Any] | None = None, *, candidates: Iterable[Candidate], wanted: int) -> None:
        able = [one for one in candidates if one.may_be_asked]
        self.people = {str(one.person.pk): one.person for one in able}
        super().__init__(data, initial={"assessors": [str(one.person.pk) for one in able[: max(wanted, 0)]]})
        asked = cast("forms.MultipleChoiceField", self.fields["assessors"])
        asked.choices = [(str(one.person.pk), Choice(one.person.name, hint=one.why)) for one in able]

    def chosen(self) -> list[Any]:
        return [self.people[pk] for pk in self.cleaned_data["assessors"]]


class PlanForm(forms.Form):
    """What an officer may set for an allocation plan."""

    one_per_organisation = forms.BooleanField(label="At most one assessor of each employer on an application", required=False, initial=True)
    newcomers_most = forms.IntegerField(
        label="Newcomers on an application, at most", help_text="People who have not written a review before.", required=False,
        min_value=0, max_value=9,
    )  # fmt: skip
    least = forms.IntegerField(label="Reviews for each assessor, at least", min_value=0, max_value=50, initial=0)
    balance = forms.FloatField(
        label="What a further review costs an assessor's fit", min_value=0, max_value=20, initial=1,
        help_text="In points of 100 for each review they have. At 0 only the fit counts; the more, the more evenly the load is spread.",
    )  # fmt: skip
    base = forms.IntegerField(required=False, widget=forms.HiddenInput)
    looks = {"newcomers_most": Look(width=2), "least": Look(width=2), "balance": Look(width=3)}

    def settings(self) -> Settings:
        return Settings(**{name: self.cleaned_data[name] for name in ("one_per_organisation", "newcomers_most", "least", "balance")})


class PlanItemForm(forms.Form):
    """Whom an officer wants for the open places of one application, and why."""

    assessors = forms.MultipleChoiceField(
        label="Assessors for the open places",
        widget=forms.CheckboxSelectMultiple,
        required=False,
        error_messages={"invalid_choice": "One of these assessors cannot be asked."},
    )
    reason = forms.CharField(
        label="Why you change the plan", max_length=500, widget=forms.Textarea, error_messages={"required": "Say why you change the plan."}
    )
    looks = {"reason": Look(rows=2)}
    says_optional = False

    def __init__(self, data: Mapping[str, Any] | None = None, *, choices: list[Any], chosen: list[str]) -> None:
        super().__init__(data, initial={"assessors": chosen})
        cast("forms.MultipleChoiceField", self.fields["assessors"]).choices = choices

    def people(self) -> list[Person]:
        return list(Person.objects.filter(pk__in=self.cleaned_data["assessors"]).order_by("pk"))


class SelectionForm(forms.Form):
    """What to ask of a selection scenario. Limits are there where the programme declared a portfolio."""

    budget_pence = PoundsField(label="Budget", error_messages={"required": "Say how much there is to select with."})
    rule = forms.ChoiceField(
        label="How to select",
        choices=[
            ("top-down", Choice("In the order of scores", hint="From the top until the next does not fit.")),
            ("portfolio", Choice("As a portfolio", hint="The most score above the threshold for the money, within the limits below.")),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": "Choose how to select."},
    )
    one_per_company = forms.BooleanField(label="At most one application of a company", required=False)
    label = forms.ChoiceField(
        label="Limit by", choices=[("", "No limit"), *selections.LABELS.items()], required=False, help_text="For each place, or each size."
    )
    least = forms.IntegerField(label="At least", min_value=0, max_value=999, required=False)
    most = forms.IntegerField(label="At most", min_value=0, max_value=999, required=False)
    must = forms.CharField(label="Must be funded", help_text="References, parted by commas.", max_length=500, required=False)
    must_not = forms.CharField(label="Must not be funded", help_text="References, parted by commas.", max_length=500, required=False)
    looks = {"least": Look(width=3), "most": Look(width=3)}
    PORTFOLIO = ("rule", "one_per_company", "label", "least", "most", "must")

    def __init__(self, data: Mapping[str, Any] | None = None, *, rule: str, budget_pence: int) -> None:
        super().__init__(data, initial={"budget_pence": budget_pence, "rule": rule})
        if rule != "portfolio":
            for name in self.PORTFOLIO:
                del self.fields[name]

    def settings(self) -> selections.Settings:
        typed = self.cleaned_data
        limits = [{"label": "company", "most": 1}] if typed.get("one_per_company") else []
        if typed.get("label") and (typed.get("least") or typed.get("most") is not None):
            limits.append({"label": typed["label"], "least": typed.get("least") or 0, "most": typed.get("most")})
        names = {name: tuple(one.strip().upper() for one in typed.get(name, "").split(",") if one.strip()) for name in ("must", "must_not")}
        return selections.Settings(typed["budget_pence"], typed.get("rule") or "top-down", tuple(limits), **names)


class FreezeDrawForm(forms.Form):
    """What will decide a draw, named before it exists."""

    source = forms.CharField(
        label="Public value that will decide",
        help_text="One that does not exist yet and that anybody can look up: a numbered drand round, the numbers of a dated lottery draw.",
        max_length=300,
        error_messages={"required": "Name the public value that will decide, before it exists."},
    )
    secret_sha256 = forms.CharField(
        label="SHA-256 of a secret", help_text="If you commit to one. The secret itself is entered when the draw is held.", max_length=64,
        required=False,
    )  # fmt: skip


class HoldDrawForm(forms.Form):
    """The value that was named, and the secret if one was committed to."""

    public_value = forms.CharField(
        label="The public value", help_text="Exactly as it was published.", max_length=300,
        error_messages={"required": "Enter the public value that was named."},
    )  # fmt: skip
    secret = forms.CharField(label="The secret", max_length=300, required=False, strip=False)


class ProfileForm(forms.Form):
    """What allocation knows of an assessor."""

    topics = forms.CharField(
        label="Topics",
        help_text="Words that would stand in an application's title or summary, parted by commas.",
        required=False,
        max_length=500,
    )
    expertise = forms.CharField(label="Expertise", required=False, max_length=2000, widget=forms.Textarea)
    employer = forms.CharField(label="Employer", required=False, max_length=200)
    employer_number = forms.CharField(label="Employer's company number", required=False, max_length=12)
    interests = forms.CharField(
        label="Companies they have an interest in",
        help_text="Names or numbers, one a line: companies they direct, own, advise, supply or compete with.",
        required=False,
        max_length=4000,
        widget=forms.Textarea,
    )
    postcode = forms.CharField(label="Postcode", help_text="Of home or work.", required=False, max_length=8)
    languages = forms.CharField(label="Languages", help_text="Besides English, parted by commas.", required=False, max_length=200)
    max_reviews = forms.IntegerField(label="Reviews at most in one round", min_value=1, max_value=200)
    is_available = forms.BooleanField(label="Can be asked now", required=False)
    away_from_on = MemorableDateField(label="Away from", required=False)
    away_until_on = MemorableDateField(label="Away until", help_text="The last day away.", required=False)
    looks = {"expertise": Look(rows=4), "interests": Look(rows=4), "employer_number": Look(width=10), "postcode": Look(width=10),
             "max_reviews": Look(width=3)}  # fmt: skip

    def __init__(self, data: Mapping[str, Any] | None = None, *, profile: AssessorProfile | None) -> None:
        known = profile or AssessorProfile()
        super().__init__(
            data,
            initial={
                "topics": ", ".join(known.topics),
                "expertise": known.expertise,
                "employer": known.employer,
                "employer_number": known.employer_number,
                "interests": "\n".join(known.interests),
                "postcode": known.postcode,
                "languages": ", ".join(known.languages),
                "max_reviews": known.max_reviews,
                "is_available": known.is_available,
                "away_from_on": known.away_from_on,
                "away_until_on": known.away_until_on,
            },
        )

    def described(self) -> dict[str, Any]:
        lists = {name: self.cleaned_data[name].split(",") for name in ("topics", "languages")}
        return {**self.cleaned_data, **lists, "interests": self.cleaned_data["interests"].splitlines()}


class InterestsForm(forms.Form):
    """What an assessor declares for a year."""

    interests = forms.CharField(
        label="Companies you have an interest in",
        help_text="Names or numbers, one a line: companies you direct, own, work for, advise, supply or compete with.",
        required=False,
        max_length=4000,
        widget=forms.Textarea,
    )
    statement = forms.CharField(
        label="Anything else that could look like an interest",
        help_text="If you have none at all, say so in words.",
        required=False,
        max_length=2000,
        widget=forms.Textarea,
    )
    looks = {"interests": Look(rows=4), "statement": Look(rows=3)}
    says_optional = False

    def __init__(self, data: Mapping[str, Any] | None = None, *, interests: list[str]) -> None:
        super().__init__(data, initial={"interests": "\n".join(interests)})

    def declared(self) -> dict[str, Any]:
        return {"interests": self.cleaned_data["interests"].splitlines(), "statement": self.cleaned_data["statement"]}


class SheetForm(forms.Form):
    """A sheet of reviews filled in offline."""

    file = forms.FileField(
        label="The sheet", help_text="CSV or XLSX, in the form in which you downloaded it.", error_messages={"required": "Choose the file."}
    )


class AdviceForm(forms.Form):
    """Who advised which company."""

    person = forms.ModelChoiceField(queryset=Person.objects.none(), label="Who gave the advice", error_messages={"required": "Choose who."})
    company = forms.ModelChoiceField(
        queryset=Company.objects.none(), label="Company", error_messages={"required": "Choose the company that was advised."}
    )
    what = forms.CharField(label="What it was about", max_length=300, error_messages={"required": "Say what the advice was about."})
    given_on = MemorableDateField(label="When", error_messages={"required": "Say when the advice was given."})

    def __init__(self, data: Mapping[str, Any] | None = None, *, people: QuerySet[Person], companies: QuerySet[Company]) -> None:
        super().__init__(data)
        cast("forms.ModelChoiceField[Person]", self.fields["person"]).queryset = people
        cast("forms.ModelChoiceField[Company]", self.fields["company"]).queryset = companies


class ReasonForm(forms.Form):
    """A reason and nothing else."""

    note = forms.CharField(label="Reason", max_length=2000, widget=forms.Textarea, error_messages={"required": "Give a reason."})
    looks = {"note": Look(rows=3)}


class JudgementForm(forms.Form):
    """What an officer makes of a conflict that the records suggest."""

    outcome = forms.ChoiceField(
        label="Is it a conflict of interest?",
        choices=[("confirm", "Yes: this person must not see the application"), ("dismiss", "No: they may be invited")],
        widget=forms.RadioSelect,
        error_messages={"required": "Say whether it is a conflict."},
    )
    reason = forms.CharField(label="Reason", max_length=1000, widget=forms.Textarea, error_messages={"required": "Give a reason."})
    looks = {"reason": Look(rows=2)}


class SettleForm(forms.Form):
    """How a moderation item is settled."""

    outcome = forms.ChoiceField(
        label="What should happen?", widget=forms.RadioSelect, error_messages={"required": "Say what should happen."}
    )
    reason = forms.CharField(label="Reason", max_length=2000, widget=forms.Textarea, error_messages={"required": "Give a reason."})
    looks = {"reason": Look(rows=3)}

    def __init__(self, data: Mapping[str, Any] | None = None, *, outcomes: list[tuple[str, str]], prefix: str | None = None) -> None:
        super().__init__(data, prefix=prefix)
        cast("forms.ChoiceField", self.fields["outcome"]).choices = outcomes


class ProposalForm(forms.Form):
    """What is proposed for an application, and why."""

    outcome = forms.ChoiceField(
        label="What do you propose?",
        choices=Decision.Outcome.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "Choose what to propose: approve, reserve or decline."},
    )
    amount_pence = PoundsField(label="Grant", help_text="Not needed to decline.", required=False)
    reason = forms.CharField(
        label="Reason",
        help_text="Say also why, where this leaves the rank order.",
        max_length=2000,
        widget=forms.Textarea,
        error_messages={"required": "Give the reason for your proposal."},
    )
    looks = {"reason": Look(rows=4)}
