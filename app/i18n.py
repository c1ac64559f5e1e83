"""The words of the interface: English sources, translated when shown.

The only door to gettext, so that `domain` and `queries` speak the user's language without importing Flask.
"""

from flask_babel import gettext, lazy_gettext, ngettext

_ = gettext
_l = lazy_gettext
N_ = str  # marks words that are stored as they are and translated when shown: N_("…") now, _(stored) later

__all__ = ["N_", "_", "_l", "ngettext"]
