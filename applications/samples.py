"""Complete an application with plausible invented answers, whatever its form asks: for the demo and the tests.

Everything goes through the same actions as the pages use.
"""

import io
from datetime import date, datetime, timedelta
from typing import Any

from django.core.files.base import ContentFile
from django.utils.timezone import localdate

from accounts.models import Person
from applications import crosschecks, facts, shapes
from applications.actions import answers, documents
from applications.actions.answers import Typed
from applications.actions.companies import CompanyDetails
from applications.models import Application
from applications.reading import Reading
from design.words import count_words
from grants.money import share_pence, split_pence
from grants.rules import evaluate
from grants.rules.evaluation import compiled

SENTENCES = (
    "Clinics send the sample to a laboratory and wait three days, and one patient in nine does not come back for the result.",
    "Our reader gives a quantitative answer in twelve minutes from a finger-prick, with a coefficient of variation of 6 %.",
    "We have tested 212 stored samples against the reference method and agree with it in 94 % of cases.",
    "Two hospitals have offered a site, a research nurse and access to consented samples for the length of the study.",
    "The team has brought two products through regulation before and knows what a buyer asks for first.",
    "Without the grant we would do a third of this work, eighteen months later and without an independent site.",
    "Each test avoids one journey to the laboratory; we reckoned the saving from the sites' own transport records.",
    "The largest risk is slow recruitment, which we meet with a second site and a stopping rule at month five.",
    "We keep the design files and the rights in the assay; nobody else has a claim on them.",
    "Success means that the sites ask to go on using it, and that the figures are good enough to publish.",
)
NAMES = (
    "Avon",
    "Beacon",
    "Cedar",
    "Dale",
    "Ember",
    "Fern",
    "Grove",
    "Harbour",
    "Iris",
    "Juniper",
    "Kestrel",
    "Linden",
    "Maple",
    "Nettle",
    "Orchard",
)
TRADES = ("Assays", "Biosensors", "Diagnostics", "Imaging", "Labs", "Reagents", "Screening")
PLACES = (
    ("Birmingham", "B15 2TT"),
    ("Coventry", "CV1 5FB"),
    ("Wolverhampton", "WV1 1LY"),
    ("Worcester", "WR1 2NJ"),
    ("Telford", "TF3 4NT"),
)


def company(number: int, **instead: Any) -> CompanyDetails:
    """Details of the fictional company of that number; `instead` replaces any of them."""
    town, postcode = PLACES[number % len(PLACES)]
    name = f"Sample {NAMES[number % len(NAMES)]} {TRADES[number // len(NAMES) % len(TRADES)]} Ltd"
    details: dict[str, Any] = {
        "name": name,
        "company_number": f"99{number:06d}",
        "is_number_synthetic": True,
        "address_line_1": f"Unit {number % 40 + 1}, Example Park",
        "address_town": town,
        "postcode": postcode,
        "incorporated_on": date(2015 + number % 7, 1 + number % 12, 1 + number % 28),
        "employees": 4 + number % 30,
        "turnover_pence": (20 + number % 60) * 1_000_000,
        "balance_sheet_pence": (10 + number % 30) * 1_000_000,
        "sic_codes": ["72110"],
    }
    return CompanyDetails(**details | instead)


def fill(
    application: Application, *, by: Person, at: datetime, given: dict[str, Any] | None = None, seed: int = 0, as_is: bool = False
) -> Application:
    """Answer every question that is asked and attach every file, so that it can be signed, and is eligible if answers can make it so.

    `given` are answers to use, by question id or by what they mean (`title`, `grant`, `starts_on` …); they are kept whatever the rules
    say. `as_is` leaves the other answers too as first invented. Returns the fresh application.
    """
    definition = application.version.definition
    meant = definition.form.means.model_dump(exclude_none=True)
    fixed = {meant.get(name, name): value for name, value in (given or {}).items()}
    values = _invent(application, fixed, at=at, seed=seed)
    if not as_is:
        values = _made_eligible(application, values, fixed, at=at)
    for found in Reading(application, at=at, changed=values).asked:
        section = found.section
        typed = {q.id: Typed(values[q.id]) for q in section.questions if q.id in values and q.kind not in ("file", "declaration")}
        if typed:
            answers.save_many(application=application, typed=typed, by=by, at=at)
    fresh = Application.objects.afresh(application)
    _attach(fresh, by=by, at=at)
    return fresh


