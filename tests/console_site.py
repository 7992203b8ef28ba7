"""A console over a server with a seeded campaign, and a visitor without a browser."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from html.parser import HTMLParser
from http.cookiejar import CookieJar
from pathlib import Path
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, OpenerDirector, ProxyHandler, Request, build_opener

from argon2 import PasswordHasher

from sybilgate.app.bundle import Bundle
from sybilgate.app.explain import Explainer
from sybilgate.app.readings import Readings
from sybilgate.client import Client
from sybilgate.console.gateway import Gateway
from sybilgate.console.serve import serving
from sybilgate.console.settings import Settings
from sybilgate.console.site import Site
from sybilgate.console.users import Users
from sybilgate.jobs.due import DueWorker
from sybilgate.rpc.ports import Backend, ReviewParts
from sybilgate.rpc.server import Server
from sybilgate.store import migrate
from sybilgate.store.store import SqlStore
from tests.factories import KEYRING, POLICY, CountingModels, assessor, ring, signup, task
from tests.integration.test_review import CAMPAIGN, MANIFEST, NAME, found, keys

SECRET = "correct horse battery"
SIZE = 400
__all__ = ["NAME", "SECRET", "SIZE", "Visitor", "seeded", "strange"]


@dataclass(frozen=True)
class Place:
    address: str
    store: SqlStore
    site: Site


@contextmanager
def seeded(folder: Path) -> Iterator[Place]:
    """A console that ada and bob may log in to, on a campaign of SIZE accounts and two strangers."""
    url = f"sqlite:///{folder / 'store.db'}"
    migrate.upgrade(url)
    store = SqlStore(url)
    service = assessor(store)
    for start in range(0, SIZE, 100):
        service.run([task(*ring(SIZE)[start : start + 100])])
    service.run([task(signup("b1"), signup("b2"))])
    found(store, replace(CAMPAIGN, members=SIZE), SIZE)
    bundle = Bundle(CountingModels(), "", MANIFEST)  # type: ignore[arg-type]
    parts = ReviewParts(
        store, service.clock, service.new_id, keys, Readings(lambda name: bundle), lambda: (bundle, POLICY)
    )
    backend = Backend(service, store, Explainer(lambda name: CountingModels()), KEYRING, parts)
    server = Server(backend, "127.0.0.1:0", job=lambda batcher: DueWorker(store, batcher, service.clock))
    server.start()
    server.ready()
    settings = Settings(listen="127.0.0.1:0", users_file=folder / "users.json", audit_file=folder / "audit.jsonl")
    client = Client(f"127.0.0.1:{server.port}", timeout=30.0)
    site = Site(lambda file: Gateway(client), settings)
    site.users = Users(settings.users_file, PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
    for name in ("ada", "bob"):
        site.users.put(name, SECRET)
    try:
        with serving(site) as address:
            yield Place(address, store, site)
    finally:
        client.close()
        server.drain(5.0)
        store.close()


@dataclass
class Visitor:
    """Asks for pages as a browser without scripts would, keeping cookies."""

    address: str
    jar: CookieJar = field(default_factory=CookieJar)
    headers: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._opener: OpenerDirector = build_opener(HTTPCookieProcessor(self.jar), ProxyHandler({}))

    def ask(self, path: str, form: dict[str, str] | None = None, **headers: str) -> tuple[int, str]:
        """Status and body, redirects followed."""
        body = urlencode(form, errors="surrogatepass").encode() if form is not None else None
        given = Request(self.address + path, body, {name.replace("_", "-"): value for name, value in headers.items()})
        try:
            with self._opener.open(given, timeout=30) as answer:
                self.headers = {name.lower(): value for name, value in answer.headers.items()}
                return answer.status, answer.read().decode()
        except HTTPError as error:
            with error:
                self.headers = {name.lower(): value for name, value in error.headers.items()}
                return error.code, error.read().decode()

    def login(self, name: str = "ada", password: str = SECRET) -> tuple[int, str]:
        return self.ask("/login", {"name": name, "password": password})

    def csrf(self) -> str:
        _, page = self.ask("/search")
        return page.partition('name="csrf" value="')[2].partition('"')[0]


class _Parts(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag in ("iframe", "object", "embed", "base", "style", "math", "img", "video", "source", "marquee", "body"):
            self.found += [tag] if tag != "body" or given else []
        if tag == "script" and given != {"src": "/static/keys.js", "defer": None}:
            self.found.append("script")
        for name, value in given.items():
            where = (value or "").strip().lower()
            if name.startswith("on") or name in ("style", "srcdoc", "http-equiv", "formaction"):
                self.found.append(f"{tag} {name}")
            if (name in ("href", "src", "action") and not where.startswith(("/", "?", "#"))) or where.startswith("//"):
                self.found.append(f"{tag} {name} {where}")


def strange(page: str) -> list[str]:
    """What in a page could run, load or lead elsewhere; nothing of ours does."""
    parts = _Parts()
    parts.feed(page)
    return parts.found
