"""The service as it really runs, for load and for kills: the processes of the Procfile, each of which can be killed and started again."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import urlsplit

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "scripts")]
PATIENCE = 60


class House:
    """Web, worker and beat on one database, in demonstration mode."""

    def __init__(self, *, url: str, folder: Path) -> None:
        self.port, self.folder = _free_port(), folder
        self.environment = os.environ | {
            "DATABASE_URL": url,
            "VAR_DIR": str(folder),
            "PORT": str(self.port),
            "BASE_URL": f"http://127.0.0.1:{self.port}",
            "DEMO": "1",
            "LOG_LEVEL": "ERROR",
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "PYTHONPATH": str(ROOT),
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}",
        }
        lines = (line.partition(":") for line in (ROOT / "Procfile").read_text().splitlines() if line.strip())
        self.commands = {name: command.strip() for name, _, command in lines}
        self.running: dict[str, subprocess.Popen[bytes]] = {}

    def start(self, *names: str) -> None:
        for name in names or self.commands:
            with (self.folder / f"{name}.log").open("ab") as log:
                argv, streams = ["/bin/sh", "-c", self.commands[name]], {"stdin": subprocess.DEVNULL, "stdout": log, "stderr": log}
                self.running[name] = subprocess.Popen(argv, cwd=ROOT, env=self.environment, start_new_session=True, **streams)

    def kill(self, name: str) -> None:
        """SIGKILL, the children too."""
        process = self.running.pop(name)
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    def kill_one_web_process(self, turn: int) -> None:
        """SIGKILL one of gunicorn's own processes; it starts another by itself."""
        if children := _children(self.running["web"].pid):
            with suppress(ProcessLookupError):
                os.kill(children[turn % len(children)], signal.SIGKILL)

    def until_ready(self) -> None:
        """Wait until the service says that it can work."""
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            with suppress(OSError), urllib.request.urlopen(f"http://127.0.0.1:{self.port}/readyz", timeout=5):
                return
            time.sleep(0.2)
        raise SystemExit(f"The service was not ready in {PATIENCE} s: {(self.folder / 'web.log').read_text()[-2000:]}")

    def memory_mb(self) -> dict[str, float]:
        """What each part holds in memory that it shares with nobody but its own copies (Pss), children included."""
        return {name: sum(_pss_kb(pid) for pid in [process.pid, *_children(process.pid)]) / 1024 for name, process in self.running.items()}

    def cpu_seconds(self, name: str) -> float:
        """What the processes of one part have worked so far."""
        process = self.running[name]
        return sum(_cpu_seconds(pid) for pid in [process.pid, *_children(process.pid)])

    def connections(self) -> dict[str, int]:
        """How many connections to PostgreSQL each part holds."""
        port = int(urlsplit(self.environment["DATABASE_URL"]).port or 5432)
        held = _sockets_to(port)
        return {name: sum(_holds(pid, held) for pid in [process.pid, *_children(process.pid)]) for name, process in self.running.items()}

    def stop(self) -> None:
        for process in self.running.values():
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGTERM)
        for name in list(self.running):
            with suppress(subprocess.TimeoutExpired):
                self.running[name].wait(timeout=8)
            self.kill(name)


@contextmanager
def house(*, url: str, folder: Path) -> Iterator[House]:
    """A service that is up, and gone afterwards."""
    built = House(url=url, folder=folder)
    try:
        built.start()
        built.until_ready()
        yield built
    finally:
        built.stop()


def _children(pid: int) -> list[int]:
    try:
        return [int(text) for text in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []


def _pss_kb(pid: int) -> int:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("Pss:")), 0)


def _cpu_seconds(pid: int) -> float:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _sockets_to(port: int) -> set[str]:
    """Inodes of the sockets that are connected to this port of the machine."""
    rows = (line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:])
    return {row[9] for row in rows if int(row[2].partition(":")[2], 16) == port and row[3] == "01"}


def _holds(pid: int, inodes: set[str]) -> int:
    found = 0
    for entry in Path(f"/proc/{pid}/fd").glob("*"):
        with suppress(OSError):
            found += entry.readlink().name.removeprefix("socket:[").removesuffix("]") in inodes
    return found


def _free_port() -> int:
    with socket.socket() as asked:
        asked.bind(("127.0.0.1", 0))
        return asked.getsockname()[1]
