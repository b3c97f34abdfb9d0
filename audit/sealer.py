"""Giving committed events their position, and growing the tree over them.

One sealer at a time. An event committed before a seal begins stands before every event committed after it ended, so that a reader of
positions never skips one that was committed late. (Event ids do not have that property: they are drawn before the commit.)
"""

from datetime import datetime

from django.db import DEFAULT_DB_ALIAS, connections, router, transaction

from audit import tree
from audit.models import Position, Tile

BATCH = 1000
"""Events sealed in one transaction: on SQLite that is how long other writers wait, some 50 ms."""

ADVISORY_LOCK = 0x70756D70_61756469
"""What PostgreSQL sealers lock: the bytes of `pumpaudi`."""


class Sealed:
    """The sealed events as a tree.Reader."""

    def nodes(self, level: int, start: int, stop: int) -> list[bytes]:
        if level == 0:
            kept = Position.objects.filter(number__gt=start, number__lte=stop).order_by("number")
            return [tree.leaf_hash(bytes.fromhex(text)) for text in kept.values_list("event_hash", flat=True)]
        tiles = Tile.objects.filter(level=level, index__gte=start, index__lt=stop).order_by("index")
        return [bytes.fromhex(text) for text in tiles.values_list("root", flat=True)]


def size() -> int:
    """How many events are sealed."""
    return Position.objects.order_by("-number").values_list("number", flat=True).first() or 0


def mark() -> str:
    """A text that is another one as soon as any event is committed: how many there are, sealed or not, and the hash of the newest.

    Read in one statement, for a sealer moves events from the unsealed to the sealed meanwhile.
    """
    with connections[router.db_for_read(Position)].cursor() as cursor:
        cursor.execute(MARK)
        return ":".join(map(str, cursor.fetchone()))


def seal(*, at: datetime, wait: bool = True) -> int:
    """Seal every event that is committed now, and say how many. With `wait=False`, leave it to a sealer that is at work already."""
    total = 0
    while sealed := _seal_batch(at=at, wait=wait):
        total += sealed
        if sealed < BATCH:
            break
    return total


def lock(*, wait: bool = True, using: str = DEFAULT_DB_ALIAS) -> bool:
    """Hold the sealers' lock until the transaction ends. On SQLite the IMMEDIATE transaction itself is the lock."""
    connection = connections[using]
    if connection.vendor != "postgresql":
        return True
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT pg_{'' if wait else 'try_'}advisory_xact_lock(%s)", [ADVISORY_LOCK])
        return cursor.fetchone()[0] is not False


@transaction.atomic
def _seal_batch(*, at: datetime, wait: bool) -> int:
    if not lock(wait=wait):
        return 0
    before = size()
    connection = connections[router.db_for_write(Position)]
    with connection.cursor() as cursor:
        cursor.execute(NUMBERED, [before, connection.ops.adapt_datetimefield_value(at), BATCH])
        sealed = cursor.rowcount
        if sealed:
            lay_tiles(before, before + sealed)
            cursor.execute(TAKEN_AWAY, [before])
    return sealed


MARK = """
SELECT COALESCE((SELECT MAX(number) FROM audit_position), 0) + (SELECT COUNT(*) FROM audit_unsealed),
(SELECT hash FROM audit_event ORDER BY id DESC LIMIT 1)
"""
NUMBERED = """
INSERT INTO audit_position (number, event_id, event_hash, sealed_at)
SELECT %s + row_number() OVER (ORDER BY waits.event_id), waits.event_id, event.hash, %s
FROM (SELECT event_id FROM audit_unsealed ORDER BY event_id LIMIT %s) waits JOIN audit_event event ON event.id = waits.event_id
"""
TAKEN_AWAY = "DELETE FROM audit_unsealed WHERE event_id IN (SELECT event_id FROM audit_position WHERE number > %s)"


def lay_tiles(before: int, after: int) -> None:
    """Keep the root over each run of 256 nodes that became full, level by level. For who holds the sealers' lock."""
    level, span = 1, tree.WIDTH
    while after // span:
        Tile.objects.bulk_create(
            Tile(level=level, index=index, root=_root_over(level - 1, index).hex()) for index in range(before // span, after // span)
        )
        level, span = level + 1, span * tree.WIDTH


def _root_over(level: int, index: int) -> bytes:
    return tree.root_of(Sealed().nodes(level, index * tree.WIDTH, (index + 1) * tree.WIDTH))
