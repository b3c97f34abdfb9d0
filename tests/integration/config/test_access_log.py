"""One line a request: the route's pattern, never its path, search or person's name."""

import pytest
from structlog.testing import capture_logs

pytestmark = pytest.mark.django_db


def test_a_request_is_one_line_with_its_id_and_without_what_was_searched(client, officer):
    client.force_login(officer)
    with capture_logs() as lines:
        answer = client.get("/home/?q=olive@example.org", headers={"X-Request-ID": "proxy-0001"})
    (line,) = [line for line in lines if line["event"] == "request"]
    assert (line["method"], line["route"], line["status"]) == ("GET", "home/", answer.status_code)
    assert (line["person"], line["request_id"]) == (officer.pk, "proxy-0001")
    assert answer["X-Request-ID"] == "proxy-0001"
    assert "olive" not in str(line)
    assert officer.name not in str(line)


def test_a_nonsense_request_id_is_not_repeated(client):
    answer = client.get("/accounts/login/", headers={"X-Request-ID": 'x" onload="'})
    assert answer["X-Request-ID"].isalnum()


def test_pages_carry_the_policies(client):
    answer = client.get("/accounts/login/")
    policy = answer["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert (answer["X-Frame-Options"], answer["X-Content-Type-Options"], answer["Referrer-Policy"]) == ("DENY", "nosniff", "same-origin")
