"""`make run`: database, sample data and static files made ready, then web, worker and beat as processes of their own until Ctrl-C."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from types import FrameType

from prepare import digest, is_stamped
from terminal import ROOT, VAR_DIR, Failure, command, done, say, step

STAMP = ROOT / "staticfiles" / ".stamp"
PATIENCE = 60


def main() -> int:
    port = _port(os.environ.get("PORT", "8000"))
    _environment(port)
    _collect()
    ready = subprocess.run([sys.executable, "manage.py", "prepare"], cwd=ROOT)
    if ready.returncode != 0:
        raise Failure("The database was not made ready.", "Mend what is said above. `make doctor` tells more.")
    return _serve(port)


def _port(text: str) -> int:
    """The port, when it is one and nobody has it."""
    if not text.isdigit() or not 0 < int(text) < 65536:
        raise Failure(f'PORT is "{text}".', "Set it to a number such as 8000.")
    with socket.socket() as asked:
        asked.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            asked.bind(("127.0.0.1", int(text)))
        except OSError as problem:
            mend = "Stop what uses it (perhaps another `make run`), or choose another: make run PORT=8001"
            raise Failure(f"Port {text} cannot be used: {problem.strerror}.", mend) from problem
    return int(text)


def _environment(port: int) -> None:
    """What the processes are started with. What the caller has set, stays."""
    os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"
    os.environ["PORT"] = str(port)
    os.environ.setdefault("BASE_URL", f"http://127.0.0.1:{port}")
    os.environ.setdefault("LOG_STYLE", "plain" if sys.stdout.isatty() else "json")
    if os.environ.get("DEMO", "").lower() not in ("1", "true", "yes", "on"):
        subprocess.run([sys.executable, "-m", "config.keys"], cwd=ROOT, check=True)


def _collect() -> None:
    """Static files with their hashes in their names, made once for each change of them."""
    sources = [path for path in (ROOT / "static").rglob("*") if path.is_file()]
    value = digest(sources, (ROOT / "requirements" / "runtime.txt").read_text())
    if is_stamped(STAMP, value):
        done("Collecting static files")
        return
    argv = [sys.executable, "manage.py", "collectstatic", "--noinput", "--clear", "-v0"]
    step("Collecting static files", argv, mend="Mend what the last lines above say.")
    STAMP.write_text(value)


def _serve(port: int) -> int:
    """Run the Procfile under honcho: when one process ends, all do."""
    supervisor = subprocess.Popen([sys.executable, "-m", "honcho", "start", "-f", "Procfile"], cwd=ROOT)
    stopping = False

    def stop(number: int, frame: FrameType | None) -> None:
        nonlocal stopping
        stopping = True
        if number == signal.SIGTERM:
            supervisor.terminate()

    signal.signal(signal.SIGINT, stop)
    signal.signal(signal.SIGTERM, stop)
    _say_when_up(supervisor, f"http://127.0.0.1:{port}")
    code = supervisor.wait()
    if stopping:
        say("\nEverything has stopped.")
        return 0
    raise Failure(f"One of the processes ended by itself (exit status {code}), so all were stopped.", "Its last lines are above.")


def _say_when_up(supervisor: subprocess.Popen, url: str) -> None:
    started = time.monotonic()
    while supervisor.poll() is None and time.monotonic() - started < PATIENCE:
        try:
            with urllib.request.urlopen(f"{url}/readyz", timeout=5):  # noqa: S310 - our own address
                say(f"\n  Pumphouse is up: {url}   (Ctrl-C stops web, worker and beat; its state is in {VAR_DIR})\n")
                return
        except urllib.error.HTTPError as problem:
            say(f"• Not ready yet: {problem.read().decode()}")
        except OSError:
            pass
        time.sleep(0.3)


if __name__ == "__main__":
    command(main)
