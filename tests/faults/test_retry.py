"""Whoever gets no answer and asks again with the same key: nobody is called twice, and nothing else is done twice."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest

from tests.conftest import Start
from tests.faults.world import BY, Meeting, agree, dialled_once, nothing_broke, people, settled, until
from tests.harness import HubProcess

ADA, BOB = "13800000001", "13800000002"
MIA = {"id": "mia", "appid": "demo", "name": "Call"}
FAST = ("--speed", "20", "--seed", "7")

KILLS = 5
CALLERS = 8
ANSWERED_BETWEEN_KILLS = 20


@pytest.fixture
async def hub(start: Start) -> HubProcess:
    return await start(*FAST)


async def send(hub: HubProcess, path: str, key: str, body: Any) -> httpx.Response:
    async with hub.http() as http:
        return await http.post(f"/{path}", json=body, headers={"Idempotency-Key": key})


async def again(hub: HubProcess, path: str, key: str, body: Any) -> Any:
    """The answer, which must be a replay."""
    answer = await send(hub, path, key, body)
    assert answer.headers.get("idempotency-replayed") == "true", answer.text
    return answer.json()


async def known(hub: HubProcess, what: str, count: int = 1) -> None:
    """Until the platform has so many of it."""

    async def is_so() -> bool:
        return len((await hub.simulator(what))[what]) >= count

    await until(is_so)


async def killed_over(hub: HubProcess, request: Awaitable[Any], is_there: Callable[[], Awaitable[None]]) -> None:
    """The hub is killed and started again when the platform has done what this request asks for; it is not answered."""
    asking = asyncio.ensure_future(request)
    await is_there()
    assert not asking.done(), asking.result()
    await hub.kill()
    with pytest.raises(httpx.HTTPError):
        await asking
    await hub.start()


async def test_a_crash_before_the_answer_makes_no_second_conference(hub: HubProcess) -> None:
    await hub.simulator("fault", name="answer_slow", only="CreateConf", seconds=600)
    await killed_over(hub, send(hub, "createConf", "k", MIA), lambda: known(hub, "conferences"))
    for _ in range(2):
        answer = (await send(hub, "createConf", "k", MIA)).json()
        assert (answer["error"]["name"], answer["status"]) == ("outcome_unknown", 0)
    assert len((await hub.simulator("conferences"))["conferences"]) == 1
    nothing_broke(hub)


async def test_a_crash_before_the_answer_calls_nobody_twice(hub: HubProcess) -> None:
    """Ada's call was wanted, and is made; what came after it hung when the hub was killed."""
    meeting = await Meeting.open(hub)
    await hub.simulator("fault", name="answer_slow", only="CreateConf", seconds=600)
    invite = {"id": meeting.id, **BY, "users": people(ADA)}
    batch = [
        {"jsonrpc": "2.0", "id": 1, "method": "inviteConf", "params": invite},
        {"jsonrpc": "2.0", "id": 2, "method": "createConf", "params": MIA},
    ]
    await killed_over(hub, send(hub, "rpc", "k", batch), lambda: known(hub, "conferences", 2))
    replies = (await send(hub, "rpc", "k", batch)).json()
    assert [reply["error"]["data"]["name"] for reply in replies] == ["outcome_unknown"] * 2
    await meeting.until("joined")
    await agree(meeting)
    await dialled_once(hub)
    nothing_broke(hub)


async def test_a_crash_after_the_answer_calls_nobody_twice(hub: HubProcess) -> None:
    """The platform has been asked for the call and has not said so yet; the caller never heard that it was accepted."""
    meeting = await Meeting.open(hub)
    await hub.simulator("fault", name="answer_slow", only="InviteJoinConf", seconds=600)
    invite = {"id": meeting.id, **BY, "users": people(ADA)}
    await send(hub, "inviteConf", "k", invite)
    await known(hub, "calls")
    await hub.kill()
    await hub.start()
    assert (await again(hub, "inviteConf", "k", invite))["results"][0]["ok"]
    await meeting.until("joined")
    await agree(meeting)
    await dialled_once(hub)


async def test_a_call_whose_answer_was_lost_is_not_made_again(hub: HubProcess) -> None:
    meeting = await Meeting.open(hub)
    for fault in ("answer_lost", "callback_dropped"):
        await hub.simulator("fault", name=fault)
    invite = {"id": meeting.id, **BY, "users": people(ADA)}
    first = (await send(hub, "inviteConf", "k", invite)).json()
    await meeting.until("unknown")
    assert await again(hub, "inviteConf", "k", invite) == first
    fresh = (await send(hub, "inviteConf", "another key", invite)).json()
    assert fresh["error"]["name"] == "outcome_unknown"
    await meeting.done("callAllConf")
    await settled(meeting)
    await dialled_once(hub)


