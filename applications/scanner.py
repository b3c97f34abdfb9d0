"""Asking clamd about a file, over its socket: INSTREAM, chunk by chunk, so that memory stays flat whatever the size."""

import socket
import struct
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.conf import settings

CHUNK = 64 * 1024
TIMEOUT = 30


class ScannerAway(Exception):
    """clamd does not answer, or answers something else than a verdict: nothing is known of the file, so it stays in quarantine."""


@dataclass(frozen=True)
class Verdict:
    """What clamd found: the name of a signature, or nothing."""

    found: str = ""

    @property
    def is_clean(self) -> bool:
        return not self.found


def is_set_up() -> bool:
    return bool(settings.CLAMD_URL)


def scan(read: Callable[[int], bytes]) -> Verdict:
    """Send what `read(size)` gives until it gives nothing, and return the verdict. Raises ScannerAway."""
    try:
        with _connected() as clamd:
            clamd.sendall(b"zINSTREAM\0")
            while chunk := read(CHUNK):
                clamd.sendall(struct.pack("!I", len(chunk)) + chunk)
            clamd.sendall(struct.pack("!I", 0))
            return _verdict(_answer(clamd))
    except OSError as problem:
        raise ScannerAway(type(problem).__name__) from problem


def _connected() -> socket.socket:
    place = urlsplit(settings.CLAMD_URL)
    if place.scheme == "tcp":
        return socket.create_connection((place.hostname or "127.0.0.1", place.port or 3310), timeout=TIMEOUT)
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    connection.settimeout(TIMEOUT)
    try:
        connection.connect(place.path)
    except OSError:
        connection.close()
        raise
    return connection


def _answer(clamd: socket.socket) -> str:
    said = b""
    while not said.endswith(b"\0") and (more := clamd.recv(4096)):
        said += more
    return said.rstrip(b"\0\n").decode(errors="replace")


def _verdict(said: str) -> Verdict:
    if said == "stream: OK":
        return Verdict()
    if said.startswith("stream: ") and said.endswith(" FOUND"):
        return Verdict(said.removeprefix("stream: ").removesuffix(" FOUND"))
    raise ScannerAway("no verdict")
