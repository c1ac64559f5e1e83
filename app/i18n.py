"""The words of the interface: English sources, translated when shown.

The only door to gettext, so that `domain` and `queries` speak the user's language without importing Flask.
"""

from collections.abc import Callable
from typing import Any

import flask_babel

_: Callable[..., str] = flask_babel.gettext
_l: Callable[..., Any] = flask_babel.lazy_gettext
ngettext: Callable[..., str] = flask_babel.ngettext
N_ = str  # marks words that are stored as they are and translated when shown: N_("…") now, _(stored) later

__all__ = ["N_", "_", "_l", "ngettext"]
