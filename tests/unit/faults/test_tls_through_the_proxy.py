"""TLS passes the proxy untouched: the application and its dependency see each other's certificates and names."""

import contextlib
import shutil
import socket
import ssl
import subprocess
import threading

import pytest

from nineam.faults.client import FaultProxy
from nineam.model.fault import Upstream

LIMIT_S = 20


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    if shutil.which("openssl") is None:
        pytest.skip("needs the openssl command for a certificate")
    folder = tmp_path_factory.mktemp("certificate")
    names = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"]
    files = ["-keyout", str(folder / "key.pem"), "-out", str(folder / "certificate.pem")]
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", *names, *files]
    subprocess.run(command, check=True, capture_output=True)
    return folder / "certificate.pem", folder / "key.pem"


@pytest.fixture
def proxy(certificate):
    """A proxy in front of a server that speaks TLS, and says everything back."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate)

    def serve(connection):
        with contextlib.suppress(OSError), context.wrap_socket(connection, server_side=True) as channel:
            while data := channel.recv(65536):
                channel.sendall(data)

    def accept():
        with contextlib.suppress(OSError):
            while True:
                threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()

    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=accept, daemon=True).start()
        with FaultProxy.start([Upstream(name="tls", host="127.0.0.1", port=listener.getsockname()[1])]) as found:
            yield found
        listener.shutdown(socket.SHUT_RDWR)


@pytest.mark.parametrize(
    ("fault", "parameters"),
    [("http_status", {}), ("http_hang", {}), ("slicer", {"average_size": 11, "stream": "both"}), ("latency", {})],
)
def test_a_verified_connection_works_through_the_proxy_and_under_faults(proxy, certificate, fault, parameters):
    proxy.apply(fault, parameters)
    context = ssl.create_default_context(cafile=str(certificate[0]))
    plain = socket.create_connection(("127.0.0.1", proxy.ports["tls"]), LIMIT_S)
    with context.wrap_socket(plain, server_hostname="localhost") as channel:
        said = b"GET / HTTP/1.1\r\nhost: localhost\r\n\r\n" * 1000
        channel.sendall(said)
        received = b""
        while len(received) < len(said):
            received += channel.recv(65536)
    assert received == said
    (count,) = proxy.heal()
    assert count.touched is (not fault.startswith("http"))
