"""The house a benchmark runs in."""

import socket

import pytest

from bench import checkout_house


def a_server(port: int) -> socket.socket:
    """A listening socket as uvicorn opens one."""
    opened = socket.socket()
    opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    opened.bind(("127.0.0.1", port))
    opened.listen()
    return opened


def test_a_port_is_kept_for_its_api_before_it_listens_and_after_it_died() -> None:
    with checkout_house.hold_port() as held:
        port = held.getsockname()[1]
        for _ in range(2):
            with socket.socket() as stranger, pytest.raises(OSError, match="in use"):
                stranger.bind(("127.0.0.1", port))
            with a_server(port), socket.create_connection(("127.0.0.1", port)):
                pass
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", port))
