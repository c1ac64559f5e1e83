"""What taking in a chunk did, and how the chunks of a file add up."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from .text import Line

NOTED_LINES = 20  # of each note, the first lines are kept


@dataclass(frozen=True, slots=True)
class Refusal:
    """A line that was not taken in: its number, the reason in English, the line as it stood."""

    line: int
    reason: str
    raw: str


@dataclass(slots=True)
class Outcome:
    """Counts and sums in roubles by name, refused lines, notes with the lines they are about."""

    counts: Counter[str] = field(default_factory=Counter)
    sums: dict[str, Decimal] = field(default_factory=dict)
    refused: list[Refusal] = field(default_factory=list)
    notes: list[tuple[str, int]] = field(default_factory=list)

    def refuse(self, line: Line, reason: str) -> None:
        self.refused.append(Refusal(line.number, reason, line.text))

    def add_sum(self, name: str, amount: Decimal) -> None:
        self.sums[name] = self.sums.get(name, Decimal(0)) + amount


def empty(counts: Iterable[str], sums: Iterable[str]) -> dict[str, Any]:
    """The result of a batch before its first line, as `ImportBatch.result` keeps it."""
    return {"counts": dict.fromkeys(counts, 0), "sums": dict.fromkeys(sums, "0.00"), "refused": 0, "notes": {}}


def merged(result: dict[str, Any], outcome: Outcome) -> dict[str, Any]:
    """The result with one more chunk."""
    counts, sums, notes = dict(result["counts"]), dict(result["sums"]), dict(result["notes"])
    for name, count in outcome.counts.items():
        counts[name] = counts.get(name, 0) + count
    for name, amount in outcome.sums.items():
        sums[name] = f"{Decimal(sums.get(name, '0')) + amount:.2f}"
    for note, line in outcome.notes:
        noted = notes.get(note, {"count": 0, "lines": []})
        notes[note] = {"count": noted["count"] + 1, "lines": [*noted["lines"], line][:NOTED_LINES]}
    refused = result["refused"] + len(outcome.refused)
    return {**result, "counts": counts, "sums": sums, "refused": refused, "notes": notes}
