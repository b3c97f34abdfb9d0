"""The public pages: which programmes there are, and everything one of them asks, rules, scores and pays."""

from collections.abc import Iterable
from datetime import datetime
from functools import cached_property
from typing import Any

from django.urls import reverse

from design.words import deadline_in_words, in_words, pounds
from grants.definition import Definition, differences
from grants.definition.form import Criterion
from grants.definition.questions import Declaration
from grants.models import Programme, Round
from grants.presenters import asking
from grants.rules import RuleOutcome

STAGES = {
    "expression_of_interest": ("Expression of interest", "A short form first; we invite those who may go on."),
    "eligibility": ("Eligibility", "The rules on this page are checked when you submit. You are told every reason at once."),
    "assessment": ("Assessment", "Independent assessors score the criteria on this page, each on their own."),
    "moderation": ("Moderation", "Scores that differ widely are looked at again, and the original is kept."),
    "panel": ("Panel", "A panel ranks the applications and says how far the money reaches."),
    "interview": ("Interview", "You answer the panel's questions."),
    "demonstration": ("Demonstration", "You show what you have."),
    "decision": ("Decision", "One person proposes and another decides. You are told the result and the assessors' comments."),
    "award": ("Offer", "We check your company and the subsidy position before we make an offer, which you accept online."),
    "delivery": ("Delivery", "You claim for each milestone and report what came of it."),
}
COLUMNS = {
    "weight_columns": ["Criterion", {"label": "Weight", "numeric": True}, "Marks"],
    "band_columns": ["Marks", "Means", "When"],
    "cost_columns": ["Kind of cost", "What counts", "Limit"],
    "report_columns": ["Report", "When", "It asks for"],
}
FULL = {"tag": "Full", "tone": "waiting"}
SIZES = {"micro": "micro", "small": "small", "medium": "medium-sized", "large": "large"}


def status_tag(round_: Round | None, at: datetime) -> dict[str, str]:
    """Opens, Open, Paused or Closed, by the announced times."""
    if round_ is None:
        return {"tag": "No round announced", "tone": "neutral"}
    if round_.is_open_at(at):
        return {"tag": "Open", "tone": "good"}
    if round_.state == Round.State.PAUSED:
        return {"tag": "Paused", "tone": "waiting"}
    if round_.state == Round.State.CANCELLED:
        return {"tag": "Cancelled", "tone": "neutral"}
    return {"tag": "Opens", "tone": "active"} if at < round_.opens_at else {"tag": "Closed", "tone": "neutral"}


def when_words(round_: Round | None, at: datetime) -> str:
    """The date that matters now, with day, time and zone."""
    if round_ is None:
        return "No round is announced."
    if round_.state == Round.State.CANCELLED:
        return "This round was cancelled."
    if at < round_.opens_at:
        return f"Opens at {deadline_in_words(round_.opens_at)}, closes at {deadline_in_words(round_.closes_at)}"
    return f"{'Closes' if at < round_.closes_at else 'Closed'} at {deadline_in_words(round_.closes_at)}"


def current_round(rounds: Iterable[Round], at: datetime) -> Round | None:
    """The round to show: one that is open, else the next to open, else the one that closed last."""
    standing = sorted((each for each in rounds if each.state != Round.State.CANCELLED), key=lambda each: (each.opens_at, each.pk))
    now_open = [each for each in standing if each.opens_at <= at < each.closes_at]
    later = [each for each in standing if at < each.opens_at]
    return next(iter(now_open or later), standing[-1] if standing else None)


def cards(programmes: Iterable[Programme], rounds: Iterable[Round], at: datetime) -> list[dict[str, Any]]:
    """One card a programme, open ones first."""
    rounds = list(rounds)
    by_programme: dict[int, list[Round]] = {}
    for round_ in rounds:
        by_programme.setdefault(round_.programme_id, []).append(round_)
    capped = [each.pk for each in rounds if each.most_applications is not None and each.is_open_at(at)]
    full = Round.objects.filter(pk__in=capped).full() if capped else set()
    found = []
    for programme in programmes:
        current = current_round(by_programme.get(programme.pk, []), at)
        version = current.version if current else programme.published_version
        if version is None:
            continue
        definition = version.definition
        tag = FULL if current and current.pk in full else status_tag(current, at)
        found.append(
            {
                "name": programme.name,
                "href": programme.get_absolute_url(),
                "tag": tag["tag"],
                "tone": tag["tone"],
                "purpose": definition.purpose,
                "amounts": amounts(definition),
                "when": when_words(current, at),
            }
        )
    order = ("Open", "Opens", "Full", "Paused")
    return sorted(found, key=lambda card: (order.index(card["tag"]) if card["tag"] in order else len(order), card["name"]))


def amounts(definition: Definition) -> str:
    """`£10,000 to £40,000`."""
    return f"{pounds(definition.funding.grant_min)} to {pounds(definition.funding.grant_max)}"


