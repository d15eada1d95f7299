"""A certificate for this machine that nobody has signed but itself."""

from __future__ import annotations

import ssl
import subprocess
from dataclasses import dataclass
from pathlib import Path

from tests.harness import need_program


@dataclass(frozen=True)
class Certificate:
    """PEM files, and what makes a client believe in them and in no others."""

    file: Path
    key: Path
    trust: ssl.SSLContext


def self_signed(folder: Path) -> Certificate:
    file, key = folder / "certificate.pem", folder / "key.pem"
    made = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"]
    names = ["-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1,DNS:localhost"]
    files = ["-keyout", str(key), "-out", str(file)]
    subprocess.run([need_program("openssl"), *made, *names, *files], check=True, capture_output=True)
    return Certificate(file, key, ssl.create_default_context(cafile=str(file)))
