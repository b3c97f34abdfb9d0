"""What registers say: the bulk file, the API, the directory of postcodes, and what becomes of a company by them."""

import json
import re
import threading
import zipfile
from base64 import b64encode
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse
from django.utils.timezone import localdate

from accounts.refusals import Denied, Refused
from applications import facts
from applications.actions import enterprises, registers
from applications.models import Company, PostcodePlace, RegisterEntry
from tests.integration.applications.test_companies import GIVEN, REGISTER
from tests.integration.applications.test_pages import texts
from tests.stages import applications as stages

HEAD = (
    "CompanyName, CompanyNumber,RegAddress.CareOf,RegAddress.POBox,RegAddress.AddressLine1, RegAddress.AddressLine2,RegAddress.PostTown,"
    "RegAddress.County,RegAddress.Country,RegAddress.PostCode,CompanyCategory,CompanyStatus,CountryOfOrigin,DissolutionDate,"
    "IncorporationDate,SICCode.SicText_1,SICCode.SicText_2,SICCode.SicText_3,SICCode.SicText_4\n"
)
LINE = (
    '"LANTERN ASSAY LIMITED","01234567","","","7 REGISTER ROAD","","BIRMINGHAM","","","B15 2TT","Private Limited Company","{status}",'
    '"United Kingdom","","03/04/2019","72110 - Research and experimental development on biotechnology","None Supplied","",""\n'
)
PROFILE = {
    "company_name": "LANTERN ASSAY LIMITED", "company_number": "01234567", "company_status": "active", "type": "ltd",
    "date_of_creation": "2019-04-03", "sic_codes": ["72110"],
    "registered_office_address": {"address_line_1": "9 Api Avenue", "locality": "Coventry", "postal_code": "CV1 5FB"},
}  # fmt: skip

LOOK_UP = "/apply/companies/look-up/"


def value_of(page, name):
    """What an input of the page holds."""
    return (re.search(rf'<input[^>]* name="{name}"[^>]* value="([^"]*)"', page.content.decode()) or [""] * 2)[1]


@pytest.fixture
def bulk(tmp_path):
    def written(text):
        path = tmp_path / "register.csv"
        path.write_text(text)
        return path

    return written


def test_the_bulk_file_is_taken_in_and_replaced_and_faults_are_told(bulk, tmp_path, capsys, db):
    path = bulk(HEAD + LINE.format(status="Active") + '"NAMELESS","XX","","","","","","","","","","","","","","","","",""\n')
    call_command("companies", "import", str(path), "--as-of", "2026-07-01")
    said = capsys.readouterr()
    assert "Companies stored: 1, as of 2026-07-01. Lines not understood: 1." in said.out
    assert "line 3: “XX” is not a company number" in said.err
    entry = RegisterEntry.objects.get()
    assert (entry.name, entry.status, entry.legal_form, entry.postcode) == ("LANTERN ASSAY LIMITED", "active", "limited", "B15 2TT")
    assert (entry.incorporated_on.isoformat(), entry.sic_codes) == ("2019-04-03", ["72110"])
    archive = tmp_path / "register.zip"
    with zipfile.ZipFile(archive, "w") as packed:
        packed.writestr("BasicCompanyData.csv", HEAD + LINE.format(status="Liquidation"))
    call_command("companies", "import", str(archive))
    assert RegisterEntry.objects.get().status == "insolvent"
    older = tmp_path / "BasicCompanyData-2026-06-01.csv"
    older.write_text(HEAD + LINE.format(status="Active"))
    call_command("companies", "import", str(older))
    assert "1 left alone" in capsys.readouterr().out
    assert RegisterEntry.objects.get().status == "insolvent"
    with pytest.raises(CommandError, match="no column"):
        call_command("companies", "import", str(bulk("a,b\n1,2\n")))
    with pytest.raises(CommandError):
        call_command("companies", "import", "/nowhere.csv")


