"""The documented contract: every operation's answer, and every decision on what the document leaves open, by name."""

from __future__ import annotations

import asyncio
import logging
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from hub.access.identity import Role
from hub.api import http  # noqa: F401 - importing it fills the registry
from hub.api.registry import REGISTRY
from hub.app import now
from hub.errors import OutcomeUnknown, ProviderRefused, ProviderUnreachable
from hub.providers.yuntongxun import friendly_name
from tests.api.conftest import Doors, new_key

ADA = {"id": "ada", "number": "13800000001", "name": "Ada"}
BOB = {"id": "bob", "number": "13800000002", "name": "Bob"}
STATE = {
    **{"state": "active", "pending": None, "overdue": False, "cause": None, "hasPwd": False},
    **{"startsAt": None, "endedAt": None, "muted": "none", "uncertain": None},
}
CHINA = ZoneInfo("Asia/Shanghai")

DOCUMENTED: dict[str, dict[str, Any]] = {
    "getUser": {"id": "ada", "appid": "demo"},
    "getConf": {},
    "getUserConfs": {"id": "mia", "appid": "demo"},
    "getConfUsers": {},
    "createConf": {"id": "mia", "appid": "demo", "name": "Call", "time": "", "pwd": ""},
    "stopConf": {},
    "joinConf": {"users": [ADA]},
    "inviteConf": {"users": [ADA]},
    "callAllConf": {},
    "quitConf": {"users": []},
    "muteConf": {"users": []},
    "unmuteConf": {"users": []},
    "pwdConf": {"pwd": "1234"},
    "sendNotice": {"mps": "13800000001"},
}
"""The fourteen, with what each needs beside the conference and its operator."""


def request(operation: str, who: dict[str, str]) -> dict[str, Any]:
    return who | DOCUMENTED[operation]


def in_china(minutes: float) -> datetime:
    return (now() + timedelta(minutes=minutes)).astimezone(CHINA).replace(microsecond=0)


# The fourteen --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("operation", DOCUMENTED)
async def test_every_operation_answers_alike_at_both_doors(doors: Doors, operation: str) -> None:
    by_post = await doors.post(operation, **request(operation, await doors.create()))
    by_rpc = (await doors.rpc(operation, **request(operation, await doors.create())))["result"]
    assert by_post.pop("status") == 1
    assert by_post.keys() == by_rpc.keys()


async def test_get_user_is_stored_under_both_keys(doors: Doors) -> None:
    answer = await doors.post("getUser", id="ada", appid="demo")
    assert answer == {
        "status": 1,
        "user": {"id": "sid-demo-ada", "token": "token", "voip": "80001", "voipPwd": "password"},
    }
    assert await doors.post("getUser", id="ada", appid="demo") == answer
    assert (await doors.post("getUser", id="ada", appid="other"))["user"]["id"] == "sid-other-ada"
    assert doors.provider.asked == [("account", "demo", "ada"), ("account", "other", "ada")]


async def test_get_conf_shows_one_conference(doors: Doors) -> None:
    who = await doors.create(name="周会", pwd="1234")
    answer = await doors.post("getConf", id=who["id"])
    times = {name: answer.pop(name) for name in ("ctime", "startedAt")}
    assert answer == {
        "status": 1,
        "id": who["id"],
        "uid": "mia",
        "appid": "demo",
        "vid": "9",
        "name": "周会",
        "time": "",
        "pwd": "1234",
        **STATE,
        "hasPwd": True,
    }
    assert all(time.endswith("Z") for time in times.values())


async def test_get_user_confs_are_all_that_this_user_created_and_never_a_password(doors: Doors) -> None:
    ids = [(await doors.create(pwd="1234"))["id"] for _ in range(3)]
    await doors.create(id="noa")
    await doors.create(appid="other")
    await doors.post("stopConf", id=ids[0], uid="mia", appid="demo")
    answer = await doors.post("getUserConfs", id="mia", appid="demo")
    assert [conference["id"] for conference in answer["confs"]] == ids
    assert {"id", "uid", "appid", "vid", "name", "time", "ctime"} <= answer["confs"][0].keys()
    assert [conference["counts"] for conference in answer["confs"]] == [{"inside": 0, "people": 0}] * 3
    await doors.inside({"id": ids[1], "uid": "mia", "appid": "demo"})
    await doors.post("joinConf", id=ids[1], uid="mia", appid="demo", users=[{"id": "vip"}])
    confs = (await doors.post("getUserConfs", id="mia", appid="demo"))["confs"]
    assert confs[1]["counts"] == {"inside": 1, "people": 2}
    assert "1234" not in str(answer)
    assert await doors.post("getUserConfs", id="nobody", appid="demo") == {"status": 1, "confs": []}


