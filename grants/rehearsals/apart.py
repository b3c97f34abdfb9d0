"""What keeps a rehearsal apart: another process, whose environment is made here from nothing, with its own database, files, keys, mail.

Nothing of the house is handed over but the document: no address of its database, its bucket, its mail server, its queue or its cache, and
none of its keys. What the other process can reach lies in one folder, and goes with it.
"""

import fcntl
import hashlib
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import allauth
import django
from django.conf import settings

from accounts.refusals import Refused
from grants.rehearsals.plan import Plan

LONGEST = 900.0
"""Seconds after which a run is ended."""
PATIENCE = 40.0
"""Seconds in which the rehearsal's pages have to be there."""
HANDED_OVER = ("PATH", "HOME", "LANG", "LC_ALL", "LC_CTYPE", "TZ", "TMPDIR", "PYTHONPATH", "PYTHONHASHSEED", "VIRTUAL_ENV", "SYSTEMROOT")
"""The variables of the machine that the other process gets; of the house's own it gets none."""
KEY = re.compile(r"[0-9a-f]{32}")
MADE_BY = ("*/migrations/*.py", "audit/triggers.py", "accounts/actions/system.py")
"""What an empty database is made of."""

Tell = Callable[[int, int, str], object]


class BrokeOff(Refused):
    """The rehearsal's process ended without a report."""

    code = "rehearsal_broke_off"


class Busy(Exception):
    """Another rehearsal is being played here: one at a time, so that the worker's other work goes on."""


def new_key() -> str:
    """The name of a folder that nobody can guess."""
    return uuid.uuid4().hex


def home(key: str) -> Path:
    """Where everything of one rehearsal lies."""
    if not KEY.fullmatch(key):
        raise ValueError("This is no rehearsal's key.")
    return _all() / key


def environment(folder: Path) -> dict[str, str]:
    """All that a process of the rehearsal knows of the world."""
    kept = {name: os.environ[name] for name in HANDED_OVER if name in os.environ}
    return kept | {
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "REHEARSAL": folder.name,
        "VAR_DIR": str(folder),
        "DEMO": "1",
        "CELERY_BROKER_URL": "memory://",
        "CACHE_URL": "locmemcache://",
        "LOG_LEVEL": "WARNING",
    }


def make(key: str) -> Path:
    """A folder with an empty, migrated database; what lay there is gone."""
    folder = home(key)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o700, parents=True)
    shutil.copyfile(_empty(), folder / "pumphouse.sqlite3")
    return folder


def play(key: str, document: str, plan: Plan, *, tell: Tell) -> dict[str, Any]:
    """Play a document in a process of its own and return its report. Raises BrokeOff; `tell` may raise to end it."""
    tell(0, 1, "A database of its own is made")
    folder = make(key)
    (folder / "rehearsal.json").write_text(json.dumps({"document": document, "plan": plan.as_json()}))
    with (folder / "problems.log").open("wb") as problems, _running(["rehearsal"], folder, stderr=problems) as process:
        report = _listen(process, tell)
    if report is None:
        raise BrokeOff(f"The rehearsal broke off: {_last_line(folder / 'problems.log')}")
    return report


def served(key: str) -> Path:
    """The socket on which the rehearsal's own web process answers; started here where none does. Raises BrokeOff when it will not start."""
    folder = home(key)
    socket_path = folder / "web.sock"
    if not folder.is_dir():
        raise BrokeOff("The rehearsal is not on this machine.")
    if _answers(socket_path):
        return socket_path
    with (folder / ".starting").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not _answers(socket_path):
            _start(folder, socket_path)
    return socket_path


