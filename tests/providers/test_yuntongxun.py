"""What goes out, against the provider notes: sections in brackets."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from urllib.parse import parse_qsl
from xml.etree import ElementTree
from zoneinfo import ZoneInfo

import httpx
import pytest

from hub.domain.model import Kind
from hub.errors import HubError, OutcomeUnknown, ProviderRefused, ProviderUnreachable
from hub.providers.base import CreatedConference, SubAccount
from hub.providers.yuntongxun import Yuntongxun, dialable, friendly_name, signature

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


@pytest.fixture
async def provider(platform: Platform) -> AsyncIterator[Yuntongxun]:
    zone = ZoneInfo("Asia/Shanghai")
    provider = Yuntongxun(
        "https://example.test:8883/", (SID, TOKEN, APP), zone, lambda: NOW, httpx.MockTransport(platform)
    )
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
    assert await provider.create_conference() == CreatedConference("60002559", "x9")
    words = {"joinurl": "join", "quiturl": "quit", "delreporturl": "stop", "mediaopturl": "record"}
    assert platform.command() == ("CreateConf", {"maxmember": "300", **words}, {"maxmember": "300"})
    assert platform.asked[-1].url.path.endswith("/ivr/createconf")


async def test_an_invitation_has_one_number_and_our_leg(provider: Yuntongxun, platform: Platform) -> None:
    """[3.3]"""
    platform.says({**OK, "callSid": "call"})
    assert await provider.dial("60002559", 7, "+86 138-0000-0001") == "call"
    assert platform.command() == (
        "InviteJoinConf",
        {
            "confid": "60002559",
            "number": "+8613800000001",
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
    ("answer", "is_active"),
    [
        ({**OK, "state": "1", "count": "2"}, True),
        ({**OK, "state": 1}, True),
        ({**OK, "state": "3"}, False),
        ({"statusCode": "110128"}, False),
    ],
)
async def test_only_state_1_is_active(
    provider: Yuntongxun, platform: Platform, answer: dict[str, object], is_active: bool
) -> None:
    """[3.10]"""
    platform.says(answer)
    assert await provider.is_active("60002559") is is_active
    assert platform.command()[0] == "QueryConfState"


@pytest.mark.parametrize("code", ["111109", "111111", "111142", "112613"])
async def test_a_refused_query_says_nothing_about_the_conference(
    provider: Yuntongxun, platform: Platform, code: str
) -> None:
    """[7.1]"""
    platform.says({"statusCode": code})
    with pytest.raises(ProviderRefused):
        await provider.is_active("60002559")
    assert provider.health()["state"] == "failing"


async def test_a_user_gets_a_sub_account(provider: Yuntongxun, platform: Platform) -> None:
    """[2.1]"""
    made = {"subAccountSid": "s", "subToken": "t", "voipAccount": "8", "voipPwd": "p", "dateCreated": ""}
    platform.says({**OK, "SubAccount": made})
    assert await provider.sub_account("demo", "a.b") == SubAccount("s", "t", "8", "p")
    (request,) = platform.asked
    assert request.url.path.endswith(f"/Accounts/{SID}/SubAccounts")
    assert json.loads(request.content) == {"appId": APP, "friendlyName": "demo.a%2Eb"}


async def test_a_user_who_has_one_is_looked_up(provider: Yuntongxun, platform: Platform) -> None:
    """[2.1, 2.2]"""
    made = {"subAccountSid": "s", "subToken": "t", "voipAccount": "8", "voipPwd": "p"}
    platform.says({"statusMsg": "【账号】子账户名称重复", "statusCode": "111150"}, {**OK, "SubAccount": made})
    assert await provider.sub_account("demo", "ada") == SubAccount("s", "t", "8", "p")
    assert [request.url.path.rpartition("/")[2] for request in platform.asked] == [
        "SubAccounts",
        "QuerySubAccountByName",
    ]


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
        (lambda: httpx.Response(200, text="garbage"), OutcomeUnknown),
        (lambda: httpx.Response(200, text="<Response>"), OutcomeUnknown),
        (lambda: httpx.Response(200, content=b"\xff\xfe"), OutcomeUnknown),
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


def test_no_two_users_share_a_name() -> None:
    assert friendly_name("a.b", "c") != friendly_name("a", "b.c")
    assert friendly_name("应用", "a/b") == "%E5%BA%94%E7%94%A8.a%2Fb"


def test_a_number_cannot_smuggle_in_another() -> None:
    assert dialable("13800000001#13800000002") == "1380000000113800000002"
    assert dialable("+86 (138) 0000-0001") == "+8613800000001"


def test_credentials_are_not_shown(provider: Yuntongxun) -> None:
    assert TOKEN not in repr(provider)
    assert SID not in repr(provider)
