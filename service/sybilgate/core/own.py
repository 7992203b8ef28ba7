"""Own signals: every number that one event says about its own account, in stored order.

The order is part of the event log: append columns, never move, rename or reuse one. NaN means *not known*.
A flag is 0 or 1. A ``*_missing`` flag speaks of the signup only, and is NaN for every other event, so that
a later event laid over the account's row (its known values win) does not unsay what the signup lacked.
No column may tell the calendar: no dates, no versions, nothing that grows by itself over the years.
"""

from __future__ import annotations

from sybilgate.core.identifier import Axis
from sybilgate.core.observation import OwnColumn

_EMAIL = (
    ("email_missing", "FIELDS_MISSING", "no e-mail address at signup", 0),
    ("email_invalid", "MAIL_INVALID", "e-mail address cannot be parsed", 1),
    ("email_disposable", "MAIL_DISPOSABLE", "domain of a throw-away mail service", 1),
    ("email_freemail", "MAIL_PROVIDER", "domain of a large free provider", 0),
    ("email_relay", "MAIL_PROVIDER", "domain of a privacy relay", 0),
    ("email_education", "MAIL_PROVIDER", "domain of a school or university", 0),
    ("email_plus_tag", "MAIL_ALIAS", "address carries a tag that its provider ignores", 0),
    ("email_extra_dots", "MAIL_ALIAS", "dots that the provider ignores", 0),
    ("email_local_length", "MAIL_SHAPE", "letters before the @", 0),
    ("email_local_digit_share", "MAIL_SHAPE", "share of digits before the @", 0),
    ("email_local_trailing_digits", "MAIL_SHAPE", "digits at the end of the local part", 0),
    ("email_local_entropy", "MAIL_SHAPE", "bits per character of the local part", 0),
    ("email_local_separators", "MAIL_SHAPE", "dots, dashes and underscores before the @", 0),
    ("email_local_consonant_run", "MAIL_SHAPE", "longest run of consonants before the @", 0),
    ("email_local_role", "MAIL_SHAPE", "a role mailbox such as info or admin", 0),
    ("email_domain_length", "MAIL_DOMAIN_SHAPE", "characters of the registrable domain", 0),
    ("email_domain_digit_share", "MAIL_DOMAIN_SHAPE", "share of digits in the registrable domain", 0),
    ("email_domain_country_code", "MAIL_DOMAIN_SHAPE", "domain under a country's top-level domain", 0),
    ("email_domain_country_mismatch", "COUNTRY_MISMATCH", "country of the mail domain is not that of the network", 0),
    ("email_name_match", "NAME_MATCH", "share of the name's letters found in the address", 0),
)
_PHONE = (
    ("phone_missing", "FIELDS_MISSING", "no phone number at signup", 0),
    ("phone_invalid", "PHONE_TYPE", "not a valid international number", 0),
    ("phone_voip", "PHONE_TYPE", "internet telephony number", 0),
    ("phone_mobile", "PHONE_TYPE", "mobile number", 0),
    ("phone_fixed", "PHONE_TYPE", "fixed-line number", 0),
    ("phone_country_mismatch", "COUNTRY_MISMATCH", "country of the number is not that of the network", 0),
)
_NAME = (
    ("name_missing", "FIELDS_MISSING", "no display name at signup", 0),
    ("name_length", "NAME_SHAPE", "characters of the display name", 0),
    ("name_words", "NAME_SHAPE", "words of the display name", 0),
    ("name_digit_share", "NAME_SHAPE", "share of digits in the display name", 0),
    ("name_non_latin", "NAME_SHAPE", "share of letters outside the Latin script", 0),
    ("username_missing", "FIELDS_MISSING", "no user name at signup", 0),
    ("username_length", "NAME_SHAPE", "characters of the user name", 0),
    ("username_digit_share", "NAME_SHAPE", "share of digits in the user name", 0),
    ("organization_missing", "FIELDS_MISSING", "no organisation at signup", 0),
)
_NETWORK = (
    ("ip_missing", "FIELDS_MISSING", "no address of the client at signup", 0),
    ("ip_unroutable", "NETWORK_TYPE", "private, reserved or unreadable address", 0),
    ("network_hosting", "NETWORK_HOSTING", "operator is a hosting provider", 1),
    ("network_vpn", "NETWORK_ANONYMOUS", "operator sells VPN access", 0),
    ("network_tor", "NETWORK_ANONYMOUS", "operator runs Tor exits", 1),
    ("network_mobile", "NETWORK_TYPE", "operator is a mobile carrier", 0),
    ("network_education", "NETWORK_TYPE", "operator is a school or university", 0),
    ("network_business", "NETWORK_TYPE", "operator is a company or public body", 0),
    ("network_residential", "NETWORK_TYPE", "operator serves homes", 0),
)
_DEVICE = (
    ("user_agent_missing", "FIELDS_MISSING", "no user agent at signup", 0),
    ("user_agent_unrecognised", "DEVICE_AUTOMATION", "user agent of no known browser", 0),
    ("user_agent_automation", "DEVICE_AUTOMATION", "user agent of a script or headless browser", 1),
    ("user_agent_mobile", "DEVICE_HARDWARE", "user agent of a phone or tablet", 0),
    ("accept_language_missing", "FIELDS_MISSING", "no accept-language header at signup", 0),
    ("ja4_missing", "FIELDS_MISSING", "no TLS fingerprint at signup", 0),
    ("device_id_missing", "FIELDS_MISSING", "no device id at signup", 0),
    ("device_trust", "DEVICE_TRUST", "1 asserted by the client, 2 seen by the server, 3 attested", 0),
    ("device_platform_mismatch", "DEVICE_INCONSISTENT", "platform is not the system of the user agent", 1),
    ("screen_missing", "FIELDS_MISSING", "no screen size at signup", 0),
    ("screen_area_log", "DEVICE_HARDWARE", "log of screen pixels", 0),
    ("screen_aspect", "DEVICE_HARDWARE", "long side over short side of the screen", 0),
    ("pixel_ratio", "DEVICE_HARDWARE", "device pixels per CSS pixel", 0),
    ("cpu_cores_log", "DEVICE_HARDWARE", "log2 of processor cores", 0),
    ("memory_log", "DEVICE_HARDWARE", "log2 of gigabytes of memory", 0),
    ("canvas_missing", "FIELDS_MISSING", "no canvas hash at signup", 0),
    ("webgl_missing", "FIELDS_MISSING", "no WebGL hash and no renderer at signup", 0),
    ("renderer_software", "DEVICE_AUTOMATION", "graphics are drawn in software, as in virtual machines", 0),
    ("automation_detected", "DEVICE_AUTOMATION", "the page saw an automation tool", 1),
    ("time_zone_missing", "FIELDS_MISSING", "no time zone at signup", 0),
    ("time_zone_invalid", "DEVICE_INCONSISTENT", "time zone that does not exist", 0),
    ("time_zone_utc", "DEVICE_INCONSISTENT", "time zone UTC, as on servers", 0),
    ("time_zone_country_mismatch", "COUNTRY_MISMATCH", "time zone is not used in the country of the network", 0),
    ("language_count", "DEVICE_HARDWARE", "languages of the browser", 0),
    ("language_header_mismatch", "DEVICE_INCONSISTENT", "first language differs between header and page", 0),
    ("language_country_mismatch", "COUNTRY_MISMATCH", "region of the language is not the country of the network", 0),
)
_SIGNUP = (
    ("signup_password", "SIGNUP_METHOD", "registered with a password", 0),
    ("signup_magic_link", "SIGNUP_METHOD", "registered with a link by mail", 0),
    ("signup_oauth", "SIGNUP_METHOD", "registered through another provider", 0),
    ("signup_sso", "SIGNUP_METHOD", "registered through a company's single sign-on", 0),
    ("signup_phone", "SIGNUP_METHOD", "registered with a phone", 0),
    ("signup_api", "SIGNUP_METHOD", "registered through an API", 0),
    ("form_fill_seconds_log", "FORM_TIMING", "log(1 + seconds to fill the form)", 0),
    ("pasted_fields", "FORM_TIMING", "fields that were pasted", 0),
    ("captcha_score", "CAPTCHA_SCORE", "captcha score, 1 = surely human", 0),
    ("referrer_missing", "SIGNUP_SOURCE", "no referrer", 0),
    ("campaign_tag_present", "SIGNUP_SOURCE", "came with a campaign tag", 0),
    ("invite_code_present", "SIGNUP_SOURCE", "came with an invitation", 0),
    ("local_hour_sin", "SIGNUP_HOUR", "sine of the local hour of the signup", 0),
    ("local_hour_cos", "SIGNUP_HOUR", "cosine of the local hour of the signup", 0),
    ("fields_missing_share", "FIELDS_MISSING", "share of the missing flags that are set", 0),
)
_PAYMENT = (
    ("payment_missing", "FIELDS_MISSING", "no payment instrument at signup", 0),
    ("payment_failed", "PAYMENT_CHECKS", "the instrument was declined", 1),
    ("funding_credit", "PAYMENT_PROFILE", "credit card", 0),
    ("funding_prepaid", "PAYMENT_PREPAID", "prepaid card", 0),
    ("funding_virtual", "PAYMENT_PREPAID", "virtual card", 0),
    ("cvc_failed", "PAYMENT_CHECKS", "card code check failed", 1),
    ("avs_failed", "PAYMENT_CHECKS", "address check failed", 1),
    ("issuer_ip_mismatch", "PAYMENT_COUNTRY_MISMATCH", "issuer's country is not that of the network", 0),
    ("billing_ip_mismatch", "PAYMENT_COUNTRY_MISMATCH", "billing country is not that of the network", 0),
    ("issuer_billing_mismatch", "PAYMENT_COUNTRY_MISMATCH", "issuer's country is not the billing country", 0),
    ("holder_name_match", "NAME_MATCH", "likeness of card holder and display name, 0 to 1", 0),
)
_VERIFICATION = (
    ("email_verified", Axis.EMAIL, "VERIFICATION_PASSED", "the mailbox was verified", 0),
    ("phone_verified", Axis.PHONE, "VERIFICATION_PASSED", "the phone was verified", 0),
    ("document_verified", Axis.BEHAVIOUR, "VERIFICATION_PASSED", "a document was verified", 0),
    ("captcha_failed", Axis.BEHAVIOUR, "VERIFICATION_FAILED", "a captcha was failed or abandoned", 1),
    ("challenge_failed", Axis.BEHAVIOUR, "VERIFICATION_FAILED", "a challenge was failed or abandoned", 1),
)
_USAGE = (
    ("usage_requests_per_day_log", "USAGE_VOLUME", "log(1 + requests per day)", 0),
    ("usage_tokens_per_request_log", "USAGE_VOLUME", "log(1 + tokens per request)", 0),
    ("usage_active_hours", "USAGE_RHYTHM", "share of the week's 168 hours with use", 0),
    ("usage_hour_evenness", "USAGE_RHYTHM", "evenness of use over the 24 hours, 1 = round the clock", 0),
    ("usage_longest_rest", "USAGE_RHYTHM", "longest daily gap in hours: people sleep", 0),
    ("usage_model_entropy", "USAGE_MIX", "bits of the mix of models", 0),
    ("usage_distinct_ips_log", "USAGE_NETWORK", "log(1 + distinct addresses)", 0),
    ("usage_hosting_share", "USAGE_NETWORK", "share of sampled addresses in hosting networks", 0),
    ("usage_countries", "USAGE_NETWORK", "distinct countries of the sampled addresses", 0),
)


def _columns() -> tuple[OwnColumn, ...]:
    groups = (
        (Axis.EMAIL, _EMAIL),
        (Axis.PHONE, _PHONE),
        (Axis.BEHAVIOUR, _NAME),
        (Axis.NETWORK, _NETWORK),
        (Axis.DEVICE, _DEVICE),
        (Axis.BEHAVIOUR, _SIGNUP),
        (Axis.PAYMENT, _PAYMENT),
    )
    columns = [OwnColumn(name, axis, why, what, sign) for axis, rows in groups for name, why, what, sign in rows]
    columns += [OwnColumn(name, axis, why, what, sign) for name, axis, why, what, sign in _VERIFICATION]
    columns += [OwnColumn(name, Axis.USAGE, why, what, sign) for name, why, what, sign in _USAGE]
    return tuple(columns)


OWN: tuple[OwnColumn, ...] = _columns()
#: Position of an own column by name.
OWN_COLUMN: dict[str, int] = {column.name: i for i, column in enumerate(OWN)}
#: Flags that say what a signup lacked, in stored order.
MISSING: tuple[str, ...] = tuple(column.name for column in OWN if column.name.endswith("_missing"))
