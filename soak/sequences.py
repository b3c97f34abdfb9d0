"""Many more of what `make test` tries a few of: sequences from an open round to a closed award, with anybody trying anything, and
made-up programmes that are rendered, filled in, sent, assessed and exported.

    python soak/sequences.py [--examples N]

It ends with the status of the tests; a sequence that breaks something is printed as short as it can be made.
"""

import argparse
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TRIED = (
    "tests/properties/test_from_an_open_round.py",
    "tests/integration/applications/test_any_definition.py",
    "tests/unit/grants/test_any_definition.py",
)


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--examples", type=int, default=25)
    asked = parser.parse_args()
    apart = {name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "DEMO", "VAR_DIR")}
    argv = [sys.executable, "-m", "pytest", "-q", "-o", "timeout=3600", *TRIED]
    return subprocess.run(argv, cwd=ROOT, env=apart | {"EXAMPLES": str(asked.examples)}).returncode


if __name__ == "__main__":
    sys.exit(main())
