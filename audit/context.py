"""What is known of the request that is being answered: its id and the address it came from."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

request_id: ContextVar[str] = ContextVar("audit_request_id", default="")
ip: ContextVar[str] = ContextVar("audit_ip", default="")


@contextmanager
def request(*, request_id_: str, ip_: str = "") -> Iterator[None]:
    """Events recorded inside carry this request id, and a commitment to this address."""
    id_token, ip_token = request_id.set(request_id_), ip.set(ip_)
    try:
        yield
    finally:
        request_id.reset(id_token)
        ip.reset(ip_token)
