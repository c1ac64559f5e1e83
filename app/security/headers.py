"""Headers of every answer: a strict content policy, nothing framed, personal pages kept by nobody."""

from collections.abc import Callable
from typing import Any

from flask import Flask, Response
from flask_login import current_user
from flask_talisman import Talisman
from werkzeug.middleware.proxy_fix import ProxyFix

POLICY = {
    "default-src": "'self'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' data:",  # Bootstrap's check marks
    "object-src": "'none'",
    "base-uri": "'self'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
}
FILE_POLICY = {
    "default-src": "'none'",
    "img-src": "'self'",
    "object-src": "'self'",
    "style-src": "'unsafe-inline'",
    "frame-ancestors": "'self'",
}


def framed_here(view: Callable[..., Any]) -> Callable[..., Any]:
    """A view whose file the browser's own reader shows inside of a page of ours."""
    view.talisman_view_options = {  # type: ignore[attr-defined]
        "frame_options": "SAMEORIGIN",
        "content_security_policy": FILE_POLICY,
    }
    return view


def init_app(app: Flask) -> None:
    is_production = app.config["ENVIRONMENT"] == "production"
    if app.config["PROXIES"]:
        hops = app.config["PROXIES"]
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]
    policy = {**POLICY, "form-action": f"'self' {_gateway_origin(app)}"}
    Talisman(
        app,
        content_security_policy=policy,
        content_security_policy_nonce_in=["script-src"],
        force_https=is_production,
        strict_transport_security=is_production,
        session_cookie_secure=is_production,
        frame_options="DENY",
        referrer_policy="strict-origin-when-cross-origin",
    )

    @app.after_request
    def _keep_personal_pages_out_of_caches(response: Response) -> Response:
        is_static = response.direct_passthrough or response.headers.get("Cache-Control", "").startswith("public")
        if not is_static and (current_user.is_authenticated or "Set-Cookie" in response.headers):
            response.headers["Cache-Control"] = "no-store"
        return response


def _gateway_origin(app: Flask) -> str:
    """The payment page's origin: the one foreign address a form may end at."""
    scheme, _, rest = app.config["MONETA_URL"].partition("://")
    return f"{scheme}://{rest.partition('/')[0]}"