async def test_get_conf_users_has_a_callid_only_in_states_1_and_2(doors: Doors) -> None:
    who = await doors.create()
    await doors.inside(who, "13800000001")
    gone = await doors.inside(who, "13800000002")
    await doors.post("quitConf", **who, users=[{"callid": gone}])
    await doors.post("joinConf", **who, users=[{"id": "vip"}])
    users = (await doors.post("getConfUsers", id=who["id"]))["users"]
    assert [(row["state"], row.get("callid")) for row in users] == [(1, "call-2"), (2, gone), (0, None)]
    assert "callid" not in users[2]


async def test_create_conf_starts_now_where_no_time_is_given(doors: Doors) -> None:
    for absent in ({}, {"time": ""}, {"time": None}):
        answer = await doors.post("createConf", id="mia", appid="demo", name="Call", **absent)
        assert answer.keys() == {"status", "id", "vid"}
        assert (await doors.post("getConf", id=answer["id"]))["state"] == "active"


async def test_stop_conf_ends_and_on_an_ended_one_succeeds(doors: Doors) -> None:
    who = await doors.create()
    assert [await doors.post("stopConf", **who) for _ in range(2)] == [{"status": 1}] * 2
    assert doors.provider.asked == [("create",), ("dismiss",)]


async def test_join_conf_dials_nobody(doors: Doors) -> None:
    who = await doors.create()
    answer = await doors.post("joinConf", **who, users=[ADA, {"id": "vip"}])
    assert answer["results"] == [
        {"id": "ada", "number": "13800000001", "ok": True},
        {"id": "vip", "number": "", "ok": True},
    ]
    assert doors.provider.asked == [("create",)]


async def test_invite_conf_dials_those_with_a_number(doors: Doors) -> None:
    who = await doors.create()
    await doors.post("inviteConf", **who, users=[ADA, {"id": "vip", "name": "Vip"}])
    await doors.until(who, ADA["number"], "dialing")
    assert [row["progress"] for row in await doors.rows(who)] == ["dialing", "added"]


async def test_call_all_conf_dials_who_is_not_connected_and_nobody_twice(doors: Doors) -> None:
    who = await doors.create()
    await doors.inside(who, "13800000009")
    gone = await doors.inside(who, "13800000008")
    await doors.post("quitConf", **who, users=[{"callid": gone}])
    await doors.post("joinConf", **who, users=[ADA, BOB, {"id": "vip"}])
    answer = await doors.post("callAllConf", **who)
    assert answer["results"] == [{"id": each["id"], "number": each["number"], "ok": True} for each in (ADA, BOB)]
    assert await doors.post("callAllConf", **who) == {"status": 1, "results": []}
    await doors.until(who, BOB["number"], "dialing")
    assert [what for what, *_ in doors.provider.asked].count("dial") == 4


async def test_quit_conf_removes_and_mute_conf_mutes(doors: Doors) -> None:
    who = await doors.create()
    callid = await doors.inside(who)
    for operation in ("muteConf", "unmuteConf", "quitConf"):
        answer = await doors.post(operation, **who, users=[{"callid": callid}])
        assert answer == {"status": 1, "results": [{"callid": callid, "ok": True}]}
    assert doors.provider.asked[-3:] == [("mute", callid), ("unmute", callid), ("kick", callid)]
    (row,) = await doors.rows(who)
    assert (row["state"], row["progress"], row["callid"]) == (2, "kicked", callid)


async def test_pwd_conf_sets_and_takes_away(doors: Doors) -> None:
    who = await doors.create()
    for pwd in ("1234", ""):
        assert await doors.post("pwdConf", **who, pwd=pwd) == {"status": 1}
        conference = await doors.post("getConf", id=who["id"])
        assert (conference["pwd"], conference["hasPwd"]) == (pwd, pwd != "")
    assert (await doors.post("pwdConf", **who))["error"]["data"]["path"] == "pwd"


