from __future__ import annotations

import pytest

from hub.domain.messages import ConferenceStopped, Fact, LegFailed, LegJoined, LegQuit, MuteReported
from hub.domain.model import Kind, Progress
from hub.providers.base import Notice
from hub.providers.yuntongxun_callbacks import read

JOIN = {"confid": "6", "callid": "c", "number": "138", "jointime": "20261123170000"}
CASES: list[tuple[str, dict[str, str], Fact | None]] = [
    ("join", JOIN, LegJoined(None, "c", "138")),
    ("join-7", JOIN, LegJoined(7, "c", "138")),
    ("join-7", {"confid": "6", "jointime": "20261123170000"}, LegJoined(7, None, "")),
    ("join-7", {**JOIN, "result": "0"}, LegJoined(7, "c", "138")),
    ("join-7", {**JOIN, "result": "1"}, LegFailed(7, "c", "138", Progress.NO_ANSWER)),
    ("webhooks/hub/join-7", JOIN, LegJoined(7, "c", "138")),
    ("invite-7", {**JOIN, "result": "0"}, None),
    ("invite-7", {**JOIN, "result": "1"}, LegFailed(7, "c", "138", Progress.NO_ANSWER)),
    ("invite-7", {**JOIN, "result": "2"}, LegFailed(7, "c", "138", Progress.FAILED)),
    ("invite-7", {**JOIN, "result": "3"}, LegFailed(7, "c", "138", Progress.BUSY)),
    ("invite-7", {**JOIN, "result": "4"}, LegFailed(7, "c", "138", Progress.REJECTED)),
    ("invite-7", {**JOIN, "result": "-99"}, LegFailed(7, "c", "138", Progress.FAILED)),
    ("quit", {"confid": "6", "callid": "c", "number": "138", "quittime": "x"}, LegQuit("c", "138")),
    ("quit", {"confid": "6", "callid": "c", "jointime": "x"}, LegQuit("c", "")),
    ("stop", {"confid": "6", "deltime": "20261123170000"}, ConferenceStopped("6")),
    ("media-9", {"confid": "6", "notifytype": "4", "result": "0"}, MuteReported(9, None, Kind.MUTE, True)),
    ("media-9", {"confid": "6", "notifytype": "14", "result": "1"}, MuteReported(9, None, Kind.UNMUTE, False)),
    ("record", {"confid": "6", "callid": "c", "notifytype": "4"}, MuteReported(None, "c", Kind.MUTE, True)),
    ("record", {"confid": "6", "notifytype": "4", "result": "0"}, None),
    ("record", {"confid": "6", "notifytype": "12", "recordurl": "http://x"}, None),
]


@pytest.mark.parametrize(("word", "fields", "fact"), CASES)
def test_every_form_says_the_same(word: str, fields: dict[str, str], fact: Fact | None) -> None:
    pairs = "&".join(f"{name}={value}" for name, value in fields.items()).encode()
    xml = "".join(f"<{name}>{value}</{name}>" for name, value in fields.items())
    form = "application/x-www-form-urlencoded"
    expected = Notice("6", fact)
    assert read(word, pairs, "", b"") == expected
    assert read(word, b"", form, pairs) == expected
    assert read(word, b"", "text/plain", f"<?xml version='1.0'?><Request>{xml}</Request>".encode()) == expected
    assert read(word, pairs, "text/xml", b"<Request><appid>1</appid></Request>") == expected


def test_names_are_taken_in_any_case() -> None:
    assert read("join", b"ConfId=6&CallId=c&NUMBER=138", "", b"") == Notice("6", LegJoined(None, "c", "138"))


def test_no_number_of_ours_is_nought() -> None:
    assert read("media-0", b"confid=6&notifytype=4", "", b"") == Notice("6", None)
    assert read("join-0", b"confid=6&callid=c", "", b"") == Notice("6", LegJoined(None, "c", ""))


@pytest.mark.parametrize(
    "body",
    [
        "<?xml version='1.0' encoding='gb2312'?><Request><confid>6</confid><name>张三</name></Request>".encode("gbk"),
        b"\xef\xbb\xbf<Request><confid>6</confid></Request>",
        "<?xml version='1.0' encoding='utf-16'?><Request><confid>6</confid></Request>".encode("utf-16"),
        b"\r\n <Request><confid>6</confid></Request>",
    ],
)
def test_xml_is_taken_in_the_encodings_that_are_about(body: bytes) -> None:
    assert read("stop", b"", "text/plain", body) == Notice("6", ConferenceStopped("6"))


@pytest.mark.parametrize(
    ("word", "query", "body"),
    [
        ("join-" + "1" * 5000, b"confid=6", b""),
        ("join", b"", b"<?xml version='1.0' encoding='klingon'?><Request><confid>6</confid></Request>"),
        ("join", b"", b""),
        ("join", b"callid=c", b""),
        ("dance", b"confid=6", b""),
        ("join-x", b"confid=6", b""),
        ("join--1", b"confid=6", b""),
        ("", b"confid=6", b""),
        ("join", b"\xff\xfe%", b"\x00\x01"),
        ("join", b"", b"<Request><confid>6</confid>"),
        ("join", b"", b"{}"),
    ],
)
def test_what_cannot_be_understood_is_none(word: str, query: bytes, body: bytes) -> None:
    assert read(word, query, "", body) is None


def test_an_entity_bomb_says_nothing() -> None:
    lol = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 12))
    bomb = f'<!DOCTYPE r [<!ENTITY l0 "lol">{lol}]><Request><confid>&l11;</confid></Request>'
    assert read("join", b"", "text/xml", bomb.encode()) is None
