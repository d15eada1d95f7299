"""The control API: looking at the world and taking a hand in it, on the platform's own server.

`Authorization: Bearer <auth_token>`, JSON in and out, refusals as `{"error": "sentence"}`.
"""

from __future__ import annotations

import hmac
import io
import json
import wave
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from hub.simulator.operator import NotDone
from hub.simulator.world import World

Handler = Callable[[Request], Awaitable[Response]]

PLAY = "play"
"""The order that is a whole scene."""

SIGHTS: Mapping[str, str] = {
    "conferences": "SELECT confid, CASE is_over WHEN 1 THEN 'over' ELSE 'running' END AS state,"
    " (SELECT count(*) FROM calls WHERE calls.confid = conferences.confid AND state = 'inside') AS members,"
    " maxmember, created, recording_since IS NOT NULL AS recording, is_playing AS playing"
    " FROM conferences ORDER BY confid",
    "calls": "SELECT callid, confid, number, state, is_muted AS muted, is_paused AS paused, is_host AS host, since"
    " FROM calls ORDER BY rowid",
    "messages": "SELECT number, template_id AS template, datas, sent, sid FROM messages ORDER BY id",
    "faults": "SELECT name, only, probability, nth, seconds, seen, struck FROM faults ORDER BY rowid",
}
"""What can be looked at: rows of the ledger, oldest first."""

READ: Mapping[str, Callable[[Any], Any]] = {
    "confid": str,
    "muted": bool,
    "paused": bool,
    "host": bool,
    "recording": bool,
    "playing": bool,
    "datas": json.loads,
}
"""Columns that JSON shows otherwise than SQLite."""


def routes(world: World) -> list[Route]:
    sights = [Route(f"/control/{name}", _sight(world, name), methods=["GET"]) for name in SIGHTS]
    names = (*world.operator.orders, PLAY)
    orders = [Route(f"/control/{name}", _order(world, name), methods=["POST"]) for name in names]
    verbs = ["GET", "POST", "PUT", "PATCH", "DELETE"]
    nothing = Route("/control/{name:path}", _guarded(world, _nothing), methods=verbs)
    return [*sights, *orders, nothing, Route("/recordings/{name}.wav", _recording, methods=["GET"])]


def _guarded(world: World, serve: Handler) -> Handler:
    async def guarded(request: Request) -> Response:
        given = request.headers.get("authorization", "").encode()
        if not hmac.compare_digest(given, f"Bearer {world.token}".encode()):
            return JSONResponse({"error": "the auth_token of this simulator is needed"}, 401)
        try:
            return await serve(request)
        except NotDone as error:
            return JSONResponse({"error": str(error)}, error.status)

    return guarded


def _sight(world: World, name: str) -> Handler:
    async def serve(_: Request) -> Response:
        return JSONResponse({name: [_shown(row) for row in await world.ledger.dicts(SIGHTS[name])]})

    return _guarded(world, serve)


def _shown(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: READ[name](value) if name in READ else value for name, value in row.items()}


def _order(world: World, name: str) -> Handler:
    async def serve(request: Request) -> Response:
        said = await _object(request)
        async with world.ledger.change():
            if name == PLAY:
                await world.scenes.play(said.get("scene"))
                return JSONResponse({})
            return JSONResponse(await world.operator.carry_out(name, world.operator.read(name, said)))

    return _guarded(world, serve)


async def _nothing(request: Request) -> Response:
    """So that whoever misspells an order hears it from here, and not in the platform's words."""
    raise NotDone(404, f"there is no {request.method} {request.url.path}")


async def _object(request: Request) -> dict[str, Any]:
    """An empty body is an empty object."""
    try:
        said = json.loads(await request.body() or b"{}")
    except (ValueError, RecursionError):
        said = None
    if not isinstance(said, dict):
        raise NotDone(400, "the body must be a JSON object")
    return said


async def _recording(_: Request) -> Response:
    """Behind every `recordurl`: a second of silence."""
    file = io.BytesIO()
    with wave.open(file, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(1)
        sound.setframerate(8000)
        sound.writeframes(b"\x80" * 8000)
    return Response(file.getvalue(), media_type="audio/x-wav")
