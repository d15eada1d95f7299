"""云通讯 (Yuntongxun) CCP REST API, version 2013-12-26: the one real adapter.

Numbers in brackets are sections of the provider notes this was written from. `ivr/*` takes XML only and answers in the
form that `Accept` names; everything else is JSON [1.4]. Every callback address is a word relative to the address in the
platform's console [5.1], so ours end in our own numbers: `join-7`, `invite-7`, `media-9`.
"""

from __future__ import annotations

import base64
import hashlib
import logging
from collections.abc import Callable, Mapping
from datetime import datetime, tzinfo
from typing import Any
from urllib.parse import quote
from xml.etree import ElementTree

import httpx
import msgspec

from hub.domain.model import Kind, digits
from hub.errors import OutcomeUnknown, ProviderError, ProviderRefused, ProviderUnreachable
from hub.providers import yuntongxun_callbacks
from hub.providers.base import CreatedConference, Notice, SubAccount

logger = logging.getLogger(__name__)

VERSION = "2013-12-26"
SUCCESS = "000000"
DUPLICATE_NAME = "111150"
MAX_MEMBERS = 300
"""The platform's own limit; without the attribute it would be 3 [3.2]."""

REFUSES_REQUEST = ("111", "112613")
"""Codes about account, signature, app, load or form, not about a conference [7.1]."""

CONNECTIONS = 32
KEPT_ALIVE_S = 2.0
"""Shorter than any server's own limit: a dial on a connection that is just being closed has an unknown outcome."""

TIMEOUT = httpx.Timeout(10.0, connect=5.0)

_CONTROLS = {Kind.MUTE: "ConfMute", Kind.UNMUTE: "ConfUnMute", Kind.KICK: "QuitConf"}


