"""Requests to 云通讯: signed, sent, their answers read, and how the platform is.

Numbers in brackets are sections of the provider notes this was written from.
"""

from __future__ import annotations

import asyncio
import base64
import codecs
import hashlib
import logging
import random
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta, timezone
from http import HTTPStatus
from typing import Any, NamedTuple
from xml.etree import ElementTree

import httpx
import msgspec

from hub.domain.model import masked
from hub.errors import OutcomeUnknown, ProviderError, ProviderRefused, ProviderUnreachable
from hub.providers import yuntongxun_xml

logger = logging.getLogger(__name__)

VERSION = "2013-12-26"
SUCCESS = "000000"
TOO_MANY_AT_ONCE = "111111"
REFUSES_REQUEST = ("111", "112613")
"""Codes about account, signature, app, load or form, not about a conference [7.1]."""

CONNECTIONS = 32
"""Who waits for one of them has not asked for anything yet: that time is not the platform's. And httpx looks through
all who wait, and all connections, for each of them: three hundred in its own queue take a core for seconds.
"""

KEPT_ALIVE_S = 2.0
"""Shorter than any server's own limit: a dial on a connection that is just being closed has an unknown outcome."""

CHINA = timezone(timedelta(hours=8))
"""The platform's clock [1.3]."""

TIMEOUT = httpx.Timeout(10.0, connect=5.0)
TOTAL_S = 15.0
"""For a whole answer, however slowly it comes."""

LONGEST_ANSWER = 1024 * 1024
LONGEST_MESSAGE = 200

PAUSES_S = (0.25, 0.5, 1.0, 2.0, 4.0)
"""Before asking again what the platform refused because too much was asked at once: it was certainly not done [7.1]."""

HINTS: Mapping[str, str] = {
    "111000": "is CONFHUB_PROVIDER_URL right?",
    "111106": "is this machine's clock right?",
    "111107": "is CONFHUB_PROVIDER_ACCOUNT_SID right?",
    "111109": "is CONFHUB_PROVIDER_AUTH_TOKEN right?",
    "111111": "too much at once, again and again",
    "111141": "is CONFHUB_PROVIDER_ACCOUNT_SID right?",
    "111142": "the account has to be topped up",
    "111143": "is CONFHUB_PROVIDER_AUTH_TOKEN right?",
    "111181": "is CONFHUB_PROVIDER_APP_ID right?",
    "111182": "is CONFHUB_PROVIDER_APP_ID right?",
    "112305": "an app that is not online reaches only the test numbers in the console",
    "112310": "an app that is not online reaches only the test numbers in the console",
    "112311": "is CONFHUB_PROVIDER_SMS_TEMPLATE right?",
    "113302": "the test template reaches only the test numbers in the console",
}
"""What whoever runs the hub may do about a status code [7.1, 7.2]."""


class Question(NamedTuple):
    """A request: `what` is for the log; one without a body is a GET [1.1]."""

    what: str
    path: str
    body: bytes = b""
    content_type: str = "application/json;charset=utf-8"
    query: Mapping[str, str] = {}


