import asyncio
import shutil
import ssl
import subprocess

import pytest

from nineam.errors import UsageError
from nineam.load import failures
from nineam.load.http import Client
from nineam.model import HttpOptions

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"

PLAIN = HttpOptions()

pytestmark = pytest.mark.skipif(shutil.which("openssl") is None, reason="needs the openssl command for a certificate")


def make_certificate(folder, names):
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost",
         "-addext", f"subjectAltName={names}", "-keyout", folder / "key.pem", "-out", folder / "cert.pem"],
        check=True, capture_output=True,
    )  # fmt: skip
    return folder / "cert.pem", folder / "key.pem"


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    return make_certificate(tmp_path_factory.mktemp("tls"), "IP:127.0.0.1")


@pytest.fixture(scope="module")
def of_another(tmp_path_factory):
    return make_certificate(tmp_path_factory.mktemp("other"), "DNS:elsewhere.test")


def ask_twice(certificate, ask, options=PLAIN, seen=None):
    async def main():
        async def serve(reader, writer):
            try:
                while await reader.readuntil(b"\r\n\r\n"):
                    writer.write(OK)
            except (asyncio.IncompleteReadError, ConnectionError):
                writer.close()

        context = None
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*certificate)
            if seen is not None:
                context.sni_callback = lambda _socket, name, _context: seen.append(name)
        listener = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=context)
        host = "localhost" if seen is not None else "127.0.0.1"
        client = Client(f"https://{host}:{listener.sockets[0].getsockname()[1]}", options=options)
        lane = client.lane()
        found = [await ask(client, lane) for _ in range(2)]
        client.close()
        listener.close()
        return found

    return asyncio.run(main())


def test_https_works_with_a_certificate_that_is_trusted(certificate, ask, monkeypatch):
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate[0]))
    first, second = ask_twice(certificate, ask)
    assert (first.status, first.content, second.status) == (200, b"ok", 200)


def test_the_handshake_has_its_own_time(certificate, ask, monkeypatch):
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate[0]))
    first, second = ask_twice(certificate, ask)
    assert first.connecting_ns > 0
    assert first.tls_ns > 0
    assert first.blocked_ns >= first.connecting_ns + first.tls_ns
    assert second.connecting_ns == second.tls_ns == second.blocked_ns == 0


def test_a_certificate_that_is_not_trusted_is_told_in_the_verifiers_words(certificate, ask, monkeypatch):
    monkeypatch.delenv("SSL_CERT_FILE", raising=False)
    first, _ = ask_twice(certificate, ask)
    assert (first.status, first.error) == (0, f"{failures.CERTIFICATE}: self-signed certificate")


def test_a_certificate_of_somebody_else_is_refused(of_another, ask, monkeypatch):
    monkeypatch.setenv("SSL_CERT_FILE", str(of_another[0]))
    first, _ = ask_twice(of_another, ask)
    assert first.status == 0
    assert first.error.startswith(f"{failures.CERTIFICATE}: ")
    assert first.error.count("127.0.0.1") == 1


def test_verification_can_be_left_out(of_another, ask, monkeypatch):
    monkeypatch.delenv("SSL_CERT_FILE", raising=False)
    first, second = ask_twice(of_another, ask, HttpOptions(insecure_skip_tls_verify=True))
    assert (first.status, second.status) == (200, 200)


def test_the_server_hears_the_name_that_is_meant(of_another, ask):
    seen = []
    first, _ = ask_twice(of_another, ask, HttpOptions(insecure_skip_tls_verify=True), seen)
    assert (first.status, seen[0]) == (200, "localhost")


def test_a_server_without_tls_is_a_failure_of_tls_and_not_of_a_certificate(ask):
    first, second = ask_twice(None, ask)
    assert first.status == second.status == 0
    assert failures.CERTIFICATE not in first.error
    assert first.error != failures.CONNECT


def test_a_file_of_certificates_that_does_not_exist_is_named(monkeypatch, tmp_path):
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "nothing.pem"))
    with pytest.raises(UsageError, match=r"SSL_CERT_FILE is '.*nothing.pem', which is no file"):
        Client("https://127.0.0.1:1")
