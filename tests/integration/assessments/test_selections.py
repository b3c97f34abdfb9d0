"""What a budget funds: scenarios worked out, one frozen as the evidence that decisions rest on."""

from types import SimpleNamespace

import pytest
from django.db import DatabaseError, transaction
from django.utils.timezone import now

from accounts.refusals import Denied, NotAllowedNow, Refused
from applications.models import Answer, Application
from assessments.actions import decisions, selections
from assessments.models import Conflict, Decision, Run
from assessments.presenters import selections as shows
from audit.models import Event
from grants.definition.loading import parse
from grants.models import Budget
from notifications import delivery
from tests.cast import *  # noqa: F403
from tests.stages import assessments as stages
from tests.stages.assessments import DECIDED, SETTLED, scenario
from tests.stages.grants import document

BASE = "/manage/assessment/DIAGCOMM-1/selection/"


@pytest.fixture
def ranked(cast) -> list[Application]:
    """Three applications that await a decision, the best first; the last does not meet the threshold."""
    first = stages.assessed(cast, marks=(9, 9, 9))
    others = [stages.assessed(cast, round=first.round, marks=marks) for marks in ((8, 8, 8), (5, 5, 5))]
    return [first, *others]


def asked(*applications: Application) -> int:
    return sum(one.grant_requested_pence for one in applications)


def fresh(run: Run) -> Run:
    return Run.objects.get(pk=run.pk)


def test_a_scenario_says_who_is_funded_and_what_other_budgets_would_do(cast, ranked):
    run = scenario(cast, ranked[0].round, budget_pence=asked(ranked[0], ranked[1]))
    assert run.figures["funded"] == [ranked[0].reference, ranked[1].reference]
    assert run.figures["left_pence"] == 0
    lower = {one["percent"]: one for one in run.figures["scenarios"]}
    assert lower[-5]["exits"] == [ranked[1].reference]
    assert lower[20]["entries"] == []
    assert scenario(cast, ranked[0].round, budget_pence=asked(ranked[0], ranked[1])) == run


def test_equals_at_the_line_are_named_and_left_to_a_person(client, cast, monkeypatch):
    monkeypatch.setattr(decisions, "_by_the_panel", lambda application: None)
    first = stages.assessed(cast, marks=(8, 8, 8))
    second = stages.assessed(cast, round=first.round, marks=(8, 8, 8))
    run = scenario(cast, first.round, budget_pence=asked(first))
    assert sorted(run.figures["tied_at_line"]) == sorted([first.reference, second.reference])
    client.force_login(cast["officer"])
    page = client.get(f"{BASE}{run.pk}/").content.decode()
    assert "1 of them has still to be chosen from 2 equals" in page
    assert "goes by reference, which is no merit" in page
    Budget.objects.update(amount_pence=asked(first))
    for _ in ("by the budget line", "by the frozen scenario"):
        refused = [said.code for _, said in decisions.propose_round(round=first.round, by=cast["officer"], at=DECIDED) if said]
        assert refused == ["equals_at_line"] * 2
        if run.frozen_at is None:
            run = selections.freeze(run=run, reason="It fits the money we hold.", by=cast["officer"], at=SETTLED)


def test_only_the_declared_rule_is_used(cast, ranked):
    round = ranked[0].round
    with pytest.raises(Refused, match="in the order of scores"):
        scenario(cast, round, rule="portfolio")
    with pytest.raises(Refused, match="not in this ranking"):
        scenario(cast, round, must_not=("NOBODY",))
    with pytest.raises(Denied):
        selections.request(round=round, settings=selections.Settings(1), by=cast["auditor"], at=SETTLED)


def test_a_limit_may_go_by_what_was_chosen_in_the_form(ranked):
    limit = "  selection: portfolio\n  portfolio:\n    - {by: answer, question: diagnostic_use, at_most: 1}\n"
    round = SimpleNamespace(definition=parse(document().replace("  selection: top_down\n", limit)))
    chosen = Answer.objects.get(application=ranked[0], question="diagnostic_use").value
    said = round.definition.form.question("diagnostic_use").options
    found = selections._answers(round, [SimpleNamespace(application=one) for one in ranked])
    assert found[ranked[0].pk] == {"answer:diagnostic_use": next(one.label for one in said if one.id == chosen)}
    assert set(found) == {one.pk for one in ranked}


