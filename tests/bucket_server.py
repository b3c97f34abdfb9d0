"""A real S3 server in one process, for tests: OpenStack Swift with its S3 door, objects encrypted and kept in memory.

    python tests/bucket_server.py FOLDER KEY SECRET REGION

It checks signatures, their expiry and the region; it prints the port of its door once it answers, and ends with its standard input.
"""

import eventlet

eventlet.monkey_patch()

import configparser  # noqa: E402
import sys  # noqa: E402
from pathlib import Path  # noqa: E402

from eventlet import wsgi  # noqa: E402
from swift.common.ring import RingBuilder  # noqa: E402
from swift.common.storage_policy import reload_storage_policies  # noqa: E402
from swift.common.utils import set_swift_dir  # noqa: E402
from swift.common.wsgi import loadapp  # noqa: E402

KEY, SECRET, REGION = sys.argv[2:]
FILTERS = [
    "catch_errors",
    "gatekeeper",
    "cache",
    "listing_formats",
    "s3api",
    "tempauth",
    "copy",
    "slo",
    "versioned_writes",
    "keymaster",
    "encryption",
]
"""In Swift's own order: S3 before sign-in, encryption last."""
OPTIONS = {
    "cache": {"use": "egg:swift#memcache", "memcache_servers": "127.0.0.1:1"},
    "s3api": {"location": REGION, "dns_compliant_bucket_names": "true", "allow_multipart_uploads": "true"},
    "tempauth": {f"user_{KEY.replace(':', '_')}": f"{SECRET} .admin"},
    "keymaster": {"encryption_root_secret": "cHVtcGhvdXNlIHB1bXBob3VzZSBwdW1waG91c2UgcHVtcA=="},
}


def main() -> None:
    folder = Path(sys.argv[1])
    (folder / "devices" / "disk").mkdir(parents=True)
    doors = {name: eventlet.listen(("127.0.0.1", 0)) for name in ("account", "container", "object", "proxy")}
    (folder / "swift.conf").write_text("[swift-hash]\nswift_hash_path_suffix = tests\n[storage-policy:0]\nname = whole\ndefault = yes\n")
    set_swift_dir(str(folder))
    reload_storage_policies()
    for name in ("account", "container", "object"):
        ring(folder / f"{name}.ring.gz", doors[name].getsockname()[1])
    for name, door in doors.items():
        app = loadapp(str(written(folder, name)), allow_modify_pipeline=False)
        eventlet.spawn(wsgi.server, door, app, log_output=False)
    print(doors["proxy"].getsockname()[1], flush=True)  # noqa: T201 - the one thing it has to say
    eventlet.tpool.execute(sys.stdin.read)


def ring(path: Path, port: int) -> None:
    """One device holds everything, once."""
    builder = RingBuilder(part_power=1, replicas=1, min_part_hours=0)
    builder.add_dev({"id": 0, "region": 1, "zone": 1, "weight": 1, "ip": "127.0.0.1", "port": port, "device": "disk"})
    builder.rebalance(seed=1)
    builder.get_ring().save(str(path))


def written(folder: Path, name: str) -> Path:
    """The configuration of one of the four servers."""
    words = configparser.RawConfigParser()
    words["DEFAULT"] = {"devices": str(folder / "devices"), "mount_check": "false", "swift_dir": str(folder), "log_level": "CRITICAL"}
    if name == "proxy":
        words["pipeline:main"] = {"pipeline": " ".join([*FILTERS, "proxy-server"])}
        words["app:proxy-server"] = {"use": "egg:swift#proxy", "account_autocreate": "true"}
        for each in FILTERS:
            words[f"filter:{each}"] = {"use": f"egg:swift#{each}"} | OPTIONS.get(each, {})
    else:
        words["pipeline:main"] = {"pipeline": f"{name}-server"}
        words[f"app:{name}-server"] = {"use": "egg:swift#mem_object" if name == "object" else f"egg:swift#{name}"}
    path = folder / f"{name}.conf"
    with path.open("w") as file:
        words.write(file)
    return path


if __name__ == "__main__":
    main()
