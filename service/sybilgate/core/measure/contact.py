"""Own columns of e-mail, phone and names."""

from __future__ import annotations

import re

from sybilgate.core.enrichment import Facts
from sybilgate.core.event import Contact
from sybilgate.core.measure.number import Own, differs, flag
from sybilgate.core.normalise.mail import Mail, consonant_run, is_role
from sybilgate.core.normalise.text import (
    digit_share,
    entropy,
    found_share,
    non_latin_share,
    token,
    trailing_digits,
)

_EDUCATION = re.compile(r"\.(?:edu|(?:edu|ac)\.[a-z]{2})\Z")
#: Country codes that are sold as words and say nothing of a country.
_SOLD = frozenset(
    "co io ai me tv cc ly gg so to fm ws la vc sh ac am eu su nu tk ml ga cf gq pw st im is in do".split()
)


def measure_contact(contact: Contact, facts: Facts) -> Own:
    """Columns of what the account holder says of himself."""
    return _mail(contact, facts) | _phone(contact, facts) | _names(contact)


def _mail(contact: Contact, facts: Facts) -> Own:
    mail, domain = facts.mail, facts.mail_domain
    if mail is None or domain is None:
        return {"email_invalid": 1.0} if token(contact.email) else {}
    own = domain.registrable
    ending = own.rpartition(".")[2]
    country_code = len(ending) == 2 and ending not in _SOLD
    found = {
        "email_invalid": 0.0,
        "email_disposable": flag(domain.disposable),
        "email_freemail": flag(domain.freemail),
        "email_relay": float(mail.relay),
        "email_education": float(_EDUCATION.search("." + own) is not None),
        "email_domain_length": float(len(own)),
        "email_domain_digit_share": digit_share(own),
        "email_domain_country_code": float(country_code),
        "email_domain_country_mismatch": differs("GB" if ending == "uk" else ending.upper(), facts.country)
        if country_code
        else float("nan"),
    }
    # What a relay makes up says something of the relay, not of who hides behind it.
    return found if mail.relay else found | _local(mail, facts)


def _local(mail: Mail, facts: Facts) -> Own:
    local = mail.local
    return {
        "email_plus_tag": float(mail.tagged),
        "email_extra_dots": float(mail.dotted),
        "email_local_length": float(len(local)),
        "email_local_digit_share": digit_share(local),
        "email_local_trailing_digits": float(trailing_digits(local)),
        "email_local_entropy": entropy(local),
        "email_local_separators": float(sum(local.count(c) for c in ".-_")),
        "email_local_consonant_run": float(consonant_run(local)),
        "email_local_role": float(is_role(local)),
        "email_name_match": found_share(facts.name, local),
    }


def _phone(contact: Contact, facts: Facts) -> Own:
    phone = facts.phone
    if phone is None:
        return {"phone_invalid": 1.0} if token(contact.phone) else {}
    return {
        "phone_invalid": float(not phone.valid),
        "phone_voip": float(phone.kind == "voip"),
        "phone_mobile": float(phone.kind in ("mobile", "either")),
        "phone_fixed": float(phone.kind == "fixed"),
        "phone_country_mismatch": differs(phone.country, facts.country),
    }


def _names(contact: Contact) -> Own:
    own: Own = {}
    name, username = token(contact.display_name), token(contact.username)
    if name:
        own = {
            "name_length": float(len(name)),
            "name_words": float(len(name.split())),
            "name_digit_share": digit_share(name),
            "name_non_latin": non_latin_share(name),
        }
    if username:
        own["username_length"] = float(len(username))
        own["username_digit_share"] = digit_share(username)
    return own
