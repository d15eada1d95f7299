"""云通讯 (Yuntongxun) CCP REST API, version 2013-12-26: the one real adapter.

Numbers in brackets are sections of the provider notes this was written from. `ivr/*` takes XML only and answers in the
form that `Accept` names; everything else is JSON [1.4]. Every callback address is a word relative to the address in the
platform's console [5.1], so ours end in our own numbers: `join-7`, `invite-7`, `media-9`.
"""

from __future__ import annotations

import asyncio
import base64
import codecs
import hashlib
import logging
import random
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, tzinfo
from typing import Any, NamedTuple
from urllib.parse import quote
from xml.etree import ElementTree

import httpx
import msgspec

from hub.domain.model import Kind, Progress, dialled
from hub.errors import OutcomeUnknown, ProviderRefused, ProviderUnreachable
from hub.providers import yuntongxun_callbacks
from hub.providers.base import CreatedConference, Notice, SubAccount

logger = logging.getLogger(__name__)

VERSION = "2013-12-26"
SUCCESS = "000000"
DUPLICATE_NAME = "111150"
TOO_MANY_AT_ONCE = "111111"
MAX_MEMBERS = 300
"""The platform's own limit; without the attribute it would be 3 [3.2]."""

REFUSES_REQUEST = ("111", "112613")
"""Codes about account, signature, app, load or form, not about a conference [7.1]."""

CONNECTIONS = 32
KEPT_ALIVE_S = 2.0
"""Shorter than any server's own limit: a dial on a connection that is just being closed has an unknown outcome."""

TIMEOUT = httpx.Timeout(10.0, connect=5.0)

PAUSES_S = (0.25, 0.5, 1.0, 2.0, 4.0)
"""Before asking again what the platform refused because too much was asked at once: it was certainly not done [7.1]."""