def _invent(application: Application, fixed: dict[str, Any], *, at: datetime, seed: int) -> dict[str, Any]:
    """An answer to every question of the form, those given left alone."""
    definition = application.version.definition
    means = definition.form.means
    months = min(9, definition.award.project_months_at_most)
    closes_on = localdate(application.round.closes_at)
    starts_on = date.fromisoformat(fixed.get(means.starts_on) or first_of_month(closes_on + timedelta(days=75)))
    ends_on = date.fromisoformat(fixed.get(means.ends_on) or (add_months(starts_on, months) - timedelta(days=1)).isoformat())
    rate = definition.rate_for(application.company.size_by(definition.size_rule, on=localdate(at))) or 50
    funding = definition.funding
    grant = fixed.get(means.grant) or (funding.grant_min + funding.grant_max) // 2 // 100_00 * 100_00
    values: dict[str, Any] = {
        means.title: f"Proving the {NAMES[seed % len(NAMES)].lower()} test at two sites",
        means.summary: " ".join(SENTENCES[(seed + offset) % len(SENTENCES)] for offset in range(3)),
        means.starts_on: starts_on.isoformat(),
        means.ends_on: ends_on.isoformat(),
        means.grant: grant,
        means.costs: cost_lines(definition, at_least_for(grant, rate)),
        means.milestones: milestones(definition, facts.months_begun(starts_on, ends_on)),
    }
    for number, question in enumerate(definition.form.questions()):
        if question.id not in values:
            values[question.id] = _plain(question, seed + number, earliest=starts_on)
    return {question: value for question, value in (values | fixed).items() if value is not None}


def _plain(question: Any, seed: int, *, earliest: date) -> Any:
    match question.kind:
        case "text":
            return " ".join(SENTENCES[seed % len(SENTENCES)].split()[: question.max_words])[: min(question.max_characters, 60)].strip()
        case "long_text":
            return _paragraphs(question.max_words, seed)
        case "number":
            value = max(question.minimum or 0, min(2, question.maximum if question.maximum is not None else 2))
            return str(value) if question.decimals else value
        case "money":
            return question.minimum or 0
        case "percent":
            return f"{question.minimum or 0}"
        case "date":
            return max(earliest, question.earliest or earliest).isoformat()
        case "yes_no":
            return False
        case "choice":
            return question.options[0].id
        case "several":
            return [question.options[0].id]
        case "company_number":
            return f"99{seed % 1_000_000:06d}"
        case "postcode":
            return PLACES[seed % len(PLACES)][1]
        case "sic_codes":
            return ["72110"]
        case "group":
            return [
                {cell.id: _plain(cell, seed + number, earliest=earliest) for cell in question.questions}
                for number in range(min(max(2, question.at_least), question.at_most))
            ]
    return None


def _paragraphs(max_words: int, seed: int) -> str:
    text: list[str] = []
    for offset in range(60):
        sentence = SENTENCES[(seed * 3 + offset) % len(SENTENCES)]
        if count_words(" ".join([*text, sentence])) > max_words * 0.7:
            break
        text.append(sentence)
    return " ".join(text) or " ".join(SENTENCES[seed % len(SENTENCES)].split()[:max_words])


def _made_eligible(application: Application, values: dict[str, Any], fixed: dict[str, Any], *, at: datetime) -> dict[str, Any]:
    """Try other answers to the closed questions that failing rules read, one question at a time."""
    definition = application.version.definition
    for _ in range(3):
        failing = _failing(application, values, at=at)
        read = {path.split(".")[1] for must in failing for path in compiled(must)[1] if path.startswith("answers.")}
        for question in definition.form.questions():
            if question.id in read and question.id not in fixed:
                values = _better(application, values, question, len(failing), at=at)
    return values


def _failing(application: Application, values: dict[str, Any], *, at: datetime) -> list[str]:
    """The expressions of the rules and checks that do not hold."""
    rules = application.version.definition.eligibility.rules
    reading = Reading(application, at=at, changed=values)
    broken = [rule.must for rule, outcome in zip(rules, evaluate(rules, reading.facts), strict=True) if not outcome.passed]
    return broken + [check.must for _, check, outcome in crosschecks.outcomes(reading) if not outcome.passed]


