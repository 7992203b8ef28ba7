"""What a reason code says to people: one sentence if it speaks against the account, one if it speaks for it.

A reason is what a group of features does to the risk, learnt from labelled accounts. Only where its features are held
to one direction is it told as a fact; elsewhere a model may take a prepaid card for a good sign, so the sentence says
whom the account resembles.
"""

from __future__ import annotations


def _alike(what: str) -> tuple[str, str]:
    """For groups whose values are neither good nor bad by themselves."""
    return f"{what} commoner in campaigns.", f"{what} commoner among honest people."


#: Reason code -> (against the account, for it).
SENTENCES: dict[str, tuple[str, str]] = {
    "MAIL_INVALID": ("The e-mail address is not a valid address.", "The e-mail address is a valid address, or none."),
    "MAIL_DISPOSABLE": (
        "The e-mail address belongs to a throw-away mail service.",
        "The e-mail address belongs to no known throw-away mail service.",
    ),
    "MAIL_PROVIDER": _alike("Its kind of mail provider (free, relay, school, own domain) is"),
    "MAIL_ALIAS": _alike("An e-mail address with or without tags and dots, as it has, is"),
    "MAIL_SHAPE": _alike("Such letters and digits before the @ of the e-mail address are"),
    "MAIL_DOMAIN_SHAPE": _alike("Such a length, such digits and such an ending of the mail domain are"),
    "NAME_SHAPE": _alike("Such a length, such words and digits of the name and the user name are"),
    "NAME_MATCH": _alike("Name, e-mail address and card holder that agree so well or badly are"),
    "PHONE_TYPE": _alike("Its kind of phone number (mobile, fixed, internet, invalid, none) is"),
    "NETWORK_HOSTING": (
        "The connection comes from a hosting provider or data centre.",
        "The connection comes from no known hosting provider or data centre.",
    ),
    "NETWORK_ANONYMOUS": _alike("A connection through a VPN or Tor exit, or through none, as it has, is"),
    "NETWORK_TYPE": _alike("Its kind of network operator (homes, mobile, company, school) is"),
    "DEVICE_AUTOMATION": _alike("Such a browser, with signs of automation or without, is"),
    "DEVICE_HARDWARE": _alike("Such a screen, processor, memory and set of languages are"),
    "DEVICE_INCONSISTENT": _alike("A browser that is so consistent or inconsistent about its device is"),
    "DEVICE_TRUST": _alike("A device whose identity is so well or badly proven is"),
    "COUNTRY_MISMATCH": _alike("Network, time zone, language, phone and mail domain that agree so on a country are"),
    "SIGNUP_METHOD": _alike("Its way of registering (password, link, other provider) is"),
    "SIGNUP_SOURCE": _alike("Such a referrer, invitation or campaign tag, or the lack of one, is"),
    "SIGNUP_HOUR": _alike("This local hour of registration is"),
    "FORM_TIMING": _alike("A form filled in as fast, and pasted as much, is"),
    "CAPTCHA_SCORE": _alike("Such a captcha score, or the lack of one, is"),
    "FIELDS_MISSING": _alike("Registrations that leave out what this one does, and tell the rest, are"),
    "PAYMENT_PREPAID": _alike("A card that is prepaid or virtual, or is not, as here, is"),
    "PAYMENT_CHECKS": (
        "The card was declined or did not pass the checks of its issuer.",
        "The card was not declined, and no check of its issuer failed.",
    ),
    "PAYMENT_PROFILE": _alike("Its kind of payment instrument, or the lack of one, is"),
    "PAYMENT_COUNTRY_MISMATCH": _alike("Card issuer, billing address and network that agree so on a country are"),
    "VERIFICATION_PASSED": _alike("Such a verification of e-mail, phone or document, or the lack of it, is"),
    "VERIFICATION_FAILED": (
        "A captcha or challenge was failed or abandoned.",
        "No captcha or challenge was failed or abandoned.",
    ),
    "USAGE_VOLUME": _alike("Such an amount of use is"),
    "USAGE_RHYTHM": _alike("Such hours of use are"),
    "USAGE_MIX": _alike("Such a mix of models used is"),
    "USAGE_NETWORK": _alike("Such addresses of use are"),
    "SHARED_NETWORK": _alike("So many other accounts from the same network, so suddenly, are"),
    "SHARED_DEVICE": _alike("So many other accounts on the same device or device profile are"),
    "SHARED_EMAIL": _alike("So many other accounts on this mailbox, mail domain or mail pattern are"),
    "SHARED_PHONE": _alike("So many other accounts on this phone number or number range are"),
    "SHARED_PAYMENT": _alike("So many other accounts on this card, card range or holder are"),
    "SHARED_PROFILE": _alike("So many other accounts with this name pattern, invitation or referrer are"),
    "LABELLED_NEIGHBOURS": (
        "Of those that share values with this account, more were labelled Sybil than usual.",
        "Of those that share values with this account, few or none were labelled Sybil.",
    ),
    "CONTRADICTION": _alike("Values that go together so well or badly (time zone and country, card and network) are"),
    "CROWD": (
        "More accounts share values with this one, of whatever kind, than chance explains.",
        "No more accounts share values with this one, of whatever kind, than chance explains.",
    ),
    "BURST": (
        "Accounts that share values with this one came suddenly.",
        "Accounts that share values with this one did not come suddenly.",
    ),
    "CHAIN": _alike("So many or few accounts joined to this one by values that exactly two hold are"),
    "RISKY_COMPANY": _alike("The risk given to earlier accounts that share its values, or the lack of any, is"),
    "FIRST_LOOK": (
        "The account by itself and its company look like a campaign's at a first look.",
        "The account by itself and its company look honest at a first look.",
    ),
}


def sentence(code: str, contribution: float) -> str:
    """What reason ``code`` says when it moves the log-odds by ``contribution``."""
    against, favour = SENTENCES[code]
    return against if contribution > 0 else favour
