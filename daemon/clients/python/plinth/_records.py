"""Replies of the service as records, and lists of them that notebooks show as tables."""

from __future__ import annotations

import re
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any, Callable, Generic, Iterable, TypeVar

from ._errors import PlinthError
from ._references import reference_to
from ._tables import MAX_ROWS, Table, number_text, size_text, time_text, value_text

if TYPE_CHECKING:
    import pandas  # type: ignore[import-untyped, unused-ignore]


class Record(dict[str, Any]):
    """A reply. Each field is a key as the service names it (``createdAt``) and an attribute (``created_at``; times as datetime)."""

    def __getattr__(self, name: str) -> Any:
        key = re.sub(r"_([a-z])", lambda found: found[1].upper(), name)
        if name.startswith("_") or key not in self:
            raise AttributeError(f"This {type(self).__name__.lower()} has no {name}.")
        value = self[key]
        is_time = (key.endswith("At") or key == "at") and isinstance(value, (int, float))
        return time_of(value) if is_time else wrapped(value)


class Shown:
    """Something that notebooks show as a table, and terminals as lines of text."""

    def _table(self) -> Table:
        raise NotImplementedError

    def _repr_html_(self) -> str:
        return self._table().html()

    def __repr__(self) -> str:
        return self._table().text()


class Model(Record):
    """A model, with its stages and aliases."""

    name: str
    versions: int
    latest: int | None


class Version(Shown, Record):
    """A version. ``get`` adds ``facts``, ``lineage``, ``evidence``, ``comments`` and its files as ``manifest``."""

    model: str
    number: int
    stage: str
    aliases: list[str]
    framework: str
    format: str
    metrics: dict[str, float | str]
    params: dict[str, Any]

    @property
    def reference(self) -> str:
        """Its pinned reference, ``churn@7``."""
        return reference_to(self["model"], self["number"])

    def _table(self) -> Table:
        facts = {key: value for key, value in self.items() if isinstance(value, (str, int, float)) and value != ""}
        named: dict[str, Callable[[Any], str]] = {"size": size_text, "createdAt": time_text}
        rows = [[key, named.get(key, value_text)(value)] for key, value in facts.items()]
        rows += [[f"{group} {key}", value_text(value)] for group in ("metrics", "params") for key, value in self[group].items()]
        return Table([self.reference, ""], rows)


class Run(Record):
    """A training run, with its saves."""

    folder: str
    status: str

    @property
    def versions(self) -> list[str]:
        """References of the versions that its saves became."""
        return list(dict.fromkeys(save["version"] for save in self["saves"] if save["version"] is not None))


class Receipt(Shown, Record):
    """The event of a promotion or rollback: its number and hash, and the version before and after."""

    changed: bool
    seq: int
    hash: str

    def _table(self) -> Table:
        before, after = (f"v{self[key]}" if self[key] is not None else "–" for key in ("from", "to"))
        pointer = f"@{self['name']}" if self["kind"] == "alias" else self["name"]
        change = f"{before} → {after}" if self["changed"] else f"{after}, as before"
        row = [self["model"], pointer, change, self["reason"], self["actor"], str(self["seq"])]
        notes = [self["deployment"]] if "deployment" in self else []
        return Table(["model", "stage or alias", "version", "reason", "by", "event"], [row], notes)


class Comparison(Shown, Record):
    """Versions side by side; the first is the baseline."""

    versions: list[str]

    def _table(self) -> Table:
        rows = [[row["name"], section, *_compared(row)] for section, row in self._rows() if row["differs"]]
        heads = [text for name in self["versions"][1:] for text in (name, "Δ")]
        missing = [f"{column['reference']}: {text}" for column in self["columns"] for text in column["missing"]]
        return Table(["", "section", self["versions"][0], *heads], rows, missing, empty="The versions differ in nothing that is known.")

    def _rows(self) -> list[tuple[str, dict[str, Any]]]:
        names = "metrics params config reports code environment data signature files".split()
        sections = [*((name, self[name]) for name in names), ("tensors", self["tensors"]["rows"]), ("facts", self["facts"])]
        return [(name, row) for name, rows in sections for row in rows]

    def to_frame(self) -> pandas.DataFrame:
        """Return one row for each value, with a column for each version. Requires pandas."""
        rows = [{"section": name, "name": row["name"], **dict(zip(self["versions"], row["values"]))} for name, row in self._rows()]
        return _frame(rows)


AnyRecord = TypeVar("AnyRecord", bound=Record)


