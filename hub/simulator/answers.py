"""What the platform answers: JSON or XML as `Accept` wants it [1.4, 1.5], and answers that are spoilt on purpose."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any
from xml.etree import ElementTree

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from hub.simulator.codes import Refused

Answer = Mapping[str, Any]

JSON, XML = "json", "xml"

XML_NAMES: Mapping[str, str] = {"templateSMS": "TemplateSMS"}
"""Members that are spelt otherwise as elements [6]."""


def form_for(accept: str, content_type: str) -> str:
    """What is accepted, or else what was sent."""
    for header in (accept.lower(), content_type.lower()):
        if found := [form for form in (JSON, XML) if form in header]:
            return min(found, key=header.index)
    return XML


def respond(answer: Answer, form: str, status: int = 200) -> Response:
    """In one piece, and never empty: there are clients that take the first piece for all of it."""
    if form == JSON:
        return Response(json.dumps(answer, ensure_ascii=False), status, media_type="application/json;charset=utf-8")
    root = ElementTree.Element("Response")
    root.extend(_elements(answer))
    written = ElementTree.tostring(root, "utf-8", xml_declaration=True)
    return Response(written, status, media_type="application/xml;charset=utf-8")


def break_down(form: str) -> Response:
    """HTTP 500. What the real one says then is not known."""
    return respond(Refused("111000").answer, form, 500)


def _elements(answer: Answer) -> Iterator[ElementTree.Element]:
    """A list is its element, repeated [2.3]."""
    for name, value in answer.items():
        for each in value if isinstance(value, list) else [value]:
            element = ElementTree.Element(XML_NAMES.get(name, name))
            if isinstance(each, dict):
                element.extend(_elements(each))
            else:
                element.text = str(each)
            yield element


class Lost(Response):
    """Nothing, until the client goes away."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        while (await receive())["type"] != "http.disconnect":
            pass


class Cut(Response):
    """The first half; then the connection is closed."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        half = bytes(self.body[: len(self.body) // 2])
        await send({"type": "http.response.body", "body": half, "more_body": True})


def _cut(answer: Answer, form: str) -> Response:
    whole = respond(answer, form)
    return Cut(whole.body, media_type=whole.media_type)


SPOILT: Mapping[str, Callable[[Answer, str], Response]] = {
    "answer_lost": lambda answer, form: Lost(),
    "answer_cut": _cut,
    "answer_garbage": lambda answer, form: Response(b"\x00\xff{<not an answer", media_type=f"application/{form}"),
    "answer_in_other_form": lambda answer, form: respond(answer, XML if form == JSON else JSON),
}
"""Faults of an answer whose command was carried out, in the order in which they are asked."""
