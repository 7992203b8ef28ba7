"""The console as a server: by itself, or inside another program."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn

from sybilgate.console.app import make_app
from sybilgate.console.site import Site
from sybilgate.errors import ConfigurationError

#: Seconds given to the server to begin to listen.
_PATIENCE = 10.0


def serve(site: Site) -> None:
    """Serve until SIGTERM or SIGINT. Raises ConfigurationError for settings that would give sessions away."""
    _server(site).run()


@contextmanager
def serving(site: Site) -> Iterator[str]:
    """Serve in a thread of its own; the address, as a browser takes it."""
    server = _server(site)
    thread = threading.Thread(target=server.run, name="console", daemon=True)
    thread.start()
    try:
        end = time.monotonic() + _PATIENCE
        while not server.started:
            if time.monotonic() > end or not thread.is_alive():
                raise ConfigurationError(f"the console cannot listen on {site.settings.listen}")
            time.sleep(0.01)
        port = server.servers[0].sockets[0].getsockname()[1]
        yield f"{'https' if site.settings.tls_key_file else 'http'}://{site.settings.host}:{port}"
    finally:
        server.should_exit = True
        thread.join()


def _server(site: Site) -> uvicorn.Server:
    settings = site.settings
    settings.check()
    # No access log: addresses of pages name accounts, and the trail tells more.
    return uvicorn.Server(
        uvicorn.Config(
            make_app(site), host=settings.host, port=settings.port, log_level="warning", access_log=False,
            server_header=False, proxy_headers=False, lifespan="off", ws="none", limit_concurrency=256,
            timeout_graceful_shutdown=5,
            ssl_keyfile=settings.tls_key_file, ssl_certfile=settings.tls_certificate_file,
        )
    )  # fmt: skip
