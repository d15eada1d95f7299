"""What goes out, against the provider notes: sections in brackets."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from urllib.parse import parse_qsl
from xml.etree import ElementTree

import httpx
import pytest

from hub.domain.model import Kind, Progress
from hub.errors import HubError, OutcomeUnknown, ProviderRefused, ProviderUnreachable
from hub.providers.base import CreatedConference, Presence, Standing, SubAccount
from hub.providers.yuntongxun import Yuntongxun, friendly_name
from hub.providers.yuntongxun_rest import CONNECTIONS, Rest, signature

NOW = datetime(2026, 11, 23, 9, 30, 5, tzinfo=UTC)
SID, TOKEN, APP = "a" * 32, "b" * 32, "c" * 32
OK = {"statusCode": "000000"}

Answer = httpx.Response | Exception


class Platform:
    """Keeps what it is asked and gives the answers it was told."""

    def __init__(self) -> None:
        self.asked: list[httpx.Request] = []
        self.answers: list[Answer] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    def says(self, *answers: Answer | dict[str, object]) -> None:
        self.answers += [httpx.Response(200, json=a) if isinstance(a, dict) else a for a in answers]

    def command(self) -> tuple[str, dict[str, str], dict[str, str]]:
        """(command element, its attributes, the query less sig) of the last request."""
        root = ElementTree.fromstring(self.asked[-1].content)
        assert (root.tag, root.findtext("Appid")) == ("Request", APP)
        (command,) = (child for child in root if child.tag != "Appid")
        query = dict(parse_qsl(self.asked[-1].url.query.decode()))
        query.pop("sig")
        return command.tag, command.attrib, query


@pytest.fixture
def platform() -> Platform:
    return Platform()


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hub.providers.yuntongxun_rest.PAUSES_S", (0.0, 0.0))


@pytest.fixture
async def provider(platform: Platform) -> AsyncIterator[Yuntongxun]:
    rest = Rest("https://example.test:8883/", (SID, TOKEN), lambda: NOW, httpx.MockTransport(platform))
    provider = Yuntongxun(rest, APP, ("7", ("Planning", "18:00")))
    yield provider
    await provider.close()


def test_the_signature_is_the_vendors_own_example() -> None:
    """[1.3] worked check."""
    assert signature("xxx", "yyy", "zzz") == "52E8D9CC853625AD91A5BA885B5C5CEB"


async def test_a_request_is_signed_with_the_time_in_china(provider: Yuntongxun, platform: Platform) -> None:
    """[1.2, 1.3, 1.4]"""
    platform.says(OK)
    await provider.dismiss("60002559")
    (request,) = platform.asked
    assert request.method == "POST"
    assert request.url.copy_with(query=None) == f"https://example.test:8883/2013-12-26/Accounts/{SID}/ivr/conf"
    assert request.url.params["sig"] == signature(SID, TOKEN, "20261123173005")
    assert request.headers["authorization"] == ("YWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWE6MjAyNjExMjMxNzMwMDU=")
    assert request.headers["content-type"] == "application/xml;charset=utf-8"
    assert request.headers["accept"] == "application/json"


async def test_a_conference_is_created_for_300_with_every_address(provider: Yuntongxun, platform: Platform) -> None:
    """[3.1, 3.2]"""
    platform.says({**OK, "confid": "60002559", "voiptoconfid": "x9"})
    assert await provider.create_conference(reserved=False) == CreatedConference("60002559", "x9")
    words = {"joinurl": "join", "quiturl": "quit", "delreporturl": "stop", "mediaopturl": "record"}
    assert platform.command() == ("CreateConf", {"maxmember": "300", **words}, {"maxmember": "300"})
    assert platform.asked[-1].url.path.endswith("/ivr/createconf")


async def test_a_reserved_conference_is_told_to_stay(provider: Yuntongxun, platform: Platform) -> None:
    """[3.2]"""
    platform.says({**OK, "confid": "60002559"})
    assert await provider.create_conference(reserved=True) == CreatedConference("60002559", "")
    assert platform.command()[1]["autodelete"] == "false"


async def test_an_invitation_has_one_number_and_our_leg(provider: Yuntongxun, platform: Platform) -> None:
    """[3.3]"""
    platform.says({**OK, "callSid": "call"})
    assert await provider.dial("60002559", 7, "+86 138-0000-0001") == "call"
    assert platform.command() == (
        "InviteJoinConf",
        {
            "confid": "60002559",
            "number": "13800000001",
            "role": "0",
            "action": "invite-7",
            "joinurl": "join-7",
        },
        {"confid": "60002559"},
    )


@pytest.mark.parametrize(
    ("kind", "command", "report"),
    [
        (Kind.MUTE, "ConfMute", {"action": "media-9"}),
        (Kind.UNMUTE, "ConfUnMute", {"action": "media-9"}),
        (Kind.KICK, "QuitConf", {}),
    ],
)
async def test_a_control_names_conference_and_call(
    provider: Yuntongxun, platform: Platform, kind: Kind, command: str, report: dict[str, str]
) -> None:
    """[3.4, 3.6]"""
    platform.says(OK)
    await provider.control("60002559", kind, "call", 9)
    assert platform.command() == (
        command,
        {"confid": "60002559", "callid": "call", **report},
        {"confid": "60002559"},
    )


async def test_an_end_hangs_everybody_up(provider: Yuntongxun, platform: Platform) -> None:
    """[3.5]"""
    platform.says(OK)
    await provider.dismiss("60002559")
    attributes = {"confid": "60002559", "autohangup": "true", "delurl": "stop"}
    assert platform.command() == ("DismissConf", attributes, {"confid": "60002559"})


@pytest.mark.parametrize(
    ("answer", "standing"),
    [
        ({**OK, "state": "1", "count": "2"}, Standing(Presence.ACTIVE, 2)),
        ({**OK, "state": 1, "count": 0}, Standing(Presence.ACTIVE, 0)),
        ({**OK, "state": 1}, Standing(Presence.ACTIVE)),
        ({**OK, "state": "1", "count": "many"}, Standing(Presence.ACTIVE)),
        ({**OK, "state": "3", "count": "0"}, Standing(Presence.UNCLEAR, 0)),
        ({"statusCode": "110128"}, Standing(Presence.GONE)),
    ],
)
async def test_only_state_1_is_active(
    provider: Yuntongxun, platform: Platform, answer: dict[str, object], standing: Standing
) -> None:
    """[3.10]"""
    platform.says(answer)
    assert await provider.standing("60002559") == standing
    assert platform.command()[0] == "QueryConfState"


@pytest.mark.parametrize("code", ["111109", "111111", "111142", "112613"])
async def test_a_refused_query_says_nothing_about_the_conference(
    provider: Yuntongxun, platform: Platform, code: str
) -> None:
    """[7.1]"""
    platform.says(*[{"statusCode": code}] * 3)
    with pytest.raises(ProviderRefused):
        await provider.standing("60002559")
    assert provider.health()["state"] == "failing"


async def test_a_user_gets_a_sub_account(provider: Yuntongxun, platform: Platform) -> None:
    """[2.1]"""
    made = {"subAccountSid": "s", "subToken": "t", "voipAccount": "8", "voipPwd": "p", "dateCreated": ""}
    platform.says({**OK, "SubAccount": made})
    assert await provider.sub_account("demo", "a.b") == SubAccount("s", "t", "8", "p")
    (request,) = platform.asked
    assert request.url.path.endswith(f"/Accounts/{SID}/SubAccounts")
    assert json.loads(request.content) == {"appId": APP, "friendlyName": "demo.a%2Eb"}


async def test_a_sub_account_may_come_in_a_list(provider: Yuntongxun, platform: Platform) -> None:
    made = {"subAccountSid": "s", "subToken": "t", "voipAccount": 8, "voipPwd": "p"}
    platform.says({**OK, "SubAccount": [made]})
    assert await provider.sub_account("demo", "ada") == SubAccount("s", "t", "8", "p")


@pytest.mark.parametrize("account", [None, [], {}, "x", {"subAccountSid": "s"}])
async def test_an_answer_without_a_sub_account_is_none(
    provider: Yuntongxun, platform: Platform, account: object
) -> None:
    platform.says({**OK, "SubAccount": account})
    with pytest.raises(OutcomeUnknown):
        await provider.sub_account("demo", "ada")


async def test_a_user_who_has_one_is_looked_up(provider: Yuntongxun, platform: Platform) -> None:
    """[2.1, 2.2]"""
    made = {"subAccountSid": "s", "subToken": "t", "voipAccount": "8", "voipPwd": "p"}
    platform.says({"statusMsg": "【账号】子账户名称重复", "statusCode": "111150"}, {**OK, "SubAccount": made})
    assert await provider.sub_account("demo", "ada") == SubAccount("s", "t", "8", "p")
    assert [request.url.path.rpartition("/")[2] for request in platform.asked] == [
        "SubAccounts",
        "QuerySubAccountByName",
    ]


async def test_a_reminder_is_a_template_sms(provider: Yuntongxun, platform: Platform) -> None:
    """[6]"""
    platform.says({**OK, "templateSMS": {"dateCreated": "20130201155306", "smsMessageSid": "sms"}})
    assert await provider.remind(["138-0000-0001", "+86 10 6500 0003"]) == "sms"
    (request,) = platform.asked
    assert request.url.path == f"/2013-12-26/Accounts/{SID}/SMS/TemplateSMS"
    assert json.loads(request.content) == {
        "to": "13800000001,01065000003",
        "appId": APP,
        "templateId": "7",
        "datas": ["Planning", "18:00"],
    }


async def test_the_answer_to_an_sms_may_be_xml(provider: Yuntongxun, platform: Platform) -> None:
    """[6] which spells it TemplateSMS"""
    sent = "<TemplateSMS><smsMessageSid>s</smsMessageSid></TemplateSMS>"
    platform.says(httpx.Response(200, text=f"<Response><statusCode>000000</statusCode>{sent}</Response>"))
    assert await provider.remind(["13800000001"]) == "s"


@pytest.mark.parametrize(
    ("result", "progress"),
    [
        ({"CallResult": {"state": "0", "callTime": "5"}}, Progress.JOINED),
        ({"CallResult": {"state": "1"}}, Progress.NO_ANSWER),
        ({"CallResult": {"state": 2}}, Progress.FAILED),
        ({"CallResult": {"state": "9"}}, None),
        ({"state": "1"}, Progress.NO_ANSWER),
        ({}, None),
    ],
)
async def test_the_result_of_a_call_is_asked_for(
    provider: Yuntongxun, platform: Platform, result: dict[str, object], progress: Progress | None
) -> None:
    """[3.3]"""
    platform.says({**OK, **result})
    assert await provider.call_result("call") is progress
    (request,) = platform.asked
    assert (request.method, request.content) == ("GET", b"")
    assert request.url.path == f"/2013-12-26/Accounts/{SID}/CallResult"
    assert (request.url.params["callsid"], len(request.url.params["sig"])) == ("call", 32)


async def test_what_was_refused_because_of_too_much_at_once_is_asked_again(
    provider: Yuntongxun, platform: Platform, caplog: pytest.LogCaptureFixture
) -> None:
    """[7.1]"""
    caplog.set_level("INFO")
    busy = {"statusCode": "111111", "statusMsg": "【账号】超过规定的并发数"}
    platform.says(busy, busy, {**OK, "callSid": "call"})
    assert await provider.dial("60002559", 1, "13800000001") == "call"
    assert len({request.content for request in platform.asked}) == 1
    ours = [record for record in caplog.records if record.name.startswith("hub")]
    assert [record.levelname for record in ours] == ["INFO"] * 2
    assert "InviteJoinConf 60002559: too much at once, so it is asked again" in caplog.text
    platform.says(busy, busy, busy)
    with pytest.raises(ProviderRefused) as caught:
        await provider.dial("60002559", 1, "13800000001")
    assert caught.value.data["statusCode"] == "111111"


async def test_a_refusal_of_the_account_tells_the_operator_where_to_look(
    provider: Yuntongxun, platform: Platform, caplog: pytest.LogCaptureFixture
) -> None:
    platform.says({"statusCode": "111109", "statusMsg": "【账号】sig校验失败"})
    with pytest.raises(ProviderRefused):
        await provider.create_conference(reserved=False)
    assert "CreateConf: the provider refused: 【账号】sig校验失败; nothing has happened; code 111109;" in caplog.text
    assert "is CONFHUB_PROVIDER_AUTH_TOKEN right?" in caplog.text


async def test_who_cannot_be_reached_and_why_is_in_the_log_and_not_in_the_answer(
    provider: Yuntongxun, platform: Platform, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", "hub")
    platform.says(httpx.ConnectError("Name or service not known"), {**OK, "confid": "1"})
    with pytest.raises(ProviderUnreachable, match=r"^the provider cannot be reached$"):
        await provider.create_conference(reserved=False)
    assert "Name or service not known; is CONFHUB_PROVIDER_URL right, https://example.test:8883?" in caplog.text
    await provider.create_conference(reserved=False)
    assert "the provider answers again" in caplog.text


@pytest.mark.parametrize(
    "answer",
    [
        {"STATUSCODE": "000000", "ConfId": 60002559, "voipToConfId": " x9"},
        {"statuscode": "000000", "confid": "60002559", "voiptoconfid": " x9", "password": "1", "unknown": {"a": []}},
    ],
)
async def test_answers_are_read_whatever_the_letters_case(
    provider: Yuntongxun, platform: Platform, answer: dict[str, object]
) -> None:
    platform.says(httpx.Response(200, content=b"\xef\xbb\xbf\n" + json.dumps(answer).encode()))
    assert (await provider.create_conference(reserved=False)).id == "60002559"


async def test_an_xml_answer_is_read_as_well(provider: Yuntongxun, platform: Platform) -> None:
    """[1.5]"""
    text = "<?xml version='1.0'?><Response><statusCode>000000</statusCode><callSid>call</callSid></Response>"
    platform.says(httpx.Response(200, text=text))
    assert await provider.dial("60002559", 1, "1") == "call"


async def test_a_refusal_carries_the_platforms_words(provider: Yuntongxun, platform: Platform) -> None:
    platform.says({"statusCode": "110128", "statusMsg": "余额不足"})
    with pytest.raises(ProviderRefused, match="余额不足") as caught:
        await provider.dial("60002559", 1, "1")
    assert caught.value.data == {"statusCode": "110128", "statusMsg": "余额不足"}
    assert provider.health()["state"] == "ok"


Make = Callable[[], Answer]


@pytest.mark.parametrize(
    ("make", "expected"),
    [
        (lambda: httpx.ConnectError("refused"), ProviderUnreachable),
        (lambda: httpx.ConnectTimeout("slow"), ProviderUnreachable),
        (lambda: httpx.PoolTimeout("busy"), ProviderUnreachable),
        (lambda: httpx.ReadTimeout("silent"), OutcomeUnknown),
        (lambda: httpx.RemoteProtocolError("cut off"), OutcomeUnknown),
        (lambda: httpx.WriteError("cut off"), OutcomeUnknown),
        (lambda: httpx.Response(500, text="oops"), OutcomeUnknown),
        (lambda: httpx.Response(408, text="oops"), OutcomeUnknown),
        (lambda: httpx.Response(204), OutcomeUnknown),
        (lambda: httpx.Response(302, headers={"location": "/login"}), ProviderUnreachable),
        (lambda: httpx.Response(404, text="oops"), ProviderUnreachable),
        (lambda: httpx.Response(200, content=b"[" * 2_000_000), OutcomeUnknown),
        (lambda: httpx.Response(200, content=b"[" * 100_000), OutcomeUnknown),
        (lambda: httpx.Response(200, content=b'<?xml version="1.0" encoding="foo-9"?><a/>'), OutcomeUnknown),
        (lambda: httpx.Response(200, text="garbage"), OutcomeUnknown),
        (lambda: httpx.Response(200, text="<Response>"), OutcomeUnknown),
        (lambda: httpx.Response(200, content=b"\xff\xfe"), OutcomeUnknown),
        (lambda: httpx.Response(200, text="<?xml version='1.0' encoding='klingon'?><Response/>"), OutcomeUnknown),
        (lambda: httpx.Response(200, json=[1]), OutcomeUnknown),
        (lambda: httpx.Response(200, json={"hello": 1}), OutcomeUnknown),
    ],
)
async def test_a_dial_without_an_answer_is_asked_once(
    provider: Yuntongxun, platform: Platform, make: Make, expected: type[HubError]
) -> None:
    platform.says(make())
    with pytest.raises(expected):
        await provider.dial("60002559", 1, "1")
    assert len(platform.asked) == 1
    assert provider.health()["state"] == "failing"


async def test_an_answer_may_be_in_a_chinese_encoding(provider: Yuntongxun, platform: Platform) -> None:
    said = "<Response><statusCode>110128</statusCode><statusMsg>会议</statusMsg></Response>"
    document = f"<?xml version='1.0' encoding='GB2312'?>{said}".encode("gb18030")
    platform.says(httpx.Response(200, content=document))
    with pytest.raises(ProviderRefused, match="会议"):
        await provider.dismiss("60002559")


class Dripping(httpx.AsyncByteStream):
    """An answer that never ends and never pauses for long."""

    async def __aiter__(self) -> AsyncIterator[bytes]:
        while True:
            yield b" "
            await asyncio.sleep(0)


async def test_an_answer_that_never_ends_is_none(
    provider: Yuntongxun, platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hub.providers.yuntongxun_rest.TOTAL_S", 0.05)
    platform.says(httpx.Response(200, stream=Dripping()))
    with pytest.raises(OutcomeUnknown, match="did not answer"):
        await provider.dial("60002559", 1, "1")


async def test_it_pauses_before_it_asks_again(
    provider: Yuntongxun, platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    pauses = []

    async def sleep(seconds: float) -> None:
        pauses.append(seconds)

    monkeypatch.setattr("hub.providers.yuntongxun_rest.PAUSES_S", (0.25, 4.0))
    monkeypatch.setattr("hub.providers.yuntongxun_rest.asyncio.sleep", sleep)
    platform.says({"statusCode": "111111"}, {"statusCode": "111111"}, OK)
    await provider.dismiss("60002559")
    assert 0.125 <= pauses[0] <= 0.25
    assert 2.0 <= pauses[1] <= 4.0


async def test_what_the_platform_says_forges_no_line(
    provider: Yuntongxun, platform: Platform, caplog: pytest.LogCaptureFixture
) -> None:
    platform.says({"statusCode": "110128", "statusMsg": "no\n2026 CRITICAL hub: forged" + "x" * 1000})
    with pytest.raises(ProviderRefused):
        await provider.dismiss("60002559")
    assert "forged" in caplog.text
    assert all("\n" not in record.getMessage() and len(record.getMessage()) < 400 for record in caplog.records)


def test_no_two_users_share_a_name() -> None:
    assert friendly_name("应用", "a/b") == "%E5%BA%94%E7%94%A8.a%2Fb"


def test_credentials_are_not_shown(provider: Yuntongxun) -> None:
    assert TOKEN not in repr(provider) + repr(provider._rest)
    assert SID not in repr(provider) + repr(provider._rest)


async def test_who_waits_for_a_turn_has_not_asked_yet(monkeypatch: pytest.MonkeyPatch) -> None:
    """However many there are: their time begins with their turn."""
    monkeypatch.setattr("hub.providers.yuntongxun_rest.TOTAL_S", 0.5)
    at_once = [0, 0]

    async def slow(request: httpx.Request) -> httpx.Response:
        at_once[0] += 1
        at_once[1] = max(at_once)
        await asyncio.sleep(0.1)
        at_once[0] -= 1
        return httpx.Response(200, json=OK)

    rest = Rest("https://example.test:8883/", (SID, TOKEN), lambda: NOW, httpx.MockTransport(slow))
    provider = Yuntongxun(rest, APP, ("7", ()))
    await asyncio.gather(*(provider.dismiss("60002559") for _ in range(8 * CONNECTIONS)))
    assert at_once == [0, CONNECTIONS]
    await provider.close()
