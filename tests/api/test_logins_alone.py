"""A login by itself, with nothing behind it: its limits."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from msgspec.structs import replace

from hub.access.access import MOST_OF_PERSON, Access
from hub.access.identity import LOCAL, NOBODY, OPEN, Author
from hub.api import logins
from hub.api.logins import Login
from hub.app import now
from hub.errors import NotAllowed, TooMany


class SessionDouble:
    def __init__(self) -> None:
        self.ended: asyncio.Future[tuple[int, str]] = asyncio.get_running_loop().create_future()
        self.unwatched = 0

    def end(self, code: int, reason: str) -> None:
        self.ended.set_result((code, reason))

    def unwatch_all(self) -> None:
        self.unwatched += 1


@pytest.fixture
def access() -> Access:
    return Access(None, None, now, float)  # type: ignore[arg-type]


def login(access: Access, author: Author) -> Any:
    return Login(SessionDouble(), access, author, now)  # type: ignore[arg-type]


async def test_who_shows_nothing_is_sent_away(access: Access, monkeypatch: pytest.MonkeyPatch) -> None:
    """After ten seconds, which nobody waits for here."""
    assert logins.AUTHENTICATE_S == 10
    monkeypatch.setattr(logins, "AUTHENTICATE_S", 0.0)
    silent, open_one = login(access, Author(NOBODY)), login(access, Author(OPEN))
    assert await asyncio.wait_for(silent._session.ended, 10) == (4501, "unauthenticated")
    assert not open_one._session.ended.done()


async def test_a_person_has_so_many_connections_and_others_as_well(access: Access) -> None:
    mia = replace(LOCAL, uid="mia")
    hers = [login(access, Author(NOBODY)) for _ in range(MOST_OF_PERSON + 1)]
    for each in hers[:-1]:
        each.become(mia, "")
    with pytest.raises(TooMany):
        hers[-1].become(mia, "")
    assert hers[-1].identity is NOBODY
    login(access, Author(NOBODY)).become(replace(mia, uid="noa"), "")
    hers[0].end()
    hers[-1].become(mia, "")


async def test_on_an_open_hub_who_authenticates_is_that_from_then_on(access: Access) -> None:
    """And what was watched before is not."""
    mia = replace(LOCAL, uid="mia")
    one = login(access, Author(OPEN))
    one.become(mia, "")
    assert (one.identity, one._session.unwatched) == (mia, 1)
    one.become(replace(mia, credential="token:newer"), "")
    assert one._session.unwatched == 1
    with pytest.raises(NotAllowed):
        one.become(replace(mia, uid="noa"), "")


async def test_every_request_on_a_socket_has_a_name(access: Access) -> None:
    one = login(access, Author(NOBODY, request="abc"))
    assert [one.speaks().request for _ in range(3)] == ["abc-1", "abc-2", "abc-3"]
