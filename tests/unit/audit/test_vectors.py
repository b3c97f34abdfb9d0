"""The published vectors, checked with our code and, as an outsider would, with the standard library (and one signature check)."""

import json
from datetime import datetime
from hashlib import sha256
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from audit import canonical, checkpoints, keys, trail, tree
from audit.models import Event

VECTORS = json.loads((Path(__file__).resolve().parents[3] / "docs" / "audit-vectors.json").read_text())
EVENTS, TREE = VECTORS["events"], VECTORS["tree"]
LEAVES = tree.Leaves([bytes.fromhex(text) for text in TREE["leaves"]])
named = pytest.mark.parametrize("vector", EVENTS, ids=lambda vector: f"{vector['stream']}#{vector['sequence']}")


def outsiders_json(value):
    """Canonical JSON as the standard library writes it: the same, while keys are sorted alike in UTF-16 and by code point."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


@named
def test_we_make_the_same_bytes(vector):
    change = {"before": vector["before"], "after": vector["after"], "personal": {v["path"]: v["commitment"] for v in vector["personal"]}}
    columns = ("stream", "sequence", "kind", "actor", "on_behalf_of", "role", "subject")
    event = Event(at=datetime.fromisoformat(vector["at"]), request_id=vector["request"], **{name: vector[name] for name in columns})
    body = trail.body(event, change=change, previous=vector["previous"])
    assert body.decode() == vector["body"]
    assert canonical.sha256(body) == vector["hash"]
    for value in vector["personal"]:
        assert trail.commitment(event.name, value["path"], value["value"], bytes.fromhex(value["salt"])) == value["commitment"]


@named
def test_an_outsider_makes_the_same_bytes(vector):
    body = {"v": 1} | {name: vector[name] for name in ("stream", "sequence", "at", "kind", "actor", "on_behalf_of", "role", "subject")}
    body |= {"request": vector["request"], "previous": vector["previous"]}
    body["change"] = {
        "before": vector["before"],
        "after": vector["after"],
        "personal": {
            value["path"]: sha256(
                bytes.fromhex(value["salt"])
                + outsiders_json({"event": f"{vector['stream']}#{vector['sequence']}", "path": value["path"], "value": value["value"]})
            ).hexdigest()
            for value in vector["personal"]
        },
    }
    assert outsiders_json(body).decode() == vector["body"]
    assert sha256(vector["body"].encode()).hexdigest() == vector["hash"]


def test_each_event_names_the_one_before_it():
    heads = {}
    for vector in EVENTS:
        sequence, previous = heads.get(vector["stream"], (0, "0" * 64))
        assert (vector["sequence"], vector["previous"]) == (sequence + 1, previous)
        heads[vector["stream"]] = (vector["sequence"], vector["hash"])


def test_leaves_are_made_of_event_hashes():
    assert [sha256(b"\x00" + bytes.fromhex(vector["hash"])).hexdigest() for vector in EVENTS] == TREE["leaves"]


def test_roots():
    assert [tree.root(LEAVES, size).hex() for size in range(len(EVENTS) + 1)] == TREE["roots"]
    a, b, c, d, e = LEAVES.hashes

    def node(left, right):
        return sha256(b"\x01" + left + right).digest()

    assert node(node(node(a, b), node(c, d)), e).hex() == TREE["roots"][5]


def test_proofs():
    roots = [bytes.fromhex(text) for text in TREE["roots"]]
    for vector in TREE["inclusion"]:
        index, size, proof = vector["position"] - 1, vector["size"], [bytes.fromhex(text) for text in vector["proof"]]
        assert tree.inclusion_proof(LEAVES, index, size) == proof
        assert tree.includes(leaf=LEAVES.hashes[index], index=index, size=size, proof=proof, root=roots[size])
    for vector in TREE["consistency"]:
        first, second, proof = vector["first"], vector["second"], [bytes.fromhex(text) for text in vector["proof"]]
        assert tree.consistency_proof(LEAVES, first, second) == proof
        assert tree.is_consistent(first=first, second=second, first_root=roots[first], second_root=roots[second], proof=proof)


def test_checkpoints():
    key = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(VECTORS["signing_key_seed"]))
    previous = "0" * 64
    for vector in VECTORS["checkpoints"]:
        body = vector["checkpoint"].encode()
        said = {"v": 1, "size": vector["size"], "root": vector["root"], "previous": vector["previous"], "at": vector["at"]}
        assert outsiders_json(said | {"key": VECTORS["key"]}) == body
        assert sha256(bytes.fromhex(vector["public_key"])).hexdigest() == VECTORS["key"] == keys.fingerprint(keys.public_bytes(key))
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(vector["public_key"])).verify(
            bytes.fromhex(vector["signature"]), b"pumphouse audit checkpoint\n" + body
        )
        assert key.sign(checkpoints.SIGNED_PREFIX + body).hex() == vector["signature"]
        assert (vector["root"], vector["previous"]) == (TREE["roots"][vector["size"]], previous)
        previous = sha256(body).hexdigest()