class Yuntongxun:
    """See base.Provider. `base_url` has scheme, host and port; `zone` is the platform's clock (China) [1.3]."""

    def __init__(
        self,
        base_url: str,
        credentials: tuple[str, str, str],
        zone: tzinfo,
        now: Callable[[], datetime],
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._sid, self._token, self._app_id = credentials
        self._zone = zone
        self._now = now
        self._health: dict[str, str | None] = {"state": "untried", "error": None, "since": None}
        self._http = httpx.AsyncClient(
            base_url=f"{base_url.rstrip('/')}/{VERSION}/Accounts/{self._sid}/",
            limits=httpx.Limits(max_connections=CONNECTIONS, keepalive_expiry=KEPT_ALIVE_S),
            timeout=TIMEOUT,
            transport=transport,
            trust_env=False,
        )

    def __repr__(self) -> str:
        return f"Yuntongxun({self._http.base_url.host})"

    async def close(self) -> None:
        await self._http.aclose()

    def health(self) -> dict[str, str | None]:
        return self._health

    def read_callback(self, word: str, query: bytes, content_type: str, body: bytes) -> Notice | None:
        return yuntongxun_callbacks.read(word, query, content_type, body)

    async def sub_account(self, app: str, user: str) -> SubAccount:
        """Created on first use; a name that exists already is looked up [2.1, 2.2]."""
        request = {"appId": self._app_id, "friendlyName": friendly_name(app, user)}
        try:
            answer = await self._json("SubAccounts", request)
        except ProviderRefused as error:
            if error.data["statusCode"] != DUPLICATE_NAME:
                raise
            answer = await self._json("QuerySubAccountByName", request)
        account = answer.get("SubAccount")
        fields = ("subAccountSid", "subToken", "voipAccount", "voipPwd")
        if not isinstance(account, dict) or any(not isinstance(account.get(field), str) for field in fields):
            raise OutcomeUnknown("the provider's answer has no SubAccount")
        return SubAccount(*(account[field] for field in fields))

    async def create_conference(self) -> CreatedConference:
        attributes = {
            "maxmember": str(MAX_MEMBERS),
            "joinurl": "join",
            "quiturl": "quit",
            "delreporturl": "stop",
            "mediaopturl": "record",
        }
        answer = await self._ivr("ivr/createconf", "CreateConf", attributes, {"maxmember": str(MAX_MEMBERS)})
        id, vid = _text(answer, "confid"), _text(answer, "voiptoconfid")
        if not id:
            raise OutcomeUnknown("the provider's answer has no confid")
        return CreatedConference(id, vid)

    async def dismiss(self, conference: str) -> None:
        await self._conf(conference, "DismissConf", {"autohangup": "true", "delurl": "stop"})

    async def dial(self, conference: str, leg: int, number: str) -> str | None:
        """One number a request: with several the form of callSid is unknown [3.3]."""
        attributes = {"number": dialable(number), "role": "0", "action": f"invite-{leg}", "joinurl": f"join-{leg}"}
        answer = await self._conf(conference, "InviteJoinConf", attributes)
        return _text(answer, "callSid") or None

    async def control(self, conference: str, kind: Kind, callid: str, number: int) -> None:
        """QuitConf has no `action`: the conference's own quiturl tells us."""
        report = {} if kind is Kind.KICK else {"action": f"media-{number}"}
        await self._conf(conference, _CONTROLS[kind], {"callid": callid, **report})

    async def is_active(self, conference: str) -> bool:
        """Only the state 1 is known to mean that it runs; a refusal of the request itself says nothing [3.10, 7.1]."""
        try:
            return _text(await self._conf(conference, "QueryConfState", {}), "state") == "1"
        except ProviderRefused as refused:
            if refused.data["statusCode"].startswith(REFUSES_REQUEST):
                raise
            return False

    async def _conf(self, conference: str, command: str, attributes: Mapping[str, str]) -> dict[str, Any]:
        """Everything but the creation goes to one path, with the conference's number in the query as well [3.1]."""
        query = {"confid": conference}
        return await self._ivr("ivr/conf", command, {"confid": conference, **attributes}, query)

    async def _ivr(
        self, path: str, command: str, attributes: Mapping[str, str], query: Mapping[str, str]
    ) -> dict[str, Any]:
        root = ElementTree.Element("Request")
        ElementTree.SubElement(root, "Appid").text = self._app_id
        ElementTree.SubElement(root, command, dict(attributes))
        body = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
        return await self._post(path, body, "application/xml;charset=utf-8", query)

    async def _json(self, path: str, request: Mapping[str, str]) -> dict[str, Any]:
        return await self._post(path, msgspec.json.encode(request), "application/json;charset=utf-8", {})

    async def _post(self, path: str, body: bytes, content_type: str, query: Mapping[str, str]) -> dict[str, Any]:
        """Raises what base.Provider promises, and remembers how the provider is."""
        try:
            answer = await self._ask(path, body, content_type, query)
        except ProviderRefused as refused:
            code = refused.data["statusCode"]
            logger.warning("%s: %s (%s)", path, refused, code)
            self._note(*(("failing", str(refused)) if code.startswith(REFUSES_REQUEST) else ("ok", None)))
            raise
        except ProviderError as error:
            logger.warning("%s: %s", path, error)
            self._note("failing", str(error))
            raise
        self._note("ok", None)
        return answer

    async def _ask(self, path: str, body: bytes, content_type: str, query: Mapping[str, str]) -> dict[str, Any]:
        timestamp = self._now().astimezone(self._zone).strftime("%Y%m%d%H%M%S")
        headers = {
            "Accept": "application/json",
            "Content-Type": content_type,
            "Authorization": base64.b64encode(f"{self._sid}:{timestamp}".encode()).decode(),
        }
        params = {"sig": signature(self._sid, self._token, timestamp), **query}
        try:
            response = await self._http.post(path, params=params, content=body, headers=headers)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
            raise ProviderUnreachable(f"the provider cannot be reached ({type(error).__name__})") from error
        except httpx.HTTPError as error:
            raise OutcomeUnknown(f"the provider did not answer ({type(error).__name__})") from error
        return _read_answer(response)

    def _note(self, state: str, error: str | None) -> None:
        if (state, error) != (self._health["state"], self._health["error"]):
            self._health = {"state": state, "error": error, "since": self._now().isoformat(timespec="seconds")}


def signature(sid: str, token: str, timestamp: str) -> str:
    """Upper-case MD5 of account, token and timestamp, as the platform wants it [1.3]."""
    return hashlib.md5(f"{sid}{token}{timestamp}".encode(), usedforsecurity=False).hexdigest().upper()


def friendly_name(app: str, user: str) -> str:
    """`{app}.{user}`, both percent-encoded, the dot too, so that no two users share a name."""
    return ".".join(quote(part, safe="").replace(".", "%2E") for part in (app, user))


def dialable(number: str) -> str:
    """Digits and a leading plus; `#` would separate several numbers [3.3]."""
    return ("+" if number.strip().startswith("+") else "") + digits(number)


def _read_answer(response: httpx.Response) -> dict[str, Any]:
    """The members of a successful answer, JSON or XML; business errors come with HTTP 200 [1.5]."""
    if not response.is_success:
        raise OutcomeUnknown(f"the provider answered HTTP {response.status_code}")
    try:
        answer = _members(response.content)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, ElementTree.ParseError, ValueError) as error:
        raise OutcomeUnknown("the provider's answer could not be read") from error
    code = _text(answer, "statusCode")
    if not code:
        raise OutcomeUnknown("the provider's answer has no statusCode")
    if code != SUCCESS:
        message = _text(answer, "statusMsg")
        raise ProviderRefused(f"the provider refused: {message or code}", statusCode=code, statusMsg=message)
    return answer


def _members(content: bytes) -> dict[str, Any]:
    if content.lstrip().startswith(b"<"):
        return _element(ElementTree.fromstring(content))
    return msgspec.json.decode(content, type=dict[str, Any])


def _element(element: ElementTree.Element) -> dict[str, Any]:
    return {child.tag: _element(child) if len(child) else (child.text or "").strip() for child in element}


def _text(members: Mapping[str, Any], name: str) -> str:
    """A member as text, whether it came as text or as a number; empty if absent or something else."""
    value = members.get(name)
    return str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""