class Records(Shown, list[AnyRecord], Generic[AnyRecord]):
    """A list of records. Notebooks show it as a table, and ``to_frame`` makes a pandas DataFrame."""

    def __init__(self, items: Iterable[AnyRecord] = (), primary: str | None = None) -> None:
        super().__init__(items)
        #: The metric that is shown first.
        self._primary = primary

    def to_frame(self) -> pandas.DataFrame:
        """Return one row for each record; metrics and params are columns of their own, ``metrics.auc``. Requires pandas."""
        return _frame([_flat(item) for item in self])

    def _table(self) -> Table:
        kind = type(self[0]) if self else Record
        columns = _COLUMNS.get(kind, ["value"])
        rows = [_cells(item, self._primary) for item in self[:MAX_ROWS]]
        return Table(columns, rows, total=len(self), empty="There is nothing to list.")

_COLUMNS: dict[type[Record], list[str]] = {
    Model: ["model", "versions", "latest", "production", "staging", "aliases", "metric", "updated"],
    Version: ["version", "stage", "aliases", "framework", "metrics", "size", "created"],
    Run: ["run", "status", "last written", "version", "metrics"],
}
_MAX_METRICS = 3


def _cells(item: Record, primary: str | None) -> list[str]:
    if isinstance(item, Model):
        held = {(one["kind"], one["name"]): f"v{one['holder']}" for one in item["pointers"] if one["holder"] is not None}
        aliases = ", ".join(f"@{name} {number}" for (kind, name), number in held.items() if kind == "alias")
        stages = [held.get(("stage", stage), "–") for stage in ("production", "staging")]
        metric, current = (item["primaryMetric"] or {}).get("name"), (item["current"] or {}).get("metrics", {})
        shown = f"{metric} {value_text(current[metric])}" if metric in current else ""
        latest = "–" if item["latest"] is None else f"v{item['latest']}"
        return [item["name"], str(item["versions"]), latest, *stages, aliases, shown, time_text(item["updatedAt"])]
    if isinstance(item, Version):
        framework = " ".join(part for part in (item["framework"], item["frameworkVersion"]) if part)
        aliases = " ".join(f"@{alias}" for alias in item["aliases"])
        stage = item["stage"] if item["state"] == "ready" else item["state"]
        size = "external bytes" if item["files"] == 0 else size_text(item["size"])
        return [item.reference, stage, aliases, framework, _metrics(item, primary), size, time_text(item["createdAt"])]
    if isinstance(item, Run):
        return [item["id"], item["status"], time_text(item["updatedAt"]), ", ".join(item.versions), _metrics(item, primary)]
    return [value_text(dict(item))]


def _metrics(item: Record, primary: str | None) -> str:
    ordered = sorted(item["metrics"].items(), key=lambda one: (one[0] != primary, one[0]))
    more = ["…"] if len(ordered) > _MAX_METRICS else []
    return " · ".join([f"{name} {value_text(value)}" for name, value in ordered[:_MAX_METRICS]] + more)


def _compared(row: dict[str, Any]) -> list[str]:
    cells = [value_text(row["values"][0])]
    for at in range(1, len(row["values"])):
        delta, better = row["deltas"][at], row["better"][at]
        word = "" if better is None else " better" if better else " worse"
        if row.get("notComparable") and row["notComparable"][at]:
            word = " not comparable"
        changed = (row.get("changes") or [None] * (at + 1))[at]
        sign = "+" if delta is not None and delta > 0 else ""
        shown = changed or ("" if delta is None else f"{sign}{number_text(delta)}{word}")
        cells += [value_text(row["values"][at]), shown]
    return cells


def time_of(value: float) -> datetime:
    """Return epoch milliseconds as a time in UTC."""
    return datetime.fromtimestamp(value / 1000, timezone.utc)


def wrapped(value: Any) -> Any:
    """Return objects as records, also those in a list, so that their fields are attributes."""
    if isinstance(value, dict) and not isinstance(value, Record):
        return Record(value)
    if isinstance(value, list) and value and all(isinstance(one, dict) for one in value):
        return [wrapped(one) for one in value]
    return value


def _flat(item: Record) -> dict[str, Any]:
    row: dict[str, Any] = {"reference": item.reference} if isinstance(item, Version) else {}
    for key, value in item.items():
        if key in ("metrics", "params") and isinstance(value, dict):
            row.update({f"{key}.{name}": inner for name, inner in value.items()})
        else:
            is_time = key.endswith("At") and isinstance(value, (int, float))
            row[key] = time_of(value) if is_time else value
    return row


def _frame(rows: list[dict[str, Any]]) -> pandas.DataFrame:
    try:
        import pandas
    except ImportError:
        text = "to_frame needs pandas, which is not installed in this Python. Install it with: pip install pandas"
        raise PlinthError("missing-package", text) from None
    return pandas.DataFrame(rows)
