"""Who may ask: version, account, Authorization and sig, in the platform's order [1.3, 7.1]."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
from datetime import datetime, timedelta

from starlette.requests import Request

from hub.simulator.clock import CHINA, FORMAT
from hub.simulator.codes import Refused

VERSION = "2013-12-26"
VALID_FOR = timedelta(hours=24)
ID = re.compile(r"[A-Za-z0-9]{32}")
"""Sids and app ids [1.3]."""


def check_signature(request: Request, sid: str, token: str) -> None:
    """The address first, then the header, then what both say about each other, then the time, then the sig."""
    asked = request.path_params.get("sid", "")
    if request.path_params["version"] != VERSION:
        raise Refused("111110")
    if not ID.fullmatch(asked):
        raise Refused("111100")
    named, timestamp = _authorization(request.headers.get("authorization", ""))
    if named != asked:
        raise Refused("111107")
    if asked != sid:
        raise Refused("111141")
    _check_time(timestamp)
    _check_sig(request.query_params.get("sig", ""), f"{sid}{token}{timestamp}")


def check_app(app: str, own: str) -> None:
    for code, is_wrong in (
        ("111169", not app),
        ("111170", not (app.isascii() and app.isalnum())),
        ("111171", len(app) != len(own)),
        ("111181", app != own),
    ):
        if is_wrong:
            raise Refused(code)


def _authorization(header: str) -> tuple[str, str]:
    """Base64 of account, colon, timestamp."""
    if not header:
        raise Refused("111101")
    try:
        decoded = base64.b64decode(header, validate=True).decode()
    except (binascii.Error, ValueError):
        raise Refused("111102") from None
    sid, colon, timestamp = decoded.partition(":")
    for code, is_wrong in (("111103", not colon), ("111104", not sid), ("111105", not timestamp)):
        if is_wrong:
            raise Refused(code)
    return sid, timestamp


def _check_time(timestamp: str) -> None:
    try:
        sent_at = datetime.strptime(timestamp, FORMAT).replace(tzinfo=CHINA)
    except ValueError:
        raise Refused("111113") from None
    if abs(datetime.now(CHINA) - sent_at) > VALID_FOR:
        raise Refused("111106")


def _check_sig(given: str, signed: str) -> None:
    if not given:
        raise Refused("111108")
    right = hashlib.md5(signed.encode(), usedforsecurity=False).hexdigest().upper()
    if not hmac.compare_digest(given.encode(), right.encode()):
        raise Refused("111109")
