"""Another try begins with the earlier answers, is linked to it, and is limited by the programme; a preparer does not sign."""

import pytest

from accounts.refusals import Denied, NotAllowedNow, Refused
from applications.actions import answers, applications, tries
from applications.actions.applications import check_may_sign
from applications.models import Application
from tests.integration.applications.test_pages import texts
from tests.stages import applications as stages

pytestmark = pytest.mark.django_db


def again(earlier, round, by, at, company=None):
    return tries.begin(round=round, company=company or earlier.company, earlier=earlier, checked={}, by=by, at=at)


def test_a_new_try_has_the_earlier_answers_and_says_of_which_it_is_one(as_, cast, open_now, applicant, now):
    first = stages.ineligible(cast, round=open_now, at=now)
    client = as_(applicant)
    page = client.post(f"/apply/rounds/{open_now.reference}/start/", {"company": first.company_id, "earlier": first.pk})
    second = Application.objects.get(resubmission_of=first)
    assert page.url == f"/apply/{second.reference}/form/"
    anew = {"declaration", "insolvency", "assistance_received"}
    assert second.values() == {name: value for name, value in first.values().items() if name not in anew}
    assert first.reference in texts(client.get(page.url))
    assert not second.documents.exists()
    assert second.tries_before() == 1


def test_what_is_not_over_is_copied_but_is_no_earlier_try(cast, open_now, applicant, now):
    first = stages.draft(cast, round=open_now, at=now)
    applications.withdraw(application=first, by=applicant, at=now)
    second = again(Application.objects.get(pk=first.pk), open_now, applicant, now)
    assert second.resubmission_of is None
    assert second.values()["need"] == first.values()["need"]


def test_one_that_was_withdrawn_is_not_reopened_beside_another_to_the_same_round(as_, cast, open_now, applicant, now):
    first = stages.eligible(cast, round=open_now, at=now)
    first = applications.withdraw(application=first, by=applicant, at=now)
    second = again(first, open_now, applicant, now)
    assert "Reopen to change it" not in texts(as_(applicant).get(first.get_absolute_url()))
    with pytest.raises(NotAllowedNow, match=f"already has an application to this round: {second.reference}"):
        applications.reopen(application=first, by=applicant, at=now)
    applications.withdraw(application=second, by=applicant, at=now)
    assert applications.reopen(application=first, by=applicant, at=now).state == "draft"


def test_another_companys_answers_are_not_to_be_had(cast, open_now, applicant, now):
    first, other = stages.ineligible(cast, round=open_now, at=now), stages.company(cast, at=now)
    with pytest.raises(Refused, match="same company"):
        again(first, open_now, applicant, now, company=other)
    assert not Application.objects.filter(company=other).exists()


def test_the_programme_limits_how_often_a_project_is_tried(cast, open_now, applicant, now, monkeypatch):
    first = stages.ineligible(cast, round=open_now, at=now)
    definition = type(first.version.definition.eligibility)
    monkeypatch.setattr(definition, "__getattribute__", _with("resubmissions_at_most", 0))
    with pytest.raises(NotAllowedNow, match="only once"):
        again(first, open_now, applicant, now)
    monkeypatch.setattr(definition, "__getattribute__", _with("resubmissions_at_most", 1))
    assert again(first, open_now, applicant, now).resubmission_of == first


def test_who_wrote_it_does_not_sign_where_another_must(cast, filled, applicant, signatory, monkeypatch, now):
    declaration = filled.version.definition.form.question("declaration")
    monkeypatch.setattr(type(declaration), "__getattribute__", _with("signed_by", "another_signatory"))
    check_may_sign(filled, signatory)
    answers.save(application=filled, question="need", value="Mine.", by=signatory, at=now)
    answers.save(application=filled, question="need", value="Yours.", by=applicant, at=now)
    with pytest.raises(Denied, match="another signatory must sign"):
        check_may_sign(filled, signatory)
    with pytest.raises(Denied, match="who wrote none of the answers"):
        check_may_sign(filled, applicant)


def _with(name, value):
    def read(self, asked):
        return value if asked == name else object.__getattribute__(self, asked)

    return read
