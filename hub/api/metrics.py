"""`GET /metrics`: what the hub counts, in the text format of Prometheus. For an admin's key, or on an open hub."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from hub.access.identity import OPEN, Role
from hub.api.auth import identified, stranger_at
from hub.api.http import failure
from hub.errors import HubError, NotAllowed, Unauthenticated

COUNTERS: Mapping[str, str] = {
    "calls_concluded": "calls of which nobody said in time what became of them, so that the hub asked and concluded",
    "commands_overdue": "commands that had not come true after five seconds",
    "conferences_found_ended": "conferences that the platform had ended without a word",
    "divergences": "times that the platform counted others inside than the roster showed",
    "callbacks_refused": "callbacks with a wrong secret",
}
GAUGES: Mapping[str, str] = {
    "conferences_active": "conferences that go on",
    "callbacks_failed": "callbacks that could not be applied, and will be tried again",
    "callbacks_set_aside": "callbacks that could not be applied in five attempts",
    "conferences_uncertain": "conferences of which it is known that the roster is wrong somewhere",
}


def route() -> Route:
    return Route("/metrics", _answer, methods=["GET"])


async def _answer(request: Request) -> Response:
    try:
        _check(request)
        conferences = request.app.state.context.conferences
        unsettled = (await conferences.inbox.count()).items()
        callbacks = {f"callbacks_{status}".replace(" ", "_"): count for status, count in unsettled}
        figures = {**conferences.tally, **await conferences.gauges(), **callbacks}
    except HubError as error:
        return failure(error)
    return Response("\n".join(_lines(figures)) + "\n", media_type="text/plain; version=0.0.4")


def _check(request: Request) -> None:
    identity = identified(request, stranger_at(request, "metrics")).identity
    if identity.role is Role.NOBODY:
        raise Unauthenticated("a credential is needed: the header `Authorization: Bearer <key>`")
    if identity is not OPEN and identity.role is not Role.ADMIN:
        raise NotAllowed("figures are of all apps: an admin's key is needed")


def _lines(figures: Mapping[str, int]) -> Iterator[str]:
    for kind, ending, names in (("counter", "_total", COUNTERS), ("gauge", "", GAUGES)):
        for name, help in names.items():
            yield f"# HELP confhub_{name}{ending} {help}"
            yield f"# TYPE confhub_{name}{ending} {kind}"
            yield f"confhub_{name}{ending} {figures.get(name, 0)}"
