"""The console as a client without a browser meets it: who is let in, what is refused, what hostile texts become."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import quote

import pytest

from sybilgate.console.words import visible
from sybilgate.core.campaign.records import Change, ChangeRecord, LabelRecord, ProtectionRecord
from sybilgate.core.desk import ClaimRecord
from tests.console_site import NAME, SECRET, SIZE, Place, Visitor, seeded, strange
from tests.factories import START
from tests.hostile_texts import HOSTILE
from tests.integration.test_review import REF

PAGES = (
    "/", "/accounts?place=any", f"/campaign?id={NAME}", f"/campaign/decide?id={NAME}", "/account?id=accounts/ring5",
    "/account/record?id=accounts/ring5",
    "/account/features?id=accounts/ring5", "/search", "/model?review=0.5", "/audit",
)  # fmt: skip


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    with seeded(tmp_path_factory.mktemp("console")) as place:
        yield place


@pytest.fixture
def ada(place: Place) -> Visitor:
    visitor = Visitor(place.address)
    assert visitor.login()[0] == 200
    return visitor


@pytest.mark.parametrize("path", PAGES)
def test_stranger_sees_only_login(place: Place, path: str) -> None:
    status, page = Visitor(place.address).ask(path)
    assert status == 200 and "<h1>Log in</h1>" in page and "ring" not in page


def test_cookie_is_kept_from_scripts(place: Place) -> None:
    visitor = Visitor(place.address)
    assert visitor.ask("/login", {"name": "ada", "password": "wrong wrong wrong"})[0] == 401
    visitor.login()
    (cookie,) = visitor.jar
    assert cookie.has_nonstandard_attr("HttpOnly") and cookie.get_nonstandard_attr("SameSite") == "strict"


def test_every_answer_carries_policy(ada: Visitor) -> None:
    for path in (*PAGES, "/nowhere", "/static/style.css", "/account?id=accounts/nobody"):
        ada.ask(path)
        assert ada.headers["content-security-policy"].startswith("default-src 'none'; style-src 'self'")
        assert "unsafe" not in ada.headers["content-security-policy"]
        assert (ada.headers["x-content-type-options"], ada.headers["x-frame-options"]) == ("nosniff", "DENY")


def test_form_without_token_does_nothing(ada: Visitor, place: Place) -> None:
    forms = {
        "/claim": {"subject": NAME}, "/campaign/decide": {"id": NAME, "what": "dismiss", "reason": "x"},
        "/account/label": {"id": "accounts/b1", "verdict": "sybil", "reason": "x"}, "/logout": {},
    }  # fmt: skip
    for path, form in forms.items():
        assert ada.ask(path, form)[0] == ada.ask(path, form | {"csrf": "guessed"})[0] == 403
        assert ada.ask(path, form | {"csrf": ada.csrf()}, sec_fetch_site="cross-site")[0] == 403
    assert place.store.labels_of(account_id="b1") == [] and place.store.claims(0.0) == []


def test_logout_ends_session_at_server(ada: Visitor) -> None:
    (cookie,) = ada.jar
    ada.ask("/logout", {"csrf": ada.csrf()})
    again = Visitor(ada.address)
    again.jar.set_cookie(cookie)
    assert "<h1>Log in</h1>" in again.ask("/")[1]


def test_removed_reviewer_is_out_at_once(place: Place) -> None:
    place.site.users.put("carl", SECRET)
    carl = Visitor(place.address)
    assert "<h1>Queue</h1>" in carl.login("carl")[1]
    place.site.users.remove("carl")
    assert "<h1>Log in</h1>" in carl.ask("/")[1]


def test_guessing_is_slowed_down(place: Place) -> None:
    place.site.brake.clock = lambda: 5.0
    guesser = Visitor(place.address)
    statuses = [guesser.login("eve", f"guess number {i:04d}")[0] for i in range(8)]
    assert statuses[0] == 401 and statuses[-1] == 429
    place.site.brake.passed("address 127.0.0.1", "name eve")


def test_other_host_name_is_refused(place: Place) -> None:
    assert Visitor(place.address).ask("/login", host="evil.example")[0] == 400


def test_pages_are_small_and_plain(ada: Visitor) -> None:
    for path in PAGES:
        status, page = ada.ask(path)
        assert status == 200 and len(page.encode()) < 100_000 and strange(page) == []


def test_claim_is_shown_and_given_back(ada: Visitor) -> None:
    _, page = ada.ask("/claim", {"csrf": ada.csrf(), "subject": NAME, "back": "//evil.example/"})
    assert "Yours for 15 minutes." in page and "Give back" in page
    _, page = ada.ask("/claim", {"csrf": ada.csrf(), "subject": NAME, "release": "1"})
    assert "Given back." in page and "Give back" not in page


def test_queue_is_narrowed(ada: Visitor) -> None:
    _, every = ada.ask("/accounts?place=any&decision=challenge")
    _, none = ada.ask("/accounts?place=any&decision=challenge&network=tor&country=at")
    assert "Nothing is waiting here." in none and "data-row" not in none and "on this page" not in every
    assert ada.ask("/accounts?place=x&risk=nan&age=999&order=%00&network=%27&country=%27%27")[0] == 200
    assert ada.ask("/accounts?page=forged")[0] == 400


def test_typed_value_is_found_not_kept(ada: Visitor, place: Place) -> None:
    _, page = ada.ask("/search", {"csrf": ada.csrf(), "kind": "device_id", "value": "shared-device"})
    assert f"{SIZE} accounts held it" in page and "ring399" in page and "shared-device" not in page
    assert "shared-device" not in place.site.trail.path.read_text()


def test_exported_members_are_no_formulas(ada: Visitor) -> None:
    status, table = ada.ask(f"/campaign/members.csv?id={NAME}")
    lines = table.splitlines()
    assert status == 200 and len(lines) == SIZE + 1 and lines[1].startswith("ring0,flagged,")


def test_views_are_written_down(ada: Visitor, place: Place) -> None:
    ada.ask("/account?id=accounts/b2")
    newest = place.site.trail.newest(1)[0]
    assert (newest["user"], newest["action"], newest["subject"]) == ("ada", "view account", "accounts/b2")


def test_hostile_addresses_stay_text(ada: Visitor) -> None:
    paths = "/account?id={0}", "/campaign?id={0}", "/audit?who={0}&subject={0}"
    for i, text in enumerate(HOSTILE):
        path = paths[i % 3].format(quote(text[:1000], errors="surrogatepass"))
        status, page = ada.ask(path)
        assert status in (200, 400, 404) and strange(page) == [], (path, status)


def test_hostile_records_stay_text(ada: Visitor, place: Place) -> None:
    texts = [text.replace("\x00", "") for text in HOSTILE]
    with place.store.unit() as unit:
        for i, text in enumerate(texts):
            common = (1, text, text, text, START, START, text, "")
            unit.write_labels([LabelRecord(f"h{i:04d}", "", REF, *common)])
            unit.write_labels([LabelRecord(f"i{i:04d}", f"ring{20 + i % 2}", 0, *common)])
            unit.append_changes([ChangeRecord(REF, START, Change.GREW, 0, 3, text, text)])
            unit.protect([ProtectionRecord("account/b1", "", text, text, START, START + i)])
            unit.claim(ClaimRecord(f"accounts/ring{i + 20}", text, START + 1e6, START + 1e8))
    accounts = [f"/account{part}?id=accounts/ring{i}" for part in ("", "/record") for i in (20, 21)]
    for path in (*accounts, f"/campaign?id={NAME}", "/accounts?place=any", "/audit"):
        status, page = ada.ask(path)
        assert status == 200 and strange(page) == []
    _, page = ada.ask("/account?id=accounts/ring20")
    assert "&lt;script&gt;pwned()" in page and "\u202e" not in page and visible("\u202e") in page


def test_model_page_counts_what_if(ada: Visitor) -> None:
    _, page = ada.ask("/model?review=0.5")
    assert "From 50 % on" in page and f"of the newest {SIZE + 2} signups" in page
    assert "is told from 500 signups on" in page
