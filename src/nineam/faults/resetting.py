"""Sockets that end with a reset (RST) instead of an end (FIN), and when all they sent has arrived."""

import asyncio
import contextlib
import fcntl
import socket
import struct
import termios
from typing import Any

LINGER = struct.pack("ii", 1, 0)
"""SO_LINGER on, no time: close(2) sends a reset."""


def reset_socket(accepted: socket.socket) -> None:
    """Reset a socket that no loop has yet."""
    accepted.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, LINGER)
    accepted.close()


def is_unsent(transport: asyncio.Transport) -> bool:
    """Whether the loop or the system holds bytes that the peer's system has not acknowledged."""
    if transport.get_write_buffer_size():
        return True
    count = bytearray(4)
    try:
        fcntl.ioctl(transport.get_extra_info("socket").fileno(), termios.TIOCOUTQ, count)
    except OSError:  # a system that does not tell
        return False
    return any(count)


def reset(transport: asyncio.Transport) -> None:
    """Close a socket with a reset, whatever it has not sent."""
    if not transport.is_closing():
        found: Any = transport.get_extra_info("socket")
        with contextlib.suppress(OSError):
            found.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, LINGER)
    transport.abort()
