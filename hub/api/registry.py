"""The registry: every operation once, for both doors."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import tzinfo
from typing import Any, TypeVar, get_type_hints

import msgspec

from hub.api.errors import InternalError, MethodNotFound
from hub.api.reading import MAX_ECHO, ignored, read_params
from hub.errors import HubError
from hub.push.session import Session
from hub.service import Conferences

logger = logging.getLogger(__name__)

Result = Mapping[str, Any]
Run = TypeVar("Run", bound=Callable[[Any, Any], Awaitable[Result]])


@dataclass(frozen=True, slots=True)
class Context:
    """What an operation may use. `session` is None where there is no socket; `zone` is that of times without an offset.

    `after_reply` is run once the reply to this request has been sent: what must not overtake it.
    """

    conferences: Conferences
    epoch: str
    max_roster: int
    zone: tzinfo
    session: Session | None = None
    after_reply: list[Callable[[], None]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Operation:
    """`params` and `result` are the types that `run` is annotated with.

    `socket`: makes sense on a socket only, so it has no POST path.
    """

    name: str
    run: Callable[[Context, Any], Awaitable[Result]]
    params: type[msgspec.Struct]
    result: Any
    socket: bool

    @property
    def summary(self) -> str:
        return (self.run.__doc__ or "").partition("\n")[0]


REGISTRY: dict[str, Operation] = {}


def operation(name: str, *, socket: bool = False) -> Callable[[Run], Run]:
    def register(run: Run) -> Run:
        types = get_type_hints(run)
        REGISTRY[name] = Operation(name, run, types["params"], types["return"], socket)
        return run

    return register


async def call(context: Context, name: str, params: Mapping[str, Any]) -> Result:
    """Run an operation. Raises HubError and nothing else."""
    operation = REGISTRY.get(name)
    if operation is None:
        raise MethodNotFound(f"no operation {name[:MAX_ECHO]!r}")
    try:
        return await operation.run(context, _read(operation, params))
    except HubError:
        raise
    except Exception as error:
        logger.exception("%s failed", name)
        raise InternalError from error


def _read(operation: Operation, params: Mapping[str, Any]) -> msgspec.Struct:
    read = read_params(operation.params, params)
    if logger.isEnabledFor(logging.DEBUG) and (names := list(ignored(params, msgspec.to_builtins(read)))):
        logger.debug("%s: fields ignored: %.500r", operation.name, names)
    return read
