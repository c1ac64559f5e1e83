"""Files that people attach: photos and PDF, told by their content, kept under random names outside of the site.

A photo is drawn anew: what hides behind the picture (place, camera, foreign code) does not pass. A PDF is kept as it is
and is only ever handed out as a download.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

import filetype
from PIL import Image, ImageOps

from ..i18n import _
from . import free_text
from .errors import DomainError

LARGEST = 10 * 1024 * 1024
"""Bytes of one file."""
MOST = 5
"""Files of one message."""
MOST_PIXELS = {"JPEG": 60_000_000, "PNG": 10_000_000}
"""A large JPEG is read at half its scale, so a bigger one fits in the same memory: about 150 MB while it is drawn."""
FULL_SCALE = 16_000_000
"""Pixels up to which a JPEG is read as it is."""
MOST_COEFFICIENTS = 60_000_000
"""Pixels × colours of a JPEG that is written in several passes: libjpeg keeps all of it, two bytes each."""
LONGEST_SIDE = 3000
TYPES = {"image/jpeg": "jpg", "image/png": "png", "application/pdf": "pdf"}
FOLDER = "attachments"
LONGEST_NAME = 150


@dataclass(frozen=True, slots=True)
class Upload:
    """A file as it came; `content` may be read once from its start."""

    name: str
    content: BinaryIO


@dataclass(frozen=True, slots=True)
class Document:
    """A file that is fit to be kept."""

    name: str
    content_type: str
    content: bytes


def accept(uploads: Sequence[Upload], *, field: str) -> list[Document]:
    """Documents of the uploads. Raises DomainError at the field with what is wrong with each that cannot be taken; each
    is measured before it is read."""
    if len(uploads) > MOST:
        raise DomainError(
            _("Attach no more than %(most)s files; send the others in a message.", most=MOST), field=field
        )
    documents, faults = [], []
    for upload in uploads:
        try:
            documents.append(_document(upload, field))
        except DomainError as error:
            faults.append(error.message)
    if faults:
        raise DomainError(" ".join(faults), field=field)
    return documents


def store(folder: Path, document: Document) -> str:
    """Keep the bytes under the data folder; returns the random name to find them by."""
    name = secrets.token_hex(32)
    path = stored_path(folder, name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(document.content)
    return name


def stored_path(folder: Path, stored_name: str) -> Path:
    return folder / FOLDER / stored_name


def _document(upload: Upload, field: str) -> Document:
    shown = _tidy(upload.name)
    size = upload.content.seek(0, 2)
    upload.content.seek(0)
    if size > LARGEST:
        raise DomainError(
            _("“%(name)s” is larger than 10 MB. Send a smaller photo, or save the PDF at a lower quality.", name=shown),
            field=field,
        )
    content = upload.content.read()
    kind = filetype.guess(content)
    if kind is None or kind.mime not in TYPES:
        raise DomainError(
            _(
                "“%(name)s” is neither a photo (JPEG, PNG) nor a PDF. Save it as one of these, or take a photo of it.",
                name=shown,
            ),
            field=field,
        )
    if kind.mime != "application/pdf":
        content = _redrawn(content, shown, field)
    return Document(_with_extension(shown, TYPES[kind.mime]), kind.mime, content)


def _redrawn(content: bytes, name: str, field: str) -> bytes:
    """The same picture without anything but its pixels, upright, no side longer than LONGEST_SIDE.

    The size that the header claims is looked at before a pixel is read.
    """
    try:
        with Image.open(BytesIO(content), formats=tuple(MOST_PIXELS)) as image:
            form = "PNG" if image.format == "PNG" else "JPEG"  # a JPEG of several pictures calls itself MPO
            if not _is_readable(image, form, content):
                raise DomainError(
                    _("The photo “%(name)s” has too many pixels. Send a smaller one.", name=name), field=field
                )
            image.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
            ImageOps.exif_transpose(image, in_place=True)
            drawn = image.convert("RGB" if form == "JPEG" else "RGBA")
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise DomainError(
            _("The photo “%(name)s” does not open. Take it again, or attach another one.", name=name), field=field
        ) from error
    drawn.info.clear()
    result = BytesIO()
    drawn.save(result, form, quality=88)
    return result.getvalue()


def _is_readable(image: Image.Image, form: str, content: bytes) -> bool:
    """Whether the picture fits into the memory set aside for it; a large JPEG is then set to half its scale."""
    pixels, full_scale = image.width * image.height, FULL_SCALE
    if form == "JPEG" and not _is_in_one_pass(content):
        full_scale = FULL_SCALE // 2
        if pixels * len(image.getbands()) > MOST_COEFFICIENTS:
            return False
    if form == "JPEG" and pixels > full_scale:
        image.draft(None, (image.width // 2, image.height // 2))
    return pixels <= MOST_PIXELS[form]


def _is_in_one_pass(content: bytes) -> bool:
    """Whether the first scan of a JPEG has all its colours; not so when it is progressive or goes colour by colour."""
    place, colours = 2, b""
    while content[place : place + 1] == b"\xff" and (marker := content[place + 1 : place + 2]) != b"\xda":
        if marker in (b"\xc0", b"\xc1"):  # a sequential frame: length, precision, height, width, number of colours
            colours = content[place + 9 : place + 10]
        place += 2 + int.from_bytes(content[place + 2 : place + 4])
    return bool(colours) and content[place + 4 : place + 5] == colours


def _tidy(name: str) -> str:
    """The last part of a name that a browser sent, printable, short."""
    last = name.replace("\\", "/").rpartition("/")[2]
    shown = free_text.without_card_numbers("".join(sign for sign in last if sign.isprintable()))
    return shown[:LONGEST_NAME] or _("file")


def _with_extension(name: str, extension: str) -> str:
    """The name with the extension of what it is, so that it opens."""
    stem = name.rpartition(".")[0] or name
    return f"{stem[: LONGEST_NAME - 5]}.{extension}"
