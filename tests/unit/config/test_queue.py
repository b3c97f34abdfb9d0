"""A reader of the embedded queue never finds half a message; with the stock transport it does."""

import os
import threading
from pathlib import Path
from queue import Empty

import pytest
from kombu import Connection
from kombu.transport import filesystem

from config import queue


def channel(tmp_path: Path, kind: type):
    for name in ("messages", "control"):
        (tmp_path / name).mkdir(exist_ok=True)
    options = {
        "data_folder_in": str(tmp_path / "messages"), "data_folder_out": str(tmp_path / "messages"),
        "control_folder": str(tmp_path / "control"),
    }  # fmt: skip
    return Connection(transport=kind, transport_options=options).channel()


def test_a_message_goes_through_once(tmp_path):
    end = channel(tmp_path, queue.Transport)
    end._put("celery", {"task": "one"})
    assert end._get("celery") == {"task": "one"}
    with pytest.raises(Empty):
        end._get("celery")
    assert list((tmp_path / "messages").iterdir()) == []


def test_queues_are_apart(tmp_path):
    end = channel(tmp_path, queue.Transport)
    end._put("slow", {"task": "one"})
    with pytest.raises(Empty):
        end._get("celery")
    assert end._get("slow") == {"task": "one"}


def test_stock_transport_shows_half_a_message(tmp_path, monkeypatch):
    """The control: the reason for our own."""
    end = channel(tmp_path, filesystem.Transport)
    found = []

    def look_while_it_is_written(*arguments):
        try:
            found.append(end._get("celery"))
        except ValueError as problem:
            found.append(problem)

    monkeypatch.setattr(filesystem, "lock", look_while_it_is_written)
    end._put("celery", {"task": "one"})
    assert isinstance(found[0], ValueError)


def test_ours_shows_a_message_whole_or_not_at_all(tmp_path, monkeypatch):
    end = channel(tmp_path, queue.Transport)
    rename, found = os.replace, []

    def look_before_it_is_there(part, path):
        with pytest.raises(Empty):
            end._get("celery")
        rename(part, path)
        found.append(end._get("celery"))

    monkeypatch.setattr(queue.os, "replace", look_before_it_is_there)
    end._put("celery", {"task": "one"})
    assert found == [{"task": "one"}]


def test_four_readers_take_each_message_once(tmp_path):
    writer = channel(tmp_path, queue.Transport)
    for number in range(200):
        writer._put("celery", number)
    taken: list[int] = []

    def read():
        end = channel(tmp_path, queue.Transport)
        while True:
            try:
                taken.append(end._get("celery"))
            except Empty:
                return

    readers = [threading.Thread(target=read) for _ in range(4)]
    for reader in readers:
        reader.start()
    for reader in readers:
        reader.join()
    assert sorted(taken) == list(range(200))


def test_binding_twice_binds_once(tmp_path):
    end = channel(tmp_path, queue.Transport)
    for _ in range(2):
        end._queue_bind("celery", "celery", "", "celery")
    end._queue_bind("celery", "other", "", "other")
    assert sorted(bound.queue for bound in end.get_table("celery")) == ["celery", "other"]


def test_the_service_uses_ours():
    assert Connection("filesystem://localhost//").get_transport_cls() is queue.Transport
