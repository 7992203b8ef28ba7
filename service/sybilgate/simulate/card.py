"""Payment instruments: card ranges of banks per country, and the banks that issue virtual and prepaid cards."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from random import Random

from sybilgate.core.event import CheckResult, Funding
from sybilgate.simulate.tables import Weighted, ranked

Row = dict[str, object]
_AVS = frozenset({"US", "GB", "CA"})


@dataclass(frozen=True, slots=True)
class CardRange:
    bin: str
    funding: Funding
    issuer_country: str


@dataclass(slots=True)
class Card:
    """One instrument, by the processor's token."""

    fingerprint: str
    range: CardRange
    holder: str
    country: str
    postcode: str | None

    def fields(self, rng: Random, quality: float = 0.97) -> Row:
        """``payment.*`` of this card; ``quality`` is the chance that a check passes."""
        checked = CheckResult.PASSED if rng.random() < quality else CheckResult.FAILED
        avs = CheckResult.UNAVAILABLE
        if self.range.issuer_country in _AVS and self.postcode and self.range.funding not in (3, 4):
            avs = CheckResult.PASSED if rng.random() < quality - 0.04 else CheckResult.FAILED
        return {
            "payment.fingerprint": self.fingerprint,
            "payment.bin": self.range.bin,
            "payment.funding": int(self.range.funding),
            "payment.issuer_country": self.range.issuer_country,
            "payment.billing_name": self.holder,
            "payment.billing_country": self.country,
            "payment.billing_postal_code": self.postcode,
            "payment.cvc_check": int(checked),
            "payment.avs_check": int(avs),
        }


@cache
def bank_ranges(country: str) -> Weighted[CardRange]:
    """Card ranges of a country's banks: the same in every world, like the real ones."""
    rng = Random(f"ranges/{country}")
    kinds = Weighted(((Funding.DEBIT, 6.0), (Funding.CREDIT, 4.0 if country in "US GB CA JP KR" else 2.0)))
    count = {"US": 60, "IN": 36, "BR": 30, "GB": 30, "DE": 26}.get(country, 18)
    starts = [f"{rng.choice('445')}{rng.randrange(10**5):05d}" for _ in range(count)]
    return ranked([CardRange(start, kinds.draw(rng), country) for start in starts], 0.9)


@cache
def virtual_ranges() -> Weighted[CardRange]:
    """Ranges of neobanks and prepaid programmes, used by honest people and by rings alike."""
    rng = Random("ranges/virtual")
    homes = "US US US US GB GB LT LT EE DE FR NL SG HK BR BR IN IN MX TR PH ID NG CY".split()
    funding = (Funding.VIRTUAL, Funding.PREPAID)
    return ranked(
        [CardRange(f"{rng.choice('45')}{rng.randrange(10**5):05d}", rng.choice(funding), home) for home in homes], 0.6
    )


def draw_card(rng: Random, country: str, holder: str, postcode: str | None, range_: CardRange | None = None) -> Card:
    """A card of its own; from a bank of the country unless the range is given."""
    if range_ is None:
        roll = rng.random()
        abroad = "US" if roll < 0.012 else "GB" if roll < 0.02 else country
        range_ = virtual_ranges().draw(rng) if 0.02 <= roll < 0.1 else bank_ranges(abroad).draw(rng)
    return Card(f"{rng.getrandbits(80):020x}", range_, holder, country, postcode)
