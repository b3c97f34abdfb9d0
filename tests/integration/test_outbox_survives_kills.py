"""A worker killed between any two statements delivers each notice at least once, and never marks an unsent one sent."""

import json
import os
import subprocess
import sys

import pytest
from django.conf import settings

pytestmark = [pytest.mark.once, pytest.mark.timeout(400)]


def test_a_worker_killed_before_any_statement_loses_nothing(tmp_path):
    environment = os.environ | {
        "DATABASE_URL": f"sqlite:///{tmp_path / 'kills.sqlite3'}",
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "DEMO": "1",
        "PYTHONPATH": str(settings.BASE_DIR),
    }
    ran = subprocess.run(
        [sys.executable, "-m", "tests.kills.kill_between_statements", str(tmp_path)],
        cwd=settings.BASE_DIR, env=environment, capture_output=True, text=True, timeout=380, check=False,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    outcome = json.loads(ran.stdout.splitlines()[-1])
    assert outcome["problems"] == []
    assert outcome["kills"] > 20, "the kills must reach through the whole delivery"
    assert outcome["most_copies"] <= 2