HINTS: Mapping[str, str] = {
    "111106": "is this machine's clock right?",
    "111107": "is CONFHUB_PROVIDER_ACCOUNT_SID right?",
    "111109": "is CONFHUB_PROVIDER_AUTH_TOKEN right?",
    "111111": "too much at once; nothing has happened, and it is asked again a few times",
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

RESULTS = {"0": Progress.JOINED, "1": Progress.NO_ANSWER, "2": Progress.FAILED}
"""States of a CallResult [3.3]."""

_CONTROLS = {Kind.MUTE: "ConfMute", Kind.UNMUTE: "ConfUnMute", Kind.KICK: "QuitConf"}


class _Question(NamedTuple):
    """A request: `what` is for the log; one without a body is a GET [1.1]."""

    what: str
    path: str
    body: bytes = b""
    content_type: str = "application/json;charset=utf-8"
    query: Mapping[str, str] = {}


class Yuntongxun:
    """See base.Provider. `base_url` has scheme, host and port; `zone` is the platform's clock (China) [1.3].

    `credentials` are the account's SID and token and the app's id; `reminder` is an SMS template and its values.
    """

    reminded_at_once = 100

    def __init__(
        self,
        base_url: str,
        credentials: tuple[str, str, str],
        zone: tzinfo,
        now: Callable[[], datetime],
        *,
        reminder: tuple[str, Sequence[str]] = ("1", ("1",)),
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._sid, self._token, self._app_id = credentials
        self._template, self._datas = reminder
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
        account = _part(answer, "subaccount")
        fields = [_text(account, field) for field in ("subaccountsid", "subtoken", "voipaccount", "voippwd")]
        if not all(fields):
            raise OutcomeUnknown("the provider's answer has no SubAccount")
        return SubAccount(*fields)

    async def create_conference(self, *, reserved: bool) -> CreatedConference:
        """One that would be deleted ten minutes after its creation must be told to stay [3.2]."""
        attributes = {
            "maxmember": str(MAX_MEMBERS),
            "joinurl": "join",
            "quiturl": "quit",
            "delreporturl": "stop",
            "mediaopturl": "record",
            **({"autodelete": "false"} if reserved else {}),
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
        attributes = {"number": dialled(number), "role": "0", "action": f"invite-{leg}", "joinurl": f"join-{leg}"}
        answer = await self._conf(conference, "InviteJoinConf", attributes)
        return _text(answer, "callsid") or None

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

    async def call_result(self, callid: str) -> Progress | None:
        """[3.3] What it answers while the phone is ringing is not known."""
        answer = await self._post(_Question("CallResult", "CallResult", query={"callsid": callid}))
        return RESULTS.get(_text(_part(answer, "callresult") or answer, "state"))

    async def remind(self, numbers: Sequence[str]) -> str:
        """[6]"""
        request = {
            "to": ",".join(map(dialled, numbers)),
            "appId": self._app_id,
            "templateId": self._template,
            "datas": list(self._datas),
        }
        return _text(_part(await self._json("SMS/TemplateSMS", request), "templatesms"), "smsmessagesid")

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
        what = " ".join([command, *filter(None, [attributes.get("confid")])])
        return await self._post(_Question(what, path, body, "application/xml;charset=utf-8", query))

    async def _json(self, path: str, request: Mapping[str, object]) -> dict[str, Any]:
        return await self._post(_Question(path, path, msgspec.json.encode(request), "application/json;charset=utf-8"))

    async def _post(self, question: _Question) -> dict[str, Any]:
        """Raises what base.Provider promises."""
        for pause in PAUSES_S:
            try:
                return await self._ask(question)
            except ProviderRefused as refused:
                if refused.data["statusCode"] != TOO_MANY_AT_ONCE:
                    raise
            await asyncio.sleep(random.uniform(pause / 2, pause))
        return await self._ask(question)

    async def _ask(self, question: _Question) -> dict[str, Any]:
        """Once, and remembers how the provider is."""
        try:
            answer = _read_answer(await self._send(question))
        except ProviderRefused as refused:
            code = refused.data["statusCode"]
            hint = HINTS.get(code)
            logger.warning("%s: %s (%s)%s", question.what, refused, code, f": {hint}" if hint else "")
            self._note(*(("failing", str(refused)) if code.startswith(REFUSES_REQUEST) else ("ok", None)))
            raise
        except ProviderUnreachable as error:
            logger.warning("%s: %s; nothing has happened", question.what, error)
            self._note("failing", str(error))
            raise
        except OutcomeUnknown as error:
            logger.warning("%s: %s; it may or may not have happened", question.what, error)
            self._note("failing", str(error))
            raise
        self._note("ok", None)
        return answer

    async def _send(self, question: _Question) -> httpx.Response:
        timestamp = self._now().astimezone(self._zone).strftime("%Y%m%d%H%M%S")
        headers = {
            "Accept": "application/json",
            "Content-Type": question.content_type,
            "Authorization": base64.b64encode(f"{self._sid}:{timestamp}".encode()).decode(),
        }
        params = {"sig": signature(self._sid, self._token, timestamp), **question.query}
        method = "POST" if question.body else "GET"
        try:
            return await self._http.request(
                method, question.path, params=params, content=question.body or None, headers=headers
            )
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
            raise ProviderUnreachable(f"the provider cannot be reached ({type(error).__name__})") from error
        except httpx.HTTPError as error:
            raise OutcomeUnknown(f"the provider did not answer ({type(error).__name__})") from error

    def _note(self, state: str, error: str | None) -> None:
        if (state, error) != (self._health["state"], self._health["error"]):
            self._health = {"state": state, "error": error, "since": self._now().isoformat(timespec="seconds")}


def signature(sid: str, token: str, timestamp: str) -> str:
    """Upper-case MD5 of account, token and timestamp, as the platform wants it [1.3]."""
    return hashlib.md5(f"{sid}{token}{timestamp}".encode(), usedforsecurity=False).hexdigest().upper()


def friendly_name(app: str, user: str) -> str:
    """`{app}.{user}`, both percent-encoded, the dot too, so that no two users share a name."""
    return ".".join(quote(part, safe="").replace(".", "%2E") for part in (app, user))


def _read_answer(response: httpx.Response) -> dict[str, Any]:
    """The members of a successful answer, JSON or XML; business errors come with HTTP 200 [1.5]."""
    if not response.is_success:
        raise OutcomeUnknown(f"the provider answered HTTP {response.status_code}")
    try:
        answer = _members(response.content)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, ElementTree.ParseError, ValueError) as error:
        raise OutcomeUnknown("the provider's answer could not be read") from error
    code = _text(answer, "statuscode")
    if not code:
        raise OutcomeUnknown("the provider's answer has no statusCode")
    if code != SUCCESS:
        message = _text(answer, "statusmsg")
        raise ProviderRefused(f"the provider refused: {message or code}", statusCode=code, statusMsg=message)
    return answer


def _members(content: bytes) -> dict[str, Any]:
    """By lower-case name: XML and JSON answers spell some of them differently [6]."""
    content = content.removeprefix(codecs.BOM_UTF8).lstrip()
    if content.startswith(b"<"):
        return _element(ElementTree.fromstring(content))
    return _lower(msgspec.json.decode(content, type=dict[str, Any]))


def _lower(members: Mapping[str, Any]) -> dict[str, Any]:
    return {name.lower(): _lower(item) if isinstance(item, dict) else item for name, item in members.items()}


def _element(element: ElementTree.Element) -> dict[str, Any]:
    return {child.tag.lower(): _element(child) if len(child) else (child.text or "").strip() for child in element}


def _part(members: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """A member that is an object, or a list of one; empty if it is neither."""
    value = members.get(name)
    if isinstance(value, list) and value:
        value = value[0]
    return _lower(value) if isinstance(value, dict) else {}


def _text(members: Mapping[str, Any], name: str) -> str:
    """A member as text, whether it came as text or as a number; empty if absent or something else."""
    value = members.get(name)
    return str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""
