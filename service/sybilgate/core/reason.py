"""What a reason code says to people: one sentence if it speaks against the account, one if it speaks for it.

A reason is what a group of features does to the risk, learnt from labelled accounts; so where a group is more than one
plain fact, its sentence says whom the account resembles, not that something is wrong.
"""

from __future__ import annotations


def _alike(what: str) -> tuple[str, str]:
    """For groups that are neither good nor bad by themselves."""
    return f"{what} commoner in campaigns than among honest people.", f"{what} commoner among honest people."


#: Reason code -> (against the account, for it).
SENTENCES: dict[str, tuple[str, str]] = {
    "MAIL_INVALID": ("The e-mail address is not a valid address.", "The e-mail address is a valid address."),
    "MAIL_DISPOSABLE": (
        "The e-mail address belongs to a throw-away mail service.",
        "The e-mail address belongs to no known throw-away mail service.",
    ),
    "MAIL_PROVIDER": _alike("The kind of mail provider (free, relay, school, own domain) is"),
    "MAIL_ALIAS": _alike("Tags and dots in the e-mail address are"),
    "MAIL_SHAPE": _alike("Letters and digits of the e-mail address before the @ are"),
    "MAIL_DOMAIN_SHAPE": _alike("Length, digits and ending of the mail domain are"),
    "NAME_SHAPE": _alike("Length, words and digits of the name and the user name are"),
    "NAME_MATCH": (
        "Name, e-mail address and card holder agree less than those of honest people.",
        "Name, e-mail address and card holder agree as those of honest people do.",
    ),
    "PHONE_TYPE": _alike("The kind of the phone number (mobile, fixed, internet, invalid, none) is"),
    "NETWORK_HOSTING": (
        "The connection comes from a hosting provider or data centre.",
        "The connection comes from no known hosting provider or data centre.",
    ),
    "NETWORK_ANONYMOUS": (
        "The connection comes through a VPN or the Tor network, or as if it did.",
        "The connection comes through no known VPN or Tor exit, or as that of honest people who use one.",
    ),
    "NETWORK_TYPE": _alike("The kind of network operator (homes, mobile, company, school) is"),
    "DEVICE_AUTOMATION": ("The browser shows signs of automation.", "The browser shows no sign of automation."),
    "DEVICE_HARDWARE": _alike("Screen, processor, memory and languages of the device are"),
    "DEVICE_INCONSISTENT": (
        "What the browser says about the device does not go together.",
        "What the browser says about the device goes together.",
    ),
    "DEVICE_TRUST": (
        "The identity of the device is less well proven than that of most.",
        "The identity of the device is as well proven as that of honest people.",
    ),
    "COUNTRY_MISMATCH": (
        "Network, time zone, language, phone and mail domain point to different countries.",
        "Network, time zone, language, phone and mail domain agree on the country as those of honest people do.",
    ),
    "SIGNUP_METHOD": _alike("The way the account was registered (password, link, other provider) is"),
    "SIGNUP_SOURCE": _alike("Where the registration came from (referrer, invitation, campaign tag) is"),
    "SIGNUP_HOUR": _alike("The local hour of the registration is"),
    "FORM_TIMING": (
        "The form was filled in unusually fast, slowly, or by pasting.",
        "The form was filled in as people do it.",
    ),
    "CAPTCHA_SCORE": (
        "The captcha took the registration for a program's more than a person's, or was not asked.",
        "The captcha took the registration for a person's.",
    ),
    "FIELDS_MISSING": (
        "Fields that most registrations carry were not sent.",
        "The fields were sent that most registrations carry.",
    ),
    "PAYMENT_PREPAID": ("The card is prepaid or virtual.", "The card is not known to be prepaid or virtual."),
    "PAYMENT_CHECKS": (
        "The card was declined or did not pass the checks of its issuer.",
        "The card was not declined, and no check of its issuer failed.",
    ),
    "PAYMENT_PROFILE": _alike("The kind of payment instrument, or the lack of one, is"),
    "PAYMENT_COUNTRY_MISMATCH": (
        "Card issuer, billing address and network are in different countries.",
        "Card issuer, billing address and network do not contradict each other about the country.",
    ),
    "VERIFICATION_PASSED": (
        "E-mail, phone or document were verified less than those of honest people.",
        "E-mail, phone or document were verified.",
    ),
    "VERIFICATION_FAILED": (
        "A captcha or challenge was failed or abandoned.",
        "No captcha or challenge was failed or abandoned.",
    ),
    "USAGE_VOLUME": _alike("The amount of use is"),
    "USAGE_RHYTHM": (
        "The hours of use are unusually even or unusual for a person.",
        "The hours of use are those of a person.",
    ),
    "USAGE_MIX": _alike("The mix of models used is"),
    "USAGE_NETWORK": _alike("The addresses from which the account is used are"),
    "SHARED_NETWORK": (
        "More accounts came from the same network, or more suddenly, than honest people explain.",
        "No more accounts came from the same network than honest people explain.",
    ),
    "SHARED_DEVICE": (
        "More accounts use the same device or device profile than honest people explain.",
        "No more accounts use the same device or device profile than honest people explain.",
    ),
    "SHARED_EMAIL": (
        "More accounts use this mailbox, mail domain or mail pattern than honest people explain.",
        "No more accounts use this mailbox, mail domain or mail pattern than honest people explain.",
    ),
    "SHARED_PHONE": (
        "More accounts use this phone number or number range than honest people explain.",
        "No more accounts use this phone number or number range than honest people explain.",
    ),
    "SHARED_PAYMENT": (
        "More accounts pay with this card, card range or holder than honest people explain.",
        "No more accounts pay with this card, card range or holder than honest people explain.",
    ),
    "SHARED_PROFILE": (
        "More accounts share this name pattern, invitation or referrer than honest people explain.",
        "No more accounts share this name pattern, invitation or referrer than honest people explain.",
    ),
    "LABELLED_NEIGHBOURS": (
        "Accounts that share values with this one were labelled Sybil.",
        "No account that shares a telling value with this one was labelled Sybil.",
    ),
    "CONTRADICTION": (
        "Values that one cause should determine (time zone, country) do not go together as honest people's do.",
        "Values that one cause should determine (time zone, country) go together as honest people's do.",
    ),
    "CROWD": (
        "More accounts share values with this one, of whatever kind, than chance explains.",
        "No more accounts share values with this one, of whatever kind, than chance explains.",
    ),
    "BURST": (
        "Accounts that share values with this one came suddenly.",
        "Accounts that share values with this one did not come suddenly.",
    ),
    "CHAIN": (
        "Values that exactly two accounts hold join this account to others, link by link.",
        "Values that exactly two accounts hold do not join this account to a suspicious chain of others.",
    ),
    "RISKY_COMPANY": (
        "Earlier accounts that share values with this one were given a high risk.",
        "Earlier accounts that share values with this one were given a low risk, or there are none.",
    ),
    "FIRST_LOOK": (
        "The account by itself and its company look like a campaign's at a first look.",
        "The account by itself and its company look honest at a first look.",
    ),
}


def sentence(code: str, contribution: float) -> str:
    """What reason ``code`` says when it moves the log-odds by ``contribution``."""
    against, favour = SENTENCES[code]
    return against if contribution > 0 else favour