def _better(application: Application, values: dict[str, Any], question: Any, failing: int, *, at: datetime) -> dict[str, Any]:
    options = _alternatives(question)
    if not options:
        return values

    def fails(value: Any) -> int:
        return len(_failing(application, values | {question.id: value}, at=at))

    best = min(options, key=fails)
    return values | {question.id: best} if fails(best) < failing else values


def _alternatives(question: Any) -> list[Any]:
    match question.kind:
        case "yes_no":
            return [False, True]
        case "choice":
            return [option.id for option in question.options]
        case "several":
            return [[option.id] for option in question.options]
        case "number" if not question.decimals:
            low = question.minimum or 0
            high = question.maximum if question.maximum is not None else low + 1_000
            return list(range(low, high + 1)) if high - low <= 20 else sorted({low, low + 1, (low + high) // 2, high})
    return []


def at_least_for(grant: int, rate: Any) -> int:
    """Cost in pence, in whole pounds, of which `grant` is no more than `rate` percent."""
    cost = int(grant * 100 / rate) // 100 * 100
    while share_pence(cost, rate) < grant:
        cost += 100
    return cost


def cost_lines(definition: Any, total_pence: int) -> list[dict[str, Any]]:
    """Eligible costs that add up to the total, in categories without a cap or a flat rate where there are such."""
    question = definition.form.question(definition.form.means.costs)
    offered = [category for category in shapes.categories(definition, question) if category.is_eligible]
    free = [category for category in offered if category.cap_percent is None and category.flat_rate is None] or offered
    chosen = free[:3]
    parts = split_pence(total_pence // 100, [5, 3, 2][: len(chosen)])
    return [
        {"category": category.id, "description": f"{category.title} for the study", "amount_pence": part * 100}
        for category, part in zip(chosen, parts, strict=True)
    ]


def milestones(definition: Any, months: int) -> list[dict[str, Any]]:
    """The expected milestones, or three equal ones, spread over the project."""
    question = definition.form.question(definition.form.means.milestones)
    expected = [(each.title, each.deliverable or each.title, each.percent) for each in question.expected]
    if not expected:
        count = min(3, question.at_most)
        expected = [(f"Stage {number}", f"Report of stage {number}", part) for number, part in enumerate(split_pence(100, [1] * count), 1)]
    return [
        {
            "title": title,
            "deliverable": deliverable,
            "success": "Signed off by both sites, with the figures in the report.",
            "month": max(1, months * number // len(expected)),
            "percent": percent,
        }
        for number, (title, deliverable, percent) in enumerate(expected, start=1)
    ]


def _attach(application: Application, *, by: Person, at: datetime) -> None:
    for found in Reading(application, at=at).asked:
        for question in found.questions:
            if question.kind == "file" and question.required and "pdf" in question.types:
                upload = ContentFile(pdf(f"{application.reference}: {question.label}"), name=f"{question.id}.pdf")
                documents.attach(application=application, question=question.id, upload=upload, by=by, at=at)


def pdf(text: str) -> bytes:
    """A small real PDF of one page that says `text`."""
    shown = text.encode("ascii", "replace").decode().translate(str.maketrans("()\\", "[]/"))
    stream = f"BT /F1 12 Tf 60 760 Td ({shown}) Tj ET".encode()
    parts = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%b\nendstream" % (len(stream), stream),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    out = io.BytesIO()
    out.write(b"%PDF-1.4\n")
    offsets = []
    for number, part in enumerate(parts, start=1):
        offsets.append(out.tell())
        out.write(b"%d 0 obj\n%b\nendobj\n" % (number, part))
    start = out.tell()
    out.write(b"xref\n0 6\n0000000000 65535 f \n" + b"".join(b"%010d 00000 n \n" % offset for offset in offsets))
    out.write(b"trailer\n<< /Size 6 /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % start)
    return out.getvalue()


def first_of_month(day: date) -> str:
    """The first day of the month after the one `day` lies in."""
    return add_months(day.replace(day=1), 1).isoformat()


def add_months(day: date, months: int) -> date:
    """The same day so many months later; `day` is early enough in its month for that to exist."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return day.replace(year=year, month=month + 1)
