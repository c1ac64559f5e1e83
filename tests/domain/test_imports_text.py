"""Files of unknown encoding."""

from decimal import Decimal
from pathlib import Path

import pytest

from app.domain.imports import text
from app.domain.imports.profiles import PERM
from app.domain.imports.refusals import FileRefused
from tests.domain import exports

ENCODINGS = {"utf-8": "utf-8-sig", "utf-8-sig": "utf-8-sig", "cp1251": "cp1251", "cp866": "cp866", "koi8-r": "koi8-r"}
SAMPLES = {
    "names": "Лицевой счёт;Иванова Анна Сергеевна;ул. Героев Хасана, 93",
    "capitals": "ИВАНОВА АННА СЕРГЕЕВНА;УЛИЦА ГЕРОЕВ ХАСАНА",
    "short": "Пермь",
    "firm": "ООО «УК Прикамье-Сервис» № 22",
}


def plain(sample: str, encoding: str) -> str:
    return sample if encoding in ("cp1251", "utf-8", "utf-8-sig") else sample.translate(str.maketrans("«»„“№", '""""N'))


@pytest.mark.parametrize("sample", SAMPLES.values(), ids=SAMPLES)
@pytest.mark.parametrize("encoding", ENCODINGS)
def test_the_encoding_is_recognised(encoding: str, sample: str, tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(plain(sample, encoding).encode(encoding))
    assert text.examine(path, PERM).encoding == ENCODINGS[encoding]


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_the_export_is_the_same_in_every_encoding(encoding: str, tmp_path: Path) -> None:
    whole = plain(exports.ACCOUNTS.read_text("cp1251"), encoding)
    path = tmp_path / "file"
    path.write_bytes(whole.encode(encoding))
    facts = text.examine(path, PERM)
    with path.open("rb") as stream:
        lines = [line.text for line in text.lines(stream, facts.encoding)]
    assert lines == whole.splitlines()
    assert facts.lines == 525


def test_a_text_without_letters_has_the_encoding_that_its_profile_names() -> None:
    assert text.examine(exports.BANK, exports.BANK_PROFILE).encoding == "cp1251"


def test_a_few_broken_bytes_do_not_make_utf_8_another_encoding(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes("Иванова Анна Сергеевна\n".encode() * 20 + b"\xd0\n")
    facts = text.examine(path, PERM)
    assert facts.encoding == "utf-8-sig"
    with path.open("rb") as stream:
        assert [line.text for line in text.lines(stream, facts.encoding)][-1] == "\ufffd"


@pytest.mark.parametrize(
    "content",
    [
        b"PK\x03\x04" + b"text" * 100,
        b"MZ" + b"\x00" * 200,
        "Лицевой".encode("utf-16"),
        b"%PDF-1.7 text",
        bytes(range(256)) * 10,
    ],
    ids=["zip", "exe", "utf-16", "pdf", "bytes"],
)
def test_what_is_no_text_is_refused_whatever_its_name(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "export.csv"
    path.write_bytes(content)
    with pytest.raises(FileRefused) as refused:
        text.examine(path, PERM)
    assert refused.value.english.startswith("This is not a text file.")


def test_an_empty_missing_or_unreadable_file_says_so(tmp_path: Path) -> None:
    (tmp_path / "empty").touch()
    for name, words in {"empty": "is empty", "missing": "No such file", ".": "Is a directory"}.items():
        with pytest.raises(FileRefused) as refused:
            text.examine(tmp_path / name, PERM)
        assert words in refused.value.english


@pytest.mark.parametrize("end", ["\r\n", "\n", "\r"], ids=["dos", "unix", "mac"])
def test_lines_carry_the_numbers_that_an_editor_shows(end: str, tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(end.join(["one", "", "  ", "four", "x" * 20000, "six", "\x1a"]).encode())
    with path.open("rb") as stream:
        found = list(text.lines(stream, "cp1251"))
    assert [line.number for line in found] == [1, 4, 5, 6]
    assert len(found[2].text) == text.LONGEST_LINE + 1


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("12,5", "12.5"),
        ("1 234,5", "1234.5"),
        ("12.50", "12.50"),
        ("12.500", None),
        ("1 23,5", None),
        ("", None),
        ("-", None),
        ("1,2,3", None),
        ("Infinity", None),
        ("１２", None),
    ],
)
def test_a_number_is_read_by_the_decimal_mark_of_the_profile(typed: str, found: str | None) -> None:
    assert text.number(typed, ",") == (None if found is None else Decimal(found))
