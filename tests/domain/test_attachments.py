"""Files that people attach: what is taken, what is refused and in which words."""

import subprocess
import sys
import zlib
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from struct import pack

import pytest
from flask import Flask
from PIL import Image

from app.domain import attachments
from app.domain.attachments import LARGEST, Document, Upload
from app.domain.errors import DomainError

PDF = b"%PDF-1.7\n1 0 obj <<>> endobj\n%%EOF\n"


@pytest.fixture(autouse=True)
def _words(app: Flask) -> object:
    with app.test_request_context():
        yield


def photo(form: str, size: tuple[int, int] = (40, 30), **options: object) -> bytes:
    kept = BytesIO()
    Image.new("RGB", size, "teal").save(kept, form, **options)
    return kept.getvalue()


def taken(name: str, content: bytes) -> Document:
    return attachments.accept([Upload(name, BytesIO(content))], field="files")[0]


def bomb(side: int) -> bytes:
    """A PNG of a few kilobytes that claims side × side pixels."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return pack(">I", len(data)) + kind + data + pack(">I", zlib.crc32(kind + data))

    header = pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(b"\0" * 9999))
        + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("picture.svg", b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'),
        ("photo.jpg", b"PK\x03\x04" + b"\0" * 60),
        ("scan.pdf", b"MZ" + b"\0" * 200),
        ("scan.pdf", b"<html><script>alert(1)</script></html>"),
        ("photo.gif", photo("GIF")),
        ("photo.png", b""),
        ("photo.png", bomb(30000)),
        ("photo.png", bomb(4000)),
        ("photo.jpg", photo("JPEG")[:400]),
        ("photo.jpg", b"\xff\xd8\xff\xe0" + b"\0" * 50),
        ("scan.pdf", PDF + b"\0" * LARGEST),
    ],
    ids=["svg", "zip", "exe", "html", "gif", "empty", "bomb", "lying png", "torn", "no picture", "over 10 MB"],
)
def test_what_is_no_sound_photo_or_pdf_is_refused_by_name(name: str, content: bytes) -> None:
    with pytest.raises(DomainError) as refusal:
        taken(name, content)
    assert name in refusal.value.message
    assert refusal.value.field == "files"


def test_more_than_five_files_are_refused() -> None:
    with pytest.raises(DomainError):
        attachments.accept([Upload("a.pdf", BytesIO(PDF))] * 6, field="files")


def test_a_photo_is_drawn_anew_without_what_the_camera_wrote() -> None:
    exif = Image.Exif()
    exif[0x0112], exif[0x010F] = 6, "SECRET-CAMERA"  # turned on its side; the maker
    kept = taken("отпуск.JPEG", photo("JPEG", exif=exif, comment=b"SECRET-PLACE") + b"<?php SECRET-TAIL ?>")
    assert b"SECRET" not in kept.content
    assert (kept.name, kept.content_type) == ("отпуск.jpg", "image/jpeg")
    with Image.open(BytesIO(kept.content)) as image:
        assert image.size == (30, 40)
        assert not image.getexif()


@pytest.mark.parametrize("mode", ["L", "LA", "P", "RGBA", "1", "RGB"])
def test_any_kind_of_png_is_taken(mode: str) -> None:
    drawn = BytesIO()
    Image.new(mode, (20, 10)).save(drawn, "PNG")
    kept = taken("a.png", drawn.getvalue())
    with Image.open(BytesIO(kept.content)) as image:
        assert image.size == (20, 10)


def test_a_photo_of_several_pictures_is_taken_as_its_first() -> None:
    """Phones keep a second picture of depth or light behind the first."""
    kept, second = BytesIO(), Image.new("RGB", (40, 30), "red")
    Image.new("RGB", (40, 30), "teal").save(kept, "MPO", save_all=True, append_images=[second])
    assert taken("a.jpg", kept.getvalue()).content_type == "image/jpeg"


def by_colours(content: bytes) -> bytes:
    """The JPEG with a first scan of one colour: libjpeg would keep the whole picture until the last."""
    scan = content.index(b"\xff\xda")
    return content[: scan + 4] + b"\x01" + content[scan + 5 :]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.jpg", lambda: photo("JPEG", (5000, 5000), progressive=True)),
        ("a.jpg", lambda: by_colours(photo("JPEG", (5000, 5000)))),
        ("a.jpg", lambda: photo("JPEG", (8000, 8000))),
        ("a.png", lambda: photo("PNG", (3600, 3600))),
    ],
    ids=["progressive", "colour by colour", "one pass", "png"],
)
def test_a_photo_that_would_fill_the_memory_is_refused(name: str, content: Callable[[], bytes]) -> None:
    with pytest.raises(DomainError, match=name) as refusal:
        taken(name, content())
    assert refusal.value.__cause__ is None, "it was not opened to be refused"


PEAK = """
import sys
from io import BytesIO
from pathlib import Path
from app.domain import attachments

def peak():
    return next(int(line.split()[1]) for line in Path("/proc/self/status").open() if line.startswith("VmHWM"))

content, before = Path(sys.argv[1]).read_bytes(), peak()
attachments.accept([attachments.Upload("a", BytesIO(content))], field="files")
print(peak() - before)
"""


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="the peak of memory is asked of Linux")
@pytest.mark.parametrize(
    "content",
    [
        lambda: photo("JPEG", (4470, 4470), progressive=True, subsampling=0),
        lambda: photo("JPEG", (7740, 7740), subsampling=0),
        lambda: photo("JPEG", (4000, 4000), subsampling=0),
        lambda: photo("PNG", (3160, 3160)),
    ],
    ids=["progressive", "one pass", "full scale", "png"],
)
def test_the_largest_photo_is_drawn_in_bounded_memory(content: Callable[[], bytes], tmp_path: Path) -> None:
    file = tmp_path / "photo"
    file.write_bytes(content())
    told = subprocess.run([sys.executable, "-c", PEAK, str(file)], capture_output=True, text=True, check=True)
    assert int(told.stdout) < 160 * 1024, "kilobytes"


def test_a_large_photo_is_made_smaller() -> None:
    kept = taken("a.jpg", photo("JPEG", (7000, 3500)))
    with Image.open(BytesIO(kept.content)) as image:
        assert image.size == (3000, 1500)


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("../../etc/passwd.pdf", "passwd.pdf"),
        ("C:\\bills\\счёт.pdf", "счёт.pdf"),
        ("a\r\nb\x00.pdf", "ab.pdf"),
        ("x" * 500 + ".pdf", "x" * 145 + ".pdf"),
        ("scan.exe", "scan.pdf"),
        ("scan", "scan.pdf"),
    ],
)
def test_a_name_is_made_harmless(sent: str, kept: str) -> None:
    assert taken(sent, PDF).name == kept


def test_a_file_lies_under_a_random_name(tmp_path: Path) -> None:
    document = taken("../evil.pdf", PDF)
    names = {attachments.store(tmp_path, document) for _ in range(2)}
    assert len(names) == 2
    assert all(attachments.stored_path(tmp_path, name).read_bytes() == PDF for name in names)
    assert all(len(name) == 64 and name.isalnum() for name in names)