async def test_send_notice_goes_in_chunks_and_says_each(doors: Doors) -> None:
    doors.provider.fails["remind"] = ProviderRefused("no", statusCode="160040")
    refused = await doors.post("sendNotice", mps="1,2")
    assert (refused["status"], refused["error"]["code"]) == (0, 1005)
    doors.provider.fails["remind"] = ProviderUnreachable("away")
    assert (await doors.post("sendNotice", mps="nobody,1"))["error"]["code"] == 1006
    del doors.provider.fails["remind"]
    answer = await doors.post("sendNotice", mps=" 1, 2\uff0c3 ,4,,2,nobody,13800000001;13800000002")
    assert answer["status"] == 1
    assert [(result["mps"], result["ok"]) for result in answer["results"]] == [
        ("1,2,3", True),
        ("4", True),
        ("nobody", False),
        ("13800000001;13800000002", False),
    ]
    assert answer["results"][-1]["error"]["code"] == 1012
    too_many = await doors.post("sendNotice", mps=",".join(map(str, range(10_001))))
    assert too_many["error"]["data"] == {"path": "mps", "limit": 10_000}
    for nothing in ("", " , "):
        assert (await doors.post("sendNotice", mps=nothing))["error"]["data"]["path"] == "mps"


# What the document leaves open ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("operation", sorted(REGISTRY))
async def test_unknown_fields_are_ignored_on_the_fourteen_and_refused_elsewhere(
    doors: Doors, operation: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, "hub.api.registry")
    who = await doors.create()
    if REGISTRY[operation].role is Role.ADMIN:
        doors.http.headers["Authorization"] = f"Bearer {await new_key(doors, None)}"
    reply = await doors.rpc(operation, **who | DOCUMENTED.get(operation, {}), junk=[1])
    if operation in DOCUMENTED:
        assert "result" in reply
        assert f"{operation}: fields ignored: " in caplog.text
        assert "junk" in caplog.text
        assert (await doors.post(operation, **request(operation, await doors.create()), junk=[1]))["status"] == 1
    else:
        assert reply["error"]["code"] == -32602


async def test_unknown_fields_of_users_are_named_too_and_forge_no_line(
    doors: Doors, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, "hub.api.registry")
    users = [{"id": "ada", "colour": "red", "x\n2026 CRITICAL hub: forged": 1}]
    await doors.post("joinConf", **await doors.create(), users=users)
    assert "users[0].colour" in caplog.text
    assert all("\n" not in record.getMessage() for record in caplog.records)


async def test_integers_are_taken_for_ids_and_numbers_and_treated_as_text(doors: Doors) -> None:
    who = await doors.create(id=7, appid=8)
    asked = {"id": int(who["id"]), "uid": 7, "appid": 8}
    assert (await doors.post("inviteConf", **asked, users=[{"id": 9, "number": 13800000001}]))["status"] == 1
    (row,) = (await doors.post("getConfUsers", id=int(who["id"])))["users"]
    assert (row["id"], row["number"]) == ("9", "13800000001")
    assert (await doors.post("muteConf", **asked, users=[{"callid": 5}]))["results"][0]["callid"] == "5"
    at = int((now() + timedelta(hours=1)).timestamp())
    reserved = await doors.post("createConf", id=7, appid=8, time=at)
    assert (await doors.post("getConf", id=reserved["id"]))["time"] == str(at)
    conferences = (await doors.post("getUserConfs", id=7, appid=8))["confs"]
    assert [(conference["uid"], conference["appid"]) for conference in conferences] == [("7", "8")] * 2


@pytest.mark.parametrize("wrong", [True, 1.5, [], {}])
async def test_nothing_else_is_taken_for_an_id(doors: Doors, wrong: Any) -> None:
    assert (await doors.post("getConf", id=wrong))["error"]["data"]["path"] == "id"


async def test_a_failure_is_status_0_with_code_name_and_message_and_http_200(doors: Doors) -> None:
    answer = await doors.http.post("/getConf", json={"id": "99"})
    assert answer.status_code == 200
    assert answer.json() == {
        "status": 0,
        "error": {"code": 1001, "name": "unknown_conference", "message": "no conference 99"},
    }


