"""Verifying the trail: every event's bytes, chain and columns, the sealed order, the tree, the checkpoints and what personal values open.

Everything is read once, in one snapshot, in chunks; nothing is parsed unless it is wrong.
"""

from time import perf_counter
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections

from audit.checks import checkpoints, events, order, values
from audit.checks.reading import snapshot
from audit.checks.report import Progress, Report

__all__ = ["Report", "verify_all", "verify_stream"]


def verify_all(
    *, using: str = DEFAULT_DB_ALIAS, key: str = "", held: dict[str, Any] | None = None, progress: Progress | None = None
) -> Report:
    """Check the whole trail and report; nothing is changed.

    `key`: the fingerprint that every checkpoint must be signed with. `held`: a checkpoint document that an outsider kept, which this trail
    must contain. Without one, a trail that was rewritten together with its checkpoints by somebody who has the key is not found out.
    """
    report, started = Report(), perf_counter()
    connection = connections[using]
    with snapshot(connection):
        found = events.check_chains(connection, report, progress=progress)
        events.check_heads(connection, report, found.heads)
        signed = checkpoints.check_signatures(connection, report, key=key)
        if held is not None:
            signed += checkpoints.check_held(report, held, key=key)
        order.check_positions(connection, report)
        order.check_tree(connection, report, signed)
        values.check_commitments(connection, report, found.personal)
    report.seconds = perf_counter() - started
    return report


def verify_stream(stream: str, *, using: str = DEFAULT_DB_ALIAS) -> Report:
    """Check one stream: its chain and head, its places in the sealed order, its open values, and that its sealed events stand in the tree
    of the last checkpoint."""
    report, started = Report(), perf_counter()
    connection = connections[using]
    with snapshot(connection):
        found = events.check_chains(connection, report, stream=stream)
        events.check_heads(connection, report, found.heads, stream=stream)
        order.check_positions(connection, report, stream=stream)
        checkpoints.check_inclusion(connection, report, stream=stream)
        values.check_commitments(connection, report, found.personal, stream=stream)
    report.seconds = perf_counter() - started
    return report
