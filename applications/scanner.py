"""Asking clamd about a file, over its socket: INSTREAM, chunk by chunk, so that memory stays flat whatever the size."""

import select
import socket
import struct
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.conf import settings

from notifications.outbox import NotNow

CHUNK = 64 * 1024
PATIENCE = 5
"""Seconds in which clamd must say that it is there."""
TIMEOUT = 100
"""Seconds for one file, less than an outbox message is leased for."""
TOO_LARGE = "INSTREAM size limit exceeded. ERROR"


class ScannerAway(NotNow):
    """clamd does not answer, or answers something else than a verdict: nothing is known of the file, so it stays in quarantine."""


class TooLargeForScanner(NotNow):
    """clamd takes no files as large as this one (its StreamMaxLength): it stays in quarantine until the limit is raised."""

    holds_up_its_kind = False


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
    """Send what `read(size)` gives until it gives nothing, and return the verdict. Raises ScannerAway, TooLargeForScanner."""
    try:
        check_answers()
        with _connected(TIMEOUT) as clamd:
            _send(clamd, read)
            return _verdict(_answer(clamd))
    except OSError as problem:
        raise ScannerAway(type(problem).__name__) from problem


def check_answers() -> None:
    """Whether clamd is there and not hanging: one that hangs costs seconds, not minutes. Raises ScannerAway."""
    try:
        with _connected(PATIENCE) as clamd:
            clamd.sendall(b"zPING\0")
            said = _answer(clamd)
    except OSError as problem:
        raise ScannerAway(type(problem).__name__) from problem
    if said != "PONG":
        raise ScannerAway("no answer to a ping")


def _send(clamd: socket.socket, read: Callable[[int], bytes]) -> None:
    """The file, chunk by chunk; no further once clamd speaks, for before the end it speaks only to refuse, and hangs up."""
    try:
        clamd.sendall(b"zINSTREAM\0")
        while (chunk := read(CHUNK)) and not select.select([clamd], [], [], 0)[0]:
            clamd.sendall(struct.pack("!I", len(chunk)) + chunk)
        clamd.sendall(struct.pack("!I", 0))
    except (BrokenPipeError, ConnectionResetError):
        return  # what it said before it hung up can still be read


def _connected(seconds: float) -> socket.socket:
    place = urlsplit(settings.CLAMD_URL)
    if place.scheme == "tcp":
        return socket.create_connection((place.hostname or "127.0.0.1", place.port or 3310), timeout=seconds)
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    connection.settimeout(seconds)
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
    if said == TOO_LARGE:
        raise TooLargeForScanner
    raise ScannerAway("no verdict")
