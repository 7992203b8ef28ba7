"""What an operator forgets. A slip is part of a campaign or not; if it is, it happens at a rate of its own."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from sybilgate.simulate import identity
from sybilgate.simulate.person import Person, Row, language_list
from sybilgate.simulate.regions import Country
from sybilgate.simulate.rival.machines import dressed

NAMES = ("zone", "tongue", "postcode", "canvas", "referrer", "timing", "pasted", "numbered", "path")
_LINKS = ("https://www.google.com/", "https://t.co/", "https://www.reddit.com/", "https://www.bing.com/", None)


@dataclass(slots=True)
class Slips:
    """Rates by name, and the constants the operator does not notice he repeats."""

    rates: dict[str, float]
    zone: str
    languages: tuple[str, ...]
    postcodes: dict[str, str | None]
    stem: str
    referrer: str | None
    path: str
    seconds: tuple[float, float]
    pasted: int
    canvas: object | None = None
    serial: int = 0

    def _happens(self, rng: Random, name: str) -> bool:
        return rng.random() < self.rates.get(name, 0.0)

    def on_person(self, rng: Random, person: Person) -> None:
        """Slips that stay with the account. A program has neither clock nor form to forget."""
        if not person.device.fields:
            return
        if self._happens(rng, "zone"):
            person.device = dressed(person.device, person, self.zone)
        if self._happens(rng, "tongue"):
            person.languages = self.languages
            person.device = dressed(person.device, person, str(person.device.fields["device.time_zone"]))
        if self._happens(rng, "postcode") and person.postcode:
            person.postcode = self.postcodes.setdefault(person.country.code, person.postcode)
            person.card.postcode = person.postcode
        if self._happens(rng, "canvas") and person.device.browser.system == "windows":
            # An extension that answers every page of every profile with the same picture.
            person.device = dressed(person.device, person, str(person.device.fields["device.time_zone"]))
            self.canvas = self.canvas or person.device.fields["device.canvas_hash"]
            person.device.fields["device.canvas_hash"] = self.canvas
        if self._happens(rng, "numbered"):
            self.serial += rng.choice((1, 1, 1, 2, 3))
            person.username = f"{self.stem}{self.serial:03d}"
        if person.device.app or person.method not in (1, 2):
            return
        if self._happens(rng, "timing"):
            person.fill = self.seconds

    def on_row(self, rng: Random, person: Person, row: Row) -> None:
        """Slips of the form itself; only fields this client sends."""
        if not person.device.app and "signup.referrer" in row:
            if self._happens(rng, "referrer"):
                row["signup.referrer"] = self.referrer
            if self._happens(rng, "path"):
                row["signup.path"] = self.path
        if "signup.pasted_fields" in row and self._happens(rng, "pasted"):
            row["signup.pasted_fields"] = self.pasted


def draw_slips(rng: Random, home: Country, care: float, tempo: tuple[float, float]) -> Slips:
    """The slips of one operator: the more ``care`` (0 to 1), the fewer kinds and the lower their rates.

    ``tempo`` is the (mean, spread) of the log of the seconds his tool takes for the form.
    """
    kinds = [name for name in NAMES if rng.random() < 0.75 * (1.0 - care)]
    rates = {name: rng.betavariate(1.0 + 3.0 * (1.0 - care), 1.5) for name in kinds}
    if "numbered" in rates:  # most leave the optional user name empty
        rates["numbered"] *= 0.4
    return Slips(
        rates,
        home.zones.draw(rng),
        language_list(home.languages.draw(rng)),
        {},
        identity.local_part(rng, rng.choice(("{w}{v}", "{w}", "{x4}")), "a", "b"),
        rng.choice(_LINKS),
        rng.choice(("/signup", "/", "/try", "/pricing")),
        tempo,
        rng.randrange(4),
    )