class ProgrammePage:
    """One programme's public page. Lists are made when the template asks for them."""

    def __init__(self, programme: Programme, definition: Definition, round_: Round | None, at: datetime) -> None:
        self.programme, self.definition, self.round, self.at = programme, definition, round_, at
        self.tag = status_tag(round_, at)
        self.when = when_words(round_, at)
        self.is_open = bool(round_ and round_.is_open_at(at))
        takes = self.is_open and not self.is_full
        self.start_href = f"/apply/rounds/{round_.reference}/start/" if round_ and takes else ""
        if self.is_open and self.is_full:
            self.tag = FULL
        self.check_href = reverse("grants:check", args=[programme.slug])

    def facts(self) -> list[tuple[str, str]]:
        """Key dates, amounts and rates."""
        rows: list[tuple[str, str]] = []
        if self.round:
            rows += [
                ("Opens", _capital(deadline_in_words(self.round.opens_at))),
                ("Closes", _capital(deadline_in_words(self.round.closes_at))),
            ]
            rows += [("Money in this round", pounds(self.round.budget.amount_pence))]
            if takes := self.round.takes():
                rows += [("Applications this round takes", takes)]
        return rows + self._lasting()

    def announced(self) -> list[tuple[str, str]]:
        """The same for a paper: how many applications are in changes by the hour and is left out."""
        most = self.round.most_applications if self.round else None
        takes = f"{most:,}, the first that are sent in" if most else ""
        return [(name, takes if name == "Applications this round takes" else value) for name, value in self.facts()]

    def _lasting(self) -> list[tuple[str, str]]:
        """What the version says, whatever the round."""
        assessment = self.definition.assessment
        rows: list[tuple[str, str]] = []
        rows += [("Size of grant", amounts(self.definition))]
        rows += [("Share of eligible cost", "; ".join(rate_words(self.definition)))]
        rows += [("Length of project", f"At most {_months(self.definition.award.project_months_at_most)}")]
        rows += [
            (
                "Paid",
                "In arrears, on evidence" if self.definition.delivery.payment == "arrears" else "Part in advance, the rest on evidence",
            )
        ]
        rows += [
            (
                "Time to write it",
                f"About {_hours(self.definition.form.minutes_expected)}, {self.definition.form.words_in_all:,} words in all",
            )
        ]
        if assessment:
            rows += [("Assessors", f"{assessment.assessors} for each application")]
        if self.definition.area:
            rows += [("Where", self.definition.area.name)]
        parties = self.definition.parties
        rows += [("Funded by", parties.funder), ("Run by", parties.delivery_body)]
        return rows

    def changes(self) -> list[Any]:
        """What changed about this round for everybody: more time, an early end, a pause, with the reasons."""
        return [] if self.round is None else list(self.round.changes.order_by("-pk"))

    @cached_property
    def is_full(self) -> bool:
        """Whether the round has as many applications as it takes."""
        most = self.round.most_applications if self.round else None
        return bool(self.round and most is not None and self.round.sent_in() >= most)

    def corrections(self) -> list[dict[str, Any]]:
        """What was changed in this round's rules after it was announced, why, and when."""
        if self.round is None:
            return []
        applied = self.round.corrections.filter(state="applied").select_related("version", "version_before").order_by("decided_at", "pk")
        return [
            {
                "when": in_words(one.decided_at),
                "reason": one.reason,
                "changes": differences.between(one.version_before.definition, one.version.definition),
            }
            for one in applied
        ]

    def rules(self) -> list[dict[str, str]]:
        """Every eligibility rule, with what becomes of an application that breaks it."""
        return [
            {"title": rule.title, "what": "If not, we look at it before we decide" if rule.on_fail == "refer" else "Must be met"}
            for rule in self.definition.eligibility.rules
        ]

    def sections(self) -> list[dict[str, Any]]:
        """Every question, with its limit and hint."""
        return [
            {
                "title": section.title,
                "intro": section.intro or "",
                "questions": [
                    {
                        "label": question.label,
                        "hint": question.hint or "",
                        "limits": asking.limits(question),
                        "options": asking.options(self.definition, question),
                        "statements": question.statements if isinstance(question, Declaration) else [],
                    }
                    for question in section.questions
                ],
            }
            for section in self.definition.form.sections
        ]

    def criteria(self) -> list[dict[str, Any]]:
        """Every criterion with its weight, what is asked for and the bands."""
        return [
            {
                "title": criterion.title,
                "weight": f"{criterion.weight} %",
                "guidance": criterion.guidance,
                "reads": ", ".join(f"“{self.definition.form.question(id).label}”" for id in criterion.reads),
                "bands": bands(criterion),
            }
            for criterion in self.definition.criteria
        ]

    def weights(self) -> list[list[str]]:
        """Rows of the table of weights."""
        return [[criterion.title, f"{criterion.weight} %", f"0 to {criterion.maximum}"] for criterion in self.definition.criteria]

    def stages(self) -> list[tuple[str, str]]:
        """The way of an application, in order."""
        return [STAGES[stage] for stage in self.definition.stages]

    def thresholds(self) -> list[str]:
        """What is good enough, in sentences."""
        assessment = self.definition.assessment
        if assessment is None:
            return []
        found = [f"The weighted mean of the scores must reach {assessment.quality_percent} %."]
        if assessment.majority_must_recommend:
            found.append("A majority of the assessors must recommend it for funding.")
        if assessment.tie_break:
            names = ", then ".join(self.definition.criterion(id).title for id in assessment.tie_break)
            found.append(f"Between equal scores, the higher score decides on: {names}.")
        way = {
            "top_down": "in the order of their scores",
            "portfolio": "for a balanced portfolio, with reasons recorded",
            "random_at_line": "in the order of their scores, with a public draw between those that scores cannot tell apart",
        }[assessment.selection]
        found.append(f"Money goes to applications {way}, as far as it reaches.")
        return found

    @property
    def draws(self) -> bool:
        """Whether equals at the line are drawn between, in public."""
        return self.definition.assessment is not None and self.definition.assessment.selection == "random_at_line"

    def costs(self) -> list[list[str]]:
        """Rows of cost categories that count."""
        return [
            [category.title, category.guidance or "", f"At most {category.cap_percent} %" if category.cap_percent else ""]
            for category in self.definition.delivery.cost_categories
            if category.is_eligible
        ]

    def reports(self) -> list[list[str]]:
        """Rows of what is reported when."""
        titles = {indicator.id: indicator.title for indicator in self.definition.indicators}
        return [[report.title, _report_when(report), ", ".join(titles[id] for id in report.asks)] for report in self.definition.reports]


