"""The blank of an application for a cabinet: a DOCX in Russian, drawn with python-docx when it is asked for."""

from collections.abc import Mapping

from flask_babel import force_locale

MIME = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


def draw(values: Mapping[str, str], utility: str) -> bytes:
    """The file; `values` are words by the name of the form's field, and what is missing is a line to write on. Words
    are text whatever stands in them."""
    from .application_blank_page import drawn

    with force_locale("ru"):
        return drawn(values, utility)
