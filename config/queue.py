"""Celery's filesystem transport, made safe for several processes: whoever reads finds whole files only.

The stock transport opens a message's file before it locks and fills it; a worker that looks in between takes an empty file, and ends.
Here a file is filled under another name and then renamed, in the same folder, which is one act for everybody who looks.
"""

import fcntl
import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from queue import Empty
from time import monotonic
from typing import Any

from kombu.transport import TRANSPORT_ALIASES, filesystem
from kombu.transport.filesystem import exchange_queue_t
from kombu.utils.encoding import bytes_to_str, str_to_bytes
from kombu.utils.json import dumps, loads


def put_whole(path: Path, content: bytes) -> None:
    """Make the file appear with all its content, or not at all."""
    part = path.with_name(f".part-{uuid.uuid4().hex}")
    part.write_bytes(content)
    os.replace(part, path)


class Channel(filesystem.Channel):
    """The stock channel with whole files. Names that begin with a dot are nobody's messages."""

    def _put(self, queue: str, message: Any, **kwargs: Any) -> None:  # type: ignore[override]
        name = f"{round(monotonic() * 1000)}_{uuid.uuid4()}.{queue}.msg"
        put_whole(Path(self.data_folder_out) / name, str_to_bytes(dumps(message)))

    def _get(self, queue: str, timeout: float | None = None) -> Any:
        folder = Path(self.data_folder_in)
        for name in sorted(os.listdir(folder)):
            if name.startswith(".") or name.partition(".")[2] != f"{queue}.msg":
                continue
            taken = folder / f".taken-{name}"
            try:
                (folder / name).rename(taken)
            except FileNotFoundError:
                continue  # another worker was faster
            content = taken.read_bytes()
            taken.unlink()
            return loads(bytes_to_str(content))
        raise Empty

    def _queue_bind(self, exchange: str, routing_key: str, pattern: str, queue: str) -> None:
        bound = exchange_queue_t(routing_key or "", pattern or "", queue or "")
        with self._table_locked():
            queues = self.get_table(exchange)
            if bound not in queues:
                put_whole(self._exchange_file(exchange), str_to_bytes(dumps([bound, *queues])))

    @contextmanager
    def _table_locked(self) -> Iterator[None]:
        self.control_folder.mkdir(exist_ok=True)
        with (self.control_folder / ".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield


class Transport(filesystem.Transport):
    """What `filesystem://` means here."""

    Channel = Channel


def use() -> None:
    """Let `filesystem://` mean this transport in this process."""
    TRANSPORT_ALIASES["filesystem"] = "config.queue:Transport"
