"""Keys of funders' machines: two people, a day, shown once, hashed, ended at once."""

from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.urls import path
from django.utils import timezone
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts import scopes
from accounts.actions import keys
from accounts.authentication import ApiKeyAuthentication, KeyAllows
from accounts.models import ApiKey, Organisation
from accounts.refusals import Denied, NotAllowedNow, Refused
from audit.models import Event


class Echo(APIView):
    authentication_classes = [ApiKeyAuthentication]
    permission_classes = [KeyAllows]

    def get(self, request):
        return Response({"funder": request.auth.organisation_id, "who": str(request.user)})

    def post(self, request):
        return Response({"wrote": True})


urlpatterns = [path("echo/", Echo.as_view())]


@pytest.fixture(scope="session")
def at():
    return timezone.now()


@pytest.fixture
def authority(db, monkeypatch):
    organisation = Organisation.objects.create(name="Fictional Authority", kind=Organisation.Kind.FUNDER)
    monkeypatch.setattr(scopes, "_funded", [lambda: {organisation.pk: {"programme:diagcomm"}}])
    return organisation


def issued(cast, authority, at, **about):
    given = {"name": "Data platform", "scopes": ["read"], "expires_at": at + timedelta(days=90)} | about
    return keys.create(organisation=authority, **given, by=cast["admin"], at=at)


def call(client, secret, method="get"):
    return getattr(client, method)("/echo/", headers={"Authorization": f"Bearer {secret}"})


@pytest.fixture
def _echo(settings):
    settings.ROOT_URLCONF = __name__


@pytest.fixture
def live(cast, authority, at):
    """A key that works now, and its secret."""
    before = at - timedelta(days=2)
    key, secret = issued(cast, authority, before)
    return keys.confirm(key=key, by=cast["independent-approver"], at=before), secret


@pytest.mark.usefixtures("_echo")
def test_a_key_works_a_day_after_it_was_confirmed_and_says_until_then_why_not(client, cast, authority, at):
    key, secret = issued(cast, authority, at)
    assert call(client, secret).json()["title"] == "This key waits to be confirmed."
    keys.confirm(key=key, by=cast["independent-approver"], at=at)
    assert call(client, secret).json()["title"] == "This key is not in force yet."
    with time_machine.travel(at + timedelta(hours=24, seconds=1), tick=False):
        assert call(client, secret).json() == {"funder": authority.pk, "who": str(key)}
    with time_machine.travel(at + timedelta(days=90), tick=False):
        assert call(client, secret).json()["title"] == "This key has expired."


@pytest.mark.usefixtures("_echo")
def test_a_key_for_tests_reads_demonstrations_only(client, cast, authority, at, settings):
    before = at - timedelta(days=2)
    key, secret = issued(cast, authority, before, is_test=True)
    keys.confirm(key=key, by=cast["independent-approver"], at=before)
    assert secret.startswith("ph_test_")
    refused = call(client, secret)
    assert (refused.status_code, refused.json()["code"]) == (403, "key_is_for_tests")
    settings.DEMO = True
    assert call(client, secret).status_code == 200


@pytest.mark.usefixtures("_echo")
def test_a_revoked_key_stops_at_once(client, cast, live, at):
    key, secret = live
    assert call(client, secret).status_code == 200
    keys.revoke(key=key, by=cast["admin"], at=at)
    assert call(client, secret).status_code == 401
    with pytest.raises(NotAllowedNow):
        keys.revoke(key=key, by=cast["admin"], at=at)


@pytest.mark.usefixtures("_echo")
@pytest.mark.parametrize("wrong", ["", "x", "ph_live_", "{prefix}", "{digest}", "{secret}x", "ü" * 40])
def test_forged_keys_are_unknown(client, live, wrong):
    key, secret = live
    response = call(client, wrong.format(prefix=key.prefix, digest=key.key_sha256, secret=secret))
    assert response.status_code == 401
    assert response.headers["WWW-Authenticate"].startswith("Bearer")
    assert response.json()["title"] == "This key is not known."
    assert response.json()["code"] == "key_unknown"


@pytest.mark.usefixtures("_echo")
def test_no_key_and_a_signed_in_person_get_nothing(client, cast, live):
    assert client.get("/echo/").status_code == 401
    client.force_login(cast["admin"])
    assert client.get("/echo/").status_code == 401


@pytest.mark.usefixtures("_echo")
def test_a_key_that_reads_does_not_write(client, cast, authority, live, at):
    _, secret = live
    assert call(client, secret, "post").status_code == 403
    before = at - timedelta(days=2)
    key, writer = issued(cast, authority, before, scopes=["write"])
    keys.confirm(key=key, by=cast["independent-approver"], at=before)
    assert call(client, writer, "post").status_code == 200
    assert call(client, writer).status_code == 403


