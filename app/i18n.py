"""The words of the interface: English sources, translated when shown.

The only door to gettext, so that `domain` and `queries` speak the user's language without importing Flask.
"""

from collections.abc import Callable
from functools import cache, partial
from gettext import NullTranslations as Words
from gettext import translation
from typing import Any

import flask_babel
from babel.core import Locale
from babel.support import NullTranslations
from flask import Flask, g
from flask_babel.speaklater import LazyString
from jinja2 import pass_eval_context
from jinja2.nodes import EvalContext
from markupsafe import Markup
from wtforms.i18n import messages_path

N_ = str  # marks words that are stored as they are and translated when shown: N_("…") now, _(stored) later


def init_app(app: Flask) -> None:
    """Have templates look words up here too; to be called after Flask-Babel, which brings its own look-up."""
    app.jinja_env.install_gettext_callables(  # type: ignore[attr-defined]
        lambda string: _catalogue().ugettext(string),
        lambda singular, plural, num: _catalogue().ungettext(singular, plural, num),
        newstyle=True,
    )
    app.jinja_env.globals["_"] = _in_template


@pass_eval_context
def _in_template(context: EvalContext, string: str, /, **variables: Any) -> str:
    """`_` of a template. Jinja's own one looks three functions up for each word and escapes what has no variables."""
    words = _catalogue().ugettext(string)
    if context.autoescape:
        words = Markup(words)  # noqa: S704 - our words; the variables are escaped
    return words % variables if variables or "%" in words else words


def gettext(string: str, **variables: Any) -> str:
    words = str(_catalogue().ugettext(string))
    return words % variables if variables else words


def ngettext(singular: str, plural: str, num: int, **variables: Any) -> str:
    return str(_catalogue().ungettext(singular, plural, num)) % {"num": num, **variables}


_ = gettext
_l: Callable[..., Any] = partial(LazyString, gettext)


def locale() -> Locale | None:
    """The language of the request, or the forced one; None outside of an application. What Flask-Babel keeps is looked
    at directly: it looks four times for its place to keep it, and a page asks hundreds of times."""
    try:
        kept = getattr(g._get_current_object(), "_flask_babel", None)
    except RuntimeError:
        return None
    known: Locale | None = getattr(kept, "babel_locale", None)
    return known or flask_babel.get_locale()


def _catalogue() -> NullTranslations:
    """Flask-Babel finds its domain, context and locale anew for each word."""
    language = locale()
    if language is None:
        return NullTranslations()
    known = _catalogues.get(language.language)
    return known or _catalogues.setdefault(language.language, flask_babel.get_translations())


_catalogues: dict[str, NullTranslations] = {}


class FormWords:
    """WTForms' own words for a form's Meta, in the language of the request; Flask-WTF reads their file in each one."""

    def get_translations(self, form: object) -> Words:
        return _form_words(str(locale()))


@cache
def _form_words(language: str) -> Words:
    return translation("wtforms", messages_path(), [language], fallback=True)


__all__ = ["N_", "FormWords", "_", "_l", "gettext", "locale", "ngettext"]
