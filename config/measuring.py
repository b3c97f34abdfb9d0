"""What must be known before anything is measured: where web processes count together, and where a worker leaves its sign of life."""

import os
import shutil
from pathlib import Path

SEEN = "metrics:worker"
"""The cache's key for the time of a worker's last task."""


def share(folder: Path) -> None:
    """Let the web processes of one gunicorn count together, in files below the folder; what a gunicorn that ended has left goes.

    Called before `config.metrics` is loaded, for the library chooses its way of counting when it is first loaded.
    """
    for left in folder.iterdir() if folder.exists() else ():
        if left.name.isdigit() and not Path(f"/proc/{left.name}").exists():
            shutil.rmtree(left, ignore_errors=True)
    own = folder / str(os.getppid())
    own.mkdir(mode=0o700, parents=True, exist_ok=True)
    os.environ.setdefault("PROMETHEUS_MULTIPROC_DIR", str(own))
