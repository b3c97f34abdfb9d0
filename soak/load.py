"""The deadline hour at the rate that must be held, for a few minutes: `benchmarks.deadline` with more patience.

python soak/load.py [--minutes M]
"""

import argparse
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--minutes", type=float, default=2.0)
    asked = parser.parse_args()
    argv = ["-m", "benchmarks.deadline", "--minutes", str(asked.minutes), "--editors", "200", "--rate", "30", "--knee", "0"]
    return subprocess.run([sys.executable, *argv], cwd=ROOT, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