async def test_a_crash_amid_a_command_leaves_it_to_the_hub(hub: HubProcess) -> None:
    """It was recorded that Bob is to be muted, so he is: by the start, and not by who asks again."""
    meeting = await Meeting.open(hub, BOB)
    await meeting.until("joined")
    await hub.simulator("fault", name="answer_slow", only="ConfMute", seconds=600)
    mute = {"id": meeting.id, **BY, "users": [{"callid": (await meeting.row(BOB))["callid"]}]}

    async def is_muted() -> None:
        async def is_so() -> bool:
            return bool((await hub.simulator("calls"))["calls"][0]["muted"])

        await until(is_so)

    await killed_over(hub, send(hub, "muteConf", "k", mute), is_muted)
    await hub.simulator("mend")
    assert (await send(hub, "muteConf", "k", mute)).json()["error"]["name"] == "outcome_unknown"
    await agree(meeting)


async def test_who_hangs_up_before_the_answer_finds_it_later(hub: HubProcess) -> None:
    """Their connection is closed while the platform is being asked."""
    await hub.simulator("fault", name="answer_slow", only="CreateConf", seconds=20)
    asking = asyncio.create_task(send(hub, "createConf", "k", MIA))
    await known(hub, "conferences")
    asking.cancel()
    await asyncio.gather(asking, return_exceptions=True)
    answer = await again(hub, "createConf", "k", MIA)
    conferences = (await hub.simulator("conferences"))["conferences"]
    assert [answer["id"]] == [conference["confid"] for conference in conferences]
    nothing_broke(hub)


async def test_fifty_at_once_call_once(hub: HubProcess) -> None:
    meeting = await Meeting.open(hub)
    invite = {"id": meeting.id, **BY, "users": people(ADA)}
    async with hub.http() as http:
        headers = {"Idempotency-Key": "k"}
        answers = await asyncio.gather(*(http.post("/inviteConf", json=invite, headers=headers) for _ in range(50)))
    assert {answer.content for answer in answers} == {answers[0].content}
    assert ["idempotency-replayed" in answer.headers for answer in answers].count(False) == 1
    await meeting.until("joined")
    await dialled_once(hub)
    assert (await meeting.row(ADA))["attempt"] == 1


class Callers:
    """They invite people, each with a key of their own, and ask again until they have an answer."""

    def __init__(self, hub: HubProcess, meeting: Meeting) -> None:
        self.hub = hub
        self.meeting = meeting
        self.is_over = False
        self.answers: dict[str, dict[str, Any]] = {}
        self.tries = 0
        self._numbers = iter(range(1, 10_000))
        self._is_up = asyncio.Event()
        self._is_up.set()

    async def run(self) -> None:
        while not self.is_over:
            number = f"1380000{next(self._numbers):04}"
            self.answers[number] = await self._until_answered(number)

    async def _until_answered(self, number: str) -> dict[str, Any]:
        body = {"id": self.meeting.id, **BY, "users": people(number)}
        while True:
            await self._is_up.wait()
            self.tries += 1
            try:
                return dict((await send(self.hub, "inviteConf", number, body)).json())
            except httpx.HTTPError:
                await asyncio.sleep(0)

    async def kill_the_hub(self) -> None:
        self._is_up.clear()
        await self.hub.kill()
        await self.hub.start()
        self._is_up.set()

    async def answered(self, count: int) -> None:
        async def is_so() -> bool:
            return len(self.answers) >= count

        await until(is_so)


async def test_kills_under_load_and_retries_call_nobody_twice(hub: HubProcess) -> None:
    """Every answer that came is true of the roster, and everybody who was asked for was called, or may have been."""
    meeting = await Meeting.open(hub)
    callers = Callers(hub, meeting)
    work = [asyncio.create_task(callers.run()) for _ in range(CALLERS)]
    for kill in range(1, KILLS + 1):
        await callers.answered(kill * ANSWERED_BETWEEN_KILLS)
        await callers.kill_the_hub()
    callers.is_over = True
    await asyncio.gather(*work)
    await settled(meeting)
    rows = {row["number"]: row for row in await meeting.rows()}
    assert rows.keys() == callers.answers.keys()
    assert {row["attempt"] for row in rows.values()} == {1}
    outcomes = {answer["error"]["name"] if "error" in answer else "ok" for answer in callers.answers.values()}
    assert outcomes <= {"ok", "outcome_unknown"}, outcomes
    assert callers.tries > len(callers.answers)
    await dialled_once(hub)
