"""Assistance counted by enterprise group, the eligibility check carried over, and a finding reviewed by a second person."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.utils.timezone import localdate

from accounts.refusals import Denied, NotAllowedNow, Refused
from applications import subsidies
from applications.actions import companies, eligibility
from applications.models import Application
from applications.presenters import companies as presenters
from notifications.models import Notice
from payments.actions import awards
from tests.integration.applications.test_pages import texts
from tests.stages import applications as stages
from tests.stages import payments

CHECK = "/programmes/diagcomm/check/"


def declare(company, pounds, on, *, by, at):
    companies.declare_award(company=company, body="A council", nature="mfa", amount_pence=pounds * 100, given_on=on, by=by, at=at)


def test_a_group_is_its_parent_its_subsidiaries_and_whoever_shares_its_name(cast, applicant, now, monkeypatch):
    parent = stages.company(cast, at=now)
    first = stages.company(cast, at=now, group_parent_number=parent.company_number)
    second = stages.company(cast, at=now, group_parent_number=parent.company_number)
    named = stages.company(cast, at=now, enterprise_group="The Sample Group")
    stranger = stages.company(cast, at=now, enterprise_group="Another Group")
    declare(parent, 200_000, localdate(now) - timedelta(days=9), by=applicant, at=now)
    declare(second, 100_000, localdate(now), by=applicant, at=now)
    declare(named, 1_000, localdate(now), by=applicant, at=now)
    for one, pounds in ((parent, 300_000), (first, 300_000), (second, 300_000), (named, 1_000), (stranger, 0)):
        assert subsidies.received_pence(one, localdate(now)) == pounds * 100, one
    subsidies.check_room(first, 15_000_00, on=localdate(now))
    with pytest.raises(NotAllowedNow, match="would exceed the limit of £315,000"):
        subsidies.check_room(first, 15_000_01, on=localdate(now))
    with pytest.raises(NotAllowedNow):
        subsidies.check_room(stranger, 1, on=localdate(now), said_pence=315_000_00)
    ours = subsidies.Given("We", 5_000_00, localdate(now))
    monkeypatch.setattr(subsidies, "_known", [lambda group, since: [ours]])
    for said, total in ((0, 305_000_00), (299_999_99, 305_000_00), (310_000_00, 315_000_00)):
        counted = subsidies.total_pence(first, localdate(now), said_pence=said)
        assert counted == total, "the larger of what it says and declares of others, and what we gave"


def test_the_financial_year_begins_at_midnight_here(cast, applicant, now):
    """In the first hour of 1 April it is still 31 March in Greenwich."""
    company = stages.company(cast, at=now)
    declare(company, 315_000, date(2025, 3, 31), by=applicant, at=now)
    last, first = datetime(2028, 3, 31, 22, 59, tzinfo=UTC), datetime(2028, 3, 31, 23, 0, tzinfo=UTC)
    declare(company, 1, date(2028, 4, 1), by=applicant, at=first)
    with pytest.raises(Refused, match="not in the future"):
        declare(company, 2, date(2028, 4, 1), by=applicant, at=last)
    assert presenters.assistance(company, may_edit=True, at=last)["since"] == date(2025, 4, 1)
    shown = presenters.assistance(company, may_edit=True, at=first)
    assert (shown["since"], shown["received_pence"]) == (date(2026, 4, 1), 100)


def test_no_offer_is_made_or_accepted_once_the_group_has_no_room(cast, applicant):
    """Notification, confirmation, giving: and room is asked for again at each, since another award may come between."""
    award = payments.cleared(cast)
    at = payments.OFFERED
    declare(award.company, 315_000, at.date(), by=applicant, at=at)
    with pytest.raises(NotAllowedNow, match="would exceed the limit"):
        awards.offer(award=award, by=cast["officer"], at=at)
    assert award.subsidy_notices.count() == 2
    kinds = list(award.subsidy_notices.order_by("pk").values_list("kind", flat=True))
    assert kinds == ["notification", "confirmation"]


def test_the_check_fills_in_the_company_and_the_application(as_, cast, open_now, applicant, now):
    client = as_(applicant)
    starts = localdate(open_now.closes_at) + timedelta(days=60)
    given = {
        "legal_form": "llp", "status": "active", "postcode": "cv1 5fb", "employees": "7", "turnover": "90000", "grant": "21,000",
        "mfa_received": "1200", "is_insolvent": "no", "answers__has_started": "no", "answers__diagnostic_use": "nonsense",
        "starts_on_day": starts.day, "starts_on_month": starts.month, "starts_on_year": starts.year,
    }  # fmt: skip
    client.post(CHECK, given | {"answers__diagnostic_use": "detection"})
    form = client.get("/apply/companies/new/").content.decode()
    assert 'value="CV1 5FB"' in form
    assert '<option value="llp" selected' in form
    company = stages.company(cast, at=now)
    answer = client.post(f"/apply/rounds/{open_now.reference}/start/", {"company": company.pk}, follow=True)
    assert "from the eligibility check are filled in" in texts(answer)
    assert Application.objects.get().values() == {
        "grant_requested": 2_100_000, "assistance_received": 120_000, "insolvency": False, "has_started": False,
        "diagnostic_use": "detection", "starts_on": starts.isoformat(),
    }  # fmt: skip


def test_a_finding_is_reviewed_by_a_second_person_on_request(as_, cast, open_now, applicant, officer, lead, now):
    refused = stages.refused(cast, round=open_now, at=now)
    client, page = as_(applicant), f"/apply/{refused.reference}/review/"
    shown = texts(client.get(refused.get_absolute_url()))
    assert "Request a review" in shown
    assert "One of our officers looked at it and found: The site is in Derbyshire." in shown
    assert "The site is in Derbyshire." in Notice.objects.filter(kind="application.refused").first().body
    assert "Which rule was applied wrongly" in texts(client.post(page, {"note": " "}))
    sent = {"note": "Our laboratory is in Tamworth, inside the area.", "key": "once"}
    assert client.post(page, sent).url == refused.get_absolute_url()
    assert client.post(page, sent).status_code == 302
    status = texts(client.get(refused.get_absolute_url()))
    assert "It is with a second person" in status
    assert "Our laboratory is in Tamworth" in status
    told = set(Notice.objects.filter(kind="application.review_asked").values_list("person", flat=True))
    assert lead.pk in told
    assert officer.pk not in told
    client = as_(lead)
    assert f"Review the eligibility of {refused.reference}" in texts(client.get("/home/"))
    assert "Our laboratory is in Tamworth" in texts(client.get(refused.staff_path()))
    with pytest.raises(Denied):
        eligibility.keep_finding(application=refused, note="No.", by=officer, at=now)
    kept = eligibility.keep_finding(application=refused, note="The site is at Derby.", by=lead, at=now)
    assert kept.state == "ineligible"
    assert "The site is at Derby." in texts(as_(applicant).get(refused.get_absolute_url()))
    with pytest.raises(NotAllowedNow, match="already reviewed"):
        eligibility.ask_review(application=refused, note="Again.", by=applicant, at=now)


def test_a_review_has_its_time_its_reason_and_its_end(cast, open_now, applicant, colleague, lead, now):
    out = stages.ineligible(cast, round=open_now, at=now)
    with pytest.raises(NotAllowedNow, match="has not asked"):
        eligibility.keep_finding(application=out, note="No.", by=lead, at=now)
    with pytest.raises(Denied):
        eligibility.ask_review(application=out, note="Please.", by=colleague, at=now)
    with pytest.raises(Refused, match="reason"):
        eligibility.ask_review(application=out, note="", by=applicant, at=now)
    with pytest.raises(NotAllowedNow, match="could be asked for until"):
        eligibility.ask_review(application=out, note="Please.", by=applicant, at=now + timedelta(days=14, seconds=1))
    eligibility.ask_review(application=out, note="Please.", by=applicant, at=now + timedelta(days=14))
    back = eligibility.reinstate(application=out, note="The map was wrong.", by=lead, at=now + timedelta(days=15))
    assert (back.state, back.review_answer, back.waits_for_review) == ("eligible", "The map was wrong.", False)
