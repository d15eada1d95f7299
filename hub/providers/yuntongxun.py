"""云通讯 (Yuntongxun) CCP REST API, version 2013-12-26: the one real adapter.

Numbers in brackets are sections of the provider notes this was written from. `ivr/*` takes XML only and answers in the
form that `Accept` names; everything else is JSON [1.4]. Every callback address is a word relative to the address in the
platform's console [5.1], so ours end in our own numbers: `join-7`, `invite-7`, `media-9`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote
from xml.etree import ElementTree

import msgspec

from hub.domain.model import Kind, Progress, dialled
from hub.errors import OutcomeUnknown, ProviderRefused
from hub.providers import yuntongxun_callbacks
from hub.providers.base import CreatedConference, Notice, Presence, Standing, SubAccount
from hub.providers.yuntongxun_rest import REFUSES_REQUEST, Question, Rest, part, text

DUPLICATE_NAME = "111150"
MAX_MEMBERS = 300
"""The platform's own limit; without the attribute it would be 3 [3.2]."""

RESULTS = {"0": Progress.JOINED, "1": Progress.NO_ANSWER, "2": Progress.FAILED}
"""States of a CallResult [3.3]."""

_COUNT = re.compile("[0-9]{1,9}")

_CONTROLS = {Kind.MUTE: "ConfMute", Kind.UNMUTE: "ConfUnMute", Kind.KICK: "QuitConf"}


class Yuntongxun:
    """See base.Provider. `app_id` is the app's id; `reminder` is an SMS template and its values."""

    reminded_at_once = 100

    def __init__(self, rest: Rest, app_id: str, reminder: tuple[str, Sequence[str]]) -> None:
        self._rest = rest
        self._app_id = app_id
        self._template, self._datas = reminder

    async def close(self) -> None:
        await self._rest.close()

    def health(self) -> dict[str, str | None]:
        return self._rest.health

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
        account = part(answer, "subaccount")
        fields = [text(account, field) for field in ("subaccountsid", "subtoken", "voipaccount", "voippwd")]
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
        id, vid = text(answer, "confid"), text(answer, "voiptoconfid")
        if not id:
            raise OutcomeUnknown("the provider's answer has no confid")
        return CreatedConference(id, vid)

    async def dismiss(self, conference: str) -> None:
        await self._conf(conference, "DismissConf", {"autohangup": "true", "delurl": "stop"})

    async def dial(self, conference: str, leg: int, number: str) -> str | None:
        """One number a request: with several the form of callSid is unknown [3.3]."""
        attributes = {"number": dialled(number), "role": "0", "action": f"invite-{leg}", "joinurl": f"join-{leg}"}
        answer = await self._conf(conference, "InviteJoinConf", attributes)
        return text(answer, "callsid") or None

    async def control(self, conference: str, kind: Kind, callid: str, number: int) -> None:
        """QuitConf is given no `action`: the conference's own quiturl tells us, as it does when somebody hangs up."""
        report = {} if kind is Kind.KICK else {"action": f"media-{number}"}
        await self._conf(conference, _CONTROLS[kind], {"callid": callid, **report})

    async def standing(self, conference: str) -> Standing:
        """Only the state 1 is known to mean that it runs; a refusal of the request itself says nothing [3.10, 7.1]."""
        try:
            answer = await self._conf(conference, "QueryConfState", {})
        except ProviderRefused as refused:
            if refused.data["statusCode"].startswith(REFUSES_REQUEST):
                raise
            return Standing(Presence.GONE)
        count = text(answer, "count")
        presence = Presence.ACTIVE if text(answer, "state") == "1" else Presence.UNCLEAR
        return Standing(presence, int(count) if _COUNT.fullmatch(count) else None)

    async def call_result(self, callid: str) -> Progress | None:
        """[3.3] What it answers while the phone is ringing is not known."""
        answer = await self._rest.ask(Question("CallResult", "CallResult", query={"callsid": callid}))
        return RESULTS.get(text(part(answer, "callresult") or answer, "state"))

    async def remind(self, numbers: Sequence[str]) -> str:
        """[6]"""
        request = {
            "to": ",".join(map(dialled, numbers)),
            "appId": self._app_id,
            "templateId": self._template,
            "datas": list(self._datas),
        }
        return text(part(await self._json("SMS/TemplateSMS", request), "templatesms"), "smsmessagesid")

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
        return await self._rest.ask(Question(what, path, body, "application/xml;charset=utf-8", query))

    async def _json(self, path: str, request: Mapping[str, object]) -> dict[str, Any]:
        return await self._rest.ask(
            Question(path, path, msgspec.json.encode(request), "application/json;charset=utf-8")
        )


def friendly_name(app: str, user: str) -> str:
    """`{app}.{user}`, both percent-encoded, the dot too, so that no two users share a name."""
    return ".".join(quote(part, safe="").replace(".", "%2E") for part in (app, user))
