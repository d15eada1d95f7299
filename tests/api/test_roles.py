"""Who may do what, held against a table that was written by hand: every role and operation, at every door."""

from __future__ import annotations

import contextlib
import itertools
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import httpx
import pytest
import pytest_asyncio

from hub.access.identity import Identity, Role
from hub.access.tokens import Tokens
from hub.api.registry import REGISTRY
from hub.app import now
from hub.store.sqlite import open_store
from tests.harness import PATIENCE_S, HubProcess

pytestmark = pytest.mark.asyncio(loop_scope="module")

TABLE = """
operation      listener  moderator  owner  app  admin
getUser        -         -          -      yes  yes
getConf        yes       yes        yes    yes  yes
getUserConfs   -         -          -      yes  yes
getConfUsers   yes       yes        yes    yes  yes
createConf     -         -          -      yes  yes
stopConf       -         -          yes    yes  yes
joinConf       -         yes        yes    yes  yes
inviteConf     -         yes        yes    yes  yes
callAllConf    -         yes        yes    yes  yes
quitConf       -         yes        yes    yes  yes
muteConf       -         yes        yes    yes  yes
unmuteConf     -         yes        yes    yes  yes
redialConf     -         yes        yes    yes  yes
cancelInvite   -         yes        yes    yes  yes
removeUser     -         yes        yes    yes  yes
settleUser     -         yes        yes    yes  yes
modeConf       -         yes        yes    yes  yes
pwdConf        -         -          yes    yes  yes
sendNotice     -         -          -      yes  yes
watchConf      yes       yes        yes    yes  yes
unwatchConf    yes       yes        yes    yes  yes
getEvents      yes       yes        yes    yes  yes
ping           yes       yes        yes    yes  yes
rpc.discover   yes       yes        yes    yes  yes
createTicket   yes       yes        yes    yes  yes
createToken    -         -          -      yes  yes
getAudit       -         -          -      yes  yes
createKey      -         -          -      -    yes
getKeys        -         -          -      -    yes
revokeKey      -         -          -      -    yes
rotateTokens   -         -          -      -    yes
getInbox       -         -          -      -    yes
retryCallback  -         -          -      -    yes
"""

ROLES, *ROWS = [line.split() for line in TABLE.strip().splitlines()]
MAY = {(role, name): word == "yes" for name, *words in ROWS for role, word in zip(ROLES[1:], words, strict=True)}
FOR_ALL = {"authenticate", "signIn"}

ABOUT_A_CONFERENCE = [
    *("getConf", "getConfUsers", "stopConf", "joinConf", "inviteConf", "callAllConf", "quitConf", "muteConf"),
    *("unmuteConf", "redialConf", "cancelInvite", "removeUser", "settleUser", "modeConf"),
    *("pwdConf", "watchConf", "getEvents", "createToken"),
]
"""Operations that look for a conference before anything else."""

OF_AN_APP = ["getUser", "getUserConfs", "createConf"]
CHANGES = {"createKey", "rotateTokens"}
"""What an admin's may is shown elsewhere, because it would change who may in this test."""

PARAMS: dict[str, dict[str, Any]] = {
    "joinConf": {"users": [{"id": "ada"}]},
    "inviteConf": {"users": [{"id": "ada"}]},
    "quitConf": {"users": [{"callid": "nobody"}]},
    "muteConf": {"users": [{"callid": "nobody"}]},
    "unmuteConf": {"users": [{"callid": "nobody"}]},
    "redialConf": {"users": [{"key": "0"}]},
    "cancelInvite": {"users": [{"key": "0"}]},
    "removeUser": {"users": [{"key": "0"}]},
    "settleUser": {"users": [{"key": "0", "progress": "left"}]},
    "modeConf": {"muted": "none"},
    "pwdConf": {"pwd": "1"},
    "sendNotice": {"mps": "13800000001"},
    "createToken": {"uid": "ada", "role": "listener"},
    "revokeKey": {"id": "nobody"},
    "createKey": {"app": "other"},
}
DONE = "done, or not for want of a right"

Ask = Callable[[str, dict[str, Any]], Awaitable[tuple[Any, str]]]


