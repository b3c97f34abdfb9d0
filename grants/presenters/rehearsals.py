"""The pages of rehearsals: those that were, one that is being played, and what one came to."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.urls import reverse

from design import charts
from design.words import in_words, moment_in_words, pounds, pounds_short
from grants.models import Programme, Rehearsal
from grants.presenters import staff
from grants.rehearsals import plan as plans
from grants.rehearsals.plan import SHORT, TITLES

LAST = plans.LEGS[-1][0]
COUNT = {"numeric": True}
COLUMNS = ["Rehearsal", "State", "Asked for"]
LEGS = ["Stage", "How it went", "Applications after it"]
COMPANIES = ["Company", "Application", *({"label": label, **COUNT} for label in ("Asked", "Awarded", "Claimed", "Paid"))]
RULES = ["Rule", {"label": "Met", **COUNT}, {"label": "Not met", **COUNT}, "Where it is not met"]
ON_FAIL = {"reject": "Ends the application", "refer": "A person looks"}


def list_crumbs(programme: Programme) -> list[tuple[str, str]]:
    """From the list of programmes to that of rehearsals."""
    href = reverse("grants:rehearsals", args=[programme.slug])
    return [("Programmes", reverse("grants:manage")), (programme.name, staff.programme_href(programme)), ("Rehearsals", href)]


def rows(rehearsals: Iterable[Rehearsal]) -> list[list[Any]]:
    """Those that are kept, newest first."""
    return [
        [
            {"text": f"Version {each.version.number}, {_companies(each)}", "href": each.get_absolute_url()},
            _state(each),
            f"{in_words(each.asked_at)}, {each.asked_by}",
        ]
        for each in rehearsals
    ]


def _state(rehearsal: Rehearsal) -> dict[str, str]:
    if rehearsal.failure:
        return {"tag": "Broke off", "tone": "waiting"}
    if rehearsal.report is None:
        return {"tag": "Being played" if rehearsal.doing else "Waiting", "tone": "active"}
    wrong = sum(bool(leg["broke_off"]) or leg["refused"] for leg in rehearsal.report["legs"])
    return {"tag": "Went through", "tone": "good"} if not wrong else {"tag": "Look at it", "tone": "waiting"}


def _companies(rehearsal: Rehearsal) -> str:
    count = rehearsal.plan.companies
    return f"{count} {'company' if count == 1 else 'companies'}"


def page(rehearsal: Rehearsal) -> dict[str, Any]:
    """One rehearsal, whichever way it stands."""
    programme = rehearsal.programme
    context = {
        "rehearsal": rehearsal,
        "programme": programme,
        "crumbs": [*list_crumbs(programme), (f"Version {rehearsal.version.number}", "")],
        "title": f"Rehearsal of version {rehearsal.version.number}",
        "walk_href": reverse("grants:rehearsal_walk", args=[programme.slug, rehearsal.pk]),
        "delete_href": reverse("grants:rehearsal_delete", args=[programme.slug, rehearsal.pk]),
        "has_changed": rehearsal.version.text_id != rehearsal.text_id,
        "doing": rehearsal.doing or "Waiting for its turn",
    }
    return context | (_told(rehearsal, rehearsal.report) if rehearsal.report is not None else {})


def _told(rehearsal: Rehearsal, report: Mapping[str, Any]) -> dict[str, Any]:
    found = report["summary"]
    return {
        "verdict": verdict(report),
        "stats": _stats(report),
        "summary": _summary(rehearsal, report),
        "chart": chart(report),
        "leg_columns": LEGS,
        "legs": [_leg(leg) for leg in report["legs"]],
        "broken": [_broken(leg) for leg in report["legs"] if leg["broke_off"] or leg["refused"]],
        "company_columns": COMPANIES,
        "companies": [_company(each) for each in report["companies"]],
        "rule_columns": RULES,
        "rules": [[rule["title"], rule["met"], rule["not_met"], ON_FAIL[rule["on_fail"]]] for rule in report["rules"]],
        "never": [rule["title"] for rule in report["rules"] if rule["met"] == 0 and rule["not_met"] > 0],
        "letters": report["letters"],
        "letter_count": found["mails_waiting"],
    }


def verdict(report: Mapping[str, Any]) -> str:
    """In a sentence how it went."""
    broken = [TITLES[leg["key"]] for leg in report["legs"] if leg["broke_off"]]
    refused = sum(leg["refused"] for leg in report["legs"])
    if broken:
        return f"It broke off at “{broken[0]}”. What stopped it is said below."
    last = report["legs"][-1]["key"]
    went = "It went through from the first stage to the last" if last == LAST else f"It went as far as “{TITLES[last]}”, as you asked"
    if refused:
        return f"{went}, and {refused} {'act was' if refused == 1 else 'acts were'} refused on the way: each is named below."
    return f"{went}, and nothing was refused."


def _stats(report: Mapping[str, Any]) -> list[dict[str, Any]]:
    found = report["summary"]
    return [
        {"label": "Applications", "value": str(sum(found["applications"].values()))},
        {"label": "Awarded", "value": pounds_short(found["awarded_pence"])},
        {"label": "Claimed", "value": pounds_short(found["claimed_pence"])},
        {"label": "Paid", "value": pounds_short(found["paid_pence"])},
    ]


def _summary(rehearsal: Rehearsal, report: Mapping[str, Any]) -> list[tuple[str, str]]:
    found = report["summary"]
    trail = "verified whole" if found["audit_verified"] else "does not verify"
    return [
        ("Round", f"Opened {_day(report['opened_at'])} by the rehearsal’s clock, which now says {_day(report['ended_at'])}"),
        ("Budget left", pounds(found["budget_left_pence"])),
        ("Its trail", f"{found['audit_events']:,} events, {trail}"),
        ("Its books", "Balanced" if found["books_balanced"] else "Do not balance"),
        ("Its mail", f"{found['mails_waiting']:,} messages, kept here, none of them sent"),
        ("Asked for", f"{moment_in_words(rehearsal.asked_at)} by {rehearsal.asked_by}"),
    ]


def _day(text: str) -> str:
    return in_words(datetime.fromisoformat(text))


def chart(report: Mapping[str, Any]) -> dict[str, Any] | None:
    """How many applications were still in the running after each stage: picture, sentence and table."""
    counts = [(SHORT[leg["key"]], leg["running"]) for leg in report["legs"][1:]]
    if not counts or not counts[0][1]:
        return None
    first, last = counts[0][1], counts[-1][1]
    return {
        "svg": charts.bars([(title, float(count)) for title, count in counts], horizontal=True, format="d"),
        "title": "Applications still in the running after each stage",
        "summary": f"Of {first} that came in and could go on, {last} {'was' if last == 1 else 'were'} left after the last stage.",
        "columns": ["Stage", {"label": "Applications", **COUNT}],
        "rows": [[title, count] for title, count in counts],
    }


def _leg(leg: Mapping[str, Any]) -> list[Any]:
    states = ", ".join(f"{count} {state.lower()}" for state, count in leg["states"].items())
    if leg["broke_off"]:
        went = {"tag": "Broke off", "tone": "waiting", "hint": leg["broke_off"]}
    elif leg["refused"]:
        went = {"tag": f"{leg['refused']} refused", "tone": "waiting"}
    else:
        went = {"tag": "Went through", "tone": "good"}
    return [{"text": leg["title"], "hint": _day(leg["ended_at"]) if leg["ended_at"] else ""}, went, states or "None yet"]


def _broken(leg: Mapping[str, Any]) -> dict[str, Any]:
    said = [*([leg["broke_off"]] if leg["broke_off"] else []), *leg["refusals"]]
    return {"title": leg["title"], "said": said, "more": leg["refused"] - len(leg["refusals"])}


def _company(one: Mapping[str, Any]) -> list[Any]:
    money = [pounds(one[f"{kind}_pence"]) for kind in ("asked", "awarded", "claimed", "paid")]
    return [one["name"], {"text": one["state"], "hint": one["reference"]}, *money]
