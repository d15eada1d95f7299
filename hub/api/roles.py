"""Who may do what: for every operation the least role that may, and nowhere else."""

from __future__ import annotations

from collections.abc import Mapping

from hub.access.identity import Role

LEAST: Mapping[str, Role] = {
    "authenticate": Role.NOBODY,
    "signIn": Role.NOBODY,
    "getConf": Role.LISTENER,
    "getConfUsers": Role.LISTENER,
    "getEvents": Role.LISTENER,
    "watchConf": Role.LISTENER,
    "unwatchConf": Role.LISTENER,
    "createTicket": Role.LISTENER,
    "ping": Role.LISTENER,
    "rpc.discover": Role.LISTENER,
    "joinConf": Role.MODERATOR,
    "inviteConf": Role.MODERATOR,
    "callAllConf": Role.MODERATOR,
    "quitConf": Role.MODERATOR,
    "muteConf": Role.MODERATOR,
    "unmuteConf": Role.MODERATOR,
    "redialConf": Role.MODERATOR,
    "cancelInvite": Role.MODERATOR,
    "removeUser": Role.MODERATOR,
    "settleUser": Role.MODERATOR,
    "modeConf": Role.MODERATOR,
    "pwdConf": Role.OWNER,
    "stopConf": Role.OWNER,
    "getUser": Role.APP,
    "getUserConfs": Role.APP,
    "createConf": Role.APP,
    "sendNotice": Role.APP,
    "createToken": Role.APP,
    "getAudit": Role.APP,
    "createKey": Role.ADMIN,
    "getKeys": Role.ADMIN,
    "revokeKey": Role.ADMIN,
    "rotateTokens": Role.ADMIN,
    "getInbox": Role.ADMIN,
    "retryCallback": Role.ADMIN,
}

SEES_NUMBERS = Role.MODERATOR
"""Whoever stands lower sees phone numbers with their middle hidden, and of a password only that there is one."""
