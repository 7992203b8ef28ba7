"""A proxy before PostgreSQL, on loopback, that can end a connection between a COMMIT and its answer."""

from __future__ import annotations

import socket
import threading
from types import TracebackType
from typing import Self

from sqlalchemy import URL


class CuttingProxy:
    """Forwards every connection to the server behind ``behind``; ``url`` is where to connect instead."""

    def __init__(self, behind: URL) -> None:
        self._behind = behind
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._armed = threading.Event()
        self.cuts = 0
        direct = behind.set(host="127.0.0.1", port=self._listener.getsockname()[1], query={})
        self.url = direct.render_as_string(False)
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        # A thread in accept() is woken by shutdown, not by close.
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def cut_next_commit(self) -> None:
        """The next COMMIT is executed, and nobody hears of it."""
        self._armed.set()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        with client, self._connect() as server:
            back = threading.Thread(target=_forward, args=(server, client), daemon=True)
            back.start()
            while data := _received(client):
                if b"COMMIT" in data and self._armed.is_set():
                    self._armed.clear()
                    # Reading from here on is ours: the answer ends in this thread, not at the client.
                    client.shutdown(socket.SHUT_WR)
                    server.sendall(data)
                    back.join(5)
                    self.cuts += 1
                    return
                server.sendall(data)

    def _connect(self) -> socket.socket:
        host = self._behind.query.get("host") or self._behind.host or "127.0.0.1"
        if isinstance(host, str) and host.startswith("/"):
            server = socket.socket(socket.AF_UNIX)
            server.connect(f"{host}/.s.PGSQL.{self._behind.port or 5432}")
            return server
        return socket.create_connection((str(host), self._behind.port or 5432))


def _received(source: socket.socket) -> bytes:
    try:
        return source.recv(1 << 16)
    except OSError:
        return b""


def _forward(source: socket.socket, target: socket.socket) -> None:
    """Until either side ends; the first answer that cannot be delivered is dropped."""
    while data := _received(source):
        try:
            target.sendall(data)
        except OSError:
            return