def _start(folder: Path, socket_path: Path) -> None:
    """Start gunicorn for one rehearsal. It ends by itself when it is not needed, or when this process does (config.rehearsed_wsgi)."""
    socket_path.unlink(missing_ok=True)
    arguments = ["config.rehearsed_wsgi", "--bind", f"unix:{socket_path}", "--workers", "1", "--worker-class", "gthread", "--threads", "4"]
    with (folder / "web.log").open("ab") as log:
        process = subprocess.Popen(  # noqa: S603 -- our own command
            [sys.executable, "-m", "gunicorn", *arguments, "--timeout", "60", "--graceful-timeout", "2", "--log-level", "error"],
            cwd=settings.BASE_DIR, env=environment(folder) | {"STARTED_BY": str(os.getpid())},
            stdin=subprocess.DEVNULL, stdout=log, stderr=log,
        )  # fmt: skip
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until and process.poll() is None:
        if _answers(socket_path):
            return
        time.sleep(0.1)
    process.kill()
    raise BrokeOff(f"The rehearsal's pages could not be started: {_last_line(folder / 'web.log')}")


def _answers(socket_path: Path) -> bool:
    """Whether a process listens there."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as asked:
        try:
            asked.connect(str(socket_path))
        except OSError:
            return False
    return True


def clear(key: str) -> None:
    """Take away everything of one rehearsal. Done again, it changes nothing."""
    shutil.rmtree(home(key), ignore_errors=True)


def sweep(known: Iterable[str]) -> None:
    """Take away folders of rehearsals that nobody knows any more."""
    kept = set(known)
    for folder in _all().iterdir() if _all().is_dir() else ():
        if KEY.fullmatch(folder.name) and folder.name not in kept:
            shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def one_at_a_time() -> Iterator[None]:
    """Raises Busy while another process or thread of this machine plays."""
    _all().mkdir(mode=0o700, parents=True, exist_ok=True)
    with (_all() / ".lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Busy from None
        yield


def command(*arguments: str) -> list[str]:
    """A command of ours, run by the Python that runs this."""
    return [sys.executable, str(settings.BASE_DIR / "manage.py"), *arguments]


@contextmanager
def _running(arguments: list[str], folder: Path, **options: Any) -> Iterator[subprocess.Popen[str]]:
    """The process, which is ended with the block, and when it takes too long."""
    process = subprocess.Popen(  # noqa: S603 -- our own command
        command(*arguments), cwd=settings.BASE_DIR, env=environment(folder), text=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        **options,
    )  # fmt: skip
    watch = threading.Timer(LONGEST, process.kill)
    watch.start()
    try:
        yield process
        process.wait()
    finally:
        watch.cancel()
        process.kill()
        process.communicate()


def _listen(process: subprocess.Popen[str], tell: Tell) -> dict[str, Any] | None:
    report: dict[str, Any] | None = None
    for line in process.stdout or ():
        said = json.loads(line) if line.startswith("{") else {}
        report = said.get("report", report)
        if "of" in said:
            tell(said["done"], said["of"], said["doing"])
    return report


def _last_line(path: Path) -> str:
    lines = [line for line in path.read_text(errors="replace").splitlines() if line.strip()]
    return lines[-1][:300] if lines else "its process was ended."


def _all() -> Path:
    return Path(settings.VAR_DIR) / "rehearsals"


def _empty() -> Path:
    """An empty, migrated database, made once for each change of the migrations."""
    path = _all() / f"empty-{_digest()}.sqlite3"
    if path.exists():
        return path
    _all().mkdir(mode=0o700, parents=True, exist_ok=True)
    for old in _all().glob("empty-*.sqlite3"):
        old.unlink(missing_ok=True)
    with tempfile.TemporaryDirectory(dir=_all()) as name:
        folder = Path(name)
        made = subprocess.run(  # noqa: S603 -- our own command
            command("migrate", "-v0"), cwd=settings.BASE_DIR, env=environment(folder), capture_output=True, text=True
        )
        if made.returncode != 0:
            said = made.stderr.strip().splitlines()
            raise BrokeOff(f"The rehearsal's database could not be made: {said[-1][:300] if said else 'no reason was given.'}")
        os.replace(folder / "pumphouse.sqlite3", path)
    return path


def _digest() -> str:
    found = hashlib.sha256(f"{django.__version__} {allauth.__version__}".encode())
    for pattern in MADE_BY:
        for path in sorted(Path(settings.BASE_DIR).glob(pattern)):
            found.update(path.read_bytes())
    return found.hexdigest()[:16]
