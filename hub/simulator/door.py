"""The REST API over HTTP: who asks, what is asked, and the answer, spoilt where a fault strikes."""

from __future__ import annotations

import asyncio

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from hub.simulator.answers import SPOILT, Answer, break_down, form_for, respond
from hub.simulator.codes import SUCCESS, Refused
from hub.simulator.forms import Asked, Breaks, given, read
from hub.simulator.functions import Function, functions
from hub.simulator.rows import find_conference
from hub.simulator.signature import check_app, check_signature
from hub.simulator.world import World

COPIES = ("confid", "maxmember")
"""Attributes of which clients put a copy into the query [3.1]; it counts where the attribute is missing."""


def routes(world: World) -> list[Route]:
    """Without an account as well: then it is the account that is refused."""
    door = Door(world)
    paths = ("/{version}/Accounts/{sid}/{function:path}", "/{version}/Accounts//{function:path}")
    return [Route(path, door.serve, methods=["GET", "POST"]) for path in paths]


async def serve_unknown(request: Request, _: Exception) -> Response:
    """A path, a verb or a kind of account that nobody knows, in the platform's words: clients read no others."""
    return respond(Refused("111000").answer, _form(request))


class Door:
    def __init__(self, world: World) -> None:
        self._world = world
        self._functions = functions(world)

    async def serve(self, request: Request) -> Response:
        form = _form(request)
        try:
            function, asked = await self._understand(request)
        except Refused as refused:
            return respond(refused.answer, form)
        except Breaks:
            return break_down(form)
        except ClientDisconnect:
            return Response(status_code=400)  # nobody reads it
        return await self._answer(function, asked, form)

    async def _understand(self, request: Request) -> tuple[Function, Asked]:
        check_signature(request, self._world.sid, self._world.token)
        path = request.path_params["function"].lower().rstrip("/")
        function = self._functions.get(path)
        if function is None or function.method != request.method:
            raise Refused("111000")
        asked = await _read(request, is_ivr=path.startswith("ivr/"))
        if function.needs_app or asked.app:
            check_app(asked.app, self._world.app_id)
        return function._replace(name=function.name or asked.command), asked

    async def _answer(self, function: Function, asked: Asked, form: str) -> Response:
        faults = self._world.faults
        if not faults.are_on:
            return respond(await self._do(function, asked), form)
        if prevented := await self._prevent(function.name, asked, form):
            return prevented
        answer = await self._do(function, asked)
        slow = await self._strikes("answer_slow", function.name)
        if slow:
            await asyncio.sleep(self._world.ledger.scaled(slow))
        for name, spoil in SPOILT.items():
            if await self._strikes(name, function.name) is not None:
                return spoil(answer, form)
        return respond(answer, form)

    async def _do(self, function: Function, asked: Asked) -> Answer:
        """All of it in one change, or nothing."""
        try:
            async with self._world.ledger.change():
                return {"statusCode": SUCCESS, **await function.serve(asked)}
        except Refused as refused:
            return refused.answer

    async def _prevent(self, name: str, asked: Asked, form: str) -> Response | None:
        """Faults that strike before the command is looked at."""
        await self._delete_first(name, asked.attributes.get("confid", ""))
        if await self._strikes("answer_500", name) is not None:
            return break_down(form)
        if await self._strikes("answer_111111", name) is not None:
            return respond(Refused("111111").answer, form)
        return None

    async def _delete_first(self, name: str, confid: str) -> None:
        async with self._world.ledger.change():
            conference = await find_conference(self._world.ledger, confid)
            is_running = conference is not None and not conference.is_over
            if is_running and await self._world.faults.strikes("conference_deleted", name) is not None:
                await self._world.conferences.end(confid)

    async def _strikes(self, fault: str, name: str) -> float | None:
        async with self._world.ledger.change():
            return await self._world.faults.strikes(fault, name)


def _form(request: Request) -> str:
    return form_for(request.headers.get("accept", ""), request.headers.get("content-type", ""))


async def _read(request: Request, *, is_ivr: bool) -> Asked:
    query = given(request.query_params.items())
    if request.method == "GET":
        return Asked("", "", query)
    asked = read(await request.body(), request.headers.get("content-type", ""), is_ivr=is_ivr)
    copies = {name: query[name] for name in COPIES if name in query} if is_ivr else {}
    return asked._replace(attributes=copies | dict(asked.attributes))
