"""A round's intake against its money: what was sent in, and what may still come of the drafts."""

import pytest

from reporting import intake
from reporting.presenters import intake as present
from tests.stages import applications, grants

pytestmark = pytest.mark.django_db


def test_outlooks_count_the_drafts_and_the_page_shows_them(cast, client):
    opened = grants.open_round(cast)
    sent = applications.submitted(cast, round=opened)
    applications.draft(cast, round=opened, filled=False)
    read = intake.of_round(opened, at=grants.WHILE_OPEN)
    asked = sent.grant_requested_pence
    assert [(day.on, day.sent, day.asked_pence) for day in read.days] == [(grants.WHILE_OPEN.date(), 1, asked)]
    assert [(one.sent, one.asked_pence) for one in read.outlooks] == [(1, asked), (2, 2 * asked)]
    assert present.in_short(read) == "1 application asks for £25,000 of £400,000, 0.1 times the budget. Drafts being written: 1."
    client.force_login(cast["officer"])
    page = client.get(f"/manage/intake/{opened.reference}/").content.decode()
    assert "<svg" in page
    client.force_login(cast["assessor-1"])
    assert client.get(f"/manage/intake/{opened.reference}/").status_code == 404


def test_the_share_sent_in_earlier_rounds_and_the_most_a_round_takes_bound_what_may_come(cast):
    programme = grants.published(cast)
    first = grants.open_round(cast, programme=programme)
    applications.submitted(cast, round=first)
    applications.draft(cast, round=first, filled=False)
    later = grants.CLOSES.replace(month=12)
    grants.rounds.close(round=first, by=cast["lead"], at=grants.CLOSES)
    about = {"opens_at": grants.CLOSES, "closes_at": later, "at": grants.CLOSES}
    second = grants.rounds.open(round=grants.scheduled_round(cast, programme=programme, **about), by=cast["lead"], at=grants.CLOSES)
    for _ in range(2):
        applications.draft(cast, round=second, filled=False, at=grants.CLOSES)
    titles = {one.title: one.sent for one in intake.of_round(second, at=grants.CLOSES).outlooks}
    assert titles == {"None of the drafts is sent in": 0, "As many as in 1 earlier round (50 %)": 1, "All of the drafts are sent in": 2}
    second.most_applications = 1
    assert [one.sent for one in intake.of_round(second, at=grants.CLOSES).outlooks] == [0, 1, 1]
    assert intake.of_round(second, at=later).outlooks == []
