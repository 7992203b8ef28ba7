"""What holds for every test: nothing leaves this machine, and a slow machine is no failure."""

from __future__ import annotations

import ipaddress
import sys
from typing import Any

from hypothesis import settings


def _is_local(host: object) -> bool:
    if host in (None, "", "localhost", b"localhost"):
        return True
    try:
        return ipaddress.ip_address(host.decode() if isinstance(host, bytes) else str(host)).is_loopback
    except ValueError:
        return False


def _refuse_other_hosts(event: str, args: tuple[Any, ...]) -> None:
    """An audit hook, so that it sees every Python socket, whoever opened it."""
    if event == "socket.connect" and isinstance(args[1], tuple) and not _is_local(args[1][0]):
        raise RuntimeError("a test tried to reach another host")
    if event == "socket.getaddrinfo" and not _is_local(args[0]):
        raise RuntimeError("a test tried to resolve another host's name")


sys.addaudithook(_refuse_other_hosts)

# The first example pays for compiling the folds, and machines are shared: no test asserts how long it took.
settings.register_profile("shared-machine", deadline=None)
settings.load_profile("shared-machine")
