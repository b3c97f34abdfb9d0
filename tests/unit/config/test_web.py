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
    """Notes what it serves in place of an answer; its first thread is held until it is set free.

    What is asked for as /slow takes until then, too.
    """

    def __init__(self, *, threads: int = 1) -> None:
        config = Config()
        config.set("threads", threads)
        super().__init__(1, 1, [], None, 60, config, None)
        self.poller, self.served, self.free = DefaultSelector(), [], Event()
        self.ends: list[socket.socket] = []
        self.method_queue.init()
        self.tpool = ThreadPoolExecutor(threads)
        if threads == 1:
            self.tpool.submit(self.free.wait)

    def handle(self, conn: Any) -> bool:
        self.served.append(conn.sock.recv(100))
        if b"/slow" in self.served[-1]:
            self.free.wait(60)
        return False

    def until_served(self, number: int) -> list[bytes]:
        end = time.monotonic() + 60
        while len(self.served) < number and time.monotonic() < end:
            self.wait_for_and_dispatch_events(timeout=0.01)
        return self.served

    def all_served(self) -> list[bytes]:
        self.free.set()
        self.tpool.shutdown()
        return self.served


@pytest.fixture(params=[1])
def worker(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Recording]:
    monkeypatch.setattr(web, "QUICK", 60.0)  # no page is a long one only because the machine is busy
    worker = Recording(threads=request.param)
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


def test_a_page_whose_reader_has_gone_is_not_drawn_and_what_is_written_is_kept(worker: Recording) -> None:
    for text in (b"GET /1", b"GET /2", b"POST /3"):
        _, there = arrived(worker, text)
        if text != b"GET /2":
            there.close()
    assert worker.all_served() == [b"POST /3", b"GET /2"]


def test_a_connection_that_says_nothing_takes_no_thread_until_it_does(worker: Recording) -> None:
    conn, there = arrived(worker, b"")
    assert conn in worker.pending_conns
    there.sendall(b"POST /late")
    worker.wait_for_and_dispatch_events(timeout=5)
    assert conn not in worker.pending_conns
    assert worker.all_served() == [b"POST /late"]


@pytest.mark.parametrize("worker", [3], indirect=True)
def test_pages_are_drawn_one_at_a_time_and_what_is_written_passes_them(worker: Recording) -> None:
    arrived(worker, b"GET /slow")
    assert worker.until_served(1) == [b"GET /slow"]
    arrived(worker, b"GET /next")
    arrived(worker, b"POST /1")
    assert worker.until_served(2) == [b"GET /slow", b"POST /1"]
    worker.free.set()
    assert worker.until_served(3) == [b"GET /slow", b"POST /1", b"GET /next"]


@pytest.mark.parametrize("worker", [3], indirect=True)
def test_a_long_page_holds_no_other_up_but_one_thread_is_kept_for_writing(worker: Recording, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(web, "QUICK", 0.0)
    arrived(worker, b"GET /slow/1")
    assert worker.until_served(1) == [b"GET /slow/1"]
    arrived(worker, b"GET /slow/2")
    assert worker.until_served(2) == [b"GET /slow/1", b"GET /slow/2"]
    arrived(worker, b"GET /3")
    arrived(worker, b"POST /4")
    assert worker.until_served(3) == [b"GET /slow/1", b"GET /slow/2", b"POST /4"]
    worker.free.set()
    assert worker.until_served(4)[-1] == b"GET /3"


@pytest.mark.parametrize("worker", [3], indirect=True)
def test_the_page_that_follows_on_what_was_written_is_as_urgent(worker: Recording) -> None:
    arrived(worker, b"GET /slow")
    assert worker.until_served(1) == [b"GET /slow"]
    conn, there = arrived(worker, b"POST /1")
    assert worker.until_served(2) == [b"GET /slow", b"POST /1"]
    arrived(worker, b"GET /2")
    there.sendall(b"GET /1/receipt")
    worker.enqueue_req(conn)
    assert worker.until_served(3)[-1] == b"GET /1/receipt"


@pytest.mark.parametrize("worker", [3], indirect=True)
def test_files_on_bad_lines_hold_up_each_other_and_nothing_that_is_small(worker: Recording) -> None:
    file = "POST /slow/{} HTTP/1.1\r\nContent-Length: 262144\r\n\r\n"
    for number in (1, 2):
        arrived(worker, file.format(number).encode())
    arrived(worker, b"POST /3")
    arrived(worker, b"GET /4")
    assert [text.split()[1] for text in worker.until_served(3)] == [b"/slow/1", b"/3", b"/4"]
    worker.free.set()
    assert b"/slow/2" in worker.until_served(4)[-1]
