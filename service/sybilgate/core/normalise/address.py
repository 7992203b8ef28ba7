"""IP addresses: one address, one value, whatever way it was written."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass

_NAT64 = 0x0064FF9B << 96
#: IPv4 /8 below multicast that hold a block of the IANA registry of special-purpose addresses.
_SPECIAL = frozenset((0, 10, 100, 127, 169, 172, 192, 198, 203))


@dataclass(frozen=True, slots=True)
class Address:
    """``packed`` is 4 or 16 bytes; ``public`` says that it can be a client on the open internet."""

    text: str
    packed: bytes
    public: bool

    @property
    def version(self) -> int:
        """4 or 6."""
        return 4 if len(self.packed) == 4 else 6

    @property
    def net(self) -> bytes:
        """IPv4 /24 or IPv6 /48."""
        return self.packed[:3] if len(self.packed) == 4 else self.packed[:6]

    @property
    def subnet64(self) -> bytes | None:
        """IPv6 /64; None for IPv4."""
        return self.packed[:8] if len(self.packed) == 16 else None


def parse_address(value: str | None) -> Address | None:
    """The address; None if unreadable or with a zone id. IPv4 inside IPv6 (mapped, NAT64) comes out as IPv4."""
    if not value or len(value) > 64 or "%" in value:
        return None
    text = value.strip()
    try:
        ip = ipaddress.IPv6Address(text) if ":" in text else ipaddress.IPv4Address(text)
    except ValueError:
        return None
    if isinstance(ip, ipaddress.IPv6Address):
        inner = ip.ipv4_mapped
        if inner is None and int(ip) >> 32 == _NAT64 >> 32:
            inner = ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
        ip = inner or ip
    packed = ip.packed
    return Address(str(ip), packed, _plain(packed) or (ip.is_global and not ip.is_multicast))


def _plain(packed: bytes) -> bool:
    """Whether the address is far from every special block, so that the list of those need not be walked."""
    if len(packed) == 4:
        return packed[0] < 224 and packed[0] not in _SPECIAL
    return 0x2003 <= packed[0] << 8 | packed[1] < 0x3FFF
