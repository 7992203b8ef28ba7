"""The application: which address leads to which page."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp

from sybilgate.console.pages import account, audit, campaign, login, model, queue, search, split
from sybilgate.console.site import Guarded, Site


def make_app(site: Site) -> ASGIApp:
    """The site as an ASGI application. GET never changes anything but the trail."""
    pages = {
        "/": queue.campaigns, "/accounts": queue.accounts, "/campaign": campaign.show,
        "/campaign/decide": campaign.decide, "/campaign/split": split.preview,
        "/campaign/members.csv": campaign.members, "/account": account.show, "/account/record": account.record,
        "/account/features": account.features,
        "/search": search.show, "/model": model.show, "/audit": audit.show,
    }  # fmt: skip
    acts = {
        "/claim": queue.claim, "/campaign/decide": campaign.decided, "/campaign/split": split.done,
        "/account/label": account.label,
        "/search": search.find,
    }  # fmt: skip
    routes = [Route(path, site.guarded(page), methods=["GET"]) for path, page in pages.items()]
    routes += [Route(path, site.guarded(act), methods=["POST"]) for path, act in acts.items()]
    routes.append(Route("/login", login.login(site), methods=["GET", "POST"]))
    routes.append(Route("/logout", login.logout(site), methods=["POST"]))
    folder = Path(str(files("sybilgate.console") / "static"))
    routes.append(Mount("/static", StaticFiles(directory=folder)))  # type: ignore[arg-type]

    async def missing(request: Request, error: Exception) -> Response:
        return site.render("error.html", 404, user="", title="Not found", text="There is no such page.")

    async def broken(request: Request, error: Exception) -> Response:
        return site.render(
            "error.html", 500, user="", title="Something broke", text="It has been logged. Go back and try again."
        )

    app = Starlette(
        routes=routes,
        middleware=[
            Middleware(TrustedHostMiddleware, allowed_hosts=site.settings.hosts, www_redirect=False),
        ],
        exception_handlers={404: missing, 500: broken},
    )
    # Around everything, so that an answer to an error carries the headers, too.
    return Guarded(app, site.settings.secure)