def test_a_portfolio_is_worked_out_in_the_background_within_its_limits(cast, ranked, monkeypatch):
    monkeypatch.setattr(selections, "rule_of", lambda round: "portfolio")
    with pytest.raises(Refused, match="from 30 applications on"):
        scenario(cast, ranked[0].round, rule="portfolio")
    monkeypatch.setattr(selections, "FEW", 2)
    limits = ({"label": "size", "value": ranked[0].company.size, "least": 0, "most": 1},)
    run = scenario(cast, ranked[0].round, rule="portfolio", limits=limits)
    assert run.finished_at is None
    delivery.drain(at=SETTLED)
    run = fresh(run)
    found = run.figures
    assert found["funded"] == [ranked[0].reference]
    assert found["leapfrogs"] == []
    assert found["prices"][0][1] > 0
    must = scenario(cast, ranked[0].round, rule="portfolio", limits=limits, must=(ranked[1].reference,))
    delivery.drain(at=SETTLED)
    assert fresh(must).figures["funded"] == [ranked[1].reference]
    assert fresh(must).figures["leapfrogs"][0][0] == ranked[0].reference
    late = {"prices": [["Size", None]], "unproven_prices": ["Size"], "is_least": False, "not_met": ["size small: at least 3 (2)"]}
    run.outcome |= late | {"scenarios": [one | {"is_proven": False} for one in found["scenarios"]]}
    assert shows.price_rows(run) == [["Size", "No time was left to look"]]
    assert "before it was proven that no less could be missing" in shows.remarks(run, {})[0]
    assert shows.budget_rows(run, {})[0][0] == {"text": "−20 %", "hint": "Not proven to be the best"}


def test_the_frozen_scenario_is_evidence_and_decisions_name_it(cast, ranked, monkeypatch):
    monkeypatch.setattr(decisions, "_by_the_panel", lambda application: None)
    round = ranked[0].round
    run = scenario(cast, round, budget_pence=asked(ranked[0]))
    with pytest.raises(Refused):
        selections.freeze(run=run, reason=" ", by=cast["officer"], at=SETTLED)
    with pytest.raises(Denied):
        selections.freeze(run=run, reason="It fits.", by=cast["auditor"], at=SETTLED)
    frozen = selections.freeze(run=run, reason="It fits the money we hold.", by=cast["officer"], at=SETTLED)
    assert len(frozen.evidence_sha256) == 64
    assert Event.objects.filter(kind="round.scenario_frozen").count() == 1
    with pytest.raises(NotAllowedNow):
        selections.freeze(run=run, reason="Again.", by=cast["officer"], at=SETTLED)
    assert all(refusal is None for _, refusal in decisions.propose_round(round=round, by=cast["officer"], at=DECIDED))
    outcomes = [Decision.objects.get(application=one).outcome for one in ranked]
    assert outcomes == ["approve", "reserve", "decline"]
    assert set(Decision.objects.values_list("run", flat=True)) == {run.pk}
    assert f"run {run.pk}" in Decision.objects.get(application=ranked[0]).reason
    with pytest.raises(DatabaseError), transaction.atomic():
        Run.objects.filter(pk=run.pk).update(frozen_reason="")


def test_a_scenario_overtaken_by_a_score_is_neither_frozen_nor_followed(client, cast, ranked):
    run = scenario(cast, ranked[0].round)
    frozen = scenario(cast, ranked[0].round, budget_pence=asked(ranked[0]))
    selections.freeze(run=frozen, reason="It fits.", by=cast["officer"], at=SETTLED)
    Application.objects.filter(pk=ranked[0].pk).update(grant_requested_pence=1_100_000)
    with pytest.raises(NotAllowedNow, match="have changed since"):
        selections.freeze(run=run, reason="It fits.", by=cast["officer"], at=SETTLED)
    with pytest.raises(NotAllowedNow, match="have changed since"):
        list(decisions.propose_round(round=ranked[0].round, by=cast["officer"], at=DECIDED))
    client.force_login(cast["officer"])
    assert "Scores or amounts have changed" in client.get(f"{BASE}{frozen.pk}/").content.decode()


def test_a_scenario_is_asked_for_looked_at_and_frozen_on_its_pages(client, cast, ranked):
    client.force_login(cast["officer"])
    assert "There is a problem" in client.post(BASE, {"budget_pence": "lots"}).content.decode()
    assert "not in this ranking" in client.post(BASE, {"budget_pence": "1", "must_not": "X"}).content.decode()
    page = client.post(BASE, {"budget_pence": "50000"}, follow=True).content.decode()
    run = Run.objects.get()
    for words in (ranked[0].reference, "Below the threshold", "With less and with more money", "+20 %", "<svg"):
        assert words in page, words
    client.post(f"{BASE}{run.pk}/freeze/", {"note": "It fits."})
    assert "Frozen as evidence" in client.get(f"{BASE}{run.pk}/").content.decode()
    Conflict.objects.create(
        person=cast["lead"], application=ranked[0], kind="declared", ground="declared", status="confirmed", recorded_at=now(),
        recorded_by=cast["officer"],
    )  # fmt: skip
    client.force_login(cast["lead"])
    page = client.get(f"{BASE}{run.pk}/").content.decode()
    assert ranked[0].reference not in page
    assert "One you have an interest in" in page
    client.force_login(cast["monitor"])
    assert client.get(BASE).status_code == 403
