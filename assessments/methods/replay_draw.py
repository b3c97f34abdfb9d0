#!/usr/bin/env python3
"""Replay a published draw, with nothing but Python 3.

    python3 replay_draw.py RECORD.json

The record is the file that the draw's public page offers. It holds what was frozen before the public value existed (`frozen`, exactly
as it was hashed, and `frozen_sha256`), the `public` value, the `secret` (empty if there was none) with the `secret_sha256` committed to
beforehand, and the `tickets` in the order claimed. Exit status 0: everything agrees. 1: something does not, and is named.
"""

import hashlib
import json
import sys


def sha256(data):
    return hashlib.sha256(data).hexdigest()


def faults(record):
    """What does not agree, as sentences."""
    frozen, public, secret = record["frozen"], record["public"], record.get("secret") or ""
    found = []
    if sha256(frozen.encode()) != record["frozen_sha256"]:
        found.append("The frozen list does not have the hash that was published.")
    committed = record.get("secret_sha256") or ""
    if committed and sha256(secret.encode()) != committed:
        found.append("The secret is not the one committed to.")
    if secret and not committed:
        found.append("A secret was used that nobody had committed to.")
    seed = hashlib.sha256((record["frozen_sha256"] + public + secret).encode()).digest()
    references = json.loads(frozen)["references"]
    order = sorted((sha256(seed + b"\x1f" + name.encode()), name) for name in references)
    claimed = [(ticket["ticket"], ticket["reference"]) for ticket in record["tickets"]]
    if order != claimed:
        found.append("The tickets do not follow from the frozen list and the public value.")
    return found


def main():
    if len(sys.argv) != 2:
        print(__doc__)
        return 2
    try:
        with open(sys.argv[1], encoding="utf-8") as file:
            record = json.load(file)
        found = faults(record)
        places = json.loads(record["frozen"])["places"]
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        print(f"This is not the record of a draw: {error!r}")
        return 1
    for sentence in found:
        print(sentence)
    if not found:
        for number, ticket in enumerate(record["tickets"], start=1):
            print(f"{number:>4}  {'drawn' if number <= places else 'reserve':8} {ticket['reference']}  {ticket['ticket']}")
        print("The draw is as published.")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
