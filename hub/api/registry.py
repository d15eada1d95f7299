"""The registry: every operation once, for both doors."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import tzinfo
from typing import Any, NoReturn, TypeVar, get_type_hints

import msgspec
from msgspec.structs import replace

from hub.access.access import Access
from hub.access.identity import NOBODY, OPEN, STRANGER, Author, Role
from hub.api.effects import EFFECT, Effect
from hub.api.errors import InternalError, MethodNotFound
from hub.api.logins import Login
from hub.api.params import ByUser, ConferenceId
from hub.api.reading import MAX_ECHO, ignored, read_params
from hub.api.roles import LEAST, SEES_NUMBERS
from hub.bucket import Buckets
from hub.errors import HubError, NotAllowed, StorageUnavailable, Unauthenticated
from hub.inbox import Inbox
from hub.push.session import Session
from hub.service import Conferences

logger = logging.getLogger(__name__)

Result = Mapping[str, Any]
Run = TypeVar("Run", bound=Callable[[Any, Any], Awaitable[Result]])


class Context(msgspec.Struct, frozen=True):
    """What an operation may use. `session` and `login` are None where there is no socket; `zone` is that of times
    without an offset, `url` the hub's address for its users. `notices` are what apps may still send.

    `after_reply` is run once the reply to this request has been sent: what must not overtake it.
    """

    conferences: Conferences
    access: Access
    inbox: Inbox
    epoch: str
    max_roster: int
    zone: tzinfo
    url: str
    notices: Buckets
    author: Author = STRANGER
    session: Session | None = None
    login: Login | None = None
    after_reply: list[Callable[[], None]] = msgspec.field(default_factory=list)

    @property
    def is_masked(self) -> bool:
        """Whoever asks may not see phone numbers and passwords."""
        return self.author.identity.role < SEES_NUMBERS


class Operation(msgspec.Struct, frozen=True):
    """`params` and `result` are the types that `run` is annotated with.

    `role` is the least that may. `socket`: makes sense on a socket only, so it has no POST path. `of_conference`: the
    `id` that it takes is a conference's. `effect`: what doing it again would do.
    """

    name: str
    role: Role
    run: Callable[[Context, Any], Awaitable[Result]]
    params: type[msgspec.Struct]
    result: Any
    socket: bool
    of_conference: bool
    effect: Effect

    @property
    def summary(self) -> str:
        return (self.run.__doc__ or "").partition("\n")[0]


REGISTRY: dict[str, Operation] = {}


def operation(name: str, *, socket: bool = False) -> Callable[[Run], Run]:
    def register(run: Run) -> Run:
        types = get_type_hints(run)
        of_conference = ConferenceId in get_type_hints(types["params"], include_extras=True).values()
        takes, answers = types["params"], types["return"]
        REGISTRY[name] = Operation(name, LEAST[name], run, takes, answers, socket, of_conference, EFFECT[name])
        return run

    return register


async def call(context: Context, name: str, params: Mapping[str, Any]) -> Result:
    """Run an operation. Raises HubError and nothing else; that it was refused is in the audit."""
    with _audited(context, name, params):
        return await _run(context, name, params)


def admit(context: Context, name: str) -> None:
    """Raises Unauthenticated or NotAllowed if there is no need to look at what is asked for."""
    with _audited(context, name, {}):
        _check(context, REGISTRY[name])


async def refuse(context: Context, error: HubError, name: str, params: Mapping[str, Any]) -> NoReturn:
    """Stands in for `call`: refuses every operation with `error`, and the audit has it."""
    with _audited(context, name, params):
        raise error


@contextmanager
def _audited(context: Context, name: str, params: Mapping[str, Any]) -> Iterator[None]:
    try:
        yield
    except HubError as error:
        if error.code > 0 and not isinstance(error, StorageUnavailable):
            author = replace(context.author, operation=name[:MAX_ECHO])
            context.access.audit.refuse(author, error.name, str(error), _conference(name, params))
        raise


async def _run(context: Context, name: str, params: Mapping[str, Any]) -> Result:
    operation = REGISTRY.get(name)
    if operation is None:
        raise MethodNotFound(f"no operation {name[:MAX_ECHO]!r}")
    _check(context, operation)
    context.access.spend(context.author.identity)
    read = _read(operation, _completed(context.author, operation, params))
    _check_fields(context.author, read)
    uid = read.uid if isinstance(read, ByUser) else context.author.uid
    try:
        return await operation.run(replace(context, author=replace(context.author, operation=name, uid=uid)), read)
    except HubError:
        raise
    except Exception as error:
        logger.exception("%s failed", name)
        raise InternalError from error


def _check(context: Context, operation: Operation) -> None:
    """At the moment of asking: what was good a moment ago may not be any more. Raises Unauthenticated, NotAllowed."""
    identity = context.author.identity
    if operation.role is Role.NOBODY:
        return
    if not context.access.is_good(identity):
        needed = f"a credential is needed: {_HOW[context.session is not None]}"
        raise Unauthenticated(needed if identity is NOBODY else "the credential is no longer good")
    if identity is OPEN and operation.role is Role.ADMIN:
        raise NotAllowed("while the hub is open this is the command line's alone: `confhub keys`, `tokens`, `inbox`")
    if identity.role < operation.role:
        raise NotAllowed(f"{operation.name} is not for the role {identity.role.word}")


_HOW = ("the header `Authorization: Bearer <key or token>`", "call `authenticate` first")


def _completed(author: Author, operation: Operation, params: Mapping[str, Any]) -> Mapping[str, Any]:
    """`appid` and `uid` are those of the credential, where it has any and the request names none."""
    known = {"appid": author.identity.app, "uid": author.identity.uid or author.uid}
    fields = operation.params.__struct_fields__
    missing = {name: value for name, value in known.items() if value and name in fields and params.get(name) is None}
    return {**params, **missing}


def _check_fields(author: Author, read: msgspec.Struct) -> None:
    identity = author.identity
    if identity.app not in (None, getattr(read, "appid", identity.app)):
        raise NotAllowed("appid: is not the credential's", path="appid")
    if isinstance(read, ByUser) and identity.uid not in ("", read.uid):
        raise NotAllowed("uid: is not the credential's", path="uid")


def _conference(name: str, params: Mapping[str, Any]) -> str | None:
    id = params.get("id")
    is_one = name in REGISTRY and REGISTRY[name].of_conference and isinstance(id, str | int)
    return str(id)[:MAX_ECHO] if is_one else None


def _read(operation: Operation, params: Mapping[str, Any]) -> msgspec.Struct:
    read = read_params(operation.params, params)
    if logger.isEnabledFor(logging.DEBUG) and (names := list(ignored(params, msgspec.to_builtins(read)))):
        logger.debug("%s: fields ignored: %.500r", operation.name, names)
    return read
