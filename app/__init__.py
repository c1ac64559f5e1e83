"""The application: `create_app()` puts configuration, extensions, row scope, security, views and commands together."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache, lru_cache, partial
from typing import Any

from flask import Flask, has_request_context, request
from werkzeug.local import LocalProxy
from werkzeug.routing import IntegerConverter, Rule


class LazyRule(Rule):
    """Werkzeug compiles two functions for each of 700 addresses at the start; most are never called."""

    def _compile_builder(self, append_unknown: bool = True) -> Any:
        compiled = cache(partial(super()._compile_builder, append_unknown))
        return lambda rule, **values: compiled()(rule, **values)


class Application(Flask):
    url_rule_class = LazyRule

    def url_for(self, /, endpoint: str, **values: Any) -> str:
        """The addresses of menus are the same on every page, and Werkzeug builds each anew."""
        is_plain = has_request_context() and all(type(value) is str and key[0] != "_" for key, value in values.items())
        if not is_plain or endpoint[0] == ".":
            return super().url_for(endpoint, **values)
        return _address(self, request.script_root, endpoint, tuple(values.items()))


@lru_cache(1024)
def _address(app: Application, root: str, endpoint: str, values: tuple[tuple[str, str], ...]) -> str:
    return Flask.url_for(app, endpoint, **dict(values))  # type: ignore[arg-type]


@contextmanager
def _collecting_nothing() -> Iterator[None]:
    """What is loaded stays: a third of the time would go into looking whether it may be thrown away."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


@_collecting_nothing()
def create_app(config: Any = None) -> Flask:
    """The Flask application of one process. `config` replaces the environment's configuration (tests)."""
    import config as configuration

    from . import clock, commands, extensions, formats, gateways, i18n, jobs, logs, seal, views
    from .security import headers, manager, scope
    from .views import bodies

    app = Application(__name__)
    # a longer number in an address is no row: 404
    app.url_map.converters["int"] = partial(IntegerConverter, max=2**63 - 1)  # type: ignore[assignment]
    app.config.from_object(config or configuration.load())
    clock.set_timezone(app.config["TIMEZONE"])
    seal.set_key(app.config["SECRET_KEY"])
    logs.init_app(app)

    extensions.db.init_app(app)
    app.extensions["migrate"] = LocalProxy(partial(extensions.migrations, app))
    extensions.queue.init_app(app.config["QUEUE_URL"])
    app.extensions["gateway"] = gateways.from_config(app.config)

    scope.check_models()
    manager.install(app)
    headers.init_app(app)
    bodies.init_app(app)
    extensions.csrf.init_app(app)  # before AppBuilder, or its REST sign-in would be asked for a token

    app.jinja_env.filters.update(formats.FILTERS)
    with app.app_context():
        extensions.init_appbuilder(manager.RodnikSecurityManager, views.PublicView)
        i18n.init_app(app)
        views.register_views(app)
    jobs.init_app(app)
    commands.register_commands(app)
    return app
