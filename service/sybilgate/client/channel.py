"""How a channel is made: retries by the published service config, TLS and tokens from files."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

import grpc

Paths = str | Path
#: Who is asking, as every call tells it.
Metadata = tuple[tuple[str, str], ...]


def options(server_name: str | None = None) -> tuple[tuple[str, str | int], ...]:
    """Options of every channel. Retries are made inside gRPC, with jitter, and with the request as it was: the same
    ``request_id``, so that what was done already is answered again and not done twice."""
    named = (("grpc.ssl_target_name_override", server_name),) if server_name else ()
    return (
        *named,
        ("grpc.max_receive_message_length", 64 << 20),
        ("grpc.max_metadata_size", 64 << 10),
        ("grpc.service_config", service_config()),
        # A replica that was replaced is found again soon; by default it takes a second at least, and up to two minutes.
        ("grpc.initial_reconnect_backoff_ms", 100),
        ("grpc.min_reconnect_backoff_ms", 100),
        ("grpc.max_reconnect_backoff_ms", 2_000),
    )


def service_config() -> str:
    """The service config, as it is published beside the contract for callers in other languages."""
    return (files("sybilgate.client") / "service_config.json").read_text(encoding="utf-8")


def tls(
    ca_file: Paths | None = None, key_file: Paths | None = None, certificate_file: Paths | None = None
) -> grpc.ChannelCredentials:
    """TLS from PEM files: ``ca_file`` signed the server's certificate (else the system's authorities); key and
    certificate are the caller's own, where the server asks for one."""
    ca, key, certificate = (Path(path).read_bytes() if path else None for path in (ca_file, key_file, certificate_file))
    return grpc.ssl_channel_credentials(ca, key, certificate)


class Bearer:
    """The metadata that shows a token. A file is read again when it changes, so that a token can be replaced."""

    def __init__(self, token: str | None = None, file: Paths | None = None) -> None:
        self._token, self._file = token, Path(file) if file else None
        self._seen = -1
        self()

    def __call__(self) -> Metadata:
        if self._file is not None and (changed := self._file.stat().st_mtime_ns) != self._seen:
            self._token, self._seen = self._file.read_text(encoding="ascii").strip(), changed
        return (("authorization", f"Bearer {self._token}"),) if self._token else ()
