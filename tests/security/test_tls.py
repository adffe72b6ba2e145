"""Certificates that prove nothing."""

from __future__ import annotations

import shutil
import ssl
import subprocess
from pathlib import Path
from typing import Any

import pytest


def context(folder: Path, name: str, days: int = 2) -> ssl.SSLContext:
    """A server's context with a certificate that it signed itself."""
    if shutil.which("openssl") is None:
        pytest.skip("no openssl to make a certificate with")
    key, certificate = folder / "key.pem", folder / "certificate.pem"
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", str(days)]
    names = ["-subj", f"/CN={name}", "-addext", f"subjectAltName=DNS:{name},IP:127.0.0.1"]
    subprocess.run([*command, *names, "-keyout", key, "-out", certificate], check=True, capture_output=True)
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.load_cert_chain(certificate, key)
    return made


@pytest.mark.parametrize("name", ["127.0.0.1", "example.test"], ids=["self-signed", "of-another-name"])
def test_an_invalid_certificate(attack: Any, serve: Any, tmp_path: Path, name: str) -> None:
    inner = attack.another(context(tmp_path, name))
    inner.on("/secret", serve.says(b"secret"))
    settings = f'private = ["127.0.0.1:{inner.port}"]'
    outcome = attack.run(f"{inner.root}/secret", pictures=[f"{inner.root}/a.png"], settings=settings, commands=["scrape"])
    assert outcome.error(f"{inner.root}/secret") == "unreachable"
    (row,) = [row for row in outcome.rows if row["url"] == f"{inner.root}/secret"]
    assert "certificate" in row["detail"]
    assert not inner.heads


def test_settings_of_the_environment_do_not_switch_it_off(attack: Any, tmp_path: Path) -> None:
    """Variables that other programs heed."""
    inner = attack.another(context(tmp_path, "127.0.0.1"))
    attack.environment |= {"CURL_CA_BUNDLE": "", "REQUESTS_CA_BUNDLE": "", "PYTHONHTTPSVERIFY": "0", "SSL_NO_VERIFY": "1"}
    outcome = attack.run(f"{inner.root}/secret", settings=f'private = ["127.0.0.1:{inner.port}"]', commands=["scrape"])
    assert outcome.error(f"{inner.root}/secret") == "unreachable"


def test_from_tls_to_plain(attack: Any, serve: Any) -> None:
    """TLS asked of a server that speaks none."""
    other = attack.another()
    other.otherwise = serve.says(b"plain")
    url = f"https://127.0.0.1:{other.port}/"
    outcome = attack.run(url, settings=f'private = ["127.0.0.1:{other.port}"]', limits={"read": 1.0}, commands=["scrape"])
    assert outcome.error(url) in ("unreachable", "broken", "timeout")
