"""The console in a real browser: a campaign is worked from queue to confirmed, and no page has a barrier or a secret.

Needs Chromium (``apt-get install chromium``, or its path in SYBILGATE_TEST_CHROMIUM); skipped where there is none.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import pytest

from sybilgate.core.campaign.records import Change, ChangeRecord, LabelRecord, ProtectionRecord
from tests.console_site import NAME, SECRET, SIZE, Place, seeded
from tests.factories import START
from tests.hostile_texts import HOSTILE
from tests.integration.test_review import REF
from tests.rpc_fakes import until

playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe is not installed")
CHROMIUM = os.environ.get("SYBILGATE_TEST_CHROMIUM") or shutil.which("chromium")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here: apt-get install chromium")
SIZES = {"desk": (1280, 800), "phone": (390, 844)}
#: The page tells who broke its policy, and whether an attacker's call ran.
_REPORTS = """
addEventListener("securitypolicyviolation", e => console.error("CSP " + e.violatedDirective + e.blockedURI));
window.pwned = () => { console.error("pwned"); };
"""


@dataclass
class Tab:
    """A page, and whatever it complained about or asked of others."""

    page: object
    address: str
    noise: list[str] = field(default_factory=list)

    def go(self, path: str) -> None:
        self.page.goto(self.address + path)  # type: ignore[attr-defined]

    def login(self, name: str) -> None:
        self.go("/login")
        self.page.fill("input[name=name]", name)  # type: ignore[attr-defined]
        self.page.fill("input[name=password]", SECRET)  # type: ignore[attr-defined]
        self.page.click("button.main")  # type: ignore[attr-defined]
        self.page.wait_for_selector("h1:text('Queue')")  # type: ignore[attr-defined]


Opener = Callable[..., "contextmanager[Tab]"]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    with seeded(tmp_path_factory.mktemp("console")) as place:
        yield place


@pytest.fixture(scope="module")
def browser() -> Iterator[object]:
    with playwright.sync_playwright() as started:
        browser = started.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@contextmanager
def opened(browser: object, place: Place, size: str = "desk", scripts: bool = True) -> Iterator[Tab]:
    width, height = SIZES[size]
    context = browser.new_context(  # type: ignore[attr-defined]
        viewport={"width": width, "height": height}, java_script_enabled=scripts, bypass_csp=False
    )
    context.add_init_script(_REPORTS)
    page = context.new_page()
    tab = Tab(page, place.address)
    page.on("console", lambda message: tab.noise.append(message.text))
    page.on("pageerror", lambda error: tab.noise.append(str(error)))
    page.on("dialog", lambda dialog: (tab.noise.append("dialog"), dialog.dismiss()))
    page.on("request", lambda asked: asked.url.startswith(place.address) or tab.noise.append(asked.url))
    yield tab
    context.close()


PAGES = (
    "/login", "/", "/accounts?place=any", f"/campaign?id={NAME}", f"/campaign/decide?id={NAME}",
    "/account?id=accounts/ring5", "/account/record?id=accounts/ring5",
    "/account/features?id=accounts/ring5", "/search", "/model?review=0.5", "/audit",
    "/nowhere",
)  # fmt: skip


@pytest.mark.parametrize("size", SIZES)
def test_pages_have_no_barriers(browser: object, place: Place, size: str) -> None:
    with opened(browser, place, size) as tab:
        tab.login("ada")
        for path in PAGES:
            tab.go(path)
            # The page is the same at both sizes; on the small one only what is laid out anew is looked through again.
            if size == "desk" or path.startswith(("/account?", "/campaign?")):
                found = axe.Axe().run(tab.page).response["violations"]
                assert [(one["id"], [node["html"][:200] for node in one["nodes"][:3]]) for one in found] == [], path
            wide = tab.page.evaluate("document.documentElement.scrollWidth - innerWidth")  # type: ignore[attr-defined]
            assert wide <= 0, path
        assert [line for line in tab.noise if "404" not in line] == []


def test_campaign_is_worked_to_its_end(browser: object, place: Place) -> None:
    with opened(browser, place) as ada, opened(browser, place, scripts=False) as bob:
        ada.login("ada")
        ada.page.keyboard.press("j")
        ada.page.keyboard.press("c")
        ada.page.wait_for_selector("text=Yours for 15 minutes.")
        ada.page.click(f"a.open:text('{NAME.partition('/')[2]}')")
        ada.page.click("a:text('Confirm …')")
        assert f"About {SIZE} flagged members will be labelled" in ada.page.inner_text("main")
        ada.page.fill("textarea", "one device for all")
        ada.page.click("button:text('Confirm')")
        assert "second reviewer" in ada.page.inner_text(".message")
        bob.login("bob")
        assert "with ada" in bob.page.inner_text("main")
        bob.page.click(f"a.open:text('{NAME.partition('/')[2]}')")
        bob.page.click("a:text('Confirm …')")
        assert "ada said so first" in bob.page.inner_text("main")
        bob.page.fill("textarea", "I agree")
        bob.page.click("button:text('Confirm')")
        assert "Confirmed by two reviewers" in bob.page.inner_text(".message")
        until(lambda: not place.store.due(2 * START, 9), 60.0, 0.1)
        ada.go("/account?id=accounts/ring7")
        history = ada.page.inner_text(".timeline")
        assert "Labelled Sybil by ada and bob" in history and "Assessed again" in history
        ada.page.check("input[value=honest]")
        ada.page.fill("section.card textarea", "he showed his passport")
        ada.page.click("button:text('Label')")
        assert "labelled it honest" in ada.page.inner_text("main .note")
        ada.go("/accounts?place=any")
        assert ada.page.locator("tr[data-row]").count() == 0
        assert ada.noise == bob.noise == []


def test_shown_numbers_are_those_of_the_service(browser: object, place: Place) -> None:
    told = place.site.gateway("ada").assessment(place.site.gateway("ada").assessments("accounts/ring9")[0].name)
    with opened(browser, place) as tab:
        tab.login("ada")
        tab.go("/account?id=accounts/ring9")
        amounts = tab.page.locator(".falls tbody tr td:nth-child(3)").all_inner_texts()
        shown = [float(text.replace("\N{MINUS SIGN}", "-")) for text in amounts if text.strip()]
        total = round(round(told.base_value, 2) + sum(shown), 2)
        assert f"{abs(total):.2f}" in tab.page.inner_text(".falls tr.sum") and total == round(told.margin, 2)
        assert sum(one.contribution for one in told.contributions) + told.base_value == pytest.approx(told.margin)


def test_nothing_hostile_runs(browser: object, place: Place) -> None:
    texts = [text.replace("\x00", "") for text in HOSTILE]
    with place.store.unit() as unit:
        for i, text in enumerate(texts):
            common = (1, text, text, text, START, START, text, "")
            unit.write_labels([LabelRecord(f"h{i:04d}", "", REF, *common)])
            unit.write_labels([LabelRecord(f"i{i:04d}", "b1", 0, *common)])
            unit.append_changes([ChangeRecord(REF, START, Change.GREW, 0, 3, text, text)])
            unit.protect([ProtectionRecord("account/b1", "", text, text, START, START + i)])
    with opened(browser, place) as tab:
        tab.login("bob")
        for path in (f"/campaign?id={NAME}", "/account?id=accounts/b1", "/account/record?id=accounts/b1", "/audit"):
            tab.go(path)
            tab.page.hover("h1")
        assert tab.noise == []
