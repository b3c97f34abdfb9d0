"""Writing the trail. (Being built: see docs/audit-format.md.)"""

from datetime import datetime
from typing import Any


def record(
    *,
    stream: str,
    kind: str,
    actor: int | None,
    at: datetime,
    subject: str = "",
    on_behalf_of: int | None = None,
    role: str = "",
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
    personal: dict[str, Any] | None = None,
) -> None:
    """Append one event to a stream, in the caller's transaction."""
