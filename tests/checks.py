"""What no ready-made checker knows: `python -m tests.checks` (a part of `make check`).

The Russian catalogue is complete and up to date, there is one migration head, the models equal the migrations, no
module is longer than 400 lines. `--write-messages` brings the catalogue up to date.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parent.parent
CATALOGUE = ROOT / "app/translations/ru/LC_MESSAGES/messages.po"
FAB_WORDS = ROOT / "app/translations/fab.pot"  # messages of FAB that it has no Russian for
LONGEST_MODULE = 400


def main() -> int:
    if "--write-messages" in sys.argv:
        _write_catalogue(_wanted())
        return 0
    faults = [*_catalogue(), *_migrations(), *_long_modules()]
    print("\n".join(faults), file=sys.stderr)
    return 1 if faults else 0


def _extracted() -> Catalog:
    with tempfile.NamedTemporaryFile(suffix=".pot") as pot:
        command = [sys.executable, "-m", "babel.messages.frontend", "-q", "extract", "-F", "babel.cfg", "--no-wrap"]
        keywords = ["-k", "_l", "-k", "ngettext:1,2", "-k", "lazy_gettext"]
        subprocess.run([*command, *keywords, "--sort-by-file", "-o", pot.name, "."], check=True, cwd=ROOT)
        return read_po(Path(pot.name).open("rb"))


def _wanted() -> Catalog:
    """Every message of the sources and of FAB, with the Russian that the catalogue has for it."""
    wanted = _extracted()
    for message in read_po(FAB_WORDS.open("rb")):
        if message.id and message.id not in wanted:
            wanted.add(message.id, locations=[("flask_appbuilder", 1)])
    known = read_po(CATALOGUE.open("rb"), locale="ru")
    result = Catalog(locale="ru", project="Rodnik", fuzzy=False, charset="utf-8")
    for message in sorted(wanted, key=lambda each: str(each.id)):
        if message.id:
            old = known.get(message.id)
            flags = set(old.flags if old else ()) - {"fuzzy"} | set(message.flags)
            result.add(message.id, old.string if old else None, locations=message.locations, flags=flags)
    return result


def _write_catalogue(catalogue: Catalog) -> None:
    with CATALOGUE.open("wb") as file:
        write_po(file, catalogue, width=120, no_location=True, omit_header=False, sort_output=True)


def _catalogue() -> list[str]:
    wanted, known = _wanted(), read_po(CATALOGUE.open("rb"), locale="ru")
    faults = [f"messages.po has no Russian for {m.id!r}" for m in wanted if m.id and not _is_translated(m.string)]
    faults += [f"messages.po: fuzzy {m.id!r}" for m in known if m.id and m.fuzzy]
    faults += [f"messages.po: unused {m.id!r}: run `make messages`" for m in known if m.id and m.id not in wanted]
    for message in wanted:
        faults += [f"messages.po: {error} in {message.id!r}" for error in message.check(wanted)]
    return faults


def _is_translated(string: str | tuple[str, ...] | None) -> bool:
    return all(string) if isinstance(string, tuple) else bool(string)


def _migrations() -> list[str]:
    """One head, and no difference between a migrated database and the models."""
    with tempfile.TemporaryDirectory() as folder:
        environment = {**os.environ, "DATA_DIR": folder, "DATABASE_URL": "", "RODNIK_ENV": "", "QUEUE_URL": ""}
        flask = str(Path(sys.executable).with_name("flask"))
        runs = {
            name: subprocess.run([flask, "db", name], cwd=ROOT, env=environment, capture_output=True, text=True)
            for name in ("heads", "upgrade", "check")
        }
    faults = [f"flask db {name}: {run.stdout}{run.stderr}" for name, run in runs.items() if run.returncode]
    if runs["heads"].stdout.count("(head)") != 1:
        faults.append(f"there must be one migration head: {runs['heads'].stdout}")
    return faults


def _long_modules() -> list[str]:
    faults = []
    for folder in ("app", "tests", "benchmarks"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            lines = len(path.read_text().splitlines())
            if lines > LONGEST_MODULE and path != ROOT / "app/models.py":
                faults.append(f"{path.relative_to(ROOT)} has {lines} lines, more than {LONGEST_MODULE}")
    return faults


if __name__ == "__main__":
    sys.exit(main())
