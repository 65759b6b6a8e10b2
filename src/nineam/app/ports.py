"""TCP ports: a free one, and who holds one that is taken."""

import errno
import socket

import psutil

from nineam.errors import UsageError


def free_port(host: str = "127.0.0.1") -> int:
    """Find a port that nobody listens on at this moment."""
    with socket.socket(_family(host), socket.SOCK_STREAM) as listener:
        listener.bind((host, 0))
        return int(listener.getsockname()[1])


def ensure_free(port: int, host: str = "127.0.0.1") -> None:
    """Raise UsageError when `port` cannot be listened on, naming its holder when the system tells."""
    if not 1 <= port <= 65535:
        raise UsageError(f"port {port} does not exist: expected 1 to 65535")
    with socket.socket(_family(host), socket.SOCK_STREAM) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((host, port))
            listener.listen(1)
        except OSError as problem:
            raise _refusal(port, host, problem) from None


def listening_ports() -> frozenset[int]:
    """Every TCP port somebody on this machine listens on; empty when the system does not tell."""
    try:
        connections = psutil.net_connections(kind="tcp")
    except (psutil.Error, OSError):
        return frozenset()
    return frozenset(each.laddr.port for each in connections if each.laddr and each.status == psutil.CONN_LISTEN)


def holder(port: int) -> str:
    """Who listens on `port`, like `gunicorn (pid 4711)`; empty when the system does not tell."""
    try:
        connections = psutil.net_connections(kind="tcp")
        pids = {
            each.pid
            for each in connections
            if each.laddr and each.status == psutil.CONN_LISTEN and each.laddr.port == port
        }
        known = sorted(pid for pid in pids if pid)
        return f"{psutil.Process(known[0]).name()} (pid {known[0]})" if known else ""
    except (psutil.Error, OSError):
        return ""


def _family(host: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in host else socket.AF_INET


def _refusal(port: int, host: str, problem: OSError) -> UsageError:
    if problem.errno == errno.EADDRINUSE:
        who = holder(port) or "another process"
        return UsageError(
            f"port {port} is taken: {who} listens on it", hint="end it, or leave --port out to get a free one"
        )
    if problem.errno == errno.EACCES:
        return UsageError(f"port {port} needs more rights than this user has", hint="choose a port above 1023")
    return UsageError(f"cannot listen on {host}:{port}: {problem.strerror}", hint="choose another host or port")
