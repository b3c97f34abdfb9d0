"""Checkpoints: signed by a key that is known, each naming the one before, and what an outsider kept among them."""

import json
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper

from audit import canonical, keys, sealer, tree
from audit.checkpoints import SIGNED_PREFIX
from audit.checks.order import Signed
from audit.checks.reading import instant_sql, rows
from audit.checks.report import Report


def check_signatures(connection: BaseDatabaseWrapper, report: Report, *, key: str = "") -> list[Signed]:
    """Check every checkpoint's signature, bytes and link to the one before; returns what they vouch for."""
    signed, before = [], canonical.NOTHING_BEFORE
    for number, (size, root, previous, fingerprint, public, at, body, signature) in enumerate(rows(connection, _query(connection)), 1):
        name, body = f"checkpoint {number}", bytes(body)
        said = {"v": canonical.VERSION, "size": size, "root": root, "previous": previous, "key": fingerprint, "at": at}
        if not _is_signed(public, fingerprint, signature, body):
            report.add(f"The signature of {name} is not that of its key, {fingerprint[:16]}….")
        if body != canonical.dumps(said):
            report.add(f"The columns of {name} were changed: they do not say what was signed.")
        if previous != before:
            report.add(f"Before {name} a checkpoint is missing: it names another as the one before.")
        if key and fingerprint != key:
            report.add(f"{name.capitalize()} is signed by another key, {fingerprint[:16]}…, than the one you trust.")
        if fingerprint not in report.keys:
            report.keys.append(fingerprint)
        signed.append(Signed(f"{name} of {at[:10]}", size, root))
        before = canonical.sha256(body)
    report.checkpoints = len(signed)
    return signed


def check_held(report: Report, held: dict[str, Any], *, key: str = "") -> list[Signed]:
    """Check a checkpoint document that was kept outside, and return what it vouches for."""
    try:
        body = held["checkpoint"].encode()
        said = json.loads(body)
        statement = Signed(f"the checkpoint you hold, of {said['at'][:10]},", int(said["size"]), str(said["root"]))
        genuine = _is_signed(held["public_key"], said["key"], held["signature"], body)
    except (KeyError, TypeError, ValueError, AttributeError):
        report.add("The checkpoint you hold cannot be read.")
        return []
    if not genuine:
        report.add("The checkpoint you hold is not signed by the key that it names.")
    if key and said["key"] != key:
        report.add("The checkpoint you hold is signed by another key than the one you trust.")
    return [statement]


def check_inclusion(connection: BaseDatabaseWrapper, report: Report, *, stream: str) -> None:
    """Prove that the stream's sealed events stand in the tree that the last checkpoint signed."""
    report.newer_than_last_checkpoint = report.events
    signed = list(rows(connection, f"{_query(connection)} DESC LIMIT 1"))
    if not signed:
        return
    size, root, _, fingerprint, public, at, body, signature = signed[0]
    report.checkpoints, report.keys = 1, [fingerprint]
    if not _is_signed(public, fingerprint, signature, bytes(body)) or f'"root":"{root}","size":{size},'.encode() not in bytes(body):
        report.add(f"The checkpoint of {at[:10]} is not what its key signed.")
        return
    query = (
        "SELECT e.stream, e.sequence, p.number, e.hash FROM audit_event e JOIN audit_position p ON p.event_id = e.id "
        "WHERE e.stream = %s ORDER BY p.number"
    )
    reader = tree.Cached(sealer.Sealed())
    for of, sequence, number, event_hash in rows(connection, query, [stream]):
        if number > size:
            break
        report.newer_than_last_checkpoint -= 1
        proof = tree.inclusion_proof(reader, number - 1, size)
        leaf = tree.leaf_hash(bytes.fromhex(event_hash))
        if not tree.includes(leaf=leaf, index=number - 1, size=size, proof=proof, root=bytes.fromhex(root)):
            report.add(f"{of}#{sequence} is not in the tree that the checkpoint of {at[:10]} signed.")


def _query(connection: BaseDatabaseWrapper) -> str:
    return (
        f"SELECT c.size, c.root, c.previous, c.key_id, k.public_key, {instant_sql(connection, 'c.at')}, c.body, c.signature "  # noqa: S608
        "FROM audit_checkpoint c LEFT JOIN audit_signingkey k ON k.fingerprint = c.key_id ORDER BY c.id"
    )


def _is_signed(public: str | None, fingerprint: str, signature: str, body: bytes) -> bool:
    try:
        public_key = bytes.fromhex(public or "")
        made = bytes.fromhex(signature)
    except ValueError:
        return False
    return keys.fingerprint(public_key) == fingerprint and keys.is_signed_by(public_key, made, SIGNED_PREFIX + body)
