"""docs/deploy.md is followed: its unit, its proxies, its settings and its commands, with other ports and paths."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Mapping
from configparser import RawConfigParser
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Self

import httpx
import pytest
import pytest_asyncio
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import InvalidStatus

from hub import config
from hub.api.headers import SAFETY
from hub.config import Settings
from hub.push.limits import MAX_MESSAGE
from hub.server import OTHER_FILES
from tests.certificates import Certificate, self_signed
from tests.conftest import Start
from tests.harness import PATIENCE_S, ROOT, HubProcess, need_program

DOC = (ROOT / "docs/deploy.md").read_text()
SECRET = "the-secret-of-the-test"
CLIENT = "127.0.0.2"
"""Of this machine too, and not the proxy's."""

INVENTED = "203.0.113.7"
NOWHERE = "http://127.0.0.1:9"
ROW = {"id": "eve", "number": "13800000001"}


def block(language: str, having: str) -> str:
    """The one code block of the page in this language that has these words."""
    blocks = re.findall(r"^```(\w+)\n(.*?)^```", DOC, re.MULTILINE | re.DOTALL)
    (found,) = (text for kind, text in blocks if kind == language and having in text)
    return str(found)


def settings(having: str) -> dict[str, str]:
    return dict(line.split("=", 1) for line in block("ini", having).splitlines())


BEHIND_A_PROXY = settings("CONFHUB_PROXIES")
WITH_TLS = settings("CONFHUB_CERTIFICATE")
AT_THE_PLATFORM = settings("CONFHUB_PROVIDER_URL")
TWO_SECRETS = settings("CONFHUB_CALLBACK_SECRET=another")


def exchanged(text: str, others: Mapping[str, str]) -> str:
    for ours, other in others.items():
        assert ours in text, ours
        text = text.replace(ours, other)
    return text


def free_port() -> str:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return str(free.getsockname()[1])


async def started(folder: Path, *flags: str, **variables: str) -> HubProcess:
    """A hub told as the unit tells it, by variables, of which flags change some."""
    hub = HubProcess(folder, "--database", "confhub.db", *flags)
    hub.environment |= variables
    return await hub.start()


class Proxy:
    """A proxy as the page has it, before the hub at an address. It writes into a folder of its own and nowhere else.

    `others` are exchanged in its configuration for what the page has there.
    """

    is_up: ClassVar[str]
    """In the line that it logs once it listens."""

    def __init__(
        self, folder: Path, certificate: Certificate, hub: str, port: str | None = None, **others: str
    ) -> None:
        self._folder = folder / "proxy"
        self._folder.mkdir()
        self._port = port or free_port()
        self._lines: list[str] = []
        self.url = f"https://127.0.0.1:{self._port}"
        self._command = self._configure(certificate, {"127.0.0.1:8000": hub.removeprefix("http://")} | others)

    def _configure(self, certificate: Certificate, others: Mapping[str, str]) -> tuple[str, ...]:
        """The command that runs it."""
        raise NotImplementedError

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[Self]:
        home = os.environ | {"HOME": str(self._folder), "XDG_DATA_HOME": "", "XDG_CONFIG_HOME": ""}
        process = await asyncio.create_subprocess_exec(*self._command, env=home, stderr=subprocess.PIPE)
        assert process.stderr is not None
        await asyncio.wait_for(self._keep(process.stderr, self.is_up), PATIENCE_S)
        assert self.is_up in self._lines[-1], self._lines
        reader = asyncio.create_task(self._keep(process.stderr))
        try:
            yield self
        finally:
            process.terminate()
            await asyncio.wait_for(process.wait(), PATIENCE_S)
            await reader

    async def _keep(self, lines: asyncio.StreamReader, until: str | None = None) -> None:
        async for line in lines:
            self._lines.append(line.decode())
            if until and until in self._lines[-1]:
                return

    @property
    def log(self) -> str:
        """All that it has written anywhere."""
        return "".join([*self._lines, *(path.read_text() for path in self._folder.rglob("*.log"))])


