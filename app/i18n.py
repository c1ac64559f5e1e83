"""The words of the interface: English sources, translated when shown.

The only door to gettext, so that `domain` and `queries` speak the user's language without importing Flask.
"""

from collections.abc import Callable
from typing import Any

import flask_babel
from babel.support import NullTranslations
from flask import Flask, current_app

_l: Callable[..., Any] = flask_babel.lazy_gettext
N_ = str  # marks words that are stored as they are and translated when shown: N_("…") now, _(stored) later


def init_app(app: Flask) -> None:
    """Have templates look words up here too; to be called after Flask-Babel, which brings its own look-up."""
    app.jinja_env.install_gettext_callables(  # type: ignore[attr-defined]
        lambda string: _catalogue().ugettext(string),
        lambda singular, plural, num: _catalogue().ungettext(singular, plural, num),
        newstyle=True,
    )


def gettext(string: str, **variables: Any) -> str:
    words = str(_catalogue().ugettext(string))
    return words % variables if variables else words


def ngettext(singular: str, plural: str, num: int, **variables: Any) -> str:
    return str(_catalogue().ungettext(singular, plural, num)) % {"num": num, **variables}


_ = gettext


def _catalogue() -> NullTranslations:
    """Flask-Babel finds its domain, context and locale anew for each word, and a page has hundreds."""
    locale = flask_babel.get_locale()
    if locale is None:
        return NullTranslations()
    known: dict[str, NullTranslations] = current_app.extensions.setdefault("catalogues", {})
    return known.get(locale.language) or known.setdefault(locale.language, flask_babel.get_translations())


__all__ = ["N_", "_", "_l", "gettext", "ngettext"]
