"""The request's id and address: where they come from, where they go, and that they do not outlive the request."""

import pytest
import structlog
from django.http import HttpResponse
from django.test import RequestFactory

from audit import context
from audit.middleware import RequestContext, client_address
from audit.models import Event
from tests.integration.audit.conftest import write


def answer(request):
    return HttpResponse(f"{context.request_id.get()} {context.ip.get()} {structlog.contextvars.get_contextvars()['request_id']}")


def get(**headers):
    return RequestContext(answer)(RequestFactory().get("/", headers=headers, REMOTE_ADDR="192.0.2.7"))


def test_a_request_gets_an_id_that_is_answered_logged_and_recorded():
    response = get()
    made = response["X-Request-ID"]
    assert len(made) == 32
    assert response.content.decode() == f"{made} 192.0.2.7 {made}"
    assert get()["X-Request-ID"] != made


def test_a_sensible_id_is_taken_over_from_a_proxy():
    assert get(X_Request_ID="abc-123_DEF.456")["X-Request-ID"] == "abc-123_DEF.456"


@pytest.mark.parametrize("nonsense", ["short", "a" * 65, 'with"quotes"', "line\tbreak!", "ünïcödé-id"])
def test_nonsense_is_not_taken_over(nonsense):
    assert get(X_Request_ID=nonsense)["X-Request-ID"] != nonsense


def test_nothing_outlives_the_request():
    get()
    assert (context.request_id.get(), context.ip.get()) == ("", "")
    assert "request_id" not in structlog.contextvars.get_contextvars()


def test_nothing_outlives_a_request_that_fails():
    def fail(request):
        raise RuntimeError

    with pytest.raises(RuntimeError):
        RequestContext(fail)(RequestFactory().get("/"))
    assert (context.request_id.get(), context.ip.get()) == ("", "")


@pytest.mark.parametrize(
    ("proxies", "forwarded", "address"),
    [
        (0, "203.0.113.9", "192.0.2.7"),
        (1, "203.0.113.9", "203.0.113.9"),
        (1, "10.6.6.6, 203.0.113.9", "203.0.113.9"),
        (2, "10.6.6.6, 203.0.113.9, 198.51.100.1", "203.0.113.9"),
        (2, "203.0.113.9", "192.0.2.7"),
        (1, "", "192.0.2.7"),
    ],
)
def test_an_address_is_believed_of_trusted_proxies_only(settings, proxies, forwarded, address):
    """Whoever asks may write anything at the left of X-Forwarded-For; only the hops that our own proxies added count."""
    settings.TRUSTED_PROXIES = proxies
    assert client_address(RequestFactory().get("/", headers={"X-Forwarded-For": forwarded}, REMOTE_ADDR="192.0.2.7")) == address


@pytest.mark.django_db
def test_an_event_of_a_page_carries_the_request_s_id(client, cast):
    client.force_login(cast["auditor"])
    response = client.post("/accounts/logout/", headers={"X-Request-ID": "request-of-the-test"})
    event = Event.objects.latest("pk")
    assert response["X-Request-ID"] == event.request_id == "request-of-the-test"
    assert "ip" in event.commitments
    (after,) = write("system")
    assert after.request_id == ""
