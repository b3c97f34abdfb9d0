"""See that every requirement is in its lock, hashed, and that no lock names a package index."""

import re
import sys

from prepare import REQUIREMENTS
from terminal import ROOT, say


def main() -> int:
    problems = []
    for source in sorted(REQUIREMENTS.glob("*.in")):
        lock = source.with_suffix(".txt")
        text = lock.read_text()
        locked = {plain(match) for match in re.findall(r"^([A-Za-z0-9._-]+)(?:\[[^]]*\])?==", text, re.MULTILINE)}
        asked = {plain(match) for match in re.findall(r"^([A-Za-z0-9._-]+)", source.read_text(), re.MULTILINE) if not match.startswith("-")}
        problems += [f"{lock.name} lacks {name}" for name in sorted(asked - locked)]
        if "://" in text or "--index" in text:
            problems.append(f"{lock.name} names a package index")
        if text.count("==") and "--hash=sha256:" not in text:
            problems.append(f"{lock.name} has no hashes")
    if '"resolved"' in (ROOT / "package-lock.json").read_text():
        problems.append("package-lock.json names a package index")
    for problem in problems:
        say(problem)
    return 1 if problems else 0


def plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


if __name__ == "__main__":
    sys.exit(main())
