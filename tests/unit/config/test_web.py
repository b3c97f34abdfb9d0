"""Requests that wait for a thread of the web server are taken in order of urgency."""

import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from selectors import DefaultSelector
from threading import Event
from typing import Any

import pytest
from gunicorn.config import Config
from gunicorn.workers.gthread import TConn

from config import web


class Recording(web.WritesFirst):
    """Has one thread, and notes what it serves in place of an answer."""

    def __init__(self) -> None:
        super().__init__(1, 1, [], None, 60, Config(), None)
        self.poller, self.served, self.free = DefaultSelector(), [], Event()
        self.ends: list[socket.socket] = []
        self.method_queue.init()
        self.tpool = ThreadPoolExecutor(1)
        self.tpool.submit(self.free.wait)

    def handle(self, conn: Any) -> bool:
        self.served.append(conn.sock.recv(100))
        return False

    def all_served(self) -> list[bytes]:
        self.free.set()
        self.tpool.shutdown()
        return self.served


@pytest.fixture
def worker() -> Iterator[Recording]:
    worker = Recording()
    with closing(worker.poller), closing(worker.method_queue), closing(worker.tmp):
        yield worker
        worker.free.set()
    for end in worker.ends:
        end.close()


def arrived(worker: Recording, text: bytes) -> tuple[TConn, socket.socket]:
    """A connection on which this much has come, handed to the worker."""
    here, there = socket.socketpair()
    worker.ends += [here, there]
    there.sendall(text)
    conn = TConn(worker.cfg, here, "", "")
    worker.enqueue_req(conn)
    return conn, there


def test_what_is_written_goes_before_pages_and_each_kind_in_its_order(worker: Recording) -> None:
    for text in (b"GET /1", b"GET /2", b"POST /3", b"HEAD /4", b"POST /5"):
        arrived(worker, text)
    assert worker.all_served() == [b"POST /3", b"POST /5", b"GET /1", b"GET /2", b"HEAD /4"]


def test_a_page_that_has_waited_long_enough_goes_first(worker: Recording, monkeypatch: pytest.MonkeyPatch) -> None:
    arrived(worker, b"GET /old")
    later = time.monotonic() + web.HEAD_START + 1
    monkeypatch.setattr(web.time, "monotonic", lambda: later)
    arrived(worker, b"POST /new")
    assert worker.all_served() == [b"GET /old", b"POST /new"]


def test_a_connection_that_says_nothing_takes_no_thread_until_it_does(worker: Recording) -> None:
    conn, there = arrived(worker, b"")
    assert conn in worker.pending_conns
    there.sendall(b"POST /late")
    worker.wait_for_and_dispatch_events(timeout=5)
    assert conn not in worker.pending_conns
    assert worker.all_served() == [b"POST /late"]
