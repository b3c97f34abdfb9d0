"""VAT of costs: asked for in the form, counted where the company cannot recover it, held to in its claims."""

from datetime import timedelta

import pytest
import time_machine
import yaml
from django.urls import reverse

from accounts.refusals import Refused
from applications import facts
from applications.models import Application
from applications.presenters.answers import of_paper
from assessments.answers import paper_of
from grants.definition import loading, parse
from payments import papers, terms
from payments.actions import lines
from payments.presenters.company import vat_in_words
from tests.stages import applications, grants
from tests.stages import payments as stage

COSTS = [
    {"category": "labour", "description": "Two nurses", "amount_pence": 30_000_00, "vat_pence": None},
    {"category": "materials", "description": "Reagents", "amount_pence": 10_000_00, "vat_pence": 2_000_00},
]


def document(vat: str = "irrecoverable", **means: str) -> str:
    values = yaml.safe_load(grants.document())
    values["delivery"]["vat"] = vat
    values["form"]["means"] |= means
    money = next(section for section in values["form"]["sections"] if section["id"] == "money")
    money["questions"].insert(0, {"id": "vat_back", "kind": "yes_no", "label": "Does your company recover VAT?"})
    return yaml.safe_dump(values, sort_keys=False, allow_unicode=True)


GROSS = stage.cost(8, net_pence=100_00, vat_pence=20_00, eligible_pence=120_00)
ASKS = document(recovers_vat="vat_back")


def live(cast, *, recovers: bool):
    """An award under way of a company that said so."""
    round = grants.open_round(cast, programme=grants.published(cast, text=ASKS))
    return stage.live(cast, round=round, given={"vat_back": recovers, "costs": COSTS, "grant": 20_000_00})


def test_a_programme_that_pays_vat_asks_who_recovers_it():
    (problem,) = loading.examine(document())[1]
    assert "“recovers_vat” must name the question that asks it" in problem.sentence
    assert parse(ASKS).delivery.vat == "irrecoverable"


@pytest.mark.parametrize(("recovers", "total"), [(True, 40_000_00), (False, 42_000_00), (None, 40_000_00)])
def test_vat_counts_where_it_cannot_be_recovered(recovers, total):
    definition = parse(ASKS)
    with_vat = facts.vat_counts(definition, {"vat_back": recovers})
    found = facts.of_costs(definition, COSTS, with_vat=with_vat)
    assert (found["total_pence"], found["by_category"]["materials"]) == (total, total - 30_000_00)
    assert not facts.vat_counts(parse(document("excluded", recovers_vat="vat_back")), {"vat_back": False})


def test_what_counts_is_on_the_row_in_the_paper_and_in_the_claim(cast):
    award = live(cast, recovers=False)
    application = award.application
    assert application.project_cost_pence == 42_000_00
    definition = application.version.definition
    (costs,) = [one for section in of_paper(definition, application.current_paper()) for one in section.answers if one.id == "costs"]
    assert costs.rows[1][1:] == ["Reagents", "£10,000", "£2,000", "£12,000"]
    assert costs.total == ["Total", "", "£40,000", "£2,000", "£42,000"]
    assert paper_of(Application.objects.get(pk=application.pk)).answer("costs").rows[-1][2:] == ["£40,000", "£2,000", "£42,000"]
    assert terms.pays_vat(award)
    assert "VAT: counts as a cost, as you cannot recover it" in papers.offer(award)
    claim = stage.claim_draft(cast, award=award)
    line = lines.add(claim=claim, cost=GROSS, by=cast["applicant"], at=stage.CLAIMED)
    assert (line.net_pence, line.vat_pence, line.eligible_pence) == (100_00, 20_00, 120_00)


def test_vat_that_is_recovered_is_refused_in_a_claim(cast):
    award = live(cast, recovers=True)
    assert award.application.project_cost_pence == 40_000_00
    claim = stage.claim_draft(cast, award=award)
    with pytest.raises(Refused, match=r"At most £100.00, the amount without VAT, counts: you said .* recovers VAT"):
        lines.add(claim=claim, cost=GROSS, by=cast["applicant"], at=stage.CLAIMED)
    assert vat_in_words(award) == "VAT does not count: your company recovers it."


@time_machine.travel(grants.CLOSES - timedelta(days=1), tick=False)
def test_the_form_asks_for_the_vat_of_each_cost(client, cast):
    round = grants.open_round(cast, programme=grants.published(cast, text=ASKS))
    draft = applications.draft(cast, round=round, filled=False)
    client.force_login(cast["applicant"])
    path = reverse("applications:section", args=[draft.reference, "money"])
    assert 'name="costs-0-vat_pence"' in client.get(path).content.decode()
    client.post(
        path,
        {
            "vat_back": "no", "vat_back-revision": "0", "costs-revision": "0", "costs-count": "1", "costs-0-category": "materials",
            "costs-0-description": "Reagents", "costs-0-amount_pence": "100", "costs-0-vat_pence": "20", "later": "1",
        },
    )  # fmt: skip
    assert draft.values()["costs"] == [{"category": "materials", "description": "Reagents", "amount_pence": 100_00, "vat_pence": 20_00}]
    assert Application.objects.get(pk=draft.pk).project_cost_pence == 120_00