def test_odd_files_are_refused_in_sentences_and_odd_lines_left_out(bulk, tmp_path, capsys, db):
    good = LINE.format(status="Active")
    cut_off, too_wide, not_text = good[:60] + '"\n', good.rstrip("\n") + ',"more"\n', good.replace("BIRMINGHAM", "BIRM\0INGHAM")
    call_command("companies", "import", str(bulk(HEAD + cut_off + too_wide + "\n" + not_text + good)))
    said = capsys.readouterr()
    assert "Companies stored: 1," in said.out
    assert "Lines not understood: 3." in said.out
    assert [line[:8] for line in said.err.splitlines()] == ["line 2: ", "line 3: ", "line 5: "]
    for text, sentence in (("", "The file is empty"), (HEAD + '"never closed ' + "x" * 140_000, "cannot be read as CSV")):
        with pytest.raises(CommandError, match=sentence):
            call_command("companies", "import", str(bulk(text)))
    path = bulk("")
    path.write_bytes((HEAD + good.replace("LANTERN", "CAFÉ")).encode("latin-1"))
    call_command("companies", "import", str(path))
    assert RegisterEntry.objects.get().name == "CAFÉ ASSAY LIMITED"
    path.write_bytes((HEAD + good).encode("utf-16"))
    with pytest.raises(CommandError, match="UTF-16"):
        call_command("companies", "import", str(path))
    archive = tmp_path / "register.zip"
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("BasicCompanyData.csv", HEAD + good * 200)
    damaged = bytearray(archive.read_bytes())
    damaged[120:140] = bytes(20)
    archive.write_bytes(damaged)
    with pytest.raises(CommandError, match="cannot be unpacked to its end"):
        call_command("companies", "import", str(archive))
    call_command(
        "postcodes", "import", str(bulk("pcds,oslaua,rgn\nB15 2TT,E08000025,E12000005\nB15 2TU,far too long a code,E1\nB15 2TW\n"))
    )
    assert "Postcodes stored: 1," in capsys.readouterr().out


def test_a_number_fills_the_form_in_and_a_company_like_the_register_is_verified(as_, bulk, applicant, now):
    line = LINE.format(status="Active")
    other = line.replace("LANTERN ASSAY", "OTHER").replace("01234567", "SC123456")
    registers.import_companies(path=bulk(HEAD + line + other), as_of=localdate(now))
    client = as_(applicant)
    typed = {"name": "", "address_line_1": "1 Bench Street", "employees": "a dozen", "incorporated_on_year": "", "looked_up": ""}
    form = client.post(LOOK_UP, typed | {"company_number": "123 4567"})
    assert [value_of(form, name) for name in ("company_number", "name", "address_line_1", "address_town", "employees")] == [
        "01234567", "LANTERN ASSAY LIMITED", "1 Bench Street", "BIRMINGHAM", "a dozen",
    ]  # fmt: skip
    assert (value_of(form, "incorporated_on_year"), value_of(form, "looked_up")) == ("2019", "01234567")
    typed |= {"name": "LANTERN ASSAY LIMITED", "address_town": "BIRMINGHAM", "looked_up": "01234567"}
    other = client.post(LOOK_UP, typed | {"company_number": "SC123456"})
    assert [value_of(other, name) for name in ("name", "address_line_1", "employees")] == ["OTHER LIMITED", "1 Bench Street", "a dozen"]
    unknown = client.post(LOOK_UP, typed | {"company_number": "7654321"})
    assert "does not know this number" in texts(unknown)
    assert (value_of(unknown, "name"), value_of(unknown, "employees")) == ("LANTERN ASSAY LIMITED", "a dozen")
    wrong = client.post(LOOK_UP, typed | {"company_number": "r0 12&"})
    assert ("Enter the number" in texts(wrong), 'value="r0 12&amp;"' in wrong.content.decode()) == (True, True)
    assert client.get(LOOK_UP).url == REGISTER
    client.post(REGISTER, GIVEN | {"utr": "3282497350", "vat_number": "980780684"})
    company = Company.objects.get()
    assert (company.is_verified_with_register, company.utr, company.vat_number) == (True, "3282497350", "GB980780684")
    page = reverse("applications:company", args=[company.pk])
    assert "Verified (Companies House bulk file" in texts(client.get(page))
    assert "3282497350" not in client.get(page).content.decode()
    change = reverse("applications:change-company", args=[company.pk])
    client.post(change, GIVEN | {"name": "Lamp Assay Ltd", "revision": "1"})
    assert not Company.objects.get().is_verified_with_register
    assert "The register has the name LANTERN ASSAY LIMITED" in texts(client.get(page))


def test_without_the_register_a_company_is_entered_by_hand_and_said_to_be(as_, applicant):
    client = as_(applicant)
    client.post(REGISTER, GIVEN)
    company = Company.objects.get()
    assert not company.is_verified_with_register
    assert "Entered by hand, not verified" in texts(client.get(reverse("applications:company", args=[company.pk])))


