"""The platform's REST API: signature, XML or JSON in, XML or JSON out as `Accept` wants it."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from xml.etree import ElementTree

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from hub.simulator.world import CHINA, Refused, World

VALID_FOR = timedelta(hours=24)

Answer = dict[str, Any]


class Command(NamedTuple):
    """What a body asks for: the command element of `ivr/*` or none, the app, and the parameters."""

    name: str
    app: str
    parameters: Mapping[str, str]


def routes(world: World) -> list[Route]:
    async def serve(request: Request) -> Response:
        try:
            answer = await _answer(world, request)
        except Refused as refused:
            answer = {"statusCode": refused.code, "statusMsg": refused.message}
        return _response(answer, request.headers.get("accept", ""))

    return [Route("/{version}/Accounts/{sid}/{function:path}", serve, methods=["POST"])]


async def _answer(world: World, request: Request) -> Answer:
    _check_signature(world, request)
    command = _read(await request.body(), request.headers.get("content-type", ""))
    if command.app != world.app_id:
        raise Refused("111181", "【应用】应用不存在")
    serve = _FUNCTIONS.get(request.path_params["function"])
    if serve is None:
        raise Refused("111000", "【账号】未知的请求")
    return {"statusCode": "000000", **await serve(world, command)}


def _check_signature(world: World, request: Request) -> None:
    """In the platform's order: header, account, timestamp, signature."""
    sid, timestamp = _authorization(request.headers.get("authorization", ""))
    if sid != request.path_params["sid"] or sid != world.sid:
        raise Refused("111107", "【账号】请求包头Authorization中账户Id与URL中不一致")
    try:
        sent_at = datetime.strptime(timestamp, "%Y%m%d%H%M%S").replace(tzinfo=CHINA)
    except ValueError:
        raise Refused("111113", "【账号】时间戳格式有误") from None
    if abs(datetime.now(CHINA) - sent_at) > VALID_FOR:
        raise Refused("111106", "【账号】时间戳过期")
    given = request.query_params.get("sig", "")
    if not given:
        raise Refused("111108", "【账号】sig参数为空")
    right = hashlib.md5(f"{world.sid}{world.token}{timestamp}".encode(), usedforsecurity=False).hexdigest().upper()
    if not hmac.compare_digest(given.encode(), right.encode()):
        raise Refused("111109", "【账号】sig校验失败")


def _authorization(header: str) -> tuple[str, str]:
    if not header:
        raise Refused("111101", "【账号】请求包头Authorization参数为空")
    try:
        sid, _, timestamp = base64.b64decode(header, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        raise Refused("111102", "【账号】请求包头Authorization参数Base64解码失败") from None
    if not sid or not timestamp:
        raise Refused("111103", "【账号】请求包头Authorization参数解码后格式有误")
    return sid, timestamp


def _read(body: bytes, content_type: str) -> Command:
    if "json" in content_type:
        return _read_json(body)
    try:
        root = ElementTree.fromstring(body)
    except ElementTree.ParseError:
        raise Refused("112613", "【账号】XML解析失败") from None
    app, name, parameters = "", "", {}
    for child in root:
        if child.tag.lower() == "appid":
            app = (child.text or "").strip()
        elif root.tag == "Request":
            name, parameters = child.tag, dict(child.attrib)
        else:
            parameters[child.tag] = (child.text or "").strip()
    return Command(name, app, parameters)


def _read_json(body: bytes) -> Command:
    try:
        said = json.loads(body)
    except ValueError:
        said = None
    if not isinstance(said, dict):
        raise Refused("160031", "【账号】请求参数解析失败")
    parameters = {str(name): value for name, value in said.items() if isinstance(value, str)}
    return Command("", parameters.get("appId", ""), parameters)


async def _create_sub_account(world: World, command: Command) -> Answer:
    return {"SubAccount": await world.create_sub_account(_friendly_name(command))}


async def _query_sub_account(world: World, command: Command) -> Answer:
    return {"SubAccount": await world.query_sub_account(_friendly_name(command))}


def _friendly_name(command: Command) -> str:
    name = command.parameters.get("friendlyName", "")
    if not name:
        raise Refused("111145", "【账号】子账户名称为空")
    return name


async def _create_conf(world: World, command: Command) -> Answer:
    if command.name != "CreateConf":
        raise Refused("110127", "【会议】参数错误")
    return dict(await world.create_conf(command.parameters))


async def _conf(world: World, command: Command) -> Answer:
    """Every command but the creation [3.1]."""
    attributes = command.parameters
    confid = attributes.get("confid", "")
    match command.name:
        case "DismissConf":
            return dict(await world.dismiss(confid, attributes))
        case "InviteJoinConf":
            return dict(await world.invite(confid, attributes))
        case "QuitConf":
            return dict(await world.quit(confid, attributes))
        case "ConfMute" | "ConfUnMute":
            return dict(await world.mute(confid, attributes, command.name == "ConfMute"))
        case "QueryConfState":
            return dict(await world.query(confid))
    raise Refused("110127", "【会议】参数错误")


_FUNCTIONS: Mapping[str, Callable[[World, Command], Awaitable[Answer]]] = {
    "SubAccounts": _create_sub_account,
    "QuerySubAccountByName": _query_sub_account,
    "ivr/createconf": _create_conf,
    "ivr/conf": _conf,
}


def _response(answer: Answer, accept: str) -> Response:
    if "json" in accept:
        return Response(json.dumps(answer, ensure_ascii=False), media_type="application/json;charset=utf-8")
    root = _element("Response", answer)
    return Response(
        ElementTree.tostring(root, "utf-8", xml_declaration=True), media_type="application/xml;charset=utf-8"
    )


def _element(tag: str, value: Any) -> ElementTree.Element:
    element = ElementTree.Element(tag)
    if isinstance(value, dict):
        element.extend(_element(name, item) for name, item in value.items())
    else:
        element.text = str(value)
    return element
