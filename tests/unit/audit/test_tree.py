"""The tree against RFC 6962's definition, written down here once more as the RFC writes it."""

from hashlib import sha256

import pytest

from audit import tree


def mth(data):
    """RFC 6962 section 2.1, word for word."""
    if not data:
        return sha256(b"").digest()
    if len(data) == 1:
        return sha256(b"\x00" + data[0]).digest()
    k = 1
    while k * 2 < len(data):
        k *= 2
    return sha256(b"\x01" + mth(data[:k]) + mth(data[k:])).digest()


def data(size):
    return [str(number).encode() for number in range(size)]


def leaves(size):
    return tree.Leaves([tree.leaf_hash(entry) for entry in data(size)])


@pytest.mark.parametrize("size", [0, 1, 2, 3, 7, 8, 255, 256, 257, 300, 511, 512, 513, 1000])
def test_root_is_the_rfc_s(size):
    assert tree.root(leaves(size), size) == mth(data(size))


def test_a_root_of_an_earlier_size_is_read_from_the_same_leaves():
    assert tree.root(leaves(700), 300) == mth(data(300))


@pytest.mark.parametrize("size", [1, 2, 3, 5, 8, 11, 260])
def test_every_leaf_proves_its_inclusion(size):
    reader, root = leaves(size), mth(data(size))
    for index in range(size):
        proof = tree.inclusion_proof(reader, index, size)
        assert tree.includes(leaf=reader.hashes[index], index=index, size=size, proof=proof, root=root)
        assert not tree.includes(leaf=tree.leaf_hash(b"forged"), index=index, size=size, proof=proof, root=root)
        if size > 1:
            assert not tree.includes(leaf=reader.hashes[index], index=(index + 1) % size, size=size, proof=proof, root=root)


@pytest.mark.parametrize("second", [1, 2, 3, 7, 8, 13, 259])
def test_every_beginning_proves_its_consistency(second):
    reader = leaves(second)
    for first in range(second + 1):
        proof = tree.consistency_proof(reader, first, second)
        roots = {"first_root": mth(data(first)), "second_root": mth(data(second))}
        assert tree.is_consistent(first=first, second=second, proof=proof, **roots)
        if 0 < first < second:
            forged = roots | {"first_root": mth([b"forged", *data(first)[1:]])}
            assert not tree.is_consistent(first=first, second=second, proof=proof, **forged)


def test_the_rfc_s_own_example_paths():
    """RFC 6962 section 2.1.3: seven leaves d0..d6 with nodes a..l."""
    reader = leaves(7)
    a, b, c, d, e, f, j = reader.hashes
    g, h, i = tree.node_hash(a, b), tree.node_hash(c, d), tree.node_hash(e, f)
    k = tree.node_hash(g, h)
    l_ = tree.node_hash(i, j)
    assert tree.inclusion_proof(reader, 0, 7) == [b, h, l_]
    assert tree.inclusion_proof(reader, 3, 7) == [c, g, l_]
    assert tree.inclusion_proof(reader, 4, 7) == [f, j, k]
    assert tree.inclusion_proof(reader, 6, 7) == [i, k]
    assert tree.consistency_proof(reader, 3, 7) == [c, d, g, l_]
    assert tree.consistency_proof(reader, 4, 7) == [l_]
    assert tree.consistency_proof(reader, 6, 7) == [i, j, k]


def test_known_roots_of_certificate_transparency():
    """The test vectors of the certificate-transparency reference implementation."""
    inputs = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"]
    hashes = [tree.leaf_hash(bytes.fromhex(text)) for text in inputs]
    assert tree.root_of(hashes[:1]).hex() == "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"
    assert tree.root_of(hashes[:2]).hex() == "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"
    assert tree.root_of(hashes).hex() == "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"


def test_impossible_questions_are_refused():
    with pytest.raises(ValueError, match="no leaf 3"):
        tree.inclusion_proof(leaves(3), 3, 3)
    with pytest.raises(ValueError, match="cannot begin"):
        tree.consistency_proof(leaves(3), 4, 3)