class Register(BaseHTTPRequestHandler):
    """Companies House's API at the edge: the one service that cannot be run here."""

    def do_GET(self):
        key = b64encode(b"a key:").decode()
        status = 401 if self.headers["Authorization"] != f"Basic {key}" else 200 if self.path == "/company/01234567" else 404
        status = 429 if self.path.endswith("09999999") else status
        self.send_response(status)
        self.end_headers()
        self.wfile.write(json.dumps(PROFILE if status == 200 else {}).encode())

    def log_message(self, *about):
        pass


@pytest.fixture
def api(settings):
    server = HTTPServer(("127.0.0.1", 0), Register)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    settings.COMPANIES_HOUSE_URL = f"http://127.0.0.1:{server.server_port}"
    settings.COMPANIES_HOUSE_API_KEY = "a key"
    yield settings
    server.shutdown()
    server.server_close()


def test_with_a_key_the_register_is_asked_and_its_silence_is_no_hindrance(api, db, now):
    found = registers.look_up(number="01234567", at=now)
    assert (found.source, found.address_town, found.as_of) == ("api", "Coventry", localdate(now))
    assert registers.look_up(number="07654321", at=now) is None
    assert registers.look_up(number="09999999", at=now) is None
    api.COMPANIES_HOUSE_API_KEY = "a wrong key"
    assert registers.look_up(number="01234567", at=now) == found
    api.COMPANIES_HOUSE_URL = "http://127.0.0.1:9"
    assert registers.look_up(number="01234567", at=now) == found


def test_the_directory_of_postcodes_makes_a_place_certain(bulk, cast, open_now, now, capsys):
    rows = 'pcds,doterm,lad25cd,rgn25cd\n"B79 7AA",,E07000199,E12000005\n"B79 7ZZ",202001,E07000199,E12000005\n"x",,E07000199,E12000005\n'
    call_command("postcodes", "import", str(bulk(rows)))
    assert "Lines not understood: 1." in capsys.readouterr().out
    assert PostcodePlace.objects.get().district == "E07000199"
    sent = stages.submitted(cast, round=open_now, at=now, **stages.ON_THE_EDGE)
    assert (sent.state, sent.company.region_basis) == ("eligible", "directory")
    with pytest.raises(CommandError, match="no column"):
        call_command("postcodes", "import", str(bulk("a,b\n1,2\n")))


def test_an_officer_overrides_the_presumption_with_a_reason(as_, cast, open_now, officer, applicant, now):
    sent = stages.referred(cast, round=open_now, at=now)
    client, page = as_(officer), f"{sent.staff_path()}place/"
    assert client.post(page, {"region": "West Midlands", "reason": "The deeds say Tamworth."}).url == sent.staff_path()
    assert "West Midlands (an officer looked at the map: The deeds say Tamworth.)" in texts(client.get(sent.staff_path()))
    company = Company.objects.get(pk=sent.company_id)
    known = facts.of_company(sent.version.definition, company, localdate(now), size="small", insolvent=False)
    assert known["area"] == "in"
    with pytest.raises(Denied):
        enterprises.set_place(application=sent, region="West Midlands", reason="Mine.", by=applicant, at=now)


def test_a_group_makes_a_company_larger(as_, cast, applicant, colleague, now):
    company = stages.company(cast, at=now)
    client, page = as_(applicant), reverse("applications:group", args=[company.pk])
    given = {
        "name": "Big Parent Ltd", "company_number": "7654321", "relation": "linked", "share_percent": "51", "employees": "300",
        "turnover_pence": "60,000,000", "balance_sheet_pence": "40,000,000",
    }  # fmt: skip
    assert "from 51 to 100 %" in texts(client.post(page, given | {"share_percent": "50"}))
    assert client.post(page, given).status_code == 302
    company = Company.objects.get(pk=company.pk)
    assert company.size == "large"
    definition = stages.grants.published(cast, at=now).published_version.definition
    known = facts.of_company(definition, company, localdate(now), size="large", insolvent=False)
    assert known["employees"] == company.employees + 300
    related = company.related_enterprises.get()
    assert as_(colleague).post(page, given).status_code == 403
    client = as_(applicant)
    assert client.post(reverse("applications:leave-group", args=[company.pk, related.pk])).status_code == 302
    assert Company.objects.get(pk=company.pk).size != "large"
    with pytest.raises(Refused):
        enterprises.relate(
            company=company, name="X", company_number="", relation="partner", share_percent=24, employees=1, turnover_pence=0,
            balance_sheet_pence=0, by=applicant, at=now,
        )  # fmt: skip
