import asyncio
import shutil
import ssl
import subprocess

import pytest

from nineam.load import failures
from nineam.load.http import Client, Lane

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"

pytestmark = pytest.mark.skipif(shutil.which("openssl") is None, reason="needs the openssl command for a certificate")


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tls")
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost",
         "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", folder / "key.pem", "-out", folder / "cert.pem"],
        check=True, capture_output=True,
    )  # fmt: skip
    return folder / "cert.pem", folder / "key.pem"


def ask_twice(certificate, ask):
    async def main():
        async def serve(reader, writer):
            while await reader.readuntil(b"\r\n\r\n"):
                writer.write(OK)

        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*certificate)
        listener = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=context)
        client = Client(f"https://127.0.0.1:{listener.sockets[0].getsockname()[1]}")
        lane = Lane(client)
        found = [await ask(client, lane) for _ in range(2)]
        client.close()
        listener.close()
        return found

    return asyncio.run(main())


def test_https_works_with_a_certificate_that_is_trusted(certificate, ask, monkeypatch):
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate[0]))
    first, second = ask_twice(certificate, ask)
    assert (first.status, first.content, second.status) == (200, b"ok", 200)
    assert first.connecting_ns > 0 == second.connecting_ns


def test_a_certificate_that_is_not_trusted_is_a_failed_response(certificate, ask, monkeypatch):
    monkeypatch.delenv("SSL_CERT_FILE", raising=False)
    first, _ = ask_twice(certificate, ask)
    assert (first.status, first.error) == (0, failures.TLS)