@pytest.mark.parametrize(
    "form",
    [
        lambda at: at.isoformat(),
        lambda at: at.astimezone(ZoneInfo("UTC")).isoformat(),
        lambda at: at.replace(tzinfo=None).isoformat(),
        lambda at: f"{at:%Y-%m-%d %H:%M:%S}",
        lambda at: str(int(at.timestamp())),
        lambda at: str(int(at.timestamp()) * 1000),
        lambda at: int(at.timestamp()),
    ],
    ids=["offset", "utc", "no offset", "with a space", "seconds", "milliseconds", "integer"],
)
async def test_time_in_every_form_is_the_same_moment_and_echoed_as_it_came(doors: Doors, form: Any) -> None:
    at = in_china(minutes=30)
    text = form(at)
    conference = await doors.post("getConf", id=(await doors.create(time=text))["id"])
    assert (conference["time"], conference["state"]) == (str(text), "scheduled")
    assert datetime.fromisoformat(conference["startsAt"]) == at


async def test_time_more_than_a_minute_in_the_past_is_an_error_and_less_is_now(doors: Doors) -> None:
    past = await doors.post("createConf", id="mia", appid="demo", time=in_china(minutes=-2).isoformat())
    assert (past["status"], past["error"]["code"]) == (0, 1011)
    just = await doors.create(time=in_china(minutes=-0.5).isoformat())
    assert (await doors.post("getConf", id=just["id"]))["state"] == "active"
    wrong = await doors.post("createConf", id="mia", appid="demo", time="tomorrow")
    assert (wrong["error"]["code"], wrong["error"]["data"]["path"]) == (-32602, "time")


async def test_ctime_is_iso_8601_in_utc(doors: Doors) -> None:
    before = now()
    ctime = (await doors.post("getConf", id=(await doors.create())["id"]))["ctime"]
    assert ctime.endswith("Z")
    assert before <= datetime.fromisoformat(ctime) <= now()


async def test_a_conferences_id_is_the_providers_number_and_the_newest_that_has_it(doors: Doors) -> None:
    first = await doors.create(name="first")
    doors.provider._conferences -= 1
    second = await doors.create(name="second")
    assert first["id"] == second["id"]
    assert (await doors.post("getConf", id=first["id"]))["name"] == "second"


async def test_a_row_is_its_user_id_or_else_its_number_and_the_same_again_updates_it(doors: Doors) -> None:
    who = await doors.create()
    await doors.post("joinConf", **who, users=[ADA, {"number": "010-6500 0003", "name": "Desk"}])
    again = [
        {"id": "ada", "number": "13800000005", "name": "Ada L."},
        {"number": "+86 10 65000003", "name": "Front desk"},
    ]
    await doors.post("joinConf", **who, users=again)
    assert [(row["id"], row["number"], row["name"]) for row in await doors.rows(who)] == [
        ("ada", "13800000005", "Ada L."),
        ("", "+86 10 65000003", "Front desk"),
    ]


async def test_two_rows_may_have_one_number_and_each_keeps_its_own_call(doors: Doors) -> None:
    who = await doors.create()
    users = [{"id": "ada", "number": "13800000001"}, {"id": "bob", "number": "13800000001"}]
    await doors.post("inviteConf", **who, users=users)
    await asyncio.gather(*(doors.until(who, "13800000001", "dialing") for _ in users))
    legs = [leg for what, leg in doors.provider.asked[1:]]
    await doors.call_back(f"join-{legs[1]}", confid=who["id"], callid=f"call-{legs[1]}", number="13800000001")
    assert [(row["id"], row["progress"]) for row in await doors.rows(who)] == [("ada", "dialing"), ("bob", "joined")]


async def test_the_same_user_twice_in_a_request_is_one_row_called_once(doors: Doors) -> None:
    who = await doors.create()
    answer = await doors.post("inviteConf", **who, users=[ADA, ADA | {"name": "Ada L."}])
    assert [result["ok"] for result in answer["results"]] == [True, True]
    await doors.until(who, ADA["number"], "dialing")
    assert [(row["name"], row["attempt"]) for row in await doors.rows(who)] == [("Ada L.", 1)]
    assert len(doors.provider.asked) == 2


async def test_a_caller_is_a_user_by_voip_account_or_a_listed_number_or_unidentified(doors: Doors) -> None:
    who = await doors.create()
    voip = (await doors.post("getUser", id="vip", appid="demo"))["user"]["voip"]
    foreign = (await doors.post("getUser", id="spy", appid="other"))["user"]["voip"]
    await doors.post("joinConf", **who, users=[{"id": "vip", "name": "Vip"}, ADA])
    for number in (voip, ADA["number"], "13900000009", foreign):
        await doors.call_back("join", confid=who["id"], callid=f"by-{number}", number=number)
    rows = await doors.rows(who)
    assert [(row["id"], row["state"], row["unidentified"]) for row in rows] == [
        ("vip", 1, False),
        ("ada", 1, False),
        ("", 1, True),
        ("", 1, True),
    ]


