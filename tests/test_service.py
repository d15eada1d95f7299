"""The service with a provider that does as the test says, on a real database."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Sequence
from contextlib import closing
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from hub.access.identity import LOCAL, Author
from hub.api.changes import changes
from hub.api.rows import event_body
from hub.app import now
from hub.domain import messages as m
from hub.domain.messages import ConferenceStopped, Fact, LegFailed, LegJoined, LegQuit
from hub.domain.model import Kind, Participant, Progress, State
from hub.errors import (
    HubError,
    InvalidNumber,
    OutcomeUnknown,
    ProviderRefused,
    ProviderUnreachable,
    StorageUnavailable,
    TimeInPast,
)
from hub.lives import Wording
from hub.providers.base import Notice, Standing
from hub.service import Conferences, Patience, Wanted
from hub.store.backup import backup
from hub.store.base import Callback
from hub.store.sqlite import SQLiteStore, open_store
from tests.doubles import ProviderDouble, eventually
from tests.harness import PATIENCE_S

MIA = Author(LOCAL, uid="mia")
WORDING = Wording(event_body, changes)
CALLBACK = Callback("2026-11-23T09:00:00.000Z", "join-1", b"", "", b"", "received")


class House:
    """A service on its database, which may be crashed and started again."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.provider = ProviderDouble()
        self.published: list[tuple[int, int, int]] = []
        self.ahead = timedelta(0)
        self.patience = Patience()
        self.service: Conferences
        self.store: SQLiteStore
        self._workers: list[asyncio.Task[None]]

    async def open(self) -> None:
        self.store = await open_store(self.path)
        self.service = Conferences(self.store, self.provider, WORDING, self._publish, self._now, self.patience)
        self._workers = [asyncio.create_task(work) for work in self.service.workers().values()]
        await self.service.start()

    async def again(self, **patience: float) -> None:
        """After a crash, with less patience."""
        await self.crash()
        self.patience = Patience(**patience)
        await self.open()

    async def crash(self) -> None:
        """As kill -9: nothing is finished that was begun."""
        for task in asyncio.all_tasks() - {asyncio.current_task()}:
            if task.get_name().startswith(("dial ", "command ", "check ", "inquiry ")):
                task.cancel()
        for worker in self._workers:
            worker.cancel()
        await asyncio.gather(*self._workers, return_exceptions=True)
        await self.store.close()

    def _now(self) -> datetime:
        return now() + self.ahead

    async def reserve(self, in_minutes: float) -> int:
        """A conference reserved for then, with one person invited: its key."""
        starts_at = now() + timedelta(minutes=in_minutes)
        wanted = Wanted(app="demo", owner="mia", name="Call", time="later", starts_at=starts_at)
        key = await self.service.find((await self.service.create(wanted, MIA)).id)
        await self.invite(key, "1")
        return key

    async def come_and_go(self, key: int) -> None:
        """The reserved conference starts; whom it invited answers, and hangs up."""
        self.ahead = timedelta(minutes=30)
        await self.until(key, Progress.DIALING)
        (row,) = await self.rows(key)
        await self.tell(LegJoined(row.leg, row.callid, "1"))
        await self.tell(LegQuit(row.callid, "1"))

    async def settle(self) -> None:
        """Whatever was going to be asked of the provider has been: several commits have gone through since."""
        for _ in range(5):
            await self.service.check()

    async def until_state(self, key: int, state: State) -> None:
        async def is_so() -> bool:
            return (await self.service.committed(key)).details.state is state

        await eventually(is_so)

    def _publish(self, key: int, first: int, bodies: Any) -> None:
        self.published.append((key, first, len(bodies)))

    async def create(self) -> int:
        details = await self.service.create(Wanted(app="demo", owner="mia", name="Call"), MIA)
        return await self.service.find(details.id)

    async def invite(self, key: int, *numbers: str) -> None:
        await self.put(key, *(m.Person(number, number, "") for number in numbers), dial=True)

    async def put(self, key: int, *people: m.Person, dial: bool = False) -> None:
        put = m.InviteParticipants if dial else m.AddParticipants
        await self.service.change(key, lambda by: put(people, by, 2000), MIA)

    async def control(self, key: int, kind: Kind, *callids: str) -> list[HubError | None]:
        """What became of each call."""
        targets = tuple(map(m.Target, callids))
        fates = await self.service.command(key, partial(m.ControlLegs, kind, targets), MIA)
        return [error for _, error in fates]

    async def rows(self, key: int) -> list[Participant]:
        return list((await self.service.committed(key)).participants.values())

    async def until(self, key: int, *progress: Progress) -> None:
        async def is_so() -> bool:
            return tuple(row.progress for row in await self.rows(key)) == progress

        await eventually(is_so)

    async def until_asked(self, count: int) -> None:
        async def is_so() -> bool:
            return len(self.provider.asked) >= count

        await eventually(is_so)

    async def until_muted(self, key: int) -> None:
        async def is_so() -> bool:
            return (await self.rows(key))[0].muted

        await eventually(is_so)

    async def tell(self, fact: Fact, id: str = "60000001") -> None:
        self.provider.says = Notice(id, fact)
        await self.service.receive(CALLBACK)

    async def inside(self) -> tuple[int, str]:
        """A conference with one person inside: its key and the callid."""
        key = await self.create()
        await self.invite(key, "1")
        await self.until(key, Progress.DIALING)
        (row,) = await self.rows(key)
        await self.tell(LegJoined(row.leg, row.callid, "1"))
        assert row.callid is not None
        return key, row.callid


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    house = House(tmp_path / "hub.db")
    await house.open()
    yield house
    await house.crash()


