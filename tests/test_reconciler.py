"""The roster against what the provider says: nothing is believed at once, and nothing that differs is hidden."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest

from hub.domain import messages as m
from hub.domain.messages import LegJoined, LegQuit
from hub.domain.model import Kind, Progress, State, Uncertain
from hub.errors import ProviderUnreachable
from hub.providers.base import Presence, Standing
from hub.reconciler import difference
from hub.service import Patience
from tests.doubles import eventually
from tests.test_service import MIA, House


@pytest.fixture
async def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[House]:
    """One that looks all the time."""
    monkeypatch.setattr("hub.reconciler.AGAIN_S", 0.01)
    monkeypatch.setattr("hub.reconciler.APART_S", 0.0)
    house = House(tmp_path / "hub.db")
    house.patience = Patience(reconcile=0.01)
    await house.open()
    yield house
    await house.crash()


async def uncertain(house: House, key: int) -> Uncertain | None:
    return (await house.service.committed(key)).details.uncertain


async def until_uncertain(house: House, key: int, expected: Uncertain | None) -> None:
    async def is_so() -> bool:
        return await uncertain(house, key) == expected

    await eventually(is_so)


async def until_tallied(house: House, what: str) -> None:
    async def is_so() -> bool:
        return house.service.tally[what] == 1

    await eventually(is_so)


async def test_a_conference_that_the_platform_has_ended_is_ended_here(house: House) -> None:
    key, _ = await house.inside()
    house.provider.is_running = False
    await house.until_state(key, State.ENDED)
    assert [(row.progress, row.cause) for row in await house.rows(key)] == [(Progress.LEFT, "reconcile")]
    assert (await house.service.committed(key)).details.cause == "reconcile"
    await until_tallied(house, "conferences_found_ended")


async def test_many_conferences_gone_at_once_are_a_platform_in_trouble(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    keys = [await house.create() for _ in range(4)]
    house.provider.is_running = False
    await eventually(partial(is_said, caplog, "no longer knows"))
    assert {(await house.service.committed(key)).details.state for key in keys} == {State.ACTIVE}
    house.provider.is_running = True
    await house.settle()
    house.provider.gone = {"60000001"}
    await house.until_state(keys[0], State.ENDED)
    assert {(await house.service.committed(key)).details.state for key in keys[1:]} == {State.ACTIVE}


async def test_conferences_that_were_ended_otherwise_are_no_trouble(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    keys = [await house.create() for _ in range(4)]
    house.provider.gone = {f"6000000{number}" for number in (1, 2, 3, 4)}
    await eventually(partial(is_said, caplog, "no longer knows"))
    for key in keys[:3]:
        await house.service.end(key, MIA)
    await house.until_state(keys[3], State.ENDED)


async def is_said(caplog: pytest.LogCaptureFixture, words: str) -> bool:
    return words in caplog.text


async def test_a_doubt_while_it_is_being_compared_is_not_forgotten(house: House) -> None:
    key, _ = await house.inside()
    house.provider.members = 0
    house.service._reconciler.doubt(key)
    house.service._reconciler.doubt(key)
    assert house.service._reconciler._once_more == {key}
    await until_uncertain(house, key, Uncertain(shown=1, counted=0))


async def test_a_ghost_makes_the_conference_uncertain_until_somebody_says_who_it_is(house: House) -> None:
    key, callid = await house.inside()
    house.provider.members = 0
    await until_uncertain(house, key, Uncertain(shown=1, counted=0))
    settle = ((m.Target(callid), Progress.LEFT),)
    await house.service.change(key, lambda by: m.SettleParticipants(settle, by), MIA)
    await until_uncertain(house, key, None)
    await until_tallied(house, "divergences")


async def test_somebody_unseen_is_said_and_not_any_more_once_they_are_seen(house: House) -> None:
    key, _ = await house.inside()
    house.provider.members = 2
    await until_uncertain(house, key, Uncertain(shown=1, counted=2))
    await house.tell(LegJoined(None, "stranger", "13900000001"))
    await until_uncertain(house, key, None)


async def test_what_is_uncertain_at_a_start_is_looked_at(house: House) -> None:
    key, _ = await house.inside()
    await house.crash()
    house.provider.members = 0
    await house.open()
    await until_uncertain(house, key, Uncertain(shown=1, counted=0))


async def test_a_provider_that_says_nothing_changes_nothing(house: House) -> None:
    key, _ = await house.inside()
    house.provider.fails["standing"] = ProviderUnreachable("away")
    await house.settle()
    assert (await house.service.committed(key)).details.state is State.ACTIVE


async def test_a_difference_is_forgotten_if_anything_happens_meanwhile(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The callback that explains it was on its way."""
    key, callid = await house.inside()
    monkeypatch.setattr("hub.reconciler.AGAIN_S", 0.2)
    seq = (await house.service.committed(key)).seq
    house.provider.members = 0
    house.service._reconciler.doubt(key)
    await house.tell(LegQuit(callid, "1"))
    await house.settle()
    assert (await house.service.committed(key)).seq == seq + 1


