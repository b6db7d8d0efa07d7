"""Tables as HTML and as plain text. Every cell is text from files and is never taken for markup."""

from __future__ import annotations

import json
import math
import re
from datetime import datetime
from html import escape
from typing import Any, Iterable, Sequence

#: Rows that are shown. The line below the table says how many there are.
MAX_ROWS = 200
_MAX_CELL = 120
#: Keeps MathJax, which notebooks load, from setting text between dollar signs as formulas.
_NO_FORMULAS = "tex2jax_ignore mathjax_ignore"


class Table:
    """Rows of text under headings, with sentences below."""

    def __init__(
        self, heads: Sequence[str], rows: Sequence[Sequence[str]], notes: Iterable[str] = (), *, total: int = 0, empty: str = ""
    ) -> None:
        """``total``: number of all rows, if not all are given. ``empty``: what is shown instead of a table without rows."""
        self._heads = [_cell(head) for head in heads] if rows or not empty else []
        self._rows = [[_cell(text) for text in row] for row in rows[:MAX_ROWS]]
        self._notes = [*([] if rows or not empty else [empty]), *(clean_text(note) for note in notes)]
        if max(total, len(rows)) > len(self._rows):
            self._notes.append(f"{len(self._rows)} of {max(total, len(rows)):,} rows are shown. All of them: .to_frame()")

    def html(self) -> str:
        """Return the table as HTML without scripts, links or images."""
        head = "".join(f"<th>{escape(text)}</th>" for text in self._heads)
        body = "".join(f"<tr>{''.join(f'<td>{escape(text)}</td>' for text in row)}</tr>" for row in self._rows)
        table = f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>" if head else ""
        notes = "".join(f"<p>{escape(note)}</p>" for note in self._notes)
        return f'<div class="plinth {_NO_FORMULAS}">{table}{notes}</div>'

    def text(self) -> str:
        """Return the table as lines of plain text."""
        lines = [self._heads, *self._rows] if self._heads else []
        widths = [max(len(line[at]) for line in lines) for at in range(len(self._heads))]
        plain = ["  ".join(text.ljust(width) for text, width in zip(line, widths)).rstrip() for line in lines]
        return "\n".join([*plain, *self._notes])


#: Control characters without line ends and tabs, and characters that reorder text.
_UNSAFE = re.compile("(?![\t\n])[\x00-\x1f\x7f-\x9f]|[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def clean_text(text: str) -> str:
    """Escape characters that could control a terminal. Names and values come from files and are untrusted."""
    return _UNSAFE.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def _cell(text: str) -> str:
    line = re.sub(r"^(sha256:[0-9a-f]{12})[0-9a-f]{52}$", r"\1", " ".join(clean_text(text).split()))
    return line if len(line) <= _MAX_CELL else f"{line[: _MAX_CELL - 1]}…"


def number_text(value: float) -> str:
    """Format a number: whole numbers completely, others with four significant digits."""
    if isinstance(value, int) or value.is_integer():
        return str(int(value))
    if not math.isfinite(value):
        return str(value)
    return str(round(value)) if abs(value) >= 10_000 else f"{value:.4g}"


def value_text(value: Any) -> str:
    """Format any value on one line."""
    if value is None:
        return "–"
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return number_text(value)
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def size_text(size: float) -> str:
    """Format a size in decimal units: ``812 B``, ``6.2 kB``."""
    units = ["B", "kB", "MB", "GB", "TB", "PB"]
    at = 0
    while size >= 999.5 and at < len(units) - 1:
        size /= 1000
        at += 1
    return f"{size:.{0 if at == 0 or size >= 99.5 else 1}f} {units[at]}"


def time_text(at: float) -> str:
    """Format a time, epoch milliseconds, as local time to the minute."""
    return datetime.fromtimestamp(at / 1000).strftime("%Y-%m-%d %H:%M")
