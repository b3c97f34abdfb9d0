"""A ring goes from one process to another over the real transport, and the letter arrives: embedded, and on servers."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.conf import settings

from tests import servers

pytestmark = [pytest.mark.once, pytest.mark.timeout(400)]

SEND = """
import sys
import django
django.setup()
from django.db import transaction
from django.utils import timezone
from accounts.models import Person
from notifications import outbox
with transaction.atomic():
    person = Person.objects.create_user(email=f"{sys.argv[1]}@example.org", name="Rita Reader")
    outbox.send_notice("test", outbox.Letter(person, "The round is open", "Words."), at=timezone.now(), key=f"test:{sys.argv[1]}")
"""
ASK = "from notifications.models import OutboxMessage; print(OutboxMessage.objects.exclude(done_at=None).count())"


@contextmanager
def worker(environment: dict[str, str]) -> Iterator[subprocess.Popen]:
    """A Celery worker without beat: only a ring can make it look."""
    argv = [sys.executable, "-m", "celery", "-A", "config", "worker", "--pool", "threads", "--concurrency", "1", "--loglevel", "INFO"]
    log = Path(environment["VAR_DIR"]) / "worker.log"
    log.parent.mkdir(exist_ok=True)
    with log.open("w") as output:
        process = subprocess.Popen(argv, cwd=settings.BASE_DIR, env=environment, stdout=output, stderr=subprocess.STDOUT)
    try:
        assert eventually(lambda: " ready." in log.read_text() or process.poll() is not None, seconds=60)
        yield process
        assert process.poll() is None, "the worker went on working"
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=60)
        print(log.read_text())  # noqa: T201 - shown when the test fails


def send(environment: dict[str, str], to: str = "reader") -> None:
    """Write a notice in a process of its own."""
    subprocess.run([sys.executable, "-c", SEND, to], cwd=settings.BASE_DIR, env=environment, check=True, timeout=60)


def eventually(holds: Callable[[], bool], *, seconds: float = 90) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if holds():
            return True
        time.sleep(0.1)
    return False


def test_embedded_a_letter_lies_in_the_mailbox(migrated, tmp_path):
    var = tmp_path / "var"
    surroundings = servers.environment(database=migrated, var=var)
    with worker(surroundings):
        send(surroundings)
        assert eventually(lambda: any((var / "mail").glob("*.log")))
    (letter,) = (var / "mail").glob("*.log")
    assert "To: reader@example.org" in letter.read_text()
    assert "The round is open" in letter.read_text()


def test_a_broker_that_is_away_stops_nobody_and_on_its_return_every_letter_arrives(migrated, tmp_path, valkey_url, mail_server):
    var = tmp_path / "var"
    back = servers.environment(
        database=migrated, var=var, CELERY_BROKER_URL=valkey_url, EMAIL_URL=mail_server.url, CACHE_URL=valkey_url[:-1] + "1"
    )
    servers.manage("claim_demo", database=migrated, var=var)
    send(back | {"CELERY_BROKER_URL": "redis://127.0.0.1:1/0"}, "waits")
    assert servers.manage("shell", "-v0", "-c", ASK, database=migrated, var=var).strip() == "0"
    with worker(back):
        assert mail_server.received == [], "nobody has rung"
        send(back, "rings")
        assert eventually(lambda: len(mail_server.received) == 2)
    assert sorted(recipients[0] for recipients, _ in mail_server.received) == ["rings@example.org", "waits@example.org"]
    for _, letter in mail_server.received:
        assert letter["Subject"] == "The round is open"
        assert letter["Message-ID"].endswith("@pumphouse.invalid>")


def test_the_doctor_knows_real_servers(migrated, tmp_path, valkey_url, mail_server):
    told = servers.manage(
        "doctor", "--json", database=migrated, var=tmp_path / "var",
        CELERY_BROKER_URL=valkey_url, CACHE_URL=valkey_url[:-1] + "1", EMAIL_URL=mail_server.url,
    )  # fmt: skip
    for sentence in ("The broker (redis) answers.", "The cache remembers, for all processes.", "The mail server lets us in."):
        assert sentence in told
    assert mail_server.received == [], "asking sends nothing"


def test_a_worker_does_not_start_on_real_data_in_demo_mode(migrated, tmp_path):
    surroundings = servers.environment(database=migrated, var=tmp_path / "var")
    send(surroundings)  # a person, and no mark of a demonstration
    argv = [sys.executable, "-m", "celery", "-A", "config", "worker", "--pool", "solo"]
    asked = subprocess.run(argv, cwd=settings.BASE_DIR, env=surroundings, capture_output=True, text=True, timeout=60, check=False)
    assert asked.returncode != 0
    assert "Demo mode was refused" in asked.stderr
    assert os.linesep not in asked.stderr.strip().splitlines()[-1]