async def test_batches_try_all_and_fail_only_where_nothing_succeeded(doors: Doors) -> None:
    who = await doors.create()
    callid = await doors.inside(who)
    some = await doors.post("muteConf", **who, users=[{"callid": "nobody"}, {"callid": callid}])
    assert (some["status"], [result["ok"] for result in some["results"]]) == (1, [False, True])
    none = await doors.post("muteConf", **who, users=[{"callid": "nobody"}])
    assert (none["status"], none["error"]["code"], none["results"][0]["ok"]) == (0, 1004, False)
    assert await doors.post("muteConf", **who, users=[]) == {"status": 1, "results": []}


async def test_invite_conf_answers_once_the_intent_is_committed_and_the_fate_is_on_the_row(doors: Doors) -> None:
    who = await doors.create()
    doors.provider.may_answer.clear()
    answer = await doors.post("inviteConf", **who, users=[ADA])
    assert answer["results"][0]["ok"]
    assert [row["progress"] for row in await doors.rows(who)] == ["queued"]
    doors.provider.fails["dial"] = ProviderRefused("no", statusCode="110091", statusMsg="外呼失败")
    doors.provider.may_answer.set()
    await doors.until(who, ADA["number"], "failed")
    assert (await doors.rows(who))[0]["cause"] == "provider_refused: 外呼失败 (110091)"


async def test_mute_conf_answers_after_the_provider(doors: Doors) -> None:
    who = await doors.create()
    callid = await doors.inside(who)
    doors.provider.fails["mute"] = ProviderRefused("no", statusCode="110028")
    answer = await doors.post("muteConf", **who, users=[{"callid": callid}])
    assert (answer["status"], answer["error"]["code"]) == (0, 1005)
    assert (await doors.rows(who))[0]["muted"] is False


async def test_a_mute_is_so_once_and_a_later_report_of_failure_reverts_it(doors: Doors) -> None:
    who = await doors.create()
    callid = await doors.inside(who)
    await doors.post("muteConf", **who, users=[{"callid": callid}])
    report = {"confid": who["id"], "callid": callid, "notifytype": "4"}
    await doors.call_back("media-3", **report, result="0")
    await doors.call_back("media-3", **report, result="1")
    types = [event["type"] for event in await doors.events(who)]
    assert types[-3:] == ["participant.changed", "participant.muted", "participant.unmuted"]


async def test_a_quit_while_a_kick_is_pending_is_a_kick(doors: Doors) -> None:
    who = await doors.create()
    callid = await doors.inside(who)
    doors.provider.fails["kick"] = OutcomeUnknown("no answer")
    answer = await doors.post("quitConf", **who, users=[{"callid": callid}])
    assert answer["error"]["code"] == 1007
    await doors.call_back("quit", confid=who["id"], callid=callid)
    (row,) = await doors.rows(who)
    assert (row["progress"], row["cause"]) == ("kicked", "kicked")
    assert (await doors.events(who))[-1]["actor"] == "user:mia"


async def test_a_callback_means_the_call_whose_number_its_address_ends_in(doors: Doors) -> None:
    who = await doors.create()
    await doors.post("inviteConf", **who, users=[ADA, BOB])
    await doors.until(who, BOB["number"], "dialing")
    (_, first), (_, second) = doors.provider.asked[1:]
    await doors.call_back(f"invite-{second}", confid=who["id"], callid="another", number=ADA["number"], result="3")
    await doors.call_back(f"join-{first}", confid=who["id"], number="")
    assert [row["progress"] for row in await doors.rows(who)] == ["joined", "busy"]


async def test_a_reserved_conference_has_id_and_vid_at_once_and_its_invitations_wait(doors: Doors) -> None:
    who = await doors.create(time=in_china(minutes=30).isoformat())
    assert doors.provider.asked == [("reserve",)]
    await doors.post("inviteConf", **who, users=[ADA])
    await doors.post("joinConf", **who, users=[BOB])
    assert [row["progress"] for row in await doors.rows(who)] == ["queued", "added"]
    assert (await doors.post("stopConf", **who))["status"] == 1
    assert [row["progress"] for row in await doors.rows(who)] == ["cancelled", "added"]
    assert doors.provider.asked == [("reserve",), ("dismiss",)]