async def test_what_nobody_has_been_in_yet_may_stand_in_any_way(house: House) -> None:
    key = await house.create()
    blank = await house.service.committed(key)
    assert difference(blank, Standing(Presence.UNCLEAR, 0)) is None
    assert difference(blank, Standing(Presence.GONE)) == m.ConferenceStopped("60000001", is_found=True)
    assert difference(blank, Standing(Presence.ACTIVE)) is None
    await house.tell(LegJoined(None, "stranger", "13900000001"))
    used = await house.service.committed(key)
    assert difference(used, Standing(Presence.UNCLEAR, 0)) == m.ConferenceStopped("60000001", is_found=True)


# Timers --------------------------------------------------------------------------------------------------------------


async def test_a_phone_that_rings_for_ever_is_given_up(house: House) -> None:
    key = await house.create()
    await house.again(ring=0.01)
    await house.invite(key, "1")
    await house.until(key, Progress.NO_ANSWER)
    await until_tallied(house, "calls_concluded")


async def test_what_was_ringing_at_a_crash_is_given_up_too(house: House) -> None:
    key = await house.create()
    await house.invite(key, "1")
    await house.until(key, Progress.DIALING)
    await house.again(ring=0.01)
    await house.until(key, Progress.NO_ANSWER)


async def test_what_the_provider_does_not_answer_in_time_is_overdue(house: House) -> None:
    key, callid = await house.inside()
    await house.again(settle=0.01)
    house.provider.may_answer.clear()
    targets = (m.Target(callid),)
    await house.service.change(key, lambda by: m.ControlLegs(Kind.MUTE, targets, by), MIA)

    async def is_overdue() -> bool:
        (row,) = await house.rows(key)
        return row.pending is not None and row.pending.overdue

    await eventually(is_overdue)
    await until_tallied(house, "commands_overdue")
    house.provider.may_answer.set()
    await house.until_muted(key)
    assert [row.pending for row in await house.rows(key)] == [None]


@pytest.mark.parametrize("hours", [-1, 1])
async def test_a_clock_that_is_set_ends_nothing_and_nobody(house: House, hours: int) -> None:
    key, _ = await house.inside()
    await house.invite(key, "2")
    await house.until(key, Progress.JOINED, Progress.DIALING)
    reserved = await house.reserve(in_minutes=-0.5)
    house.ahead = timedelta(hours=hours)
    await house.settle()
    await house.invite(key, "3")
    await house.until(key, Progress.JOINED, Progress.DIALING, Progress.DIALING)
    assert (await house.service.committed(reserved)).details.state is State.ACTIVE
    (row, *_) = await house.rows(key)
    await house.tell(LegQuit(row.callid, "1"))
    (row, *_) = await house.rows(key)
    assert row.progress is Progress.LEFT
