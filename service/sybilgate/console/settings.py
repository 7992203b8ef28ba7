"""Where the console listens, whom it asks, and which files are its own."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from sybilgate.config import is_loopback
from sybilgate.errors import ConfigurationError


@dataclass(frozen=True, kw_only=True)
class Settings:
    """``listen``: host:port. ``public_host``: the name under which a proxy that ends TLS shows the console."""

    listen: str = "127.0.0.1:8080"
    users_file: Path
    audit_file: Path
    public_host: str = ""
    tls_key_file: Path | None = None
    tls_certificate_file: Path | None = None

    @property
    def host(self) -> str:
        return self.listen.rpartition(":")[0].strip("[]")

    @property
    def port(self) -> int:
        return int(self.listen.rpartition(":")[2])

    @property
    def secure(self) -> bool:
        """Whether browsers reach it by TLS: then cookies are theirs alone."""
        return bool(self.tls_key_file or self.public_host)

    @property
    def hosts(self) -> list[str]:
        """Names by which it may be called: another site's name that leads here is refused."""
        if self.public_host:
            return [self.public_host]
        return ["127.0.0.1", "localhost", "[::1]"] if is_loopback(self.listen) else ["*"]

    def check(self) -> None:
        """Raise ConfigurationError for what would give sessions away."""
        if (self.tls_key_file is None) != (self.tls_certificate_file is None):
            raise ConfigurationError("the console's TLS key and certificate go together")
        if not self.listen.rpartition(":")[2].isdecimal():
            raise ConfigurationError(f"{self.listen!r}: not host:port")
        if not is_loopback(self.listen) and self.tls_key_file is None:
            raise ConfigurationError(
                f"{self.listen}: without TLS the console is served on loopback only; give --tls-key and "
                "--tls-certificate, or put a proxy before it and name it with --public-host"
            )
