"""The ten minimum requirements of GovS 015: what records evidence, what a person must say, and who may say it."""

from datetime import timedelta

import pytest

from accounts.refusals import Denied, Refused
from audit.models import PersonalValue
from grants.actions import oversight
from grants.models import Programme
from reporting import requirements
from reporting.presenters import requirements as present
from reporting.requirements import Status
from tests.stages import grants, payments

pytestmark = pytest.mark.django_db


def by_number(programme: Programme, at) -> dict[int, requirements.Standing]:
    return {each.requirement.number: each for each in requirements.standings(programme, at=at)}


def lines(standing: requirements.Standing) -> str:
    return " ".join(line.text for line in standing.evidence)


def test_a_programme_that_paid_evidences_what_records_can_tell(cast):
    run = payments.settled(cast)
    award = run.payments.get().award
    found = by_number(award.programme, payments.SETTLED)
    assert list(found) == list(range(1, 11))
    assert {number for number, each in found.items() if each.status == Status.MET} == {1, 5, 6, 8}
    assert {number for number, each in found.items() if each.status == Status.TO_NOTE} == {2, 3, 4, 7, 9, 10}
    assert "Head of Innovation, Anyshire Combined Authority is named in version 1." in lines(found[1])
    assert "Published by a second person: 1 of 1 versions." in lines(found[2])
    assert "Decided by a second person: 1 of 1 decisions." in lines(found[2])
    assert "Released by somebody who did not approve the claim: 1 of 1 payments." in lines(found[2])
    assert "With a signed agreement: 1 of 1 accepted awards." in lines(found[6])
    assert "With every check passed before it: 1 of 1 offers." in lines(found[7])
    assert "1 of 1 payments" in lines(found[9])


def test_a_person_says_the_rest_and_says_it_anew_after_a_year(cast):
    programme, at = grants.published(cast), grants.WHILE_OPEN
    noted = oversight.note(programme=programme, requirement=9, verdict="met", words="Reviewed, continue.", by=cast["officer"], at=at)
    assert by_number(programme, at)[9].status == Status.MET
    later = by_number(programme, at + timedelta(days=366))[9]
    assert (later.status, later.is_stale) == (Status.TO_NOTE, True)
    assert PersonalValue.objects.filter(event__kind="programme.requirement_noted", value__contains=noted.note).exists()
    oversight.note(programme=programme, requirement=9, verdict="explained", words="First year.", by=cast["lead"], at=at)
    assert by_number(programme, at)[9].status == Status.EXPLAINED
    assert "9 is" not in present.in_short(requirements.standings(programme, at=at))


def test_a_yes_does_not_outweigh_a_record_that_says_no(cast):
    version = grants.prepared(cast)
    programme = Programme.objects.get(pk=version.programme_id)
    oversight.note(programme=programme, requirement=1, verdict="met", words="She knows.", by=cast["officer"], at=grants.BEFORE)
    assert by_number(programme, grants.BEFORE)[1].status == Status.NOT_YET


def test_a_note_needs_words_and_the_right(cast):
    programme = grants.published(cast)
    about = {"programme": programme, "requirement": 3, "verdict": "met", "at": grants.BEFORE}
    with pytest.raises(Refused, match="rests on"):
        oversight.note(words=" ", by=cast["officer"], **about)
    with pytest.raises(Denied):
        oversight.note(words="Fine.", by=cast["auditor"], **about)


def test_the_page_and_its_form(cast, client):
    programme = grants.published(cast)
    client.force_login(cast["officer"])
    page = client.get(f"/manage/programmes/{programme.slug}/requirements/").content.decode()
    assert "4 of 10 are met or explained." in page
    address = f"/manage/programmes/{programme.slug}/requirements/4/"
    assert "Say what it rests on" in client.post(address, {"verdict": "met", "words": ""}).content.decode()
    client.post(address, {"verdict": "met", "words": "Paper 12 of the board, 3 May 2026."})
    page = client.get(f"/manage/programmes/{programme.slug}/requirements/").content.decode()
    assert "Paper 12 of the board" in page
    assert "5 of 10" in page
    client.force_login(cast["auditor"])
    assert client.get(address).status_code == 403
    assert client.get(f"/manage/programmes/{programme.slug}/requirements/").status_code == 200