@dataclass
class World:
    """Two apps, two conferences in the one and one in the other; a credential for every role, and what became of it."""

    hub: HubProcess
    own: str
    sibling: str
    foreign: str
    good: dict[str, str]
    expired: dict[str, str]
    revoked: dict[str, str]


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def world(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    hub = HubProcess(tmp_path_factory.mktemp("world"), "--auth", "keys", "--speed", "100")
    yield await populate(await hub.start())
    await hub.kill()


async def populate(hub: HubProcess) -> World:
    """Where revoked credentials were made by a second key of the app, which is there no more."""
    admin = hub.admin_key
    key, other, lost = [await new_key(hub, app) for app in ("demo", "other", "demo")]
    own, sibling, foreign = [await conference(hub, each) for each in (key, key, other)]
    people = ("listener", "moderator", "owner")
    tokens = {role: await token(hub, key, own, role) for role in people}
    gone = {role: await token(hub, lost, own, role) for role in people}
    lost_admin = await new_key(hub, None)
    for each in (lost, lost_admin):
        assert (await hub.post("revokeKey", credential=admin, id=each.split("_")[1]))["status"] == 1
    return World(
        *(hub, own, sibling, foreign),
        good=tokens | {"app": key, "admin": admin},
        expired=await expired(hub, key.split("_")[1], admin.split("_")[1]),
        revoked=gone | {"app": lost, "admin": lost_admin},
    )


async def new_key(hub: HubProcess, app: str | None) -> str:
    whose: dict[str, Any] = {"admin": True} if app is None else {"app": app}
    return str((await hub.post("createKey", credential=hub.admin_key, **whose))["key"])


async def conference(hub: HubProcess, key: str) -> str:
    return str((await hub.post("createConf", credential=key, id="mia"))["id"])


async def token(hub: HubProcess, key: str, id: str, role: str) -> str:
    return str((await hub.post("createToken", credential=key, id=id, uid="mia", role=role))["token"])


async def expired(hub: HubProcess, key: str, admin: str) -> dict[str, str]:
    """Signed by this very hub, and once good."""
    tokens = Tokens(lambda: now() - timedelta(hours=2))
    store = await open_store(hub.folder / "confhub.db")
    tokens.know(await store.signing_keys())
    await store.close()
    of = {role: Identity(role=Role[role.upper()], credential="", app="demo", key=key, uid="mia") for role in ROLES[1:]}
    of["admin"] = Identity(role=Role.ADMIN, credential="", key=admin)
    return {role: tokens.issue(identity, 3600)[0] for role, identity in of.items()}


def caller(hub: HubProcess, credential: str) -> httpx.AsyncClient:
    """From an address of its own: those that fail too often are slowed."""
    address = f"127.1.{next(NUMBERS)}.1"
    headers = {"Authorization": f"Bearer {credential}"} if credential else {}
    transport = httpx.AsyncHTTPTransport(local_address=address)
    return httpx.AsyncClient(base_url=hub.url, headers=headers, transport=transport, timeout=PATIENCE_S)


NUMBERS = itertools.count(1)


@contextlib.asynccontextmanager
async def by_post(hub: HubProcess, credential: str) -> AsyncIterator[Ask]:
    async with caller(hub, credential) as http:

        async def ask(operation: str, params: dict[str, Any]) -> tuple[Any, str]:
            return outcome((await http.post(f"/{operation}", json=params)).json())

        yield ask


@contextlib.asynccontextmanager
async def by_rpc(hub: HubProcess, credential: str) -> AsyncIterator[Ask]:
    async with caller(hub, credential) as http:

        async def ask(operation: str, params: dict[str, Any]) -> tuple[Any, str]:
            request = {"jsonrpc": "2.0", "id": 1, "method": operation, "params": params}
            return outcome((await http.post("/rpc", json=request)).json())

        yield ask


@contextlib.asynccontextmanager
async def by_socket(hub: HubProcess, credential: str) -> AsyncIterator[Ask]:
    """A credential that is not believed ends the socket, so that nothing can be asked on it but this."""
    async with hub.moderator().connected() as moderator:
        refused = None
        if credential:
            reply = await moderator.call("authenticate", token=credential)
            refused = outcome(reply) if "error" in reply else None
            if refused:
                await moderator.socket.wait_closed()
                assert moderator.socket.close_code == 4501

        async def ask(operation: str, params: dict[str, Any]) -> tuple[Any, str]:
            return refused or outcome(await moderator.call(operation, **params))

        yield ask


DOORS = {"post": by_post, "rpc": by_rpc, "socket": by_socket}


def outcome(answer: dict[str, Any]) -> tuple[Any, str]:
    """The code, where it is about who may; and the sentence."""
    error = answer.get("error", {})
    code = error.get("code")
    return (code if code in (1001, 1002, 1401) else DONE), error.get("message", "")


def params(operation: str, id: str, app: str = "demo") -> dict[str, Any]:
    """A request that lacks nothing but perhaps the right."""
    fields = REGISTRY[operation].params.__struct_fields__
    known = {"id": "mia" if operation in OF_AN_APP else id, "uid": "mia", "appid": app}
    own = {name: value for name, value in known.items() if name in fields}
    return own | PARAMS.get(operation, {}) if operation != "getAudit" else {}


def asked_at(door: str) -> list[str]:
    return [name for name, *_ in ROWS if door != "post" or not REGISTRY[name].socket]


async def test_every_operation_is_in_the_table_and_published_as_it_says(world: World) -> None:
    assert REGISTRY.keys() - FOR_ALL == {name for name, *_ in ROWS}
    published = (await world.hub.post("rpc.discover", credential=world.good["listener"]))["methods"]
    least = {name: next(role for role in ROLES[1:] if MAY[role, name]) for name, *_ in ROWS}
    assert {method["name"]: method["x-role"] for method in published} == least | dict.fromkeys(FOR_ALL, "nobody")


@pytest.mark.parametrize("door", DOORS)
async def test_the_table_holds(world: World, door: str) -> None:
    wrong: dict[Any, Any] = {}
    for role in ROLES[1:]:
        async with DOORS[door](world.hub, world.good[role]) as ask:
            for name in asked_at(door):
                if role == "admin" and name in CHANGES:
                    continue
                code, sentence = await ask(name, params(name, world.own))
                if code != (DONE if MAY[role, name] else 1002):
                    wrong[role, name] = code, sentence
    assert wrong == {}


@pytest.mark.parametrize("door", DOORS)
async def test_a_foreign_conference_and_an_unknown_one_are_the_same(world: World, door: str) -> None:
    """To a person their app's other conferences are foreign too; to an admin none is."""
    wrong: dict[Any, Any] = {}
    for role in ROLES[1:]:
        foreign = {"app": [world.foreign], "admin": []}.get(role, [world.foreign, world.sibling])
        async with DOORS[door](world.hub, world.good[role]) as ask:
            for name in ABOUT_A_CONFERENCE:
                said = {await asked(ask, name, id) for id in ["99999999", *foreign]}
                no = (1001, "no conference …") if MAY[role, name] else (1002, f"{name} is not for the role {role}")
                if said != {no} and (door == "socket" or not REGISTRY[name].socket):
                    wrong[role, name] = said
    assert wrong == {}


async def asked(ask: Ask, name: str, id: str) -> tuple[Any, str]:
    code, sentence = await ask(name, params(name, id))
    return code, sentence.replace(id, "…")


@pytest.mark.parametrize("door", DOORS)
async def test_another_apps_users_are_nobodys_business(world: World, door: str) -> None:
    async with DOORS[door](world.hub, world.good["app"]) as ask:
        for name in OF_AN_APP:
            for app in ("other", "no such app"):
                assert await ask(name, params(name, "", app)) == (1002, "appid: is not the credential's")
    async with DOORS[door](world.hub, world.good["moderator"]) as ask:
        somebody = params("muteConf", world.own) | {"uid": "noa"}
        assert await ask("muteConf", somebody) == (1002, "uid: is not the credential's")


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("kind", ["expired", "revoked", "none"])
async def test_what_is_no_longer_good_is_good_for_nothing(world: World, door: str, kind: str) -> None:
    """And nobody is told which of all that it is."""
    shown = {"none": ""} if kind == "none" else getattr(world, kind)
    said = set()
    for credential in shown.values():
        async with DOORS[door](world.hub, credential) as ask:
            said |= {await ask(name, params(name, world.own)) for name in asked_at(door)}
    how = "call `authenticate` first" if door == "socket" else "the header `Authorization: Bearer <key or token>`"
    words = "the credential is unknown, has expired or was revoked"
    words = f"a credential is needed: {how}" if kind == "none" else words
    assert said == {(1401, words)}


async def test_uid_and_appid_are_the_tokens_own(world: World) -> None:
    """Whoever has said who they are need not say it again."""
    key = world.good["app"]
    id = await conference(world.hub, key)
    async with by_post(world.hub, await token(world.hub, key, id, "moderator")) as ask:
        assert await ask("joinConf", {"id": id, "users": [{"id": "bob"}]}) == (DONE, "")
    events = (await world.hub.post("getEvents", credential=key, id=id))["events"]
    assert events[-1]["actor"] == "user:mia"


async def test_a_refusal_is_said_before_the_request_is_read(world: World) -> None:
    async with httpx.AsyncClient(base_url=world.hub.url, trust_env=False) as http:
        answer = await http.post("/muteConf", content=b"{", headers={"content-type": "text/plain"})
    assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")
    assert json.loads(answer.content)["error"]["code"] == 1401
