"""Reference data: answers for known values, and a named gap where a part is missing."""

from pathlib import Path

import pytest

from sybilgate.core.enrichment import OperatorClass
from sybilgate.core.normalise.address import Address, parse_address
from sybilgate.reference import BundledReference, load_reference
from sybilgate.reference.asn import decode, encode
from sybilgate.reference.operators import operator_class


@pytest.fixture(scope="module")
def reference() -> BundledReference:
    return load_reference()


def address(text: str) -> Address:
    found = parse_address(text)
    assert found is not None
    return found


def test_bundled_reference_is_whole(reference: BundledReference) -> None:
    assert reference.degraded == ()
    assert "missing" not in reference.versions().values()
    assert reference.versions()["asn"]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("52.95.110.1", OperatorClass.HOSTING),
        ("2a01:4f8::1", OperatorClass.HOSTING),
        ("73.12.3.4", OperatorClass.RESIDENTIAL),
        ("172.56.1.1", OperatorClass.MOBILE),
        ("128.32.1.1", OperatorClass.EDUCATION),
        ("23.129.64.1", OperatorClass.TOR),
        ("193.138.218.1", OperatorClass.VPN),
    ],
)
def test_operator_class_of_an_address(reference: BundledReference, text: str, kind: OperatorClass) -> None:
    operator = reference.operator(address(text))
    assert operator is not None
    assert operator.kind is kind


def test_country_of_an_address(reference: BundledReference) -> None:
    assert reference.country(address("8.8.8.8")) == "US"


def test_disposable_and_free_domains(reference: BundledReference) -> None:
    assert reference.mail_domain("mailinator.com").disposable
    assert reference.mail_domain("yahoo.co.uk").freemail
    assert not reference.mail_domain("yahoo.co.uk").disposable


def test_registrable_part_of_a_domain(reference: BundledReference) -> None:
    assert reference.mail_domain("mail.stanford.edu").registrable == "stanford.edu"
    assert reference.mail_domain("co.uk").registrable == "co.uk"


def test_old_zone_names_have_countries(reference: BundledReference) -> None:
    zone = reference.zone("Asia/Calcutta")
    assert zone is not None
    assert zone.countries == {"IN"}


def test_unknown_zones_touch_no_file(reference: BundledReference) -> None:
    assert reference.zone("../../etc/passwd") is None
    assert reference.degraded == ()


def test_damaged_table_is_named(tmp_path: Path) -> None:
    (tmp_path / "asn.xz").write_bytes(b"not a table")
    reference = load_reference(data=tmp_path)
    assert reference.degraded == ("reference:asn", "reference:freemail")
    assert reference.operator(address("8.8.8.8")) is None
    assert reference.mail_domain("gmail.com").freemail is None


def test_broken_mmdb_falls_back(tmp_path: Path) -> None:
    (tmp_path / "own.mmdb").write_bytes(b"broken")
    reference = load_reference(country_mmdb=tmp_path / "own.mmdb", asn_mmdb=tmp_path / "absent.mmdb")
    assert reference.degraded == ("reference:asn_mmdb", "reference:country_mmdb")
    assert reference.country(address("8.8.8.8")) == "US"


def test_table_survives_the_round_trip() -> None:
    v4 = [(0x01000000, 0x010000FF, 13335), (0x01000400, 0x010007FF, 38803)]
    v6 = [(0x2A0104F8 << 96, (0x2A0104F9 << 96) - 1, 24940)]
    table = decode(encode({4: v4, 6: v6}, {13335: OperatorClass.HOSTING, 38803: OperatorClass.UNKNOWN}, "7"))
    numbers = [(found := table.find(address(text))) and found.number for text in ("1.0.0.9", "1.0.1.1", "1.0.7.255")]
    assert numbers == [13335, None, 38803]
    assert table.find(address("2a01:4f9::1")) is None
    assert table.version == "7"


def test_class_by_operator_name() -> None:
    assert operator_class(1, "Example Hosting Ltd") is OperatorClass.HOSTING
    assert operator_class(1, "Universitaet Beispiel") is OperatorClass.EDUCATION
    assert operator_class(1, "Zyxw Ltd") is OperatorClass.UNKNOWN
