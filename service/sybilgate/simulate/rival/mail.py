"""Sellers of mailboxes: lots of aged freemail, catch-all domains, and one's own mailbox in many spellings."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from sybilgate.core.event import SignupMethod
from sybilgate.simulate import identity
from sybilgate.simulate.names import NAMES
from sybilgate.simulate.person import Person
from sybilgate.simulate.regions import Country, country_weights
from sybilgate.simulate.rival.chance import Lots, heavy, zipf

_BULK_STYLES = tuple("{f}{l}{d3} {f}{l}{d4} {f}.{l}{d2} {f}{d4} {l}{f}{d2} {x8}{d2} {f}{l}{y} {w}{v}{d3}".split())
_BULK_DOMAINS = ("outlook.com", "hotmail.com", "gmail.com", "mail.ru", "yahoo.com", "gmx.de", "wp.pl", "qq.com")


@dataclass(slots=True)
class Lot:
    """Mailboxes made by one script in one go: one provider, one style, names of one region."""

    domain: str
    style: str
    country: Country
    left: int


def own_mail(person: Person, email: str) -> None:
    """Another mailbox. It goes in by the form, and no employer goes with it."""
    person.email, person.organization = email, None
    if person.method == SignupMethod.PHONE:
        person.method = int(SignupMethod.PASSWORD)


class MailShop:
    """Sells lots. A customer uses one up before opening the next; several shops have several habits."""

    def __init__(self, name: str) -> None:
        rng = Random(name)
        self._styles = rng.sample(_BULK_STYLES, 3)
        self._domains = rng.sample(_BULK_DOMAINS, 3)

    def lot(self, rng: Random) -> Lot:
        domain, style = self._domains[zipf(rng, 3)], self._styles[zipf(rng, 3, 0.7)]
        return Lot(domain, style, country_weights().draw(rng), int(heavy(rng, 10, 500, 0.6)))


class Crate:
    """What one operator has bought from a shop and not yet used."""

    def __init__(self, rng: Random, shop: MailShop) -> None:
        self._rng, self._shop, self._lot = rng, shop, shop.lot(rng)

    def give(self, person: Person, rename: bool) -> None:
        """The next mailbox. A careful operator takes the mailbox's name for the account, another keeps his own."""
        rng = self._rng
        if self._lot.left < 1:
            self._lot = self._shop.lot(rng)
        self._lot.left -= 1
        first, last = NAMES[self._lot.country.names.draw(rng)].draw(rng)
        own_mail(person, f"{identity.local_part(rng, self._lot.style, first, last)}@{self._lot.domain}")
        if rename:
            person.first, person.last = first, last
            person.card.holder = f"{first} {last}"


class CatchAll:
    """Domains of a cheap registrar where every address arrives; a domain is dropped when it seems burnt."""

    def __init__(self, rng: Random, fresh: float = 0.6, discount: float = 0.1, cap: int = 90) -> None:
        self._rng = rng
        self._endings = rng.sample(identity.CHEAP_TLD, rng.randrange(1, 4))
        self._styles = [identity.STYLES.draw(rng) for _ in range(rng.randrange(1, 4))]
        self._domains: Lots[str] = Lots(rng, self._domain, fresh, discount, cap)

    def _domain(self) -> str:
        rng = self._rng
        stem = identity.local_part(rng, rng.choice(("{w}{v}", "{w}{v}", "{w}{x4}", "{x8}")), "a", "b")
        return f"{stem}.{rng.choice(self._endings)}"

    def give(self, person: Person) -> None:
        style = self._rng.choice(self._styles)
        own_mail(person, f"{identity.local_part(self._rng, style, person.first, person.last)}@{self._domains.draw()}")


class Spellings:
    """One mailbox in many spellings: dots where the provider ignores them, tags where it cuts them off."""

    def __init__(self, rng: Random, root: str) -> None:
        self._rng = rng
        self._name, _, self._domain = root.partition("@")
        self._name = self._name.replace(".", "")
        self._tag, self._serial = rng.choice(("serial", "word", "letters")), rng.randrange(60)

    def next(self) -> str:
        rng, name = self._rng, self._name
        if self._domain == "gmail.com" and len(name) > 4 and rng.random() < 0.6:
            cuts = sorted(rng.sample(range(1, len(name)), rng.randrange(1, min(5, len(name)))))
            pieces = [name[left:right] for left, right in zip([0, *cuts], [*cuts, len(name)], strict=True)]
            return f"{'.'.join(pieces)}@{self._domain}"
        self._serial += 1 + zipf(rng, 6, 2.0)
        tag = {"serial": str(self._serial), "word": identity.local_part(rng, "{w}{d1}", "a", "b")}.get(
            self._tag, identity.local_part(rng, "{x4}", "a", "b")
        )
        return f"{name}+{tag}@{self._domain}"


def mailbox_with_spellings(rng: Random, person: Person) -> str:
    """A mailbox at a provider that delivers other spellings, too."""
    domain = rng.choice(("gmail.com", "gmail.com", "gmail.com", "outlook.com", "proton.me"))
    style = rng.choice(("{f}{l}{d2}", "{f}.{l}", "{w}{f}{d2}"))
    return f"{identity.local_part(rng, style, person.first, person.last)}@{domain}"
