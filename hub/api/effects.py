"""What doing an operation twice would do: for every operation, and nowhere else. See idempotency.py."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum


class Effect(StrEnum):
    """Only what CHANGES something is remembered by its idempotency key.

    READS does nothing. GRANTS makes credentials or shows them: one more does no harm to a conference, and an answer
    with one in it is never stored.
    """

    READS = "reads"
    CHANGES = "changes"
    GRANTS = "grants"


EFFECT: Mapping[str, Effect] = {
    **dict.fromkeys(
        ("getConf", "getUserConfs", "getConfUsers", "getEvents", "getKeys", "getAudit", "getInbox"), Effect.READS
    ),
    **dict.fromkeys(("watchConf", "unwatchConf", "ping", "rpc.discover"), Effect.READS),
    **dict.fromkeys(("createConf", "stopConf", "pwdConf", "sendNotice"), Effect.CHANGES),
    **dict.fromkeys(("joinConf", "inviteConf", "callAllConf"), Effect.CHANGES),
    **dict.fromkeys(("quitConf", "muteConf", "unmuteConf", "modeConf"), Effect.CHANGES),
    **dict.fromkeys(("redialConf", "cancelInvite", "removeUser", "settleUser"), Effect.CHANGES),
    **dict.fromkeys(("revokeKey", "rotateTokens", "retryCallback"), Effect.CHANGES),
    **dict.fromkeys(("authenticate", "signIn", "createTicket", "createToken", "createKey", "getUser"), Effect.GRANTS),
}
