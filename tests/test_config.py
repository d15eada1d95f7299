from __future__ import annotations

from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from hub.config import Settings, SimulatorSettings, check, is_loopback, read_settings, refuse_unknown, warnings
from hub.errors import StartRefused


def settings(**environment: str) -> Settings:
    found = read_settings(Settings, {}, {f"CONFHUB_{name}": value for name, value in environment.items()})
    check(found)
    return found


def test_without_anything_there_are_defaults() -> None:
    assert settings() == Settings()
    assert (settings().host, settings().port, settings().database) == ("127.0.0.1", 8000, Path("confhub.db"))
    assert settings().timezone == ZoneInfo("Asia/Shanghai")


def test_a_flag_wins_over_a_variable() -> None:
    assert read_settings(Settings, {"port": "1", "host": None}, {"CONFHUB_PORT": "2"}).port == 1


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "http"),
        ("PORT", "-1"),
        ("PORT", "65536"),
        ("PORT", ""),
        ("HOST", ""),
        ("DATABASE", ":memory:"),
        ("AUTH", "closed"),
        ("INBOX_DAYS", "-1"),
        ("LOG_DAYS", "1.5"),
        ("AUDIT_DAYS", "36501"),
        ("SPEED", "0"),
        ("SPEED", "fast"),
        ("SPEED", "nan"),
        ("TIMEZONE", "Mars/Olympus"),
        ("TIMEZONE", "../etc/passwd"),
        ("PROVIDER_URL", "app.cloopen.com"),
        ("PROVIDER_URL", "ftp://app.cloopen.com"),
        ("PROVIDER_URL", "https://app.cloopen.com:port"),
        ("PROVIDER_URL", "https://app.cloopen.com:99999"),
        ("PROVIDER_URL", "https://app. cloopen.com"),
        ("MAX_ROSTER", "0"),
        ("TRUSTED", "10.0.0.0/99"),
        ("PROXIES", "nginx"),
        ("ORIGINS", "https://a.example/path"),
        ("CALLBACK_SECRET", "short"),
        ("CALLBACK_SECRET", f"{'a' * 16},"),
        ("CALLBACK_SECRET", ",".join("abc"[n] * 16 for n in range(3))),
        ("CALLBACK_SECRET", "with/a/slash/in/it"),
    ],
)
def test_what_is_malformed_is_named(name: str, value: str) -> None:
    with pytest.raises(StartRefused, match=rf"^CONFHUB_{name} \(--") as caught:
        settings(**{name: value})
    assert str(caught.value).endswith(".")


def test_a_misspelt_variable_is_named() -> None:
    refuse_unknown({"CONFHUB_PORT": "1", "PATH": "/bin"})
    with pytest.raises(StartRefused, match="CONFHUB_PROT is not a setting"):
        refuse_unknown({"CONFHUB_PROT": "1"})


@pytest.mark.parametrize("host", ["0.0.0.0", "192.0.2.1", "::", "example.test"])  # noqa: S104
def test_open_means_loopback_only_or_networks_that_are_named(host: str) -> None:
    with pytest.raises(StartRefused, match=r"loopback.*CONFHUB_TRUSTED"):
        settings(HOST=host, AUTH="open")
    assert settings(HOST=host, AUTH="open", TRUSTED="10.0.0.0/8, ::1/128").trusted
    assert settings(HOST=host, AUTH="keys").auth == "keys"


@pytest.mark.parametrize(("name", "value"), [("TRUSTED", "10.0.0.0/8"), ("CALLBACK_NETWORKS", "10.0.0.0/8")])
def test_a_setting_that_would_do_nothing_is_a_mistake(name: str, value: str) -> None:
    with pytest.raises(StartRefused, match=f"CONFHUB_{name} means nothing without"):
        settings(**{name: value})


EVERYWHERE = "0.0.0.0"  # noqa: S104 - nothing listens there


def test_what_others_can_read_is_said_loudly() -> None:
    (warning,) = warnings(settings(HOST=EVERYWHERE, AUTH="keys"))
    (is_open,) = warnings(settings(AUTH="open", TRUSTED="10.0.0.0/8"))
    assert is_open.startswith("OPEN: whoever is on this machine or of 10.0.0.0/8 needs no credential")
    assert warning.startswith("NOT ENCRYPTED: 0.0.0.0 can be reached")
    assert warnings(settings()) == []
    assert warnings(settings(HOST=EVERYWHERE, AUTH="keys", PROXIES="10.0.0.1")) == []
    assert warnings(settings(HOST=EVERYWHERE, AUTH="keys", CERTIFICATE="c.pem", KEY="k.pem")) == []


@pytest.mark.parametrize("written", ["https://Hub.Example", "https://hub.example:443", "HTTPS://hub.example/"])
def test_an_origin_is_what_browsers_call_it(written: str) -> None:
    assert settings(PUBLIC_URL=written, ORIGINS=f"http://a.example:80,{written}") == settings(
        PUBLIC_URL="https://hub.example", ORIGINS="http://a.example,https://hub.example"
    )


def test_two_callback_secrets_may_be_live() -> None:
    assert settings(CALLBACK_SECRET="b" * 16 + "," + "a" * 16).callback_secret == ("b" * 16, "a" * 16)


@pytest.mark.parametrize("host", ["127.0.0.1", "127.3.2.1", "::1", "localhost"])
def test_loopback_has_several_names(host: str) -> None:
    assert is_loopback(host)


def test_a_provider_needs_its_credentials_and_our_secret() -> None:
    all_of_it = {
        "PROVIDER_URL": "https://app.cloopen.com:8883/",
        "PROVIDER_ACCOUNT_SID": "a",
        "PROVIDER_AUTH_TOKEN": "b",
        "PROVIDER_APP_ID": "c",
        "CALLBACK_SECRET": "0123456789abcdef",
    }
    assert settings(**all_of_it).provider_url == "https://app.cloopen.com:8883"
    for name in all_of_it:
        if name != "PROVIDER_URL":
            with pytest.raises(StartRefused, match=f"CONFHUB_{name} must be set"):
                settings(**{key: value for key, value in all_of_it.items() if key != name})


def test_credentials_without_a_provider_are_a_mistake() -> None:
    with pytest.raises(StartRefused, match="every call would be simulated"):
        settings(PROVIDER_AUTH_TOKEN="b")


def test_the_simulator_must_know_where_callbacks_go() -> None:
    with pytest.raises(StartRefused, match="CONFHUB_CALLBACK_URL"):
        read_settings(SimulatorSettings, {}, {})


def test_secrets_are_not_shown() -> None:
    shown = repr(Settings(provider_auth_token="geheim-1", callback_secret=("geheim-2",)))
    assert "geheim" not in shown
