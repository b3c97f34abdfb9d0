"""`/metrics`: for this machine or the bearer of the token; what waits, for how long, and how requests went."""

import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from celery.signals import task_postrun
from django.core.cache import cache
from django.utils import timezone

from config import measuring, metrics, start  # noqa: F401 - start listens to what workers do
from notifications.models import OutboxMessage
from workflow.models import Deadline

pytestmark = pytest.mark.django_db


def value(text: str, series: str) -> float:
    (line,) = [line for line in text.splitlines() if line.startswith(f"{series} ")]
    return float(line.rpartition(" ")[2])


def test_what_waits_is_told_with_its_age(client):
    long_ago = timezone.now() - timedelta(minutes=10)
    OutboxMessage.objects.create(kind="notice.mail", key="late", created_at=long_ago, available_at=long_ago)
    OutboxMessage.objects.create(kind="notice.mail", key="lost", created_at=long_ago, available_at=long_ago, given_up_at=long_ago)
    Deadline.objects.create(record_type="grants.round", record_id=1, name="close", due_at=long_ago)
    cache.set(measuring.SEEN, long_ago.timestamp())
    text = client.get("/metrics").content.decode()
    assert value(text, "pumphouse_outbox_waiting") == 1
    assert 600 <= value(text, "pumphouse_outbox_oldest_seconds") < 660
    assert value(text, "pumphouse_outbox_given_up") == 1
    assert value(text, "pumphouse_deadlines_overdue") == 1
    assert 600 <= value(text, "pumphouse_deadlines_lateness_seconds") < 660
    assert value(text, "pumphouse_documents_awaiting_scan") == 0
    assert value(text, "pumphouse_broker_up") == 1
    assert value(text, "pumphouse_queue_length") >= 0
    assert 600 <= value(text, "pumphouse_worker_last_task_age_seconds") < 660


def test_requests_are_counted_by_their_route_not_their_address(client):
    client.get("/accounts/login/")
    client.generic("PROPFIND", "/made-up-by-a-stranger/olive@example.org")
    text = client.get("/metrics").content.decode()
    assert value(text, 'pumphouse_http_requests_total{method="GET",part="accounts",status="200"}') >= 1
    assert value(text, 'pumphouse_http_request_seconds_count{part="accounts"}') >= 1
    assert 'method="other",part="none"' in text
    assert "olive" not in text
    assert "made-up" not in text


@pytest.mark.parametrize(
    "stranger",
    [
        {"REMOTE_ADDR": "10.1.2.3"},
        {"HTTP_X_FORWARDED_FOR": "127.0.0.1"},
        {"HTTP_FORWARDED": "for=10.1.2.3"},
        {"HTTP_X_REAL_IP": "10.1.2.3"},
    ],
)
def test_strangers_find_no_such_page(client, stranger, settings):
    settings.METRICS_TOKEN = "a-token-that-is-long-enough"
    assert client.get("/metrics", **stranger).status_code == 404
    assert client.get("/metrics", **stranger, HTTP_AUTHORIZATION="Bearer wrong").status_code == 404
    assert client.get("/metrics", **stranger, HTTP_AUTHORIZATION=f"Bearer {settings.METRICS_TOKEN}").status_code == 200


def test_without_a_token_an_empty_one_opens_nothing(client):
    assert client.get("/metrics", REMOTE_ADDR="10.1.2.3", HTTP_AUTHORIZATION="Bearer ").status_code == 404


def test_behind_a_proxy_this_machine_is_everybody(client, settings):
    settings.TRUSTED_PROXIES = 1
    assert client.get("/metrics").status_code == 404


def test_a_part_that_cannot_be_asked_does_not_silence_the_rest(client, monkeypatch):
    def gone(*arguments, **options):
        raise OSError("sesame")

    monkeypatch.setattr(metrics.app, "connection_for_read", gone)
    monkeypatch.setattr(metrics, "_waiting", gone)
    text = client.get("/metrics").content.decode()
    assert value(text, "pumphouse_broker_up") == 0
    assert value(text, 'pumphouse_metrics_failed{part="outbox"}') == 1
    assert value(text, "pumphouse_trail_unsealed") == 0
    assert "sesame" not in text


def test_every_task_a_worker_does_is_a_sign_of_life(client):
    cache.delete(measuring.SEEN)
    assert "worker_last_task" not in client.get("/metrics").content.decode()
    task_postrun.send(sender=None)
    assert value(client.get("/metrics").content.decode(), "pumphouse_worker_last_task_age_seconds") < 60


def test_what_an_ended_server_left_is_cleared(tmp_path, monkeypatch):
    monkeypatch.delenv("PROMETHEUS_MULTIPROC_DIR", raising=False)
    ended = subprocess.run([sys.executable, "-c", "import os; print(os.getpid())"], capture_output=True, text=True, check=True)
    (tmp_path / ended.stdout.strip()).mkdir()
    measuring.share(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == [str(os.getppid())] == [Path(os.environ["PROMETHEUS_MULTIPROC_DIR"]).name]