async def test_a_dial_whose_answer_a_crash_cut_off_is_never_repeated(house: House) -> None:
    key = await house.create()
    house.provider.may_answer.clear()
    await house.invite(key, "1")
    await house.until_asked(2)
    await house.crash()
    house.provider.may_answer.set()
    await house.open()
    await house.until(key, Progress.UNKNOWN)
    assert [what for what, *_ in house.provider.asked] == ["create", "dial"]
    (row,) = await house.rows(key)
    await house.tell(LegJoined(row.leg, "late", "1"))
    await house.until(key, Progress.JOINED)


async def test_dials_that_were_not_asked_before_a_crash_are_asked_after_it(house: House) -> None:
    key = await house.create()
    house.provider.may_answer.clear()
    await house.invite(key, *map(str, range(20)))
    await house.until_asked(9)
    await house.crash()
    house.provider.may_answer.set()
    await house.open()
    await house.until(key, *[Progress.UNKNOWN] * 8, *[Progress.DIALING] * 12)
    legs = [leg for what, *leg in house.provider.asked if what == "dial"]
    assert len(legs) == len({tuple(leg) for leg in legs}) == 20


async def test_a_mute_that_a_crash_cut_off_is_taken_up(house: House) -> None:
    key, callid = await house.inside()
    house.provider.may_answer.clear()
    asking = asyncio.create_task(house.control(key, Kind.MUTE, callid))
    await house.until_asked(3)
    asking.cancel()
    await house.crash()
    house.provider.may_answer.set()
    await house.open()
    await house.until_muted(key)
    assert house.provider.asked[2:] == [("mute", callid), ("mute", callid)]


async def test_whoever_stops_waiting_does_not_stop_the_command(house: House) -> None:
    key, callid = await house.inside()
    house.provider.may_answer.clear()
    asking = asyncio.create_task(house.control(key, Kind.MUTE, callid))
    await house.until_asked(3)
    asking.cancel()
    house.provider.may_answer.set()
    await house.until_muted(key)


async def test_commands_for_one_call_are_asked_in_order(house: House) -> None:
    key, callid = await house.inside()
    house.provider.may_answer.clear()
    kinds = [Kind.MUTE, Kind.UNMUTE, Kind.MUTE]
    asking = [asyncio.create_task(house.control(key, kind, callid)) for kind in kinds]
    await house.until_asked(3)
    house.provider.may_answer.set()
    assert await asyncio.gather(*asking) == [[None]] * 3
    assert house.provider.asked[2:] == [(kind.value, callid) for kind in kinds]
    assert (await house.rows(key))[0].muted


