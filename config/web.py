"""The web server's worker, which serves what somebody wrote before what somebody wants to look at.

When more arrives than two cores can answer, as in the hour before a deadline, requests wait. Then a save or a submission must neither wait
behind pages nor share its processor with many of them: docs/adr/0007-what-is-written-goes-first.md.
"""

import heapq
import re
import select
import socket
import sys
import time
from concurrent.futures import Future
from functools import partial
from itertools import count
from selectors import EVENT_READ
from threading import Lock
from typing import Any
from weakref import WeakSet

from gunicorn.workers.gthread import TConn, ThreadWorker

HEAD_START = 20.0
"""Seconds by which a writing request counts as having come earlier; a page that has waited longer than that goes first after all."""
QUICK = 1.0
"""Seconds that a page may take before the next may begin beside it: a long export, or a reader with a bad line, holds nobody up."""
TURN = 0.0005
"""Seconds that a thread may compute before another that is ready gets its turn. A save asks the database a dozen times, and after each
answer it would wait for Python's usual five milliseconds behind every page that is being drawn."""
READING = (b"GET ", b"HEAD")
BULKY = 64 * 1024
"""Bytes of a request that may be long on its way: a file, or a piece of one. At most half of the threads wait for such, so that those
who send files over bad lines hold up each other, and nobody who saves."""
LENGTH = re.compile(rb"\r\ncontent-length:[ \t]*(\d{1,15})\r\n", re.IGNORECASE)
GONE = getattr(select, "POLLRDHUP", 0) | select.POLLHUP | select.POLLERR


class WritesFirst(ThreadWorker):
    """Gunicorn's threads behind three queues: of what writes, of files that come, which take half of the threads at most, and of pages, of
    which one at a time is drawn and one thread is kept free.

    A connection takes a thread only once its request has begun to arrive. A page whose reader has gone meanwhile is not drawn.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._writing: list[tuple[float, int, TConn]] = []
        self._reading: list[tuple[float, int, TConn]] = []
        self._bulky: list[tuple[float, int, TConn]] = []
        self._carrying = 0
        """How many bulky requests are being taken."""
        self._begun: dict[TConn, float] = {}
        """When the pages that are being answered were begun."""
        self._wrote: WeakSet[TConn] = WeakSet()
        """Lines on which the last request wrote something: what is asked for next there is how the writer learns that it was kept."""
        self._turn, self._lock = count(), Lock()

    def init_process(self) -> None:
        sys.setswitchinterval(TURN)
        super().init_process()

    def enqueue_req(self, conn: TConn) -> None:
        """What gunicorn's loop does with a connection that is new, or that has become readable."""
        began = _beginning(conn.sock)
        if not (began or conn.initialized or conn.data_ready):
            self._wait_for(conn)
            return
        looks = began[:4] in (b"", *READING)
        writing = self._bulky if _length(began) > BULKY else self._writing
        with self._lock:
            queue = self._reading if looks and conn not in self._wrote else writing
            heapq.heappush(queue, (time.monotonic(), next(self._turn), conn))
            (self._wrote.discard if looks else self._wrote.add)(conn)
        self.tpool.submit(self._serve_most_urgent)

    def wait_for_and_dispatch_events(self, timeout: float | None) -> None:
        """Gunicorn's loop, which comes by at least once a second: a page that waits behind a long one may go now."""
        super().wait_for_and_dispatch_events(timeout)
        if self._reading and self._begun:
            self.tpool.submit(self._serve_most_urgent)

    def _wait_for(self, conn: TConn) -> None:
        """Gunicorn's loop looks after it, as after one that a thread has given up waiting for."""
        conn.sock.setblocking(False)
        conn.timeout = time.monotonic() + self.cfg.keepalive
        self.pending_conns.append(conn)
        self.poller.register(conn.sock, EVENT_READ, partial(self.on_pending_socket_readable, conn))

    def _serve_most_urgent(self) -> None:
        """Every request that comes, and every page that is done, sends one of these to the threads, so that none is left waiting."""
        with self._lock:
            queue = self._most_urgent(time.monotonic())
            if queue is None:
                return
            *_, conn = heapq.heappop(queue)
            if queue is self._reading:
                self._begun[conn] = time.monotonic()
            self._carrying += queue is self._bulky
        answered: Future[Any] = Future()
        try:
            answered.set_result(not (queue is self._reading and _has_gone(conn.sock)) and self.handle(conn))
        except BaseException as problem:
            answered.set_exception(problem)
        with self._lock:
            was_a_page = self._begun.pop(conn, None) is not None
            self._carrying -= queue is self._bulky
        self.method_queue.defer(self.finish_request, conn, answered)
        if (was_a_page and self._reading) or (queue is self._bulky and self._bulky):
            self.tpool.submit(self._serve_most_urgent)

    def _most_urgent(self, now: float) -> list[tuple[float, int, TConn]] | None:
        """The queue whose first is to be served now, if any is."""
        may_carry = self._carrying < max(1, self.cfg.threads // 2)
        writing = min((queue for queue in (self._writing, self._bulky if may_carry else []) if queue), default=None)
        drawing = sum(now - begun < QUICK for begun in self._begun.values())
        if not self._reading or drawing or len(self._begun) >= max(1, self.cfg.threads - 1):
            return writing
        return self._reading if not writing or self._reading[0][0] < writing[0][0] - HEAD_START else writing


def _length(began: bytes) -> int:
    """How long the body says that it is, where that has arrived."""
    said = LENGTH.search(began.partition(b"\r\n\r\n")[0] + b"\r\n")
    return int(said[1]) if said else 0


def _has_gone(connection: socket.socket) -> bool:
    """Whether whoever asked has hung up, as a browser does when its page is loaded anew."""
    asked = select.poll()
    asked.register(connection, GONE)
    return bool(asked.poll(0))


def _beginning(connection: socket.socket) -> bytes:
    """What has arrived and not been read, if anything has: enough to tell a GET from a POST, and how much a POST brings."""
    try:
        return connection.recv(8192, socket.MSG_PEEK | socket.MSG_DONTWAIT)
    except (OSError, ValueError):  # nothing yet; or a connection under TLS, whose bytes tell nothing
        return b""