class Nginx(Proxy):
    is_up = "event method"

    def _configure(self, certificate: Certificate, others: Mapping[str, str]) -> tuple[str, ...]:
        plain = free_port()
        self.plain_url = f"http://127.0.0.1:{plain}"
        here = {
            "listen 80;": f"listen 127.0.0.1:{plain};",
            "listen [::]:80;": "",
            "listen 443 ssl;": f"listen 127.0.0.1:{self._port} ssl;",
            "listen [::]:443 ssl;": "",
            "/etc/letsencrypt/live/conference.example/fullchain.pem": str(certificate.file),
            "/etc/letsencrypt/live/conference.example/privkey.pem": str(certificate.key),
        }
        site = exchanged(block("nginx", "listen 443"), here | others)
        kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        places = "".join(f"{kind}_temp_path {self._folder}/{kind};\n" for kind in kinds)
        (file := self._folder / "nginx.conf").write_text(
            f"daemon off; master_process off; pid {self._folder}/nginx.pid; events {{}}\n"
            f"error_log stderr notice; error_log {self._folder}/error.log info;\n"
            f"http {{\naccess_log {self._folder}/access.log;\n{places}{site}}}\n"
        )
        return need_program("nginx", "/usr/sbin/nginx"), "-e", "stderr", "-c", str(file)


class Caddy(Proxy):
    is_up = "serving initial configuration"

    def _configure(self, certificate: Certificate, others: Mapping[str, str]) -> tuple[str, ...]:
        here = {
            "{\n\tlog {": "{\n\tadmin off\n\tauto_https disable_redirects\n\tlog {",
            "conference.example {": f"{self.url} {{\n\tbind 127.0.0.1\n\ttls {certificate.file} {certificate.key}",
        }
        (file := self._folder / "Caddyfile").write_text(exchanged(block("caddyfile", "reverse_proxy"), here | others))
        return need_program("caddy"), "run", "--adapter", "caddyfile", "--config", str(file)


@dataclass
class Site:
    """A hub at an address of https, as `CLIENT` meets it."""

    url: str
    hub: HubProcess
    certificate: Certificate
    proxy: Proxy | None = None

    @property
    def key(self) -> str:
        return (self.hub.folder / "confhub.admin-key").read_text().strip()

    def http(self, address: str = CLIENT, **headers: str) -> httpx.AsyncClient:
        own = httpx.AsyncHTTPTransport(verify=self.certificate.trust, local_address=address)
        claims = {"X-Forwarded-For": INVENTED} | headers
        return httpx.AsyncClient(base_url=self.url, transport=own, headers=claims, timeout=PATIENCE_S)

    async def post(self, operation: str, **params: Any) -> dict[str, Any]:
        """With the admin's key."""
        async with self.http(Authorization=f"Bearer {self.key}") as http:
            answer: dict[str, Any] = (await http.post(f"/{operation}", json=params)).json()
        assert answer["status"] == 1, answer
        return answer

    def socket(self, origin: str | None = None) -> connect:
        url = self.url.replace("https:", "wss:") + "/ws"
        claims = {"X-Forwarded-For": INVENTED}
        trust, own = self.certificate.trust, (CLIENT, 0)
        return connect(url, ssl=trust, local_addr=own, origin=origin, additional_headers=claims, proxy=None)  # type: ignore[arg-type]

    @contextlib.asynccontextmanager
    async def watching(self, id: str) -> AsyncIterator[Callable[[str], Any]]:
        """Yields what waits for an event of a type."""
        async with self.socket(origin=self.url) as socket:
            await ask(socket, "authenticate", token=self.key)
            await ask(socket, "watchConf", id=id)
            yield lambda type: asyncio.wait_for(event(socket, type), PATIENCE_S)

    async def call_back(self, secret: str, address: str = CLIENT) -> int:
        async with self.http(address) as http:
            path = f"/callbacks/yuntongxun/{secret}/quit"
            return (await http.post(path, params={"confid": "60000001", "callid": "none"})).status_code


