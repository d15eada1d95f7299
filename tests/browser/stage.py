"""Conferences as they are in life, for pictures and tests of how the page looks. Everybody in them is invented."""

from __future__ import annotations

from dataclasses import dataclass

from tests.faults.world import Meeting, until
from tests.harness import HubProcess

GIVEN = (
    *("Ada", "Ben", "Chiara", "Dmitri", "Elif", "Farah", "Goran", "Hana", "Ines", "Jonas"),
    *("Keiko", "Lars", "Mei", "Nadia", "Oscar", "Priya", "Quentin", "Rosa", "Samir"),
)
FAMILY = (
    "Abbott",
    "Berger",
    "Castellan",
    "Duarte",
    "Eriksen",
    "Fontaine",
    "Greco",
    "Haddad",
    "Ivanov",
    "Jensen",
    "Kim",
)
CHINESE_FAMILY = ("王", "李", "张", "刘", "陈", "杨", "赵")
CHINESE_GIVEN = ("建国", "小燕", "志强", "雨桐", "文博", "丽华", "子涵", "思远", "海峰")
ENDS = {4: "busy", 9: "no_answer", 16: "rejected", 23: "failed", 29: "no_answer", 33: "busy"}
"""How the call to every fortieth person ends, by their place among forty."""

PREFIXES = ("138", "139", "186", "158", "177", "135", "150", "188")

LONGEST = "Prof. Dr. Maximiliane Freifrau von und zu Hohenstein-Wittgenstein-Sayn"
RIGHT_TO_LEFT = "ليلى الحسن"


@dataclass(frozen=True)
class Person:
    number: str
    name: str
    then: str = "answer"


def people(count: int, *, is_chinese: bool = False) -> list[Person]:
    """The same ones every time. Nobody twice, as long as the lists of names have lengths without a common divisor."""
    called = chinese_name if is_chinese else name
    return [Person(number(i), called(i), ENDS.get(i % 40, "answer")) for i in range(count)]


def number(i: int) -> str:
    """No two alike among eight thousand, and none of those that the simulator knows by their endings."""
    return f"{PREFIXES[i % len(PREFIXES)]}0000{1000 + i * 2617 % 8000}"


def name(i: int) -> str:
    return f"{GIVEN[i % len(GIVEN)]} {FAMILY[i % len(FAMILY)]}"


def chinese_name(i: int) -> str:
    return CHINESE_FAMILY[i % len(CHINESE_FAMILY)] + CHINESE_GIVEN[i % len(CHINESE_GIVEN)]


async def gather(hub: HubProcess, title: str, persons: list[Person]) -> Meeting:
    """A conference to which all of them have been called."""
    fates = {each.number: {"after": 1 + i * 7 % 10, "then": each.then} for i, each in enumerate(persons)}
    await hub.simulator("play", scene={"numbers": fates})
    created = await hub.post("createConf", id="mia", appid="demo", name=title)
    meeting = Meeting(hub, created["id"])
    await invite(meeting, persons)
    await until(lambda: are_called(meeting, set()))
    return meeting


async def invite(meeting: Meeting, persons: list[Person]) -> None:
    await meeting.done("inviteConf", users=[{"number": each.number, "name": each.name} for each in persons])


async def are_called(meeting: Meeting, numbers: set[str]) -> bool:
    """Whether these phones ring, and no others."""
    rows = [row for row in await meeting.rows() if row["progress"] in ("queued", "dialing")]
    return {row["number"] for row in rows if row["progress"] == "dialing"} == numbers and len(rows) == len(numbers)


async def inside(meeting: Meeting) -> list[str]:
    return [row["number"] for row in await meeting.rows() if row["progress"] == "joined"]


async def live(hub: HubProcess, title: str = "Quarterly operations review", *, is_chinese: bool = False) -> Meeting:
    """Somebody in every state there is."""
    odd = [] if is_chinese else [Person("13600004471", LONGEST), Person("13600004472", RIGHT_TO_LEFT)]
    *persons, first, second = people(20, is_chinese=is_chinese)
    meeting = await gather(hub, title, [*persons, *odd])
    joined = await inside(meeting)
    for number in joined[1::4]:
        await meeting.control("muteConf", number)
    await meeting.control("quitConf", joined[2])
    await hub.simulator("hangup", number=joined[6])
    await hub.simulator("dial-in", number="13900005512", confid=meeting.id)
    await hub.simulator("play", scene={"numbers": {each.number: {"then": "ring"} for each in (first, second)}})
    await invite(meeting, [first, second])
    await until(lambda: are_called(meeting, {first.number, second.number}))
    return meeting


async def crowd(hub: HubProcess, title: str = "All hands") -> Meeting:
    meeting = await gather(hub, title, people(200))
    keys = [{"key": row["key"]} for row in await meeting.rows() if row["progress"] == "joined"]
    await meeting.done("muteConf", users=keys[::3])
    return meeting


async def uncertain(hub: HubProcess, title: str = "Supplier call") -> Meeting:
    """Somebody has hung up, and the platform has not said so."""
    meeting = await gather(hub, title, people(8))
    await hub.simulator("fault", name="callback_dropped", only="quit")
    await hub.simulator("hangup", number=(await inside(meeting))[1])

    async def is_uncertain() -> bool:
        return bool((await hub.post("getConf", id=meeting.id))["uncertain"])

    await until(is_uncertain)
    await hub.simulator("mend", name="callback_dropped")
    return meeting


async def ended(hub: HubProcess, title: str = "Morning briefing") -> Meeting:
    """One that some had left, some never joined, and one was removed from before its end."""
    meeting = await live(hub, title)
    await meeting.done("stopConf")
    await meeting.until_state("ended")
    return meeting
