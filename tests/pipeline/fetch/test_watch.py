from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator

import pytest

from pipeline.fetch.watch import Watch


@pytest.fixture
def pair() -> Iterator[tuple[socket.socket, socket.socket]]:
    ends = socket.socketpair()
    for end in ends:
        end.settimeout(10)
    yield ends
    for end in ends:
        end.close()


def test_a_blocked_read_is_cut_when_its_time_is_over(pair: tuple[socket.socket, socket.socket]) -> None:
    watch = Watch(0.1)
    start = time.monotonic()
    with watch.over(pair[0]) as mark:
        assert pair[0].recv(1) == b""  # nothing is ever sent
        assert mark.late
    assert 0.1 <= time.monotonic() - start < 5
    watch.close()


def test_what_is_through_in_time_is_left_alone(pair: tuple[socket.socket, socket.socket]) -> None:
    watch = Watch(0.05)
    with watch.over(pair[0]) as mark:
        pass
    time.sleep(0.2)
    assert not mark.late
    pair[1].sendall(b"x")
    assert pair[0].recv(1) == b"x"
    watch.close()


def test_a_deadline_of_its_own(pair: tuple[socket.socket, socket.socket]) -> None:
    watch = Watch(0.05)
    with watch.over(pair[0], time.monotonic() + 60) as far, watch.over(pair[1], time.monotonic() - 1) as near:
        assert pair[0].recv(1) == b""  # the other end is cut
        assert (near.late, far.late) == (True, False)
    watch.close()


def test_one_thread_for_all_and_it_ends(pair: tuple[socket.socket, socket.socket]) -> None:
    before = threading.active_count()
    watch = Watch(1)
    for _ in range(5):
        with watch.over(pair[0]), watch.over(pair[1]):
            assert threading.active_count() == before + 1
    closer = Watch(0.05)
    closer.close()  # never used: there is no thread to wait for
    watch.close()
    assert threading.active_count() == before


def test_a_closed_socket_does_not_end_the_watch(pair: tuple[socket.socket, socket.socket]) -> None:
    watch = Watch(0.05)
    gone = socket.socket()
    gone.close()
    with watch.over(gone) as first, watch.over(pair[0]) as second:
        assert pair[0].recv(1) == b""
        watch.close()  # ends after the round that hung up
        assert (first.late, second.late) == (True, True)
