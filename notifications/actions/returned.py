"""Reading what the mail server puts into a folder, or what somebody names: mail that came back."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from accounts.refusals import Refusal
from notifications import bounces
from notifications.actions import addresses
from notifications.bounces import Bounce

DONE = "read"


@dataclass(frozen=True)
class Report:
    """What one file says: of which addresses, or why it says nothing to us."""

    name: str
    bounces: tuple[Bounce, ...] = ()
    refusal: str = ""

    @property
    def noted(self) -> int:
        """How many addresses it marks as failing."""
        return sum(bounce.is_for_good for bounce in self.bounces)


def read_file(*, path: Path, at: datetime) -> Report:
    """Read one report and mark the addresses that fail for good. Raises OSError for a file that cannot be opened."""
    data = path.read_bytes()
    try:
        found = bounces.read(data)
    except Refusal as refusal:
        return Report(path.name, refusal=refusal.sentence)
    except Exception as error:  # anybody can send us a mail, in any shape: none may keep the next from being read
        return Report(path.name, refusal=f"This cannot be read as a mail ({type(error).__name__}).")
    for bounce in found:
        if bounce.is_for_good:
            addresses.note_failure(address=bounce.address, status=bounce.status, said=bounce.said, at=at)
    return Report(path.name, tuple(found))


def read_folder(*, folder: Path, at: datetime) -> Iterator[Report]:
    """Read every file in it, and move each to its subfolder `read` afterwards: what is interrupted is read again."""
    for path in sorted(path for path in folder.iterdir() if path.is_file() and not path.name.startswith(".")):
        try:
            report = read_file(path=path, at=at)
            (folder / DONE).mkdir(exist_ok=True)
            path.rename(folder / DONE / path.name)
        except FileNotFoundError:
            continue  # another process was quicker
        except OSError as error:
            yield Report(path.name, refusal=f"It cannot be read: {error.strerror}.")
        else:
            yield report
