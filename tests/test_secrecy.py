"""No log has a secret in it. tests/conftest.py asks the same of the whole run."""

from __future__ import annotations

import pytest

from tests import logbook
from tests.conftest import Start
from tests.harness import HubProcess

PASSWORD = "a-password-of-a-conference"
NUMBER = "13812345678"


@pytest.fixture
async def hub(start: Start) -> HubProcess:
    """One in which everything is done that has a secret in it."""
    hub = await start("--auth", "keys", "--speed", "100")
    key = (await hub.post("createKey", credential=hub.admin_key, app="demo"))["key"]
    id = (await hub.post("createConf", credential=key, id="mia", pwd=PASSWORD, unknown="field"))["id"]
    token = (await hub.post("createToken", credential=key, id=id, uid="mia"))["token"]
    ticket = (await hub.post("createTicket", credential=token))["ticket"]
    link = (hub.folder / "confhub.sign-in").read_text().partition("=")[2].strip()
    signed_in = await hub.post("signIn", ticket=link, uid="mia")
    for made in (key, token, ticket, link, signed_in["token"]):
        assert logbook.MADE.fullmatch(made), made
    async with hub.moderator().connected() as moderator:
        await moderator.call("authenticate", ticket=ticket)
        await moderator.watch(id)
        await moderator.call("inviteConf", id=id, users=[{"number": NUMBER}])
        await moderator.until(lambda events: any(event["type"] == "participant.joined" for event in events))
    await hub.post("getUser", credential=key, id="mia")
    await hub.post("sendNotice", credential=key, mps=NUMBER)
    for fault in ("answer_500", "answer_garbage", "answer_cut"):
        await hub.simulator("fault", name=fault)
        await hub.post("sendNotice", credential=key, mps=NUMBER)
        await hub.simulator("mend")
    wrong = f"callbacks/yuntongxun/{token}/join", f"getConf?key={key}", f"callbacks/yuntongxun/x/y?number={NUMBER}"
    for path in wrong:
        async with hub.http() as http:
            await http.post(path, json={"id": id})
            await http.get(path)
    await hub.post("getConf", credential=key + "x", id=id)
    await hub.post("getConf", credential="a" * 5000, id=id)
    await hub.kill()
    return hub


async def test_no_log_has_a_secret(hub: HubProcess) -> None:
    assert len(logbook.lines) > 10
    assert {PASSWORD, *logbook.secrets} == logbook.secrets
    assert logbook.told() == []


@pytest.mark.parametrize(
    "line",
    [
        "key ck_abcdefgh_" + "a" * 43,
        "ticket ct_" + "A-" * 21 + "b",
        "Bearer eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJtaWEifQ.c2lnbmF0dXJl",
        "GET /x?sig=52E8D9CC853625AD91A5BA885B5C5CEB",
        "calling 13800000001",
        "calling +86 138-0000-0001.",
    ],
)
def test_a_secret_would_be_found(line: str) -> None:
    assert logbook.MADE.search(line) or logbook.NUMBER.search(line)


@pytest.mark.parametrize("line", ["60000001", "261124082729c9817fc128327a2c8a2d", "key:abcdefgh", "138****0001"])
def test_what_is_no_secret_would_not(line: str) -> None:
    assert not logbook.MADE.search(line)
    assert not logbook.NUMBER.search(line)