async def ask(socket: ClientConnection, method: str, **params: Any) -> dict[str, Any]:
    await socket.send(json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": params}))
    reply = json.loads(await asyncio.wait_for(socket.recv(), PATIENCE_S))
    result: dict[str, Any] = reply["result"]
    return result


async def event(socket: ClientConnection, type: str) -> dict[str, Any]:
    async for message in socket:
        said = json.loads(message)
        if said["method"] == "event" and said["params"]["type"] == type:
            params: dict[str, Any] = said["params"]
            return params
    raise AssertionError(f"the connection ended before {type}")


# Behind a proxy ------------------------------------------------------------------------------------------------------

PROXIES = {"nginx": Nginx, "caddy": Caddy}

behind = pytest.mark.asyncio(loop_scope="module")


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    return self_signed(tmp_path_factory.mktemp("certificate"))


@contextlib.asynccontextmanager
async def deployed(
    name: str, folder: Path, certificate: Certificate, *flags: str, **others: str
) -> AsyncIterator[Site]:
    """Hub and proxy with what the page says of both."""
    port = free_port()
    here = ("--public-url", f"https://127.0.0.1:{port}")
    hub = await started(folder, *here, *flags, **BEHIND_A_PROXY)
    try:
        async with PROXIES[name](folder, certificate, hub.url, port, **others).running() as proxy:
            yield Site(proxy.url, hub, certificate, proxy)
    finally:
        await hub.kill()


@pytest_asyncio.fixture(loop_scope="module", scope="module", params=PROXIES)
async def site(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, certificate: Certificate
) -> AsyncIterator[Site]:
    folder = tmp_path_factory.mktemp("site")
    async with deployed(request.param, folder, certificate, "--callback-secret", f"{SECRET},old-{SECRET}") as site:
        yield site


@behind
async def test_the_page_comes_with_the_headers_that_keep_it_safe(site: Site) -> None:
    async with site.http() as http:
        page = await http.get("/")
    assert page.status_code == 200
    assert "confhub" in page.text
    assert {name: page.headers[name] for name in SAFETY} == SAFETY
    assert page.headers["Strict-Transport-Security"] == "max-age=31536000"


@behind
async def test_only_a_credential_lets_in(site: Site) -> None:
    async with site.http() as http:
        assert (await http.post("/createConf", json={"id": "mia", "appid": "demo"})).status_code == 401
    assert (await site.post("createConf", id="mia", appid="demo"))["id"]


@behind
async def test_a_socket_watches_and_is_told(site: Site) -> None:
    id = (await site.post("createConf", id="mia", appid="demo"))["id"]
    async with site.watching(id) as told:
        await site.post("joinConf", id=id, uid="mia", appid="demo", users=[ROW])
        assert (await told("participant.added"))["participant"]["id"] == "eve"


@behind
async def test_a_foreign_page_may_not_open_a_socket(site: Site) -> None:
    with pytest.raises(InvalidStatus) as refused:
        await site.socket(origin="https://evil.example")
    assert refused.value.response.status_code == 403


@behind
async def test_the_audit_has_the_clients_address_and_not_what_it_claims(site: Site) -> None:
    id = (await site.post("createConf", id="mia", appid="demo"))["id"]
    async with site.watching(id), site.http() as http:
        await http.post("/getKeys", json={})
    entries = (await site.post("getAudit"))["entries"]
    by = {entry["operation"]: entry["address"] for entry in entries if entry["credential"] != "local"}
    assert by.items() >= {"createConf": CLIENT, "authenticate": CLIENT, "getKeys": CLIENT}.items()
    assert INVENTED not in json.dumps(entries)


@behind
async def test_callbacks_pass_and_leave_nothing_in_a_log(site: Site) -> None:
    codes = [await site.call_back(secret) for secret in (SECRET, f"old-{SECRET}", "not-the-secret-of-the-test")]
    assert codes == [200, 200, 404]
    assert site.proxy is not None
    assert SECRET not in site.proxy.log


@behind
async def test_health_is_for_all_and_readiness_for_this_machine(site: Site) -> None:
    async with site.http() as http, site.hub.http() as here:
        assert [(await http.get(path)).status_code for path in ("/healthz", "/readyz")] == [200, 404]
        assert (await here.get("/readyz")).status_code == 200


@behind
async def test_what_is_too_long_is_refused_in_the_hubs_words(site: Site) -> None:
    headers = {"Authorization": f"Bearer {site.key}", "Content-Type": "application/json"}
    async with site.http(**headers) as http:
        refused = await http.post("/createConf", content=b" " * (MAX_MESSAGE + 1))
    assert (refused.status_code, refused.json()["error"]["name"]) == (413, "too_large")


@pytest.mark.parametrize("name", PROXIES)
async def test_a_hub_that_does_not_answer_leaves_no_secret_in_a_log(
    name: str, tmp_path: Path, certificate: Certificate
) -> None:
    async with PROXIES[name](tmp_path, certificate, NOWHERE).running() as proxy:
        site = Site(proxy.url, HubProcess(tmp_path), certificate, proxy)
        async with site.http() as http:
            assert (await http.get("/healthz")).status_code == 502
        assert await site.call_back(SECRET) == 502
    assert "/healthz" in proxy.log
    assert SECRET not in proxy.log


@pytest.mark.parametrize("name", PROXIES)
async def test_behind_a_proxy_that_is_not_declared_everybody_is_a_stranger(
    name: str, start: Start, tmp_path: Path, certificate: Certificate
) -> None:
    hub = await start("--auth", "open")
    async with PROXIES[name](tmp_path, certificate, hub.url).running() as proxy:
        async with Site(proxy.url, hub, certificate).http() as http:
            assert (await http.post("/createConf", json={"id": "mia", "appid": "demo"})).status_code == 401
        assert await hub.create()


async def test_nginx_lets_in_callbacks_from_the_networks_it_is_told(tmp_path: Path, certificate: Certificate) -> None:
    only = {"# allow 203.0.113.0/24;": f"allow {CLIENT};", "# deny all;": "deny all;"}
    async with deployed("nginx", tmp_path, certificate, "--callback-secret", SECRET, **only) as site:
        assert [await site.call_back(SECRET, address) for address in (CLIENT, "127.0.0.1")] == [200, 403]


async def test_the_hub_lets_in_callbacks_from_the_networks_it_is_told(tmp_path: Path, certificate: Certificate) -> None:
    (line,) = re.findall(r"`(CONFHUB_CALLBACK_NETWORKS)=(.+?)`", DOC)
    platform = AT_THE_PLATFORM | {"CONFHUB_PROVIDER_URL": NOWHERE} | dict([line])
    flags = [word for name, value in platform.items() for word in (_flag(name), value)]
    async with deployed("nginx", tmp_path, certificate, *flags) as site:
        assert await site.call_back(AT_THE_PLATFORM["CONFHUB_CALLBACK_SECRET"]) == 403
        assert f"a callback with the right secret came from {CLIENT}" in site.hub.log


def _flag(variable: str) -> str:
    return "--" + variable.removeprefix(config.PREFIX).lower().replace("_", "-")


async def test_nginx_sends_http_on_to_https(tmp_path: Path, certificate: Certificate) -> None:
    proxy = Nginx(tmp_path, certificate, NOWHERE)
    async with proxy.running(), httpx.AsyncClient(trust_env=False) as http:
        sent = await http.post(f"{proxy.plain_url}/callbacks/yuntongxun/{SECRET}/quit")
    assert (sent.status_code, sent.headers["Location"][:8]) == (301, "https://")
    assert SECRET not in proxy.log


# Without a proxy -----------------------------------------------------------------------------------------------------


@contextlib.asynccontextmanager
async def with_tls(folder: Path, certificate: Certificate, *flags: str) -> AsyncIterator[Site]:
    port = free_port()
    url = f"https://127.0.0.1:{port}"
    files = ("--certificate", str(certificate.file), "--key", str(certificate.key))
    here = ("--host", "127.0.0.1", "--port", port, "--public-url", url)
    hub = await started(folder, *here, *files, *flags, **WITH_TLS)
    try:
        yield Site(url, hub, certificate)
    finally:
        await hub.kill()


async def test_the_hub_speaks_tls_itself_and_its_simulators_calls_are_joined(
    tmp_path: Path, certificate: Certificate
) -> None:
    async with with_tls(tmp_path, certificate, "--speed", "50") as site, site.http() as http:
        page = await http.get("/")
        assert (page.status_code, page.headers["X-Frame-Options"]) == (200, "DENY")
        id = (await site.post("createConf", id="mia", appid="demo"))["id"]
        async with site.watching(id) as told:
            await site.post("inviteConf", id=id, uid="mia", appid="demo", users=[ROW])
            assert (await told("participant.joined"))["participant"]["id"] == "eve"


async def test_connections_that_have_ended_make_room_for_others(tmp_path: Path, certificate: Certificate) -> None:
    async with with_tls(tmp_path, certificate, "--max-sockets-per-address", "2") as site:
        for _ in range(4):
            async with site.http() as http:
                assert (await http.get("/healthz")).status_code == 200
        assert "Traceback" not in site.hub.log


# systemd -------------------------------------------------------------------------------------------------------------

UNIT = block("ini", "[Unit]")


@pytest.mark.parametrize("dropped_in", ["", block("ini", "AmbientCapabilities")])
def test_the_unit_is_understood_and_keeps_the_hub_in_its_place(tmp_path: Path, dropped_in: str) -> None:
    (file := tmp_path / "confhub.service").write_text(UNIT.replace("/opt/confhub/bin/confhub", sys.executable))
    (tmp_path / "confhub.service.d").mkdir()
    (tmp_path / "confhub.service.d/override.conf").write_text(dropped_in)
    analyze = need_program("systemd-analyze")
    for order in (("verify", "--man=no", "--recursive-errors=no"), ("security", "--offline=yes", "--threshold=20")):
        said = subprocess.run([analyze, "--no-pager", *order, str(file)], capture_output=True, text=True)
        assert (said.returncode, said.stderr) == (0, ""), said.stdout


def test_the_unit_gives_the_hub_what_it_wants() -> None:
    unit = RawConfigParser()
    unit.read_string(UNIT)
    service = unit["Service"]
    assert service["ExecStart"] == "/opt/confhub/bin/confhub serve"
    assert BEHIND_A_PROXY["CONFHUB_DATABASE"] == f"/var/lib/{service['StateDirectory']}/confhub.db"
    assert int(service["LimitNOFILE"]) > Settings().max_sockets + OTHER_FILES
    assert int(service["TimeoutStopSec"]) > 10


@pytest.mark.parametrize(
    "variables",
    [
        BEHIND_A_PROXY,
        WITH_TLS,
        BEHIND_A_PROXY | AT_THE_PLATFORM,
        BEHIND_A_PROXY | AT_THE_PLATFORM | TWO_SECRETS,
    ],
)
def test_the_settings_are_settings_and_go_together(variables: dict[str, str]) -> None:
    config.refuse_unknown(variables)
    read = config.read_settings(Settings, {}, variables)
    config.check(read)
    assert config.warnings(read) == []
    assert read.auth == "keys"


# Commands ------------------------------------------------------------------------------------------------------------


class Machine:
    """The page's own `confhub`, and its commands in places of their own."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._environment = os.environ | {"PATH": f"{folder}/bin:{os.environ['PATH']}", "PYTHONPATH": str(ROOT)}
        (folder / "bin").mkdir()
        command = folder / "bin/confhub"
        command.write_text(self._here(block("sh", "#!/bin/sh")))
        command.chmod(0o755)

    def _here(self, text: str) -> str:
        own = {
            "runuser -u confhub -- ": "",
            "-o confhub -g confhub ": "",
            "/opt/confhub/bin/confhub": f"{sys.executable} {ROOT / 'run.py'}",
            "/var/lib/confhub": str(self._folder),
            "/var/backups/confhub": str(self._folder / "backups"),
        }
        for theirs, ours in own.items():
            text = text.replace(theirs, ours)
        return re.sub(r"^(systemctl|/opt/confhub/bin/pip) .*\n", "", text, flags=re.MULTILINE)

    async def sh(self, text: str) -> list[str]:
        """The lines that it prints."""
        command = ["bash", "-euo", "pipefail", "-c", self._here(text)]
        run = await asyncio.to_thread(
            subprocess.run, command, cwd="/", env=self._environment, capture_output=True, text=True, timeout=PATIENCE_S
        )
        assert (run.returncode, run.stderr) == (0, ""), run.stdout
        return run.stdout.splitlines()


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


async def created(hub: HubProcess, credential: str) -> int:
    """The HTTP status of a createConf with this credential."""
    async with hub.http() as http:
        headers = {"Authorization": f"Bearer {credential}"}
        return (await http.post("/createConf", json={"id": "mia", "appid": "demo"}, headers=headers)).status_code


async def test_keys_are_made_changed_and_brought_back_by_going_back(
    start: Start, tmp_path: Path, machine: Machine
) -> None:
    hub = await start("--auth", "keys")
    assert (tmp_path / "confhub.admin-key").stat().st_mode & 0o777 == 0o600
    (first,) = await machine.sh(block("sh", "confhub.admin-key"))
    assert not (tmp_path / "confhub.admin-key").exists()
    assert await created(hub, first) == 200
    await machine.sh(block("sh", "install -d -o confhub").replace("monday", "before"))
    second, *said, revoked = await machine.sh(block("sh", "confhub keys revoke").replace("abcd1234", first[3:11]))
    assert "createConf of 60000001: ok" in "".join(said)
    assert revoked == f"{first[3:11]} is revoked"
    assert [await created(hub, key) for key in (first, second)] == [401, 200]
    assert await hub.kill(signal.SIGTERM) == 0
    await machine.sh(block("sh", "mv confhub.db*"))
    hub = await start("--auth", "keys")
    assert [await created(hub, key) for key in (first, second)] == [200, 401]


async def test_two_rotations_make_every_token_worthless(start: Start, tmp_path: Path, machine: Machine) -> None:
    hub = await start("--auth", "keys")
    key = (tmp_path / "confhub.admin-key").read_text().strip()
    async with hub.http() as http:
        token = (await http.post("/signIn", json={"key": key})).json()["token"]
    codes = []
    for _ in range(2):
        await machine.sh("confhub tokens rotate")
        codes.append(await created(hub, token))
    assert codes == [200, 401]
