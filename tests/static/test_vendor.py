"""What the browser is given comes from this host, is what was vendored, and needs no inline code."""

import hashlib
import re
from pathlib import Path

import pytest

APP = Path(__file__).parents[2] / "app"
STATIC = APP / "static"
VENDOR = STATIC / "vendor"
OWN_FILES = sorted([*STATIC.glob("css/*.css"), *STATIC.glob("js/*.js"), *STATIC.glob("img/*.svg")])
TEMPLATES = sorted((APP / "templates").rglob("*.html"))
PAGES = [path for path in TEMPLATES if "mail" not in path.parts]

FOREIGN = re.compile(r"""(?:(?:src|href|action)=["']|url\(["']?|@import\s+["']|fetch\(["'])\s*(?:https?:)?//""", re.I)
DATA_ADDRESS = re.compile(r"[(\"']data:[a-z]+/", re.I)
INLINE_SCRIPT = re.compile(r"<script(?![^>]*\b(?:src=|type=\"application/json\"))[^>]*>", re.I)
INLINE_STYLE = re.compile(r"<style\b|\sstyle\s*=\s*[\"']", re.I)
INLINE_HANDLER = re.compile(r"\son[a-z]+\s*=\s*[\"']|[\"']javascript:", re.I)
JINJA_COMMENT = re.compile(r"\{#.*?#\}", re.S)


def name_of(path: Path) -> str:
    return str(path.relative_to(APP))


def markup_of(path: Path) -> str:
    return JINJA_COMMENT.sub("", path.read_text(encoding="utf-8"))


def sums() -> dict[str, str]:
    lines = (VENDOR / "SHA256SUMS").read_text(encoding="utf-8").splitlines()
    return {name: digest for digest, name in (line.split("  ", 1) for line in lines)}


def test_every_vendored_file_is_listed_with_its_checksum() -> None:
    found = {
        str(path.relative_to(VENDOR)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in VENDOR.rglob("*")
        if path.is_file() and path.name != "SHA256SUMS"
    }
    assert found == sums()


def test_every_vendored_package_brings_its_licence() -> None:
    packages = [path for path in VENDOR.iterdir() if path.is_dir()]
    assert packages
    for package in packages:
        assert "Permission is hereby granted" in (package / "LICENSE").read_text(encoding="utf-8"), package.name


@pytest.mark.parametrize("path", [*OWN_FILES, *TEMPLATES], ids=name_of)
def test_nothing_is_loaded_from_another_host(path: Path) -> None:
    assert not FOREIGN.findall(markup_of(path))


@pytest.mark.parametrize("path", [*OWN_FILES, *VENDOR.rglob("*.css"), *TEMPLATES], ids=name_of)
def test_no_data_addresses_and_no_font_files(path: Path) -> None:
    text = markup_of(path)
    assert not DATA_ADDRESS.findall(text)
    assert "@font-face" not in text


@pytest.mark.parametrize("path", PAGES, ids=name_of)
def test_pages_hold_no_inline_script_or_style(path: Path) -> None:
    markup = markup_of(path)
    assert not INLINE_SCRIPT.findall(markup)
    assert not INLINE_STYLE.findall(markup)
    assert not INLINE_HANDLER.findall(markup)


def test_style_sheets_take_their_colours_from_the_tokens() -> None:
    for sheet in ("kit.css", "cabinet.css", "staff.css"):
        text = (STATIC / "css" / sheet).read_text(encoding="utf-8").split("@media print")[0]
        assert not re.findall(r"(?<![\w-])#[0-9a-f]{3,8}\b", text), sheet
