"""The keys of an embedded installation: made once, in files that only their owner reads. `python -m config.keys` makes what is missing.

Where keys are given by the environment these files are neither made nor read. They are never committed: `var/` is ignored.
"""

import base64
import os
import secrets
import sys
from collections.abc import Callable
from pathlib import Path

FILES = {"SECRET_KEY": "secret.key", "FIELD_KEYS": "field.keys", "AUDIT_SIGNING_KEY": "audit_signing.key"}
FRESH: dict[str, Callable[[], str]] = {
    "SECRET_KEY": lambda: secrets.token_urlsafe(64),
    "FIELD_KEYS": lambda: base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(),
    "AUDIT_SIGNING_KEY": lambda: base64.b64encode(secrets.token_bytes(32)).decode(),
}


def kept(name: str, folder: Path) -> str:
    """The key in its file, or nothing."""
    path = folder / FILES[name]
    return path.read_text().strip() if path.exists() else ""


def make_missing(folder: Path) -> list[Path]:
    """Make the files that are missing, mode 0600. When two processes come at once, both use the first one's. Returns what was made."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    made = []
    for name, file_name in FILES.items():
        path = folder / file_name
        if path.exists():
            continue
        fresh = folder / f"{file_name}.{secrets.token_hex(4)}"
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(FRESH[name]() + "\n")
        try:
            os.link(fresh, path)
            made.append(path)
        except FileExistsError:
            pass
        finally:
            fresh.unlink()
    return made


def main() -> None:
    folder = Path(os.environ.get("VAR_DIR") or Path(__file__).resolve().parent.parent / "var") / "keys"
    for path in make_missing(folder):
        sys.stdout.write(f"Made {path}. Keep a copy apart from the database: without it encrypted fields cannot be read.\n")


if __name__ == "__main__":
    main()
