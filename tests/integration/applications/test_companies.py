"""Companies, their teams and the assistance they already had, on their pages."""

import pytest
from django.urls import reverse

from accounts.roles import Role
from applications.actions import teams
from applications.models import Company
from tests.integration.applications.test_pages import texts
from tests.stages import applications as stages

GIVEN = {
    "company_number": "1234567",
    "name": "Lantern Assay Ltd",
    "legal_form": "limited",
    "status": "active",
    "incorporated_on_day": "3",
    "incorporated_on_month": "4",
    "incorporated_on_year": "2019",
    "address_line_1": "1 Example Street",
    "address_town": "Birmingham",
    "postcode": "b152tt",
    "employees": "12",
    "turnover_pence": "£400,000",
    "balance_sheet_pence": "200000",
    "sic_codes": "72110, 26600",
}
REGISTER = "/apply/companies/new/"


def test_a_company_is_registered_with_number_size_and_region_worked_out(as_, applicant):
    client = as_(applicant)
    assert "A sole trader, or another body without a number there, cannot be registered: ask the contact" in texts(client.get(REGISTER))
    response = client.post(REGISTER, GIVEN)
    company = Company.objects.get()
    assert response.url == reverse("applications:company", args=[company.pk])
    assert (company.company_number, company.postcode, company.size, company.region) == ("01234567", "B15 2TT", "micro", "West Midlands")
    assert "Lantern Assay Ltd" in texts(client.get(response.url))


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("company_number", "ABC", "Enter the number from Companies House"),
        ("company_number", "", "Enter the company number"),
        ("postcode", "nowhere", "full UK postcode"),
        ("name", "x" * 251, "at most 250"),
        ("employees", "twelve", "number in figures"),
        ("employees", "-1", "0 or more"),
        ("turnover_pence", "lots", "amount in pounds"),
        ("incorporated_on_day", "32", "real date"),
        ("sic_codes", "1234", "five digits"),
        ("legal_form", "empire", "Select a valid choice"),
    ],
)
def test_a_fault_gets_a_sentence_and_what_was_typed_is_kept(as_, applicant, field, value, sentence):
    response = as_(applicant).post(REGISTER, GIVEN | {field: value})
    assert response.status_code == 200
    assert sentence in texts(response)
    assert "Error: " in response.content.decode()
    assert "1 Example Street" in response.content.decode()
    assert not Company.objects.exists()


def test_a_number_that_is_here_already_says_whom_to_ask(as_, cast, stranger, now):
    company = stages.company(cast, at=now)
    response = as_(stranger).post(REGISTER, GIVEN | {"company_number": company.company_number})
    assert "Ask its owner to invite you" in texts(response)


def test_two_people_changing_one_company_do_not_overwrite_each_other(as_, cast, applicant, now):
    company = stages.company(cast, at=now)
    client = as_(applicant)
    change = reverse("applications:change-company", args=[company.pk])
    given = GIVEN | {"company_number": company.company_number, "revision": "1"}
    assert client.post(change, given | {"employees": "13"}).status_code == 302
    assert "changed these details while you had them open" in texts(client.post(change, given | {"employees": "14"}))
    assert Company.objects.get(pk=company.pk).employees == 13


def test_a_member_reads_the_details_and_does_not_change_them(as_, cast, colleague, now):
    company = stages.company(cast, at=now)
    client = as_(colleague)
    assert client.get(reverse("applications:company", args=[company.pk])).status_code == 200
    assert client.get(reverse("applications:change-company", args=[company.pk])).status_code == 403


def test_nobody_is_in_a_team_who_did_not_accept(as_, cast, applicant, stranger, colleague, now):
    company = stages.company(cast, at=now)
    client = as_(applicant)
    team = reverse("applications:team", args=[company.pk])
    assert client.post(team, {"email": stranger.email, "role": "member"}).status_code == 302
    page = texts(client.get(team))
    assert (stranger.email in page, stranger.name in page) == (True, False)
    invited = teams.invited(company).get()
    assert "Accept an invitation" in texts(as_(stranger).get("/home/"))
    own = reverse("accounts:own-invitation", args=[invited.pk])
    assert as_(colleague).post(own).status_code == 404
    page = as_(stranger).post(own, follow=True)
    assert f"You are now team member of {company.name}" in texts(page)
    client = as_(applicant)
    assert stranger.name in texts(client.get(team))
    assert "team member there already" in texts(client.post(team, {"email": stranger.email, "role": "member"}))
    assert client.post(team, {"email": "new@example.org", "role": "signatory"}).status_code == 302
    waiting = reverse("applications:invitation", args=[company.pk, teams.invited(company).get().pk])
    assert "Wait a minute" in texts(client.post(waiting, {"again": "1"}))
    assert "is taken back" in texts(client.post(waiting, {"back": "1"}, follow=True))
    assert client.post(waiting, {"back": "1"}).status_code == 404
    assert as_(colleague).post(waiting, {"back": "1"}).status_code == 404
    assert "Select a valid choice" in texts(client.post(team, {"email": "x@example.org", "role": "officer"}))
    assert as_(colleague).post(team, {"email": "y@example.org", "role": "member"}).status_code == 403


def test_the_last_owner_stays_and_anybody_else_may_leave(as_, cast, applicant, colleague, now):
    company = stages.company(cast, at=now)
    owner, member = (teams.members(company, at=now).get(role=role) for role in (Role.OWNER, Role.MEMBER))
    team, leave = (reverse(f"applications:{name}", args=[company.pk, *more]) for name, more in (("team", []), ("end-role", [owner.pk])))
    response = as_(applicant).post(leave)
    assert (response.status_code, "needs an owner" in texts(response)) == (409, True)
    page = as_(applicant).get(team)
    assert (leave in page.text, "A company needs an owner. Make somebody else an owner first." in texts(page)) == (False, True)
    assert "needs an owner" not in texts(as_(colleague).get(team)), "it is nothing to whoever can leave"
    assert as_(colleague).post(reverse("applications:end-role", args=[company.pk, member.pk])).status_code == 302
    assert as_(colleague).get(reverse("applications:company", args=[company.pk])).status_code == 404


def test_what_was_declared_of_earlier_assistance_is_added_up(as_, cast, applicant, now):
    company = stages.company(cast, at=now)
    client = as_(applicant)
    page = reverse("applications:assistance", args=[company.pk])
    given = {"body": "A council", "nature": "mfa", "amount_pence": "20,000", "given_on_day": "1", "given_on_month": "5"}
    assert client.post(page, given | {"given_on_year": str(now.year - 1)}).status_code == 302
    assert "£20,000 counted, room for £295,000" in texts(client.get(page))
    assert "not in the future" in texts(client.post(page, given | {"given_on_year": str(now.year + 1)}))
    award = company.previous_awards.get()
    assert client.post(reverse("applications:remove-assistance", args=[company.pk, award.pk])).status_code == 302
    assert "Nothing is declared" in texts(client.get(page))