class Rest:
    """`base_url` has scheme, host and port; `account` is SID and token.

    `health` is {state: untried|ok|failing, error, since}.
    """

    def __init__(
        self,
        base_url: str,
        account: tuple[str, str],
        now: Callable[[], datetime],
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._sid, self._token = account
        self._now = now
        self._slots = asyncio.Semaphore(CONNECTIONS)
        self.health: dict[str, str | None] = {"state": "untried", "error": None, "since": None}
        self._http = httpx.AsyncClient(
            base_url=f"{base_url.rstrip('/')}/{VERSION}/Accounts/{self._sid}/",
            limits=httpx.Limits(max_connections=CONNECTIONS, keepalive_expiry=KEPT_ALIVE_S),
            timeout=TIMEOUT,
            transport=transport,
            trust_env=False,
        )

    def __repr__(self) -> str:
        return f"Rest({self._http.base_url.host})"

    async def close(self) -> None:
        await self._http.aclose()

    async def ask(self, question: Question) -> dict[str, Any]:
        """Raises what base.Provider promises, and remembers how the provider is."""
        for pause in (*PAUSES_S, None):
            try:
                answer = await self._once(question)
            except ProviderError as error:
                if pause is None or _code(error) != TOO_MANY_AT_ONCE:
                    self._complain(question, error)
                    raise
                logger.info("%s: too much at once, so it is asked again in %g s", question.what, pause)
                await asyncio.sleep(random.uniform(pause / 2, pause))
            else:
                break
        self._note("ok", None)
        return answer

    def _complain(self, question: Question, error: ProviderError) -> None:
        """The platform's words may have the number in them that was to be called."""
        words = masked(str(error))
        logger.warning("%s: %s; %s", question.what, words, self._meaning(error))
        is_about_us = _code(error).startswith(REFUSES_REQUEST) or not isinstance(error, ProviderRefused)
        self._note(*(("failing", words) if is_about_us else ("ok", None)))

    def _meaning(self, error: ProviderError) -> str:
        """For whoever reads the log."""
        if isinstance(error, OutcomeUnknown):
            return "it may or may not have happened"
        if isinstance(error, ProviderUnreachable):
            why = _origin(error)
            url = self._http.base_url
            address = f"{url.scheme}://{url.host}:{url.port or ''}".rstrip(":")
            return "; ".join(filter(None, ["nothing has happened", why, f"is CONFHUB_PROVIDER_URL right, {address}?"]))
        code = _code(error)
        return "; ".join(filter(None, ["nothing has happened", f"code {code}", HINTS.get(code, "")]))

    async def _once(self, question: Question) -> dict[str, Any]:
        try:
            async with self._slots, asyncio.timeout(TOTAL_S):
                status, body = await self._send(question)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
            raise ProviderUnreachable("the provider cannot be reached") from error
        except (httpx.HTTPError, TimeoutError) as error:
            raise OutcomeUnknown(f"the provider did not answer ({type(error).__name__})") from error
        return read_answer(status, body)

    async def _send(self, question: Question) -> tuple[int, bytes]:
        """HTTP status and body."""
        timestamp = self._now().astimezone(CHINA).strftime("%Y%m%d%H%M%S")
        headers = {
            "Accept": "application/json",
            "Content-Type": question.content_type,
            "Authorization": base64.b64encode(f"{self._sid}:{timestamp}".encode()).decode(),
        }
        params = {"sig": signature(self._sid, self._token, timestamp), **question.query}
        method, content = ("POST", question.body) if question.body else ("GET", None)
        async with self._http.stream(method, question.path, params=params, content=content, headers=headers) as answer:
            return answer.status_code, await _read(answer)

    def _note(self, state: str, error: str | None) -> None:
        if (state, error) != (self.health["state"], self.health["error"]):
            if (state, self.health["state"]) == ("ok", "failing"):
                logger.info("the provider answers again")
            self.health = {"state": state, "error": error, "since": self._now().isoformat(timespec="seconds")}


def _code(error: ProviderError) -> str:
    return str(error.data.get("statusCode", ""))


def _origin(error: BaseException) -> str:
    """What lies at the bottom of an error that has none of its own to tell."""
    bottom = error
    while below := bottom.__cause__ or bottom.__context__:
        bottom = below
    return "" if bottom is error else f"{type(bottom).__name__} {bottom}".strip()


def signature(sid: str, token: str, timestamp: str) -> str:
    """Upper-case MD5 of account, token and timestamp, as the platform wants it [1.3]."""
    return hashlib.md5(f"{sid}{token}{timestamp}".encode(), usedforsecurity=False).hexdigest().upper()


async def _read(answer: httpx.Response) -> bytes:
    body = bytearray()
    async for chunk in answer.aiter_bytes():
        body += chunk
        if len(body) > LONGEST_ANSWER:
            raise OutcomeUnknown("the provider's answer has no end")
    return bytes(body)


def read_answer(status: int, body: bytes) -> dict[str, Any]:
    """The members of a successful answer, JSON or XML; business errors come with HTTP 200 [1.5].

    What HTTP itself turns down has not reached the platform.
    """
    if 300 <= status < 500 and status != HTTPStatus.REQUEST_TIMEOUT:
        raise ProviderUnreachable(f"the provider answered HTTP {status}")
    if status != HTTPStatus.OK:
        raise OutcomeUnknown(f"the provider answered HTTP {status}")
    try:
        answer = _members(body)
    except Exception as error:
        raise OutcomeUnknown("the provider's answer could not be read") from error
    code = text(answer, "statuscode")
    if not code:
        raise OutcomeUnknown("the provider's answer has no statusCode")
    if code != SUCCESS:
        message = " ".join(text(answer, "statusmsg").split())[:LONGEST_MESSAGE]
        raise ProviderRefused(f"the provider refused: {message or code}", statusCode=code, statusMsg=message)
    return answer


def _members(content: bytes) -> dict[str, Any]:
    """By lower-case name: XML and JSON answers spell some of them differently [6]."""
    if yuntongxun_xml.is_xml(content):
        return _element(yuntongxun_xml.root(content))
    return _lower(msgspec.json.decode(content.removeprefix(codecs.BOM_UTF8), type=dict[str, Any]))


def _lower(members: Mapping[str, Any]) -> dict[str, Any]:
    return {name.lower(): _lower(item) if isinstance(item, dict) else item for name, item in members.items()}


def _element(element: ElementTree.Element) -> dict[str, Any]:
    return {child.tag.lower(): _element(child) if len(child) else (child.text or "").strip() for child in element}


def part(members: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """A member that is an object, or a list of one; empty if it is neither."""
    value = members.get(name)
    if isinstance(value, list) and value:
        value = value[0]
    return _lower(value) if isinstance(value, dict) else {}


def text(members: Mapping[str, Any], name: str) -> str:
    """A member as text, whether it came as text or as a number; empty if absent or something else."""
    value = members.get(name)
    return str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""
