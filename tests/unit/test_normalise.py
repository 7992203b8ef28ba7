"""Normalising: one thing has one value, and nothing a caller writes makes it raise."""

from ipaddress import ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sybilgate.core.normalise.address import parse_address
from sybilgate.core.normalise.agent import parse_agent, platform_systems
from sybilgate.core.normalise.locale import parse_country, parse_language
from sybilgate.core.normalise.mail import RULES, mail_template, parse_mail
from sybilgate.core.normalise.phone import parse_phone
from sybilgate.core.normalise.text import clean, fold, person, template, token

CHROME = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko)"
    " Chrome/128.0.6613.84 Safari/537.36"
)
TEXT = st.text(alphabet=st.characters(), max_size=60)
LOCAL = st.text(alphabet=st.sampled_from("abzİßſΣ019.+-_ａÀ"), min_size=1, max_size=12)


@pytest.mark.parametrize(
    ("written", "mailbox"),
    [
        ("J.o.h.n+spam@GMail.com", "john@gmail.com"),
        ("john@googlemail.com", "john@gmail.com"),
        ("a.b+c@outlook.com", "a.b@outlook.com"),
        ("a.b@example.com", "a.b@example.com"),
        ("a+b@example.com", "a+b@example.com"),
        ("name-shop@yahoo.de", "name@yahoo.de"),
        ("jo.hn@protonmail.com", "john@proton.me"),
        ("shop@jo.fastmail.com", "jo@fastmail.com"),
        ("x+y@me.com", "x@icloud.com"),
        ("Max@BÜCHER.de", "max@xn--bcher-kva.de"),
    ],
)
def test_mailbox_behind_an_address(written: str, mailbox: str) -> None:
    mail = parse_mail(written)
    assert mail is not None
    assert mail.mailbox == mailbox


@given(LOCAL, st.sampled_from([*sorted(RULES), "me.fastmail.com", "example.com"]))
def test_mailbox_is_stable_when_repeated(local: str, domain: str) -> None:
    mail = parse_mail(f"{local}@{domain}")
    if mail is not None:
        again = parse_mail(mail.mailbox)
        assert again is not None
        assert again.mailbox == mail.mailbox


@pytest.mark.parametrize("written", ["", "@", "a@", "@b.com", "a b@c.com", "a@b", "a@-b.com", "a@b..com", "a@1.2.3.4"])
def test_no_address_gives_none(written: str) -> None:
    assert parse_mail(written) is None


def test_relay_subdomains_are_recognised() -> None:
    mail = parse_mail("shop@someone.anonaddy.com")
    assert mail is not None
    assert mail.relay


def test_mail_template_hides_the_letters() -> None:
    first, second = parse_mail("anna.muller4711@gmail.com"), parse_mail("kate.barnes9023@gmail.com")
    assert first is not None and second is not None
    assert mail_template(first) == mail_template(second) == "as.am9999@gmail.com"


def test_mapped_address_is_its_ipv4() -> None:
    plain = parse_address("1.2.3.4")
    assert parse_address("::ffff:1.2.3.4") == plain
    assert parse_address("64:ff9b::102:304") == plain


@given(
    st.ip_addresses()
    | st.ip_addresses(v=4, network="192.0.0.0/8")
    | st.ip_addresses(v=6, network="2000::/13")
    | st.sampled_from(["192.0.0.9", "100.64.0.1", "100.128.0.1", "2001:db8::1", "2002::1", "3fff::1", "3ffe::1"])
)
def test_public_as_the_library_says(ip: object) -> None:
    address = parse_address(str(ip))
    assert address is not None
    inner = ip_address(address.packed)
    assert address.public == (inner.is_global and not inner.is_multicast)


@pytest.mark.parametrize("written", ["fe80::1%eth0", "1.2.3", "1.2.3.4:80", "x", "", "1.2.3.4\0"])
def test_unreadable_address_is_missing(written: str) -> None:
    assert parse_address(written) is None


@pytest.mark.parametrize("written", ["10.0.0.1", "127.0.0.1", "100.64.1.1", "224.0.0.1", "fd00::1", "::1"])
def test_private_addresses_are_not_public(written: str) -> None:
    address = parse_address(written)
    assert address is not None
    assert not address.public


def test_networks_of_an_ipv6_address() -> None:
    address = parse_address("2a01:4f8:1:2::3")
    assert address is not None and address.subnet64 is not None
    assert (address.net.hex(), address.subnet64.hex()) == ("2a0104f80001", "2a0104f800010002")


def test_phone_formats_are_one_number() -> None:
    phone = parse_phone("+49 (0)1511 2345678")
    assert phone is not None
    assert phone == parse_phone("00491511 2345678")
    assert (phone.e164, phone.kind, phone.country) == ("+4915112345678", "mobile", "DE")


def test_national_phone_is_not_guessed() -> None:
    assert parse_phone("01511 2345678") is None


def test_agent_tells_browser_and_system() -> None:
    agent = parse_agent(CHROME)
    assert agent is not None
    assert (agent.family, agent.major, agent.system, agent.automation) == ("Chrome", "128", "Windows", False)
    assert "6613" in agent.build


@pytest.mark.parametrize("written", ["python-requests/2.31", "curl/8.0", CHROME.replace("Chrome", "HeadlessChrome")])
def test_agent_of_a_script_is_automation(written: str) -> None:
    agent = parse_agent(written)
    assert agent is not None
    assert agent.automation


def test_platform_names_its_systems() -> None:
    assert platform_systems("Win32") == frozenset(("Windows", "Windows Phone"))
    assert platform_systems("PlayStation") is None


def test_first_language_and_region() -> None:
    language = parse_language("zh-Hant-tw,zh;q=0.9")
    assert language is not None
    assert language.tag == "zh-TW"
    assert parse_language("*") is None


def test_country_codes_are_upper_case() -> None:
    assert (parse_country(" de"), parse_country("uk"), parse_country("XX"), parse_country("1a")) == (
        "DE",
        "GB",
        None,
        None,
    )


@pytest.mark.parametrize(
    "written", ["", " ", "null", "Undefined", "0000-0000", "{00000000-0000}", "fff", "-", "[object Object]"]
)
def test_empty_values_are_no_tokens(written: str) -> None:
    assert token(written) is None


def test_bidi_and_control_characters_vanish() -> None:
    assert clean("ab\u202ec\u200b\x00 d\ud800") == "abc d"


def test_names_match_in_any_order() -> None:
    assert person("José  García-López") == person("LOPEZ, Jose Garcia")


def test_template_classes_of_length() -> None:
    assert template("ab12345678-x") == "as999999-a1"


@given(TEXT)
def test_any_text_is_survived(text: str) -> None:
    for parse in (parse_mail, parse_phone, parse_address, parse_agent, parse_language, parse_country, token, person):
        parse(text)
        parse(text + "@gmail.com")
    cleaned = clean(text) or ""
    assert cleaned.encode().decode() == cleaned
    assert len(template(cleaned)) <= 2 * len(cleaned)


@given(TEXT)
def test_cleaning_and_folding_are_stable(text: str) -> None:
    once = clean(text)
    assert clean(once) == once
    folded = fold(once or "")
    assert fold(folded) == folded
