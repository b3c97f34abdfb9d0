"""What stands around the house and can be killed too: a bucket and a virus scanner, each a process of its own.

    python soak/_around.py FROM TO    (the line to the bucket: what comes in at port FROM goes out to port TO)

The bucket is Swift behind its S3 door, whose objects live in memory: it is the line to it that is killed, with everything that is on it,
which to the service is a storage that dies in the middle of a file and comes back with what it had acknowledged. The scanner is clamd
where the machine has it, else ours that speaks its protocol.
"""

import asyncio
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT)]

from tests import clamd  # noqa: E402

BUCKET, KEY, SECRET, REGION = "documents", "soak:key", "soak-secret", "eu-west-2"
PATIENCE = 30


class Part:
    """A process by its command: started until it answers at its door, killed with SIGKILL."""

    def __init__(self, argv: list[str], *, door: tuple[int, object]) -> None:
        self.argv, self.door = argv, door
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        family, address = self.door
        if isinstance(address, str):
            Path(address).unlink(missing_ok=True)
        self.process = subprocess.Popen(self.argv, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            with suppress(OSError), socket.socket(family) as asked:
                asked.connect(address)  # type: ignore[arg-type]
                return
            time.sleep(0.05)
        raise SystemExit(f"{self.argv[0]} did not answer in {PATIENCE} s.")

    def kill(self) -> None:
        if self.process:
            with suppress(ProcessLookupError):
                os.kill(self.process.pid, signal.SIGKILL)
            self.process.wait()


@contextmanager
def scanner(folder: Path) -> Iterator[Part]:
    """A scanner at `folder / "clamd"`."""
    (folder / "signatures").mkdir(parents=True)
    (folder / "signatures" / "test.ndb").write_text(f"{clamd.SIGNATURE}:0:*:{clamd.EICAR.hex()}\n")
    (folder / "clamd.conf").write_text(clamd.CONFIGURATION.format(folder=folder))
    ours = [sys.executable, "-m", "tests.clamd", str(folder)]
    part = Part(
        [clamd.CLAMD, "-c", str(folder / "clamd.conf")] if shutil.which(clamd.CLAMD) else ours, door=(socket.AF_UNIX, str(folder / "clamd"))
    )
    try:
        part.start()
        yield part
    finally:
        part.kill()


@contextmanager
def storage(folder: Path) -> Iterator[tuple[Part, dict[str, str]]]:
    """The line to a bucket, and the service's variables for it."""
    import boto3
    from botocore.config import Config

    folder.mkdir()
    argv = [sys.executable, "-W", "ignore", str(ROOT / "tests" / "bucket_server.py"), str(folder), KEY, SECRET, REGION]
    with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as swift:
        behind, before = int((swift.stdout or sys.stdin).readline()), _free_port()
        line = Part([sys.executable, __file__, str(before), str(behind)], door=(socket.AF_INET, ("127.0.0.1", before)))
        try:
            line.start()
            variables = {
                "AWS_STORAGE_BUCKET_NAME": BUCKET,
                "AWS_S3_ENDPOINT_URL": f"http://127.0.0.1:{before}",
                "AWS_S3_REGION_NAME": REGION,
                "AWS_ACCESS_KEY_ID": KEY,
                "AWS_SECRET_ACCESS_KEY": SECRET,
            }
            config = Config(request_checksum_calculation="when_required", s3={"addressing_style": "path"})
            keys = {"aws_access_key_id": KEY, "aws_secret_access_key": SECRET, "region_name": REGION}
            client = boto3.client("s3", endpoint_url=variables["AWS_S3_ENDPOINT_URL"], config=config, **keys)
            client.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})
            yield line, variables
        finally:
            line.kill()
            swift.communicate(timeout=20)


async def forward(before: int, behind: int) -> None:
    async def pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while data := await reader.read(65536):
                writer.write(data)
                await writer.drain()
        with suppress(OSError):
            writer.close()

    async def join(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_connection("127.0.0.1", behind)
        await asyncio.gather(pump(reader, back), pump(there, writer))

    server = await asyncio.start_server(join, "127.0.0.1", before)
    await server.serve_forever()


def _free_port() -> int:
    with socket.socket() as asked:
        asked.bind(("127.0.0.1", 0))
        return int(asked.getsockname()[1])


if __name__ == "__main__":
    asyncio.run(forward(int(sys.argv[1]), int(sys.argv[2])))
