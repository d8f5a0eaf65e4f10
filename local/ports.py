"""Ports of this machine: everything local listens on 127.0.0.1 only."""

import socket

HOST = "127.0.0.1"


def free_port() -> int:
    """A port that nobody uses now."""
    with socket.socket() as s:
        s.bind((HOST, 0))
        return int(s.getsockname()[1])


def listen_on(port: int) -> socket.socket:
    """A listening socket; port 0 takes any free one. Raises OSError when it is taken."""
    # Named as TCP, it has asyncio send each packet at once: else a body waits 40 ms for its headers' receipt.
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listening.bind((HOST, port))
    listening.listen(256)
    return listening