async def test_two_who_ask_for_the_same_get_one_command_and_its_answer(house: House) -> None:
    key, callid = await house.inside()
    house.provider.may_answer.clear()
    house.provider.fails["mute"] = ProviderRefused("no")
    asking = [asyncio.create_task(house.control(key, Kind.MUTE, callid)) for _ in range(2)]
    await house.until_asked(3)
    house.provider.may_answer.set()
    results = await asyncio.gather(*asking)
    assert [[type(error) for error in errors] for errors in results] == [[ProviderRefused]] * 2
    assert len(house.provider.asked) == 3


@pytest.mark.parametrize(
    ("error", "progress", "cause"),
    [
        (
            ProviderRefused("no", statusCode="1", statusMsg="余额不足"),
            Progress.FAILED,
            "provider_refused: 余额不足 (1)",
        ),
        (ProviderRefused("no", statusCode="111142", statusMsg=""), Progress.FAILED, "provider_refused: 111142"),
        (ProviderUnreachable(), Progress.FAILED, "provider_unreachable"),
        (OutcomeUnknown(), Progress.UNKNOWN, "outcome_unknown"),
    ],
)
async def test_a_dial_that_fails_says_why_on_its_row(
    house: House, error: Exception, progress: Progress, cause: str
) -> None:
    key = await house.create()
    house.provider.fails["dial"] = error
    await house.invite(key, "1")
    await house.until(key, progress)
    assert (await house.rows(key))[0].cause == cause
    assert len(house.provider.asked) == 2


async def test_an_end_that_the_provider_refuses_is_an_error_unless_it_is_gone(house: House) -> None:
    key = await house.create()
    house.provider.fails["dismiss"] = ProviderRefused("unknown conference")
    with pytest.raises(ProviderRefused):
        await house.service.end(key, MIA)
    assert (await house.service.committed(key)).details.state is State.ACTIVE
    house.provider.is_running = False
    await house.service.end(key, MIA)
    assert (await house.service.committed(key)).details.state is State.ENDED


async def test_a_conference_that_is_over_leaves_memory_and_is_read_again(house: House) -> None:
    key, callid = await house.inside()
    await house.service.end(key, MIA)
    assert house.service._lives._lives == {}
    await house.tell(LegQuit(callid, "1"))
    assert [row.progress for row in await house.rows(key)] == [Progress.LEFT]


