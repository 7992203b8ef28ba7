"""The site: who may see a page, what every answer carries, and what a refusal of the service looks like."""

from __future__ import annotations

import threading
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any
from urllib.parse import parse_qsl, urlencode

import grpc
from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from sybilgate.client import ServiceError
from sybilgate.console import words
from sybilgate.console.gateway import Gateway
from sybilgate.console.sessions import Brake, Session, Sessions, fits
from sybilgate.console.settings import Settings
from sybilgate.console.trail import Trail
from sybilgate.console.users import Users

_POLICY = "; ".join((
    "default-src 'none'", "style-src 'self'", "script-src 'self'", "img-src 'self'", "form-action 'self'",
    "base-uri 'none'", "frame-ancestors 'none'",
))  # fmt: skip
HEADERS = {
    "content-security-policy": _POLICY,
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
    "referrer-policy": "same-origin",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
}
#: Bytes and fields of a form; no page of ours sends more.
_FORM_BYTES, _FORM_FIELDS = 64 << 10, 64
_STATUS = {
    grpc.StatusCode.NOT_FOUND: 404,
    grpc.StatusCode.INVALID_ARGUMENT: 400,
    grpc.StatusCode.FAILED_PRECONDITION: 409,
    grpc.StatusCode.ALREADY_EXISTS: 409,
    grpc.StatusCode.PERMISSION_DENIED: 403,
    grpc.StatusCode.UNAUTHENTICATED: 502,
}


@dataclass(frozen=True)
class Asked:
    """One request of a reviewer who is logged in."""

    site: Site
    session: Session
    query: Mapping[str, str]
    form: Mapping[str, str]
    now: float

    @property
    def user(self) -> str:
        return self.session.user

    @property
    def gateway(self) -> Gateway:
        """The service, in this reviewer's name."""
        return self.site.gateway(self.user)

    def page(self, template: str, status: int = 200, **values: Any) -> Response:
        """A page of the site; the message of the last act is shown once."""
        message, self.session.message = self.session.message, ""
        values |= {"user": self.user, "csrf": self.session.csrf, "now": self.now, "message": message}
        return self.site.render(template, status, **values)

    def saw(self, action: str, subject: str = "", **more: str) -> None:
        self.site.trail.add(self.user, action, subject, **more)

    def back(self, path: str, message: str = "", **query: str) -> Response:
        """After an act: to a page, with a message. Only to paths of ours."""
        self.session.message = message
        path = path if path.startswith("/") and not path.startswith(("//", "/\\")) else "/"
        return RedirectResponse(f"{path}?{urlencode(query)}" if query else path, 303)


Handler = Callable[[Asked], Response]


@dataclass
class Site:
    """Everything a page needs. ``connect`` makes a gateway that shows the token in a file, or none; ``clock`` in unix
    seconds."""

    connect: Callable[[str], Gateway]
    settings: Settings
    clock: Callable[[], float] = time.time
    users: Users = field(init=False)
    sessions: Sessions = field(init=False)
    brake: Brake = field(init=False)
    trail: Trail = field(init=False)

    def __post_init__(self) -> None:
        self.users = Users(self.settings.users_file)
        self.sessions, self.brake = Sessions(self.clock), Brake(self.clock)
        self.trail = Trail(self.settings.audit_file, self.clock)
        self._templates = environment()
        self._gateways: dict[str, Gateway] = {}
        self._lock = threading.Lock()

    def gateway(self, user: str) -> Gateway:
        """One for each token: a connection is shared by all who have none of their own."""
        file = self.users.token_file(user)
        with self._lock:
            if file not in self._gateways:
                self._gateways[file] = self.connect(file)
            return self._gateways[file]

    def close(self) -> None:
        for gateway in self._gateways.values():
            gateway.client.close()

    @property
    def cookie(self) -> str:
        return "__Host-sybilgate" if self.settings.secure else "sybilgate"

    def once(self) -> str:
        """A request id for a form: sent twice, it counts once."""
        return uuid.uuid4().hex

    def render(self, template: str, status: int = 200, **values: Any) -> Response:
        return HTMLResponse(self._templates.get_template(template).render(values), status)

    def guarded(self, handler: Handler) -> Callable[[Request], Any]:
        """An endpoint that only a logged-in reviewer reaches, and a form only with the session's own token."""

        async def endpoint(request: Request) -> Response:
            session = await run_in_threadpool(self.session_of, request)
            if session is None:
                return RedirectResponse("/login", 303)
            form = await form_of(request) if request.method == "POST" else {}
            if request.method == "POST" and not fits(session, form.get("csrf", "")):
                return self.render(
                    "error.html", 403, user="", title="This form has expired", text="Go back and try again."
                )
            asked = Asked(self, session, dict(request.query_params), form, self.clock())
            return await run_in_threadpool(partial(self._answer, handler, asked))

        return endpoint

    def session_of(self, request: Request) -> Session | None:
        session = self.sessions.find(request.cookies.get(self.cookie, ""))
        return session if session is not None and self.users.has(session.user) else None

    def _answer(self, handler: Handler, asked: Asked) -> Response:
        try:
            return handler(asked)
        except ServiceError as error:
            status = _STATUS.get(error.code, 502)
            title = (
                "Not found"
                if status == 404
                else "The service refused"
                if status < 500
                else "The service did not answer"
            )
            return asked.page("error.html", status, title=title, text=refusal(error))


def environment() -> Environment:
    """Templates that escape everything, make it visible, and know no undefined name."""
    made = Environment(
        loader=PackageLoader("sybilgate.console"), autoescape=True, undefined=StrictUndefined, trim_blocks=True,
        lstrip_blocks=True, finalize=words.finalize,
    )  # fmt: skip
    made.filters |= {
        "moment": words.moment, "ago": words.ago, "signed": words.signed, "percent": words.percent,
        "chance": words.chance, "count": words.count, "kind": words.kind, "tail": lambda name: name.partition("/")[2],
    }  # fmt: skip
    return made


def refusal(error: ServiceError) -> str:
    """What the service said, as a sentence for people."""
    told = [f"{path}: {text}" if path else text for path, text in error.violations]
    return "; ".join(told) or str(error).partition(": ")[2] or error.code.name


async def form_of(request: Request) -> dict[str, str]:
    """Fields of a form; empty if there is too much of it."""
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > _FORM_BYTES:
            return {}
    try:
        return dict(parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=_FORM_FIELDS))
    except ValueError:
        return {}


class Guarded:
    """Middleware: headers on every answer, and no page kept by anybody on the way."""

    def __init__(self, app: ASGIApp, secure: bool) -> None:
        self._app, self._secure = app, secure

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        fixed = scope["path"].startswith("/static/")

        async def dressed(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.update(HEADERS | {"cache-control": "max-age=3600" if fixed else "no-store"})
                if self._secure:
                    headers["strict-transport-security"] = "max-age=31536000"
            await send(message)

        foreign = scope["method"] == "POST" and Headers(scope=scope).get("sec-fetch-site") in (
            "cross-site",
            "same-site",
        )
        if foreign:
            await Response("Refused.", 403)(scope, receive, dressed)
        else:
            await self._app(scope, receive, dressed)
