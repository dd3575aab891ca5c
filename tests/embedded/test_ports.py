"""Ports for servers that start a little later."""

import socket

import pytest

from services.embedded import processes
from services.embedded.processes import free_port


def test_a_free_port_is_none_that_an_outgoing_connection_is_given() -> None:
    ports = {free_port() for _ in range(50)}
    assert len(ports) > 40
    assert all(20_000 <= port < 32_768 for port in ports)


def test_a_port_that_somebody_listens_on_is_not_free(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", free_port()))
        taken.listen()
        port = taken.getsockname()[1]
        monkeypatch.setattr(processes, "PORTS", range(port, port + 2))
        monkeypatch.setattr(processes, "TRIES", 2)
        assert free_port() == port + 1
        monkeypatch.setattr(processes, "PORTS", range(port, port + 1))
        monkeypatch.setattr(processes, "TRIES", 1)
        with pytest.raises(OSError, match="no port free among 1"):
            free_port()
