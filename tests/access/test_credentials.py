"""Keys, tokens and tickets by themselves."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime, timedelta

import jwt
import pytest
from msgspec.structs import replace

from hub.access.identity import NOBODY, Author, Identity, Role
from hub.access.keys import Keys
from hub.access.tickets import MOST_OF_ONE, Tickets
from hub.access.tokens import Tokens
from hub.errors import TooMany

MIA = Identity(role=Role.OWNER, credential="key:a", app="demo", conference=7, uid="mia", key="a")


class Clock:
    def __init__(self) -> None:
        self.at = datetime.now(UTC)

    def now(self) -> datetime:
        return self.at

    def monotonic(self) -> float:
        return self.at.timestamp()

    def sleep(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def keys(clock: Clock) -> Keys:
    return Keys(clock.now)


@pytest.fixture
def tokens(clock: Clock) -> Tokens:
    tokens = Tokens(clock.now)
    tokens.know(tokens.rotated())
    return tokens


def test_a_key_is_its_apps_and_only_its_hash_is_kept(keys: Keys) -> None:
    key, shown = keys.make("demo")
    assert keys.identify(shown) is None
    keys.know([key])
    assert keys.identify(shown) == Identity(role=Role.APP, app="demo", key=key.id, credential=f"key:{key.id}")
    assert shown.split("_", 2)[2] not in repr(key)
    assert len(key.hash) == 32


def test_an_admins_key_is_of_no_app(keys: Keys) -> None:
    key, shown = keys.make(None)
    keys.know([key])
    assert keys.identify(shown) == Identity(role=Role.ADMIN, key=key.id, credential=f"key:{key.id}")


def test_two_keys_of_an_app_are_good_at_once_and_one_may_go(keys: Keys) -> None:
    (old, old_shown), (new, new_shown) = keys.make("demo"), keys.make("demo")
    keys.know([old, new])
    assert keys.identify(old_shown)
    assert keys.identify(new_shown)
    keys.know([keys.revoked(old)])
    assert keys.identify(old_shown) is None
    assert keys.identify(new_shown)


@pytest.mark.parametrize("change", ["{}x", " {}", "{}\n", "", "ck_", "x{}", "ck_aaaaaaaa_" + "a" * 43])
def test_what_is_nearly_a_key_is_none(keys: Keys, change: str) -> None:
    key, shown = keys.make("demo")
    keys.know([key])
    assert keys.identify(change.format(shown)) is None


def test_a_token_is_who_it_was_made_for(tokens: Tokens) -> None:
    token, id, expires_at = tokens.issue(MIA, 60)
    found = tokens.identify(token)
    assert found is not None
    assert found.credential == f"token:{id} of key:a"
    assert found.person == MIA.person
    assert (found.key, found.expires_at) == ("a", expires_at)


def test_a_token_is_good_for_its_time_and_no_longer(clock: Clock, tokens: Tokens) -> None:
    token, _, expires_at = tokens.issue(MIA, 60)
    assert timedelta(seconds=60) <= expires_at - clock.at < timedelta(seconds=61)
    clock.sleep(-3600)
    old, *_ = tokens.issue(MIA, 60)
    assert tokens.identify(old) is None
    assert tokens.identify(token)


def test_what_a_token_makes_does_not_outlive_it(tokens: Tokens) -> None:
    first, _, ends_at = tokens.issue(MIA, 60)
    found = tokens.identify(first)
    assert found is not None
    assert tokens.issue(found, 3600).expires_at == ends_at


def test_after_one_rotation_a_token_is_good_and_after_two_it_is_not(tokens: Tokens) -> None:
    token, *_ = tokens.issue(MIA, 60)
    tokens.know(tokens.rotated())
    assert tokens.identify(token)
    tokens.know(tokens.rotated())
    assert tokens.identify(token) is None


def forged(tokens: Tokens) -> dict[str, str]:
    token, *_ = tokens.issue(MIA, 60)
    head, body, signature = token.split(".")
    claims = json.loads(base64.urlsafe_b64decode(body + "=="))
    secret, kid = tokens._signing[-1].secret, {"kid": tokens._signing[-1].id}
    more = base64.urlsafe_b64encode(json.dumps(claims | {"role": "admin"}).encode()).decode().rstrip("=")
    endless = {name: value for name, value in claims.items() if name != "exp"}
    return {
        "another role": f"{head}.{more}.{signature}",
        "no signature": f"{head}.{body}.",
        "algorithm none": jwt.encode(claims, None, "none", headers=kid),
        "another algorithm": jwt.encode(claims, secret + secret, "HS512", headers=kid),
        "another's secret": jwt.encode(claims, b"x" * 32, "HS256", headers=kid),
        "unknown signing key": jwt.encode(claims, secret, "HS256", headers={"kid": "x"}),
        "no signing key": jwt.encode(claims, secret, "HS256"),
        "no end": jwt.encode(endless, secret, "HS256", headers=kid),
        "another issuer": jwt.encode(claims | {"iss": "evil"}, secret, "HS256", headers=kid),
        "not ascii": "é.é.é",
        "long": "a" * 100_000,
        "empty": "",
    }


def test_a_forged_token_is_none(tokens: Tokens) -> None:
    assert {how: tokens.identify(token) for how, token in forged(tokens).items()} == dict.fromkeys(forged(tokens))


def test_a_ticket_works_once_and_not_for_long(clock: Clock) -> None:
    tickets = Tickets("ct", 30, clock.monotonic)
    first, second = tickets.issue(MIA), tickets.issue(MIA)
    assert first not in repr(tickets.__dict__)
    assert [tickets.redeem(first), tickets.redeem(first), tickets.redeem("ct_other")] == [MIA, None, None]
    clock.sleep(30)
    assert tickets.redeem(second) is None
    assert (tickets._open, dict(tickets._of_credential)) == ({}, {})


def test_who_takes_too_many_tickets_takes_them_from_nobody(clock: Clock) -> None:
    tickets = Tickets("ct", 30, clock.monotonic)
    other = Identity(role=Role.LISTENER, credential="token:b")
    kept = tickets.issue(other)
    for _ in range(MOST_OF_ONE):
        tickets.issue(MIA)
    with pytest.raises(TooMany):
        tickets.issue(MIA)
    assert tickets.redeem(kept) == other
    clock.sleep(30)
    assert tickets.issue(MIA)


def test_in_ipv6_a_whole_network_is_one_address() -> None:
    networks = [Author(NOBODY, address).network for address in ("2001:db8::1", "2001:db8::2", "2001:db8:0:1::1")]
    assert networks == ["2001:db8::/64", "2001:db8::/64", "2001:db8:0:1::/64"]
    assert [Author(NOBODY, address).network for address in ("192.0.2.1", "")] == ["192.0.2.1", ""]


def test_what_a_token_makes_survives_no_rotation_that_it_would_not(tokens: Tokens) -> None:
    parent, *_ = tokens.issue(MIA, 60)
    tokens.know(tokens.rotated())
    found = tokens.identify(parent)
    assert found is not None
    child, *_ = tokens.issue(found, 60)
    assert tokens.identify(child)
    tokens.know(tokens.rotated())
    assert (tokens.identify(parent), tokens.identify(child)) == (None, None)


def test_the_longest_that_anybody_can_be_called_fits_into_a_token(tokens: Tokens) -> None:
    long = replace(MIA, uid="\U0001f600" * 128, app="\U0001f600" * 128)
    found = tokens.identify(tokens.issue(long, 60)[0])
    assert found is not None
    assert found.person == long.person
