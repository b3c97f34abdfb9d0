"""The web server's worker, which serves what somebody wrote before what somebody wants to look at.

When more arrives than two cores can answer, as in the hour before a deadline, requests wait. Then a save or a submission must not wait
behind pages: docs/adr/0007-what-is-written-goes-first.md.
"""

import heapq
import socket
import time
from concurrent.futures import Future
from functools import partial
from itertools import count
from selectors import EVENT_READ
from threading import Lock
from typing import Any

from gunicorn.workers.gthread import TConn, ThreadWorker

HEAD_START = 20.0
"""Seconds by which a writing request counts as having come earlier; a page that has waited longer than that goes first after all."""
READING = (b"GET ", b"HEAD")


class WritesFirst(ThreadWorker):
    """Gunicorn's threads behind a queue in order of urgency. A connection takes a thread only once its request has begun to arrive."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._waiting: list[tuple[float, int, TConn]] = []
        self._turn, self._lock = count(), Lock()

    def enqueue_req(self, conn: TConn) -> None:
        """What gunicorn's loop does with a connection that is new, or that has become readable."""
        began = _beginning(conn.sock)
        if not (began or conn.initialized or conn.data_ready):
            self._wait_for(conn)
            return
        due = time.monotonic() - (HEAD_START if began and began not in READING else 0)
        with self._lock:
            heapq.heappush(self._waiting, (due, next(self._turn), conn))
        self.tpool.submit(self._serve_most_urgent)

    def _wait_for(self, conn: TConn) -> None:
        """Gunicorn's loop looks after it, as after one that a thread has given up waiting for."""
        conn.sock.setblocking(False)
        conn.timeout = time.monotonic() + self.cfg.keepalive
        self.pending_conns.append(conn)
        self.poller.register(conn.sock, EVENT_READ, partial(self.on_pending_socket_readable, conn))

    def _serve_most_urgent(self) -> None:
        """Every request put in the queue sends one of these to the threads, so that none is left in it."""
        with self._lock:
            *_, conn = heapq.heappop(self._waiting)
        answered: Future[Any] = Future()
        try:
            answered.set_result(self.handle(conn))
        except BaseException as problem:
            answered.set_exception(problem)
        self.method_queue.defer(self.finish_request, conn, answered)


def _beginning(connection: socket.socket) -> bytes:
    """The first four bytes that have arrived and not been read, if any: enough to tell a GET from a POST."""
    try:
        return connection.recv(4, socket.MSG_PEEK | socket.MSG_DONTWAIT)
    except (OSError, ValueError):  # nothing yet; or a connection under TLS, whose bytes tell nothing
        return b""