def rate_words(definition: Definition) -> list[str]:
    """`70 % for micro and small companies`."""
    found = []
    for rate in definition.funding.rates:
        of = " and ".join(SIZES[size] for size in rate.sizes) if len(rate.sizes) < 4 else "all"
        kinds = [activity.title for activity in definition.funding.activities if activity.id in rate.activities]
        found.append(f"{rate.percent} % for {of} companies" + (f" ({', '.join(kinds)})" if kinds else ""))
    return found


def bands(criterion: Criterion) -> list[list[str]]:
    """Rows of marks and what they mean, best first."""
    ordered = sorted(criterion.bands, key=lambda band: -band.high)
    return [[f"{band.low} to {band.high}" if band.low != band.high else str(band.low), band.label, band.guidance] for band in ordered]


def check_results(definition: Definition, outcomes: list[RuleOutcome]) -> dict[str, Any]:
    """What the eligibility check found: a heading, and every rule with its outcome."""
    rules = {rule.id: rule for rule in definition.eligibility.rules}
    rows = [_check_row(rules[outcome.id], outcome) for outcome in outcomes]
    broken = [row for row in rows if row["tag"] == "Not met"]
    unknown = [row for row in rows if row["tag"] == "Cannot tell yet"]
    if broken:
        title = f"As things stand you cannot apply: {len(broken)} of {len(rows)} rules {'is' if len(broken) == 1 else 'are'} not met"
    elif unknown:
        title = f"Nothing speaks against it so far; {len(unknown)} of {len(rows)} rules cannot be told yet"
    else:
        title = "From what you told us, you can apply"
    return {"title": title, "is_clear": not broken, "rows": sorted(rows, key=lambda row: row["order"])}


def _check_row(rule: Any, outcome: RuleOutcome) -> dict[str, Any]:
    row = {"title": rule.title, "text": "", "instead": "", "order": 3, "tag": "Met", "tone": "good"}
    if outcome.missing:
        return row | {"tag": "Cannot tell yet", "tone": "neutral", "order": 2, "text": "Answer the questions below that it needs."}
    if outcome.passed:
        return row
    is_refer = outcome.on_fail == "refer"
    told = {"tag": "A person looks", "tone": "waiting", "order": 1} if is_refer else {"tag": "Not met", "tone": "waiting", "order": 0}
    return row | told | {"text": outcome.sentence, "instead": rule.instead or ""}


def _report_when(report: Any) -> str:
    if report.every_months:
        return f"Every {_months(report.every_months)}, first {_months(report.months)} after the {report.after}"
    if report.months == 0:
        return f"At the {report.after}"
    return f"{_months(report.months).capitalize()} after the {report.after}"


def _months(number: int) -> str:
    return "1 month" if number == 1 else f"{number} months"


def _hours(minutes: int) -> str:
    return f"{minutes} minutes" if minutes < 90 else f"{round(minutes / 60)} hours"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
