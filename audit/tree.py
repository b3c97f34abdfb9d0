"""The Merkle tree of RFC 6962 (section 2.1): roots, inclusion proofs, consistency proofs, and how an outsider checks them.

Pure: hashes come from a `Reader`, and nothing here knows a database. Hashes are 32 bytes.
"""

from hashlib import sha256
from typing import Protocol

WIDTH = 256
"""Full subtrees of 256 nodes are kept as one tile, so that a root over a million leaves reads a few hundred hashes."""


class Reader(Protocol):
    """Where the tree's hashes are read."""

    def nodes(self, level: int, start: int, stop: int) -> list[bytes]:
        """At level 0 the leaf hashes `start` to `stop`; at level k the roots over the full runs of 256**k leaves with those indices."""
        ...


class Leaves:
    """A tree held in memory: a Reader over its leaf hashes."""

    def __init__(self, hashes: list[bytes]) -> None:
        self.hashes = hashes

    def nodes(self, level: int, start: int, stop: int) -> list[bytes]:
        if level == 0:
            return self.hashes[start:stop]
        return [root_of(self.nodes(level - 1, index * WIDTH, (index + 1) * WIDTH)) for index in range(start, stop)]


def leaf_hash(data: bytes) -> bytes:
    return sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    return sha256(b"\x01" + left + right).digest()


def root_of(hashes: list[bytes]) -> bytes:
    """The root over neighbouring nodes of one level; of none, the hash of nothing."""
    if not hashes:
        return sha256(b"").digest()
    while len(hashes) > 1:
        paired = [sha256(b"\x01" + left + right).digest() for left, right in zip(hashes[::2], hashes[1::2], strict=False)]
        hashes = paired + hashes[len(hashes) - len(hashes) % 2 :]
    return hashes[0]


def root(reader: "Reader | Cached", size: int) -> bytes:
    """The root of the first `size` leaves."""
    return _subtree(Cached(reader), 0, size) if size else sha256(b"").digest()


def inclusion_proof(reader: "Reader | Cached", index: int, size: int) -> list[bytes]:
    """The audit path of leaf `index` (from 0) in the tree of `size` leaves: PATH(m, D[n])."""
    if not 0 <= index < size:
        raise ValueError(f"There is no leaf {index} in a tree of {size}.")
    reader, start, stop, path = Cached(reader), 0, size, []
    while stop - start > 1:
        middle = start + _split(stop - start)
        if index < middle:
            path.append(_subtree(reader, middle, stop))
            stop = middle
        else:
            path.append(_subtree(reader, start, middle))
            start = middle
    return path[::-1]


def consistency_proof(reader: "Reader | Cached", first: int, second: int) -> list[bytes]:
    """The proof that the tree of `first` leaves is the beginning of the tree of `second`: PROOF(m, D[n])."""
    if not 0 <= first <= second:
        raise ValueError(f"A tree of {first} cannot begin a tree of {second}.")
    if first in (0, second):
        return []
    reader, start, stop, path, whole = Cached(reader), 0, second, [], True
    while stop != first:
        middle = start + _split(stop - start)
        if first <= middle:
            path.append(_subtree(reader, middle, stop))
            stop = middle
        else:
            path.append(_subtree(reader, start, middle))
            start, whole = middle, False
    if not whole:
        path.append(_subtree(reader, start, stop))
    return path[::-1]


def includes(*, leaf: bytes, index: int, size: int, proof: list[bytes], root: bytes) -> bool:
    """Whether the proof shows that the leaf hash stands at `index` of the tree with this size and root (RFC 9162 section 2.1.3.2)."""
    if not 0 <= index < size:
        return False
    at, last, result = index, size - 1, leaf
    for sibling in proof:
        if last == 0:
            return False
        if at % 2 or at == last:
            result = node_hash(sibling, result)
            while at % 2 == 0 and at:
                at, last = at >> 1, last >> 1
        else:
            result = node_hash(result, sibling)
        at, last = at >> 1, last >> 1
    return last == 0 and result == root


def is_consistent(*, first: int, second: int, first_root: bytes, second_root: bytes, proof: list[bytes]) -> bool:
    """Whether the proof shows that the first tree begins the second (RFC 9162 section 2.1.4.2)."""
    if first == second:
        return not proof and first_root == second_root
    if first == 0:
        return not proof and first_root == root_of([])
    if first > second or not proof:
        return False
    path = [first_root, *proof] if first & (first - 1) == 0 else proof
    at, last = first - 1, second - 1
    while at % 2:
        at, last = at >> 1, last >> 1
    old = new = path[0]
    for node in path[1:]:
        if last == 0:
            return False
        if at % 2 or at == last:
            old, new = node_hash(node, old), node_hash(node, new)
            while at % 2 == 0 and at:
                at, last = at >> 1, last >> 1
        else:
            new = node_hash(new, node)
        at, last = at >> 1, last >> 1
    return last == 0 and old == first_root and new == second_root


def _split(size: int) -> int:
    """The largest power of two below `size`."""
    return 1 << (size - 1).bit_length() - 1


def _subtree(reader: "Cached", start: int, stop: int) -> bytes:
    """MTH over the leaves from `start` to `stop`, where the run is aligned as RFC 6962 splits it."""
    size = stop - start
    if size == 1:
        return reader.node(0, start)
    level = (size.bit_length() - 1) // 8
    span = WIDTH**level
    if size % span == 0 and size & (size - 1) == 0:
        return root_of([reader.node(level, index) for index in range(start // span, stop // span)])
    middle = start + _split(size)
    return node_hash(_subtree(reader, start, middle), _subtree(reader, middle, stop))


class Cached:
    """A Reader that reads whole blocks of 256 neighbours, once. Give it to many proofs over one tree."""

    def __init__(self, reader: "Reader | Cached") -> None:
        self.reader: Reader = reader.reader if isinstance(reader, Cached) else reader
        self.blocks: dict[tuple[int, int], list[bytes]] = reader.blocks if isinstance(reader, Cached) else {}

    def node(self, level: int, index: int) -> bytes:
        block, place = divmod(index, WIDTH)
        if (level, block) not in self.blocks:
            self.blocks[level, block] = self.reader.nodes(level, block * WIDTH, (block + 1) * WIDTH)
        return self.blocks[level, block][place]