async def test_few_ended_conferences_are_kept_in_memory(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hub.lives.ENDED_KEPT", 2)
    keys = [await house.create() for _ in range(5)]
    for key in keys:
        await house.service.end(key, MIA)
    for key in keys:
        assert (await house.service.committed(key)).details.state is State.ENDED
    assert list(house.service._lives._lives) == keys[-2:]


async def test_what_cannot_be_stored_is_refused_and_nobody_is_told(house: House) -> None:
    key, callid = await house.inside()
    before = (await house.service.committed(key), list(house.published))
    broken = sqlite3.connect(house.path, timeout=0)
    broken.execute("BEGIN IMMEDIATE")
    await house.store._writer.execute("PRAGMA busy_timeout = 1")
    for attempt in (
        lambda: house.control(key, Kind.MUTE, callid),
        lambda: house.tell(LegQuit(callid, "1")),
        house.service.check,
    ):
        with pytest.raises(StorageUnavailable):
            await attempt()
    assert (await house.service.committed(key), house.published) == before
    broken.rollback()
    broken.close()
    assert await house.control(key, Kind.MUTE, callid) == [None]
    first = before[0].seq + 1
    assert house.published[len(before[1]) :] == [(key, first, 1), (key, first + 1, 1)]


async def test_dials_go_on_when_the_database_does(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hub.actions.RETRY_S", 0.01)
    key = await house.create()
    await house.store._writer.execute("PRAGMA busy_timeout = 1")
    house.provider.may_answer.clear()
    await house.invite(key, *map(str, range(20)))
    await house.until_asked(9)
    broken = sqlite3.connect(house.path, timeout=0)
    broken.execute("BEGIN IMMEDIATE")
    house.provider.may_answer.set()
    for _ in range(2):
        with pytest.raises(StorageUnavailable):
            await house.service.check()
    broken.rollback()
    broken.close()
    await house.until(key, *[Progress.DIALING] * 20)
    assert len(house.provider.asked) == 21


async def test_a_mute_whose_answer_could_not_be_stored_is_stored_later(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hub.actions.RETRY_S", 0.01)
    key, callid = await house.inside()
    await house.store._writer.execute("PRAGMA busy_timeout = 1")
    house.provider.may_answer.clear()
    asking = asyncio.create_task(house.control(key, Kind.MUTE, callid))
    await house.until_asked(3)
    broken = sqlite3.connect(house.path, timeout=0)
    broken.execute("BEGIN IMMEDIATE")
    house.provider.may_answer.set()
    assert [type(error) for error in await asking] == [StorageUnavailable]
    broken.rollback()
    broken.close()
    await house.until_muted(key)


async def test_a_conference_is_loaded_once_whoever_asks(house: House) -> None:
    key = await house.create()
    house.service._lives._forget(house.service._lives.tip(key))
    states = await asyncio.gather(*(house.service.committed(key) for _ in range(10)))
    assert len({id(state) for state in states}) == 1


async def test_a_fact_that_breaks_the_rules_is_kept_and_hurts_nobody(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = await house.create()

    def broken(*_: Any) -> None:
        raise RuntimeError("a bug")

    with monkeypatch.context() as patch:
        patch.setattr("hub.domain.legs.join", broken)
        await house.tell(LegJoined(None, "call", "1"))
    assert await house.rows(key) == []
    assert await _inbox(house) == ["failed"]
    await house.tell(LegJoined(None, "call", "1"))
    assert len(await house.rows(key)) == 1


async def test_a_thousand_changes_at_once_are_numbered_without_a_gap(house: House) -> None:
    key = await house.create()
    people = [m.Person(f"user-{number}", "", "") for number in range(1000)]
    await asyncio.gather(*(house.put(key, one) for one in people))
    page = await house.service.events(key, 0, 2000)
    assert [seq for seq, _ in page] == list(range(1, 1003))
    assert [first for _, first, _ in house.published] == sorted({first for _, first, _ in house.published})


# Reserved conferences ------------------------------------------------------------------------------------------------


@pytest.fixture
def watchful(monkeypatch: pytest.MonkeyPatch) -> None:
    """Clocks that are set are noticed at once, and nothing waits long to be tried again."""
    monkeypatch.setattr("hub.schedule.LONGEST_SLEEP_S", 0.01)
    monkeypatch.setattr("hub.actions.AGAIN_S", 0.01)


@pytest.mark.usefixtures("watchful")
async def test_a_reserved_conference_starts_at_its_time_and_calls_then(house: House) -> None:
    key = await house.reserve(in_minutes=30)
    assert [what for what, *_ in house.provider.asked] == ["reserve"]
    house.ahead = timedelta(minutes=30)
    await house.until(key, Progress.DIALING)
    assert [what for what, *_ in house.provider.asked] == ["reserve", "dial"]


@pytest.mark.usefixtures("watchful")
async def test_a_start_that_came_while_the_hub_was_down_happens_once(house: House) -> None:
    key = await house.reserve(in_minutes=30)
    await house.crash()
    house.ahead = timedelta(minutes=80)
    await house.open()
    await house.until(key, Progress.DIALING)
    await house.crash()
    await house.open()
    await house.settle()
    assert [what for what, *_ in house.provider.asked] == ["reserve", "dial"]


@pytest.mark.usefixtures("watchful")
async def test_a_start_that_was_missed_by_more_than_an_hour_is_an_end(house: House) -> None:
    key = await house.reserve(in_minutes=30)
    await house.crash()
    house.ahead = timedelta(minutes=95)
    await house.open()
    await house.until_state(key, State.ENDED)
    assert (await house.service.committed(key)).details.cause == "start_missed"
    assert [what for what, *_ in house.provider.asked] == ["reserve", "dismiss"]


@pytest.mark.usefixtures("watchful")
async def test_a_crash_in_the_middle_of_the_start_is_survived(house: House) -> None:
    key = await house.reserve(in_minutes=30)
    house.provider.is_running = False
    house.provider.may_answer.clear()
    house.ahead = timedelta(minutes=30)
    await house.until_asked(2)
    await house.crash()
    house.provider.may_answer.set()
    await house.open()
    await house.until(key, Progress.DIALING)


def failing_once(house: House, monkeypatch: pytest.MonkeyPatch, number: str) -> None:
    """The database cannot be read the first time that this number is looked for."""
    left, read = [number], house.store.key_of

    async def key_of(id: str) -> int | None:
        if id in left:
            left.remove(id)
            raise StorageUnavailable("disk I/O error")
        return await read(id)

    monkeypatch.setattr(house.store, "key_of", key_of)


@pytest.mark.usefixtures("watchful")
async def test_a_start_is_survived_in_which_the_database_cannot_be_read(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = await house.reserve(in_minutes=30)
    failing_once(house, monkeypatch, "60000002")
    house.provider.is_running = False
    house.ahead = timedelta(minutes=30)
    await house.until(key, Progress.DIALING)


@pytest.mark.usefixtures("watchful")
async def test_a_start_is_tried_again_in_which_something_breaks(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hub.actions.AGAIN_S", 0.01)
    key = await house.reserve(in_minutes=30)
    standing, left = house.provider.standing, [1]

    async def breaking(conference: str) -> Standing:
        if left:
            left.clear()
            raise ZeroDivisionError
        return await standing(conference)

    monkeypatch.setattr(house.provider, "standing", breaking)
    house.ahead = timedelta(minutes=30)
    await house.until(key, Progress.DIALING)


async def test_a_conference_that_could_not_be_stored_does_not_come_back(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    failing_once(house, monkeypatch, "60000001")
    with pytest.raises(StorageUnavailable):
        await house.create()
    await house.tell(ConferenceStopped("60000001"), id="60000001")
    assert await house.service.of_user("demo", "mia") == []


@pytest.mark.usefixtures("watchful")
async def test_a_reservation_that_is_gone_is_made_again_at_its_start(house: House) -> None:
    key = await house.reserve(in_minutes=30)
    house.provider.is_running = False
    house.ahead = timedelta(minutes=30)
    await house.until(key, Progress.DIALING)
    assert [what for what, *_ in house.provider.asked] == ["reserve", "dismiss", "create", "dial"]
    details = (await house.service.committed(key)).details
    assert (details.id, details.number, details.cause) == ("60000001", "60000002", None)
    (row,) = await house.rows(key)
    await house.tell(LegJoined(row.leg, row.callid, "1"), id="60000002")
    await house.until(key, Progress.JOINED)
    await house.tell(ConferenceStopped("60000001"), id="60000001")
    assert (await house.service.committed(key)).details.state is State.ACTIVE
    await house.tell(ConferenceStopped("60000002"), id="60000002")
    assert (await house.service.committed(key)).details.state is State.ENDED
    await house.tell(LegQuit(row.callid, "1"), id="60000002")
    assert await _inbox(house) == ["applied"] * 4


@pytest.mark.usefixtures("watchful")
async def test_a_reservation_that_was_said_to_be_gone_is_made_again_without_asking(house: House) -> None:
    key = await house.reserve(in_minutes=30)
    await house.tell(ConferenceStopped("60000001"))
    house.ahead = timedelta(minutes=30)
    await house.until(key, Progress.DIALING)
    assert [what for what, *_ in house.provider.asked] == ["reserve", "create", "dial"]


@pytest.mark.usefixtures("watchful")
async def test_a_start_waits_for_a_provider_that_is_away(house: House) -> None:
    key = await house.reserve(in_minutes=30)
    await house.tell(ConferenceStopped("60000001"))
    house.provider.fails["create"] = ProviderUnreachable("away")
    house.ahead = timedelta(minutes=30)
    await house.until_asked(4)
    details = (await house.service.committed(key)).details
    assert (details.state, details.cause) == (State.SCHEDULED, "provider_unreachable")
    del house.provider.fails["create"]
    await house.until(key, Progress.DIALING)


async def test_a_reserved_conference_can_be_ended_before_its_time(house: House) -> None:
    key = await house.reserve(in_minutes=30)
    await house.service.end(key, MIA)
    assert [row.progress for row in await house.rows(key)] == [Progress.CANCELLED]
    assert [what for what, *_ in house.provider.asked] == ["reserve", "dismiss"]


async def test_a_time_that_has_passed_is_refused_before_anything_is_asked(house: House) -> None:
    with pytest.raises(TimeInPast):
        await house.reserve(in_minutes=-1.1)
    assert house.provider.asked == []


async def test_a_time_that_has_just_passed_is_now(house: House) -> None:
    key = await house.reserve(in_minutes=-0.5)
    await house.until(key, Progress.DIALING)
    assert [what for what, *_ in house.provider.asked] == ["create", "dial"]


async def test_a_conference_that_cannot_be_stored_is_not_left_at_the_provider(house: House) -> None:
    await house.store._writer.execute("PRAGMA busy_timeout = 1")
    with closing(sqlite3.connect(house.path, timeout=0)) as broken:
        broken.execute("BEGIN IMMEDIATE")
        with pytest.raises(StorageUnavailable):
            await house.create()
    assert [what for what, *_ in house.provider.asked] == ["create", "dismiss"]


@pytest.mark.usefixtures("watchful")
async def test_a_start_that_a_crash_cut_off_is_an_end_when_it_is_too_late(house: House) -> None:
    key = await house.reserve(in_minutes=30)
    house.provider.may_answer.clear()
    await house.tell(ConferenceStopped("60000001"))
    house.ahead = timedelta(minutes=30)
    await house.until_asked(2)
    await house.crash()
    house.provider.may_answer.set()
    house.ahead = timedelta(hours=9)
    await house.open()
    await house.until_state(key, State.ENDED)
    assert [what for what, *_ in house.provider.asked] == ["reserve", "create", "dismiss"]
    assert (await house.service.committed(key)).details.cause == "start_missed"


@pytest.mark.usefixtures("watchful")
async def test_who_was_in_a_reservation_that_is_gone_is_not_inside(house: House) -> None:
    key = await house.reserve(in_minutes=30)
    await house.tell(LegJoined(None, "early", "1"))
    await house.tell(ConferenceStopped("60000001"))
    (row,) = await house.rows(key)
    assert (row.progress, row.cause) == (Progress.LEFT, "deleted_by_provider")


@pytest.mark.usefixtures("watchful")
async def test_the_hubs_own_end_is_asked_for_until_it_is_so(house: House) -> None:
    key = await house.reserve(in_minutes=30)
    house.provider.fails["dismiss"] = ProviderUnreachable("away")
    await house.come_and_go(key)
    await house.until_asked(4)
    assert (await house.service.committed(key)).details.cause == "provider_unreachable"
    del house.provider.fails["dismiss"]
    await house.until_state(key, State.ENDED)
    assert (await house.service.committed(key)).details.cause == "everybody_left"


@pytest.mark.usefixtures("watchful")
async def test_the_hubs_own_end_is_given_up_when_somebody_is_called(house: House) -> None:
    key = await house.reserve(in_minutes=30)
    house.provider.fails["dismiss"] = ProviderUnreachable("away")
    await house.come_and_go(key)
    await house.until_asked(4)
    await house.invite(key, "1")
    assert (await house.service.committed(key)).details.pending is None
    del house.provider.fails["dismiss"]
    await house.until(key, Progress.DIALING)
    await house.crash()
    await house.open()
    await house.settle()
    assert (await house.service.committed(key)).details.state is State.ACTIVE
    assert house.provider.asked[-1][0] == "dial"


@pytest.mark.usefixtures("watchful")
async def test_a_reserved_conference_to_which_nobody_comes_is_ended(house: House) -> None:
    key = await house.reserve(in_minutes=30)
    house.ahead = timedelta(minutes=30)
    await house.until(key, Progress.DIALING)
    (row,) = await house.rows(key)
    await house.tell(LegFailed(row.leg, row.callid, "1", Progress.NO_ANSWER))
    assert (await house.service.committed(key)).details.state is State.ACTIVE
    await house.again(idle=0.01)
    await house.until_state(key, State.ENDED)
    assert (await house.service.committed(key)).details.cause == "nobody_came"


@pytest.mark.usefixtures("watchful")
@pytest.mark.parametrize(
    "error",
    [ProviderUnreachable("away"), ProviderRefused("no", statusCode="110090"), OutcomeUnknown("?")],
    ids=lambda error: error.name,
)
async def test_an_end_that_fails_as_the_time_comes_does_not_swallow_the_start(house: House, error: Exception) -> None:
    key = await house.reserve(in_minutes=30)
    house.provider.may_answer.clear()
    stop = asyncio.create_task(house.service.end(key, MIA))
    await house.until_asked(2)
    house.ahead = timedelta(minutes=30)
    house.provider.fails["dismiss"] = error
    house.provider.may_answer.set()
    with pytest.raises(type(error)):
        await stop
    house.provider.fails.clear()
    ended = isinstance(error, OutcomeUnknown)
    await house.until_state(key, State.ENDED if ended else State.ACTIVE)


@pytest.mark.usefixtures("watchful")
async def test_an_end_is_not_kept_waiting_by_a_start_that_is_tried_again(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hub.actions.AGAIN_S", PATIENCE_S)
    key = await house.reserve(in_minutes=30)
    await house.tell(ConferenceStopped("60000001"))
    house.provider.fails["create"] = ProviderUnreachable("away")
    house.ahead = timedelta(minutes=30)
    await house.until_asked(2)
    await house.service.end(key, MIA)
    assert [what for what, *_ in house.provider.asked] == ["reserve", "create", "dismiss"]


@pytest.mark.usefixtures("watchful")
async def test_a_number_that_the_provider_gives_again_means_who_has_it_now(house: House) -> None:
    key = await house.reserve(in_minutes=30)
    other = await house.create()
    await house.service.end(other, MIA)
    await house.tell(ConferenceStopped("60000001"))
    house.provider._conferences = 60000001
    house.ahead = timedelta(minutes=30)
    await house.until(key, Progress.DIALING)
    (row,) = await house.rows(key)
    await house.tell(LegJoined(row.leg, row.callid, "1"), id="60000002")
    await house.until(key, Progress.JOINED)


@pytest.mark.usefixtures("watchful")
async def test_a_conference_whose_number_is_given_anew_no_longer_has_it(house: House) -> None:
    """A reservation is made again at its start, and what was going on is over: two would otherwise be one."""
    reserved = await house.reserve(in_minutes=30)
    running = await house.create()
    house.provider._conferences = 60000000
    await house.create()
    newest = await house.create()
    assert (await house.service.committed(reserved)).details.is_lost
    assert (await house.service.committed(running)).details.cause == "ended_by_provider"
    assert await house.service.find("60000002") == newest
    house.ahead = timedelta(minutes=30)
    await house.until(reserved, Progress.DIALING)
    assert (await house.service.committed(reserved)).details.number == "60000003"


async def test_the_number_that_is_called_is_the_one_on_the_row(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    called = []

    async def dial(conference: str, leg: int, number: str) -> str:
        called.append(number)
        return f"call-{leg}"

    monkeypatch.setattr(house.provider, "dial", dial)
    key = await house.create()
    await house.put(key, m.Person("ada", "111", ""), m.Person("ada", "222", ""), dial=True)
    await house.until(key, Progress.DIALING)
    assert called == ["222"]


async def test_a_quit_does_not_overtake_its_join(house: House) -> None:
    key = await house.create()
    await asyncio.gather(house.tell(LegJoined(None, "call", "13800000001")), house.tell(LegQuit("call", "")))
    assert [row.progress for row in await house.rows(key)] == [Progress.LEFT]


async def test_a_callback_that_overtakes_the_conferences_own_commit_is_applied(house: House) -> None:
    await house.store._writer.execute("PRAGMA busy_timeout = 30000")
    with closing(sqlite3.connect(house.path, timeout=0)) as broken:
        broken.execute("BEGIN IMMEDIATE")
        creating = asyncio.create_task(house.create())
        await house.until_asked(1)
        hearing = asyncio.create_task(house.tell(LegJoined(None, "call", "13800000001")))
        await asyncio.sleep(0)
        broken.rollback()
    key = await creating
    await hearing
    assert await _inbox(house) == ["applied"]
    await house.until(key, Progress.JOINED)


# Copies --------------------------------------------------------------------------------------------------------------


async def test_a_hub_on_a_copy_makes_no_call_that_may_have_been_made(house: House, tmp_path: Path) -> None:
    key = await house.create()
    house.provider.may_answer.clear()
    await house.invite(key, *map(str, range(20)))
    await asyncio.to_thread(backup, house.path, tmp_path / "copy.db")
    await house.crash()
    house.path = tmp_path / "copy.db"
    house.provider.may_answer.set()
    house.provider.asked.clear()
    await house.open()
    await house.until(key, *[Progress.UNKNOWN] * 20)
    await house.settle()
    assert house.provider.asked == []


async def test_a_copy_is_one_until_it_has_recovered(house: House, tmp_path: Path) -> None:
    key = await house.create()
    house.provider.may_answer.clear()
    await house.invite(key, *map(str, range(20)))
    await asyncio.to_thread(backup, house.path, tmp_path / "copy.db")
    await house.crash()
    await (await open_store(tmp_path / "copy.db")).close()
    house.path = tmp_path / "copy.db"
    house.provider.may_answer.set()
    house.provider.asked.clear()
    await house.open()
    await house.until(key, *[Progress.UNKNOWN] * 20)
    await house.settle()
    assert house.provider.asked == []


@pytest.mark.usefixtures("watchful")
async def test_a_hub_on_a_copy_does_not_call_everybody_of_a_start_it_has_not_seen(house: House, tmp_path: Path) -> None:
    starts_at = now() + timedelta(minutes=30)
    wanted = Wanted(app="demo", owner="mia", name="", time="later", starts_at=starts_at, autocall=True)
    key = await house.service.find((await house.service.create(wanted, MIA)).id)
    await house.put(key, m.Person("ada", "1", ""))
    await asyncio.to_thread(backup, house.path, tmp_path / "copy.db")
    await house.crash()
    house.path, house.ahead = tmp_path / "copy.db", timedelta(minutes=31)
    house.provider.asked.clear()
    await house.open()
    await house.until_state(key, State.ACTIVE)
    await house.settle()
    assert ([row.progress for row in await house.rows(key)], house.provider.asked) == ([Progress.ADDED], [])


# Reminders and VoIP accounts -----------------------------------------------------------------------------------------


async def test_reminders_go_in_groups_and_each_number_once(house: House) -> None:
    numbers = ["1", "2", "+86 13800000003", "13800000003", "nobody", "4", "5"]
    groups = await house.service.remind(numbers)
    assert [(group, type(error)) for group, error in groups] == [
        (["1", "2", "+86 13800000003"], type(None)),
        (["4", "5"], type(None)),
        (["nobody"], InvalidNumber),
    ]
    assert house.provider.asked == [("remind", "1", "2", "+86 13800000003"), ("remind", "4", "5")]


async def test_a_group_that_fails_fails_alone(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    refused = ProviderRefused("no")

    async def remind(numbers: Sequence[str]) -> str:
        if "1" in numbers:
            raise refused
        return "sms"

    monkeypatch.setattr(house.provider, "remind", remind)
    assert await house.service.remind(["1", "2", "3", "4"]) == [(["1", "2", "3"], refused), (["4"], None)]


async def test_whoever_dials_in_is_known_by_their_voip_account(house: House) -> None:
    key = await house.create()
    account = await house.service.account("demo", "ada", MIA)
    await house.tell(LegJoined(None, "voip", account.voip))
    assert [(row.id, row.unidentified) for row in await house.rows(key)] == [("ada", False)]
    await house.tell(LegQuit(None, account.voip))
    await house.until(key, Progress.LEFT)


async def test_the_account_of_another_app_is_a_stranger(house: House) -> None:
    key = await house.create()
    account = await house.service.account("other", "ada", MIA)
    await house.tell(LegJoined(None, "voip", account.voip))
    assert [(row.id, row.unidentified) for row in await house.rows(key)] == [("", True)]


async def _inbox(house: House) -> list[str]:
    with sqlite3.connect(house.path) as other:
        found = [row[0] for row in other.execute("SELECT status FROM inbox ORDER BY id")]
    other.close()
    return found
