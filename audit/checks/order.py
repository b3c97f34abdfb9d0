"""The sealed order: positions without gaps, each event sealed or waiting, and the tree over them as the checkpoints signed it."""

from dataclasses import dataclass
from hashlib import sha256
from itertools import islice

from django.db.backends.base.base import BaseDatabaseWrapper

from audit import tree
from audit.checks.reading import rows
from audit.checks.report import Report


@dataclass(frozen=True)
class Signed:
    """A size and root that somebody vouches for; `name` is how a sentence calls it."""

    name: str
    size: int
    root: str


JOINED = "FROM audit_event e LEFT JOIN audit_position p ON p.event_id = e.id LEFT JOIN audit_unsealed u ON u.event_id = e.id"
FINDINGS = (
    ("p.number IS NULL AND u.event_id IS NULL", "neither has a position nor waits for one"),
    ("p.number IS NOT NULL AND u.event_id IS NOT NULL", "has a position and waits still"),
    ("p.event_hash <> e.hash", "is not the event that was sealed"),
)


def check_positions(connection: BaseDatabaseWrapper, report: Report, *, stream: str = "") -> None:
    """Every event has either a position, with its own hash, or a place among those that wait for one."""
    only, given = ("e.stream = %s", [stream]) if stream else ("1 = 1", [])
    counts = ", ".join(f"coalesce(sum(CASE WHEN {wrong} THEN 1 ELSE 0 END), 0)" for wrong, _ in FINDINGS)
    ((report.sealed, *found),) = rows(connection, f"SELECT count(p.number), {counts} {JOINED} WHERE {only}", given)
    for number, (wrong, finding) in zip(found, FINDINGS, strict=True):
        if number:
            first = f"SELECT e.stream, e.sequence {JOINED} WHERE {only} AND {wrong} ORDER BY e.id LIMIT 3"
            for of, sequence in rows(connection, first, given):
                report.add(f"{of}#{sequence} {finding}.")
    if not stream:
        lost = "LEFT JOIN audit_event e ON e.id = p.event_id WHERE e.id IS NULL ORDER BY p.number LIMIT 3"
        for (number,) in rows(connection, f"SELECT p.number FROM audit_position p {lost}"):  # noqa: S608 - no input
            report.add(f"The event that was sealed at position {number} is missing.")


def check_tree(connection: BaseDatabaseWrapper, report: Report, signed: list[Signed]) -> None:
    """Grow the tree again from the positions: numbers without a gap, stored tiles and signed roots as they come out."""
    growing, due = Growing(), sorted(signed, key=lambda statement: -statement.size)
    stored = {(level, index): root for level, index, root in rows(connection, 'SELECT level, "index", root FROM audit_tile')}
    _compare(report, growing, due)
    sealed = rows(connection, "SELECT number, event_hash FROM audit_position ORDER BY number")
    while block := list(islice(sealed, growing.room(due[-1].size if due else 0))):
        for expected, (number, _) in enumerate(block, growing.size + 1):
            if number != expected:
                report.add(f"Position {expected} is missing: the next is {number}.")
                return
        for place, root in growing.extend([sha256(b"\x00" + bytes.fromhex(text)).digest() for _, text in block]):
            if stored.pop(place, "") != root.hex():
                report.add(f"Tile {place[0]}/{place[1]} is missing or was changed.")
        _compare(report, growing, due)
    for statement in reversed(due):
        report.add(
            f"The end of the trail is missing: {statement.name} was signed over {statement.size:,} events, "
            f"and {growing.size:,} are sealed now."
        )
    for level, index in stored:
        report.add(f"Tile {level}/{index} stands over positions that are not there.")
    report.newer_than_last_checkpoint = report.events - max((statement.size for statement in signed), default=0)


def _compare(report: Report, growing: "Growing", due: list[Signed]) -> None:
    """Hold the tree as it stands against every statement of this size."""
    while due and due[-1].size == growing.size:
        statement = due.pop()
        if statement.root != growing.root().hex():
            report.add(f"The first {growing.size:,} events are not those that {statement.name} was signed over.")


class Growing:
    """A tree that grows and keeps only its right edge: at each level fewer than 256 nodes."""

    def __init__(self) -> None:
        self.size = 0
        self.edge: list[list[bytes]] = [[]]
        self.full: list[int] = [0]

    def room(self, stop: int) -> int:
        """How many leaves go in before a tile is full, or before the tree has `stop` leaves."""
        room = tree.WIDTH - len(self.edge[0])
        return min(room, stop - self.size) if stop > self.size else room

    def extend(self, leaves: list[bytes]) -> list[tuple[tuple[int, int], bytes]]:
        """Add leaves, no more than there is room for; returns the (level, index) and root of each tile that became full."""
        self.size += len(leaves)
        self.edge[0] += leaves
        return self._close(0) if len(self.edge[0]) == tree.WIDTH else []

    def root(self) -> bytes:
        """The root as RFC 6962 defines it: the full subtrees along the right edge, folded from the right."""
        peaks: list[bytes] = []
        for nodes in reversed(self.edge):
            start = 0
            for power in (128, 64, 32, 16, 8, 4, 2, 1):
                if len(nodes) & power:
                    peaks.append(tree.root_of(nodes[start : start + power]))
                    start += power
        if not peaks:
            return tree.root_of([])
        root = peaks.pop()
        while peaks:
            root = tree.node_hash(peaks.pop(), root)
        return root

    def _close(self, level: int) -> list[tuple[tuple[int, int], bytes]]:
        root = tree.root_of(self.edge[level])
        self.edge[level] = []
        if len(self.edge) == level + 1:
            self.edge.append([])
            self.full.append(0)
        self.edge[level + 1].append(root)
        done = [((level + 1, self.full[level]), root)]
        self.full[level] += 1
        return done + (self._close(level + 1) if len(self.edge[level + 1]) == tree.WIDTH else [])