async def test_ended_conferences_stay_readable_with_their_state(doors: Doors) -> None:
    who = await doors.create()
    await doors.inside(who)
    await doors.post("stopConf", **who)
    assert (await doors.post("getConf", id=who["id"]))["state"] == "ended"
    assert (await doors.post("getUserConfs", id="mia", appid="demo"))["confs"][0]["state"] == "ended"
    assert [row["progress"] for row in await doors.rows(who)] == ["left"]
    for operation in ("joinConf", "inviteConf", "callAllConf", "muteConf", "unmuteConf", "quitConf", "pwdConf"):
        answer = await doors.post(operation, **request(operation, who))
        assert (answer["status"], answer["error"]["code"]) == (0, 1003), operation


async def test_a_password_is_in_no_event_no_snapshot_and_no_log(doors: Doors, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    who = await doors.create(pwd="first-secret")
    await doors.post("pwdConf", **who, pwd="second-secret")
    events = await doors.events(who)
    assert [event["conference"]["hasPwd"] for event in events] == [True] * 3
    assert "-secret" not in str(events)
    assert "-secret" not in str(await doors.post("getConfUsers", id=who["id"]))
    logged = [record.getMessage() for record in caplog.records if record.name.startswith("hub")]
    assert "-secret" not in str(logged)


async def test_another_apps_conference_is_as_unknown_as_none(doors: Doors) -> None:
    who = await doors.create()
    foreign = await doors.post("stopConf", **who | {"appid": "other"})
    unknown = await doors.post("stopConf", id="99", uid="mia", appid="other")
    assert foreign["error"]["code"] == unknown["error"]["code"] == 1001
    assert foreign["error"]["message"].replace(who["id"], "99") == unknown["error"]["message"]


def test_no_two_users_share_a_friendly_name() -> None:
    assert friendly_name("a.b", "c") == "a%2Eb.c"
    assert friendly_name("a", "b.c") == "a.b%2Ec"


async def test_a_roster_has_a_limit(doors: Doors) -> None:
    who = await doors.create()
    people = [{"id": f"user-{number}"} for number in range(10_001)]
    answer = await doors.post("joinConf", **who, users=people)
    assert [result["ok"] for result in answer["results"]] == [True] * 10_000 + [False]
    assert answer["results"][-1]["error"]["code"] == 1008


# Targets -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "path", "words"),
    [
        ({}, "users", "is missing, and so is target"),
        ({"users": [], "target": "all"}, "target", "cannot be given beside users"),
        ({"users": [{"callid": "a"}, {}]}, "users[1].callid", "is missing, and so is key"),
    ],
)
async def test_whom_it_is_about_is_said_once(doors: Doors, said: dict[str, Any], path: str, words: str) -> None:
    who = await doors.create()
    for operation in ("muteConf", "redialConf"):
        error = (await doors.post(operation, **who, **said))["error"]
        assert (error["code"], error["message"], error["data"]) == (-32602, f"{path}: {words}", {"path": path})


async def test_everybody_but_me_is_named_in_the_answer(doors: Doors) -> None:
    who = await doors.create()
    for number in ("13800000001", "13800000002"):
        await doors.inside(who, number)
    await doors.post("joinConf", **who, users=[{"id": "mia", "number": "13800000001"}])
    answer = await doors.post("muteConf", **who, target="all_but_me")
    rows = {row["key"]: row for row in (await doors.post("getConfUsers", id=who["id"]))["users"]}
    assert all(rows[fate["key"]]["muted"] and fate["ok"] for fate in answer["results"])
    assert (await doors.post("muteConf", **who, users=[])) == {"status": 1, "results": []}


async def test_a_conference_stays_muted_until_that_is_taken_back(doors: Doors) -> None:
    who = await doors.create()
    await doors.post("modeConf", **who, muted="all")
    await doors.inside(who, "13800000001")
    (row,) = (await doors.post("getConfUsers", id=who["id"]))["users"]
    assert (row["muted"] or row["pending"] == "mute", row["role"]) == (True, "participant")
    assert (await doors.post("modeConf", **who, muted="none"))["results"] == []
    assert (await doors.post("getConf", id=who["id"]))["muted"] == "none"
