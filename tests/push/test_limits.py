from __future__ import annotations

import pytest

from hub.bucket import Bucket
from hub.push.limits import BURST_S, BYTES_PER_TOKEN, PATIENCE_S, Allowance, Gate, Limits


class Clock:
    def __init__(self) -> None:
        self.at = 1000.0

    def __call__(self) -> float:
        return self.at


@pytest.fixture
def clock() -> Clock:
    return Clock()


def test_tokens_come_back_with_time_and_never_more_than_there_is_room_for(clock: Clock) -> None:
    bucket = Bucket(rate=2, most=3, now=clock)
    assert [bucket.take() for _ in range(5)] == [0, 0, 0, 0.5, 0.5]
    clock.at += 0.5
    assert (bucket.take(), bucket.take()) == (0, 0.5)
    clock.at += 3600
    assert [bucket.take() for _ in range(4)] == [0, 0, 0, 0.5]


def test_what_costs_more_than_there_is_room_for_costs_all(clock: Clock) -> None:
    bucket = Bucket(rate=2, most=3, now=clock)
    assert (bucket.take(1000), bucket.take()) == (0, 0.5)


def test_who_waits_as_told_is_never_sent_away(clock: Clock) -> None:
    allowance = Allowance(10, clock)
    for _ in range(10_000):
        clock.at += allowance.spend()
    assert not allowance.is_exhausted


def test_who_goes_on_all_the_same_is_refused_first_and_sent_away_later(clock: Clock) -> None:
    allowance = Allowance(10, clock)
    admitted = refused = 0
    while not allowance.is_exhausted:
        wait = allowance.spend()
        admitted += not wait
        refused += bool(wait)
    assert (admitted, refused) == (10 * BURST_S, 10 * PATIENCE_S + 1)


def test_who_asks_for_much_at_once_is_told_when_all_of_it_may_be_had(clock: Clock) -> None:
    allowance = Allowance(10, clock)
    for _ in range(100):
        clock.at += max(allowance.spend() for _ in range(40))
    assert not allowance.is_exhausted


def test_a_big_message_costs_more(clock: Clock) -> None:
    allowance = Allowance(10, clock)
    assert allowance.spend_on(b"x" * BYTES_PER_TOKEN * 39) == 0
    assert allowance.spend() > 0


def test_an_address_has_so_many_connections_and_others_are_not_concerned(clock: Clock) -> None:
    gate = Gate(Limits(sockets_per_address=2), clock)
    assert [gate.enter("a") for _ in range(3)] == [True, True, False]
    assert gate.enter("b")
    gate.leave("a")
    assert not gate.enter("a")
    gate.leave("a")
    gate.leave("a")
    assert gate.enter("a")


def test_there_are_so_many_sockets_in_all(clock: Clock) -> None:
    gate = Gate(Limits(sockets=2), clock)
    assert [gate.enter_socket() for _ in range(3)] == [0, 0, 1]
    gate.leave_socket()
    assert gate.enter_socket() == 0


def test_sockets_come_only_so_fast(clock: Clock) -> None:
    gate = Gate(Limits(accepts_per_s=5), clock)
    assert [gate.enter_socket() for _ in range(11)] == [0] * 10 + [0.2]
    clock.at += 0.2
    assert gate.enter_socket() == 0


def test_a_thousand_watchers_of_one_address_may_come_at_once(clock: Clock) -> None:
    gate = Gate(Limits(), clock)
    assert all(gate.enter("a") and not gate.enter_socket() for _ in range(1000))


def test_nothing_is_kept_of_who_has_left(clock: Clock) -> None:
    gate = Gate(Limits(), clock)
    gate.enter("a")
    gate.leave("a")
    assert not gate._of_address
