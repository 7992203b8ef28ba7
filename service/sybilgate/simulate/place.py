"""Where connections come from: homes, carriers' shared addresses, offices, hosting and VPN pools."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from random import Random

from sybilgate.simulate.regions import Country
from sybilgate.simulate.tables import Network, interface, networks_of, pick

_CARRIER_GRADE = frozenset("IN BR ID PH VN NG PK BD EG KE MX CO TH".split())


@dataclass(slots=True)
class Place:
    """A source of addresses. ``steady`` is the chance of seeing the first address again; ``group`` names a crowd."""

    kind: str
    addresses: tuple[str, ...]
    steady: float = 1.0
    subnet: int | None = None
    group: str = ""
    six: float = 0.0

    def address(self, rng: Random) -> str:
        if self.subnet is not None and rng.random() < self.six:
            return interface(rng, self.subnet)
        if len(self.addresses) == 1 or rng.random() < self.steady:
            return self.addresses[0]
        return self.addresses[int(len(self.addresses) * rng.random() ** 1.3)]


@cache
def _shared(network: Network) -> tuple[str, ...]:
    """The few addresses behind which a carrier puts the customers of one prefix."""
    rng = Random(f"nat/{network.base}")
    return tuple(network.address(rng) for _ in range(rng.choice((8, 16, 32, 48, 96))))


@cache
def _own_six(country: str, kind: str) -> tuple[Network, ...]:
    return tuple(net for net in networks_of(country, kind, 6) if net.country == country)


def _subnet(rng: Random, country: str, kind: str) -> int | None:
    nets = _own_six(country, kind)
    if not nets:
        return None
    net = pick(rng, nets)
    return (net.base >> 64) + int(rng.random() * (net.size >> 64))


def pick_network(rng: Random, country: str, kind: str) -> Network:
    """One prefix; the first operators of the table are the largest."""
    nets = networks_of(country, kind)
    return nets[int(len(nets) * rng.random() ** 1.4)]


def home(rng: Random, country: Country, network: Network | None = None) -> Place:
    """A household line: one address that changes now and then, sometimes behind a carrier's."""
    net = network or pick_network(rng, country.code, "residential")
    subnet = _subnet(rng, country.code, "residential") if rng.random() < country.ipv6 else None
    if country.code in _CARRIER_GRADE and rng.random() < 0.35:
        return Place("residential", _shared(net), 0.0, subnet, f"nat-{net.asn}-{country.code}", 0.7)
    if rng.random() < 0.5:
        return Place("residential", (net.address(rng),), 1.0, subnet, six=0.7)
    return Place("residential", (net.address(rng), net.address(rng)), 0.8, subnet, six=0.7)


def line(rng: Random, country: Country) -> Place:
    """A household line with an address of its own that nobody shares."""
    return Place("residential", (pick_network(rng, country.code, "residential").address(rng),))


def neighbour(rng: Random, place: Place) -> Place:
    """Another host in the /24 of a place's first address."""
    head = place.addresses[0].rpartition(".")[0]
    return Place(place.kind, (f"{head}.{1 + int(253 * rng.random())}",)) if head else place


def carrier(rng: Random, country: Country) -> Place:
    """A phone on a mobile network: few addresses, very many people."""
    net = pick_network(rng, country.code, "mobile")
    subnet = _subnet(rng, country.code, "mobile") if rng.random() < country.ipv6 else None
    return Place("mobile", _shared(net), 0.0, subnet, f"nat-{net.asn}-{country.code}", 0.8)


def shared_site(rng: Random, country: Country, kind: str, count: int = 1) -> Place:
    """An office, campus, venue or café: everybody leaves by ``count`` addresses of one /24."""
    net = pick_network(rng, country.code, kind)
    first = net.base + rng.randrange(net.size // 256) * 256
    hosts = [Network(net.country, net.kind, net.asn, 4, first, 256).address(rng) for _ in range(count)]
    return Place(kind, tuple(hosts), 0.0 if count > 1 else 1.0)


@cache
def _exits(provider: int) -> tuple[str, ...]:
    rng = Random(f"exits/{provider}")
    nets = (
        networks_of("US", "vpn")
        if provider == 0
        else tuple(networks_of(code, "vpn")[0] for code in "GB NL RO MX".split())
    )
    hosted = [networks_of(code, "hosting")[0] for code in ("US", "DE", "NL", "SG", "CA")]
    return tuple(rng.choice((*nets, *hosted)).address(rng) for _ in range(70))


def privacy_exit(rng: Random) -> Place:
    """A commercial VPN: exits shared by all its customers."""
    provider = int(3 * rng.random() ** 1.5)
    return Place("vpn", (rng.choice(_exits(provider)),), group=f"vpn-{provider}")
