"""Virus scanners for tests: one of our own that speaks clamd's protocol, and clamd itself.

python -m tests.clamd FOLDER    (ours, on the socket `clamd` in the folder, until it is killed)
"""

import shutil
import socketserver
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
SIGNATURE = "Eicar-Test-Signature"
LARGEST = 1024 * 1024
"""Bytes that either takes at most."""
PATIENCE = 20
CONFIGURATION = """
Foreground yes
LocalSocket {folder}/clamd
DatabaseDirectory {folder}/signatures
StreamMaxLength 1M
MaxThreads 2
"""
CLAMD = shutil.which("clamd") or shutil.which("clamd", path="/usr/sbin:/usr/local/sbin") or "clamd"


class Protocol(socketserver.StreamRequestHandler):
    """PING and INSTREAM (length, chunk, …, zero) as clamd answers them; it hangs up in the middle of a stream that is too long."""

    server: "Scanner"

    def handle(self) -> None:
        asked = self._command()
        if asked == b"zPING":
            self.wfile.write(b"PONG\0")
            return
        assert asked == b"zINSTREAM"
        body = b""
        while size := struct.unpack("!I", self.rfile.read(4))[0]:
            self.server.largest = max(self.server.largest, size)
            if len(body) + size > LARGEST:
                self.wfile.write(b"INSTREAM size limit exceeded. ERROR\0")
                return
            body += self.rfile.read(size)
        said = self.server.says or (f"stream: {SIGNATURE} FOUND" if EICAR in body else "stream: OK")
        self.wfile.write(said.encode() + b"\0")

    def _command(self) -> bytes:
        said = b""
        while (byte := self.rfile.read(1)) not in (b"\0", b""):
            said += byte
        return said


class Scanner(socketserver.ThreadingUnixStreamServer):
    """Answers as clamd does, or with what a test wants it to say."""

    says = ""
    largest = 0


@contextmanager
def protocol(folder: Path) -> Iterator[Scanner]:
    """Ours, on a socket in the folder."""
    with Scanner(str(folder / "clamd"), Protocol) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        yield server
        server.shutdown()


@contextmanager
def real(folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    """clamd itself on a socket in the folder, with the one signature that a test needs."""
    (folder / "signatures").mkdir()
    (folder / "signatures" / "test.ndb").write_text(f"{SIGNATURE}:0:*:{EICAR.hex()}\n")
    (folder / "clamd.conf").write_text(CONFIGURATION.format(folder=folder))
    with subprocess.Popen([CLAMD, "-c", str(folder / "clamd.conf")], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            until = time.monotonic() + PATIENCE
            while not (folder / "clamd").exists():
                assert process.poll() is None, "clamd ended"
                assert time.monotonic() < until, "clamd did not start"
                time.sleep(0.02)
            yield process
        finally:
            process.kill()


if __name__ == "__main__":
    with Scanner(str(Path(sys.argv[1]) / "clamd"), Protocol) as served:
        served.serve_forever()
