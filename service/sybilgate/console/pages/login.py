"""Logging in and out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from sybilgate.console.site import Asked, Site, form_of


def login(site: Site) -> Callable[[Request], Any]:
    """The endpoint; the only page for everybody."""

    async def endpoint(request: Request) -> Response:
        if request.method != "POST":
            return site.render("login.html", user="", text="", name="")
        form = await form_of(request)
        address = request.client.host if request.client else ""
        return await run_in_threadpool(_try, site, form.get("name", "")[:64], form.get("password", ""), address)

    return endpoint


def _try(site: Site, name: str, password: str, address: str) -> Response:
    keys = f"name {name}", f"address {address}"
    wait = site.brake.wait(*keys)
    if wait > 0:
        site.trail.add(name, "login refused", address=address)
        text = f"Too many tries. Wait {wait:.0f} seconds."
        return site.render("login.html", 429, user="", text=text, name=name)
    # Counted before it is known to fail, so that tries at the same time do not slip through together.
    site.brake.failed(*keys)
    if not site.users.check(name, password):
        site.trail.add(name, "login failed", address=address)
        return site.render("login.html", 401, user="", text="Name and password do not match.", name=name)
    site.brake.passed(*keys)
    site.trail.add(name, "login", address=address)
    response = RedirectResponse("/", 303)
    response.set_cookie(
        site.cookie, site.sessions.begin(name), httponly=True, secure=site.settings.secure, samesite="strict", path="/"
    )
    return response


def logout(site: Site) -> Callable[[Request], Any]:
    """The endpoint: ends the session at the server, too."""

    def end(asked: Asked) -> Response:
        asked.saw("logout")
        return RedirectResponse("/login", 303)

    guarded = site.guarded(end)

    async def endpoint(request: Request) -> Response:
        response: Response = await guarded(request)
        if response.status_code == 303:
            site.sessions.end(request.cookies.get(site.cookie, ""))
            response.delete_cookie(site.cookie, path="/", secure=site.settings.secure, httponly=True, samesite="strict")
        return response

    return endpoint