@pytest.mark.usefixtures("_echo")
def test_use_is_noted_but_not_at_every_call(client, live, django_assert_num_queries):
    key, secret = live
    call(client, secret)
    assert ApiKey.objects.get(pk=key.pk).last_used_at
    with django_assert_num_queries(1):
        call(client, secret)


def test_only_the_digest_is_kept(cast, authority, at):
    key, secret = issued(cast, authority, at)
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names():
            cursor.execute(f'SELECT * FROM "{table}"')
            assert secret.removeprefix(key.prefix) not in str(cursor.fetchall()), table


@pytest.mark.parametrize("who", ["lead", "officer", "finance", "independent-approver", "funder", "auditor", "applicant", "stranger"])
def test_only_administrators_issue_keys(cast, authority, at, who):
    with pytest.raises(Denied):
        keys.create(organisation=authority, name="x", scopes=["read"], expires_at=at + timedelta(days=1), by=cast[who], at=at)


@pytest.mark.parametrize("who", ["admin", "lead", "officer", "funder", "auditor", "stranger"])
def test_only_the_independent_approver_of_the_funders_programme_confirms(cast, authority, at, who):
    key, _ = issued(cast, authority, at)
    with pytest.raises(Denied):
        keys.confirm(key=key, by=cast[who], at=at)


def test_the_approver_of_another_funders_programme_does_not_confirm(cast, authority, at):
    other = Organisation.objects.create(name="Other Authority", kind=Organisation.Kind.FUNDER)
    key, _ = issued(cast, other, at)
    with pytest.raises(Denied):
        keys.confirm(key=key, by=cast["independent-approver"], at=at)
    assert not ApiKey.objects.visible_to(cast["independent-approver"]).exists()


@pytest.mark.parametrize(
    ("about", "code"),
    [
        ({"scopes": []}, "scope_unknown"),
        ({"scopes": ["read", "everything"]}, "scope_unknown"),
        ({"expires_at": timedelta(0)}, "expiry_out_of_range"),
        ({"expires_at": timedelta(days=400)}, "expiry_out_of_range"),
    ],
)
def test_bad_keys_are_refused(cast, authority, at, about, code):
    if "expires_at" in about:
        about = {"expires_at": at + about["expires_at"]}
    with pytest.raises(Refused) as refused:
        issued(cast, authority, at, **about)
    assert refused.value.code == code


def test_companies_get_no_keys(cast, at):
    company = Organisation.objects.create(name="Plainly Fictional Ltd", kind=Organisation.Kind.COMPANY)
    with pytest.raises(Refused, match="funders"):
        issued(cast, company, at)


def test_every_act_is_on_the_funders_stream(cast, authority, live, at):
    key, _ = live
    keys.revoke(key=key, by=cast["admin"], at=at)
    kinds = Event.objects.filter(stream=f"organisation:{authority.pk}").order_by("sequence").values_list("kind", flat=True)
    assert list(kinds) == ["api_key.created", "api_key.confirmed", "api_key.revoked"]


def test_by_hand_the_key_is_shown_once(client, cast, authority, at):
    client.force_login(cast["admin"])
    day = at + timedelta(days=30)
    ends = {"expires_on_day": day.day, "expires_on_month": day.month, "expires_on_year": day.year}
    form = {"organisation": authority.pk, "name": "Data platform", "scopes": ["read"]} | ends
    response = client.post("/accounts/keys/create/", form)
    key = ApiKey.objects.get()
    secret = response.context["secret"]
    assert secret in response.content.decode()
    assert "no-store" in response.headers["Cache-Control"]
    page = client.get("/accounts/keys/").content.decode()
    assert secret not in page
    assert key.prefix in page
    assert client.post(f"/accounts/keys/{key.pk}/confirm/").status_code == 403
    client.force_login(cast["independent-approver"])
    assert "Confirm API keys" in client.get("/home/").content.decode()
    assert client.post(f"/accounts/keys/{key.pk}/confirm/").status_code == 302
    client.force_login(cast["admin"])
    assert client.post(f"/accounts/keys/{key.pk}/revoke/").status_code == 302
    assert client.post(f"/accounts/keys/{key.pk}/revoke/").status_code == 409


@pytest.mark.parametrize("who", ["lead", "officer", "funder", "auditor", "applicant"])
def test_the_pages_are_closed_to_others(client, cast, authority, at, who):
    key, _ = issued(cast, authority, at)
    client.force_login(cast[who])
    assert client.get("/accounts/keys/").status_code == 403
    assert client.get("/accounts/keys/create/").status_code == 403
    assert client.post(f"/accounts/keys/{key.pk}/revoke/").status_code == 404
