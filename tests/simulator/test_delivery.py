"""How notices travel. Sections of the provider notes in brackets."""

from __future__ import annotations

import pytest

from hub.simulator.delivery import address, written
from hub.simulator.notices import Notice, kind_of
from tests.simulator.doubles import Application, Client


async def test_a_notice_that_is_not_taken_is_sent_again_in_its_place(client: Client, application: Application) -> None:
    application.refuses = 2
    await client.invite(await client.create(), "13800009004")
    await application.until("join-1", "invite-1", "quit", "stop")


@pytest.mark.parametrize(
    ("word", "whole"),
    [
        ("join-1", "http://hub/base/secret/join-1"),
        ("a/join", "http://hub/base/secret/a/join"),
        ("/webhooks/join", "http://hub/webhooks/join"),
        ("https://elsewhere/join", "https://elsewhere/join"),
    ],
)
def test_a_word_is_relative_to_the_base(word: str, whole: str) -> None:
    """[5.1]"""
    assert address("http://hub/base/secret/", word) == whole


@pytest.mark.parametrize(
    ("form", "url", "content_type", "body"),
    [
        ("query", "http://hub/join?a=1&confid=1&number=%2B86", None, b""),
        ("form", "http://hub/join?a=1", "application/x-www-form-urlencoded", b"confid=1&number=%2B86"),
        (
            *("xml", "http://hub/join?a=1", "application/xml"),
            b"<?xml version='1.0' encoding='utf-8'?>\n<Request><confid>1</confid><number>+86</number></Request>",
        ),
    ],
)
def test_a_notice_has_one_of_three_forms(form: str, url: str, content_type: str | None, body: bytes) -> None:
    """[5.2]: a POST, with an empty body unless a fault says otherwise."""
    request = written("http://hub/", Notice(1, "1", "join?a=1", {"confid": "1", "number": "+86"}, form, 0.0))
    assert (request.method, str(request.url), request.content) == ("POST", url, body)
    assert (request.headers.get("content-type"), request.headers["content-length"]) == (content_type, str(len(body)))


@pytest.mark.parametrize("word", ["join", "join-7", "/webhooks/join-7", "a/b/join?x=/y"])
def test_the_kind_of_a_notice_is_its_word(word: str) -> None:
    assert kind_of(word) == "join"


async def test_an_absolute_word_leaves_the_base(client: Client, application: Application) -> None:
    await client.create(action="/webhooks/created")
    await application.until("/webhooks/created")
