"""The queue and the page of one application, for staff."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.timezone import localdate

from applications.models import Application
from tests.integration.applications.test_pages import texts
from tests.stages import applications as stages
from tests.stages import grants
from workflow.models import Case

QUEUE = "/manage/applications/"


def test_staff_screen_by_hand(as_, cast, open_now, officer, lead, applicant, now):
    referred = stages.referred(cast, round=open_now, at=now)
    client, where = as_(officer), referred.staff_path()
    assert referred.reference in texts(client.get(f"{QUEUE}?state=referred"))
    detail = texts(client.get(where))
    assert "lies on the edge of the West Midlands" in detail
    assert "Outcode: B79" in detail
    assert client.post(f"{where}refuse_referral/", {"note": ""}).status_code == 400
    assert "The company reads the reason" in client.get(where).content.decode()
    assert client.post(f"{where}refuse_referral/", {"note": "Outside."}).url == where
    assert client.post(f"{where}reinstate/", {"note": "Inside."}).status_code == 403
    assert as_(lead).post(f"{where}reinstate/", {"note": "Inside."}).status_code == 302
    assert client.post(f"{where}approve/", {"note": "x"}).status_code == 404
    client = as_(applicant)
    assert client.get(QUEUE).status_code == 403
    assert client.get(where).status_code == 404


def test_staff_read_the_size_by_the_rule_of_the_programme(as_, cast, officer):
    """Ten people are a micro company under the Companies Act, and a small one by the European definition, which asks for fewer."""
    text = grants.document().replace("size_rule: companies_act_2006", "size_rule: eu_2003_361")
    round = grants.open_round(cast, programme=grants.published(cast, text=text))
    sent = stages.submitted(cast, round=round, employees=10, turnover_pence=50_000_000, balance_sheet_pence=20_000_000)
    assert sent.company.size == "micro"
    said = texts(as_(officer).get(sent.staff_path()))
    assert "Small by the European definition: 10 employees, turnover £500,000, balance sheet total £200,000" in said


def test_staff_never_read_a_draft_but_may_give_it_time(as_, draft, officer, now):
    client = as_(officer)
    assert draft.reference not in texts(client.get(QUEUE))
    assert client.get(draft.staff_path()).status_code == 404
    day = localdate(now) + timedelta(days=30)
    given = {"reference": draft.reference.lower(), "day_day": day.day, "day_month": day.month, "day_year": day.year, "time": "12:00"}
    extra = reverse("manage_applications:extend")
    assert "Enter the reason" in texts(client.post(extra, given))
    assert "There is no draft" in texts(client.post(extra, given | {"reference": "DIAGCOMM-ZZZZ", "note": "x"}))
    assert client.post(extra, given | {"note": "Their network was down."}).status_code == 302
    assert Application.objects.get(pk=draft.pk).extended_until.date() == day


def test_the_queue_costs_the_same_for_few_and_many(as_, cast, open_now, officer, now):
    """Two rows and two hundred: as many queries. The many are copies of a real one, for the list only."""
    first = stages.eligible(cast, round=open_now, at=now)
    stages.eligible(cast, round=open_now, at=now)
    client = as_(officer)
    client.get(QUEUE)
    with CaptureQueriesContext(connection) as few:
        client.get(QUEUE)
    for number in range(200):
        case = Case.objects.create(reference=f"COPY-{number:04d}", holder="officer", held_since=now)
        copy = Application.objects.get(pk=first.pk)
        copy.pk, copy.case, copy.reference, copy._state.adding = None, case, case.reference, True
        copy.submitted_at = now + timedelta(seconds=number)
        copy.save(force_insert=True)
    with CaptureQueriesContext(connection) as many:
        page = client.get(QUEUE)
    assert len(few) == len(many) <= 12
    assert _walk(client, page) == 202


def _walk(client, page) -> int:
    """Rows on this page and all after it, by its own links, none of them twice; then all the way back."""
    seen: set[str] = set()
    while True:
        html = page.content.decode()
        references = re.findall(rf'href="{QUEUE}([A-Z]+-\w{{4}})/"', html)
        assert not seen & set(references)
        seen |= set(references)
        following = re.search(rf'href="({QUEUE}\?[^"]+)" rel="next"', html)
        if following is None:
            break
        page = client.get(following[1].replace("&amp;", "&"))
    back = 0
    while before := re.search(rf'href="({QUEUE}\?[^"]+)" rel="prev"', page.content.decode()):
        page = client.get(before[1].replace("&amp;", "&"))
        back += 1
    assert back == 4
    return len(seen)


@pytest.mark.parametrize("cursor", ["x", "WyJhZnRlciJd:1:zzz", "a" * 3000])
def test_a_cursor_that_is_not_ours_starts_again(as_, cast, open_now, officer, now, cursor):
    sent = stages.eligible(cast, round=open_now, at=now)
    assert sent.reference in texts(as_(officer).get(f"{QUEUE}?cursor={cursor}"))


@pytest.mark.parametrize("query", ["state=nonsense", "round=NOPE", "q=%25", "q=" + "x" * 500])
def test_nonsense_filters_do_no_harm(as_, officer, open_now, query):
    assert as_(officer).get(f"{QUEUE}?{query}").status_code == 200
