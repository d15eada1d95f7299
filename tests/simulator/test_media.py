"""Media commands and their notices. Sections of the provider notes in brackets."""

from __future__ import annotations

import pytest

from tests.simulator.doubles import Application, Client


@pytest.mark.parametrize(
    ("command", "attributes", "told"),
    [
        ("ConfMute", {}, {"notifytype": "4", "result": "0"}),
        ("ConfUnMute", {}, {"notifytype": "14", "result": "0"}),
        ("ConfMemberPause", {}, {"notifytype": "5", "result": "0"}),
        ("ConfMemberResume", {}, {"notifytype": "15", "result": "0"}),
        ("ConfVolumeAdjust", {"adjusttype": "true"}, {"notifytype": "3", "result": "0"}),
        ("ConfVolumeAdjust", {"adjusttype": "false"}, {"notifytype": "13", "result": "0"}),
        ("ConfPlay", {"loop": "-1"}, {"notifytype": "1", "result": "0", "state": "1"}),
        ("ConfStopPlay", {}, {"notifytype": "11", "result": "1", "state": "11"}),
        ("ConfRecord", {}, {"notifytype": "2", "result": "0", "state": "2"}),
        ("ConfStopRecord", {}, {"notifytype": "12", "result": "1"}),
    ],
)
@pytest.mark.parametrize("action", ["", "own-1"])
async def test_a_media_command_is_reported(
    client: Client,
    application: Application,
    command: str,
    attributes: dict[str, str],
    told: dict[str, str],
    action: str,
) -> None:
    """[3.6 to 3.8, 5.4]: to its own address, or else to the conference's."""
    confid = await client.create()
    callid = await client.enter(confid)
    await client.done(command, confid=confid, callid=callid, action=action, **attributes)
    _, fields = await application.until("join", action or "record")
    if fields["notifytype"] in ("4", "14", "5", "15"):
        assert fields.pop("callid") == callid
    assert fields == {"confid": confid, **told}


async def test_pause_and_mute_are_two_things(client: Client) -> None:
    """[3.7]: who hears again speaks only if `speak` says so."""
    confid = await client.create()
    callid = await client.enter(confid)

    async def state(command: str, **attributes: str) -> tuple[bool, bool]:
        await client.done(command, confid=confid, callid=callid, **attributes)
        (call,) = await client.look("calls")
        return call["muted"], call["paused"]

    assert await state("ConfMute") == (True, False)
    assert await state("ConfMemberPause") == (True, True)
    assert await state("ConfMemberResume", speak="1") == (False, False)
    assert await state("ConfMemberPause") == (False, True)
    assert await state("ConfMemberResume") == (True, False)
    assert await state("ConfUnMute") == (False, False)


async def test_what_is_played_comes_to_an_end(client: Client, application: Application) -> None:
    """[3.8]"""
    confid = await client.create()
    await client.done("ConfPlay", confid=confid, filename="hello.wav", loop="2", playcompleteurl="played")
    _, played = await application.until("record", "played")
    assert played == {"confid": confid, "notifytype": "1", "result": "0", "state": "11"}
    assert not (await client.look("conferences"))[0]["playing"]


async def test_what_was_stopped_does_not_end_again(client: Client, application: Application) -> None:
    confid = await client.create()
    await client.done("ConfPlay", confid=confid, loop="50", playcompleteurl="played")
    await client.done("ConfStopPlay", confid=confid)
    await client.done("ConfPlay", confid=confid, loop="0", playcompleteurl="none")
    _, stop, _ = await application.until("record", "record", "none")
    assert stop["result"] == "0"


async def test_a_recording_has_an_address(client: Client, application: Application) -> None:
    """[3.8, 5.4]: only its end says which."""
    confid = await client.create()
    await client.done("ConfRecord", confid=confid)
    await client.done("ConfRecord", confid=confid)
    await client.done("ConfStopRecord", confid=confid)
    _, again, end = await application.until("record", "record", "record")
    assert again == {"confid": confid, "notifytype": "2", "result": "1"}
    assert (end["notifytype"], end["state"], end["result"]) == ("12", "12", "0")
    assert end["recordduration"].isdecimal()
    sound = await client.http.get(end["recordurl"])
    assert sound.content.startswith(b"RIFF")


async def test_a_recording_ends_when_its_time_is_up(client: Client, application: Application) -> None:
    confid = await client.create()
    await client.done("ConfRecord", confid=confid, time="2", timeoutrecordurl="tape-over")
    _, end = await application.until("record", "tape-over")
    assert (end["notifytype"], int(end["recordduration"]) >= 2) == ("12", True)


async def test_autorecord_goes_from_the_first_join_to_the_end(client: Client, application: Application) -> None:
    """[5.4]"""
    confid = await client.create(autorecord="true")
    callid = await client.enter(confid)
    await client.enter(confid)
    await client.done("QuitConf", confid=confid, callid=callid)
    await client.control("hangup", number="13800000001")
    words = ["join", "record", "join", "quit", "quit", "record", "stop"]
    _, start, *_, end, _ = await application.until(*words)
    assert start == {"confid": confid, "notifytype": "2", "result": "0", "state": "2"}
    assert (end["notifytype"], end["state"], "recordurl" in end) == ("12", "12", True)
