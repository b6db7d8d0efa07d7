"""The functions of the package. `plinth/__init__.py` imports them when they are used."""

from __future__ import annotations

import os
from typing import Any, Mapping

from ._download import download_version
from ._errors import PlinthError
from ._load import load_version
from ._records import Comparison, Model, Receipt, Record, Records, Run, Version
from ._references import Reference, pointer_of, reference_to, split, version_or_latest
from ._service import MAX_FOUND, connect


def load(ref: Reference, *, trust: bool = False) -> Any:
    """Load a version by what it is: a joblib file with joblib, a booster with its library, a folder with transformers.

    Its files are verified first. A pickle that the registry calls unsafe, or has not inspected, is refused unless ``trust`` is true.
    """
    version = get(ref)
    return load_version(version, version.reference, trust, lambda: _path_of(version))


def path(ref: Reference) -> str:
    """Return the path of the verified files of a version, as ``plinth path`` prints it."""
    return _path_of(get(ref))


def get(ref: Reference) -> Version:
    """Return a version with its facts, evidence, lineage and files (``manifest``). A model alone means its latest version."""
    model, version = version_or_latest(ref)
    reply = connect().call("GET", ("models", model, "versions", version))
    others = {key: value for key, value in reply.items() if key not in ("version", "files")}
    return Version({**reply["version"], **others, "manifest": reply["files"]})


def models() -> Records[Model]:
    """Return every model, the most recently changed first."""
    return Records(Model(item) for item in connect().pages(("models",)))


def versions(model: str | None = None, *, where: str | None = None, sort: str | None = None) -> Records[Version]:
    """Return the versions of a model, of those that match a pattern (``churn-*``), or of all; the newest first.

    ``where`` selects some, ``"val_auc > 0.9 and stage = production"``, and ``sort`` orders them, as in ``plinth ls``.
    """
    service = connect()
    name = None if model is None else model if "*" in model else split(model)[0]
    primary = None if name is None or "*" in name else (service.call("GET", ("models", name))["primaryMetric"] or {}).get("name")
    if name is not None and "*" not in name and where is None and sort is None:
        return Records((Version(item) for item in service.pages(("models", name, "versions"))), primary)
    found = service.pages(("versions",), {"models": name, "where": where, "sort": sort, "limit": MAX_FOUND})
    return Records((Version(item) for item in found), primary)


def runs(model: str | None = None, *, where: str | None = None, sort: str | None = None) -> Records[Run]:
    """Return the training runs, running ones first, at most 500; of a model, those that saved a version of it.

    ``where`` and ``sort`` select and order them, as in ``plinth runs``.
    """
    query = {"limit": 500, "where": where, "sort": sort}
    listed = [Run(item) for item in connect().call("GET", ("runs",), query)["runs"]]
    if model is None:
        return Records(listed)
    name = split(model)[0]
    return Records(run for run in listed if any(split(version)[0] == name for version in run.versions))


def compare(baseline: Reference, *others: Reference) -> Comparison:
    """Compare versions with the first one, as ``plinth diff`` does. Notebooks show what differs as a table."""
    references = [reference_to(*version_or_latest(one)) for one in (baseline, *others)]
    return Comparison(connect().call("GET", ("compare",), {"versions": ",".join(references)}))


def log_metrics(metrics: Mapping[str, float], ref: Reference) -> Record:
    """Add metrics that you measured to a version. A model alone means its latest version. The newest value of each metric counts."""
    model, version = version_or_latest(ref)
    values = {str(name): _number(name, value) for name, value in metrics.items()}
    return Record(connect().call("POST", ("models", model, "versions", version, "metrics"), {"metrics": values}))


def attach(file: str | os.PathLike[str], ref: Reference) -> Record:
    """Add a file with metrics, params or a report to a version, as ``plinth attach`` does."""
    model, version = version_or_latest(ref)
    service, absolute = connect(), os.path.abspath(file)
    try:
        return Record(service.call("POST", ("models", model, "versions", version, "attach"), {"path": absolute}))
    except PlinthError as error:
        if not (service.is_named and error.code in ("not-found", "forbidden") and os.path.exists(absolute)):
            raise
        text = f"The service at {service.name} could not read {absolute}: {error} Attach files on the machine of the service."
        raise PlinthError(error.code, text, error.details) from error


def promote(
    ref: Reference, stage: str | None = None, *, alias: str | None = None, reason: str | None = None, bypass: bool = False
) -> Receipt:
    """Promote a version to a stage (default: production) or an alias, after its files are verified and the gates have passed.

    ``bypass`` overrides failed gates; it requires the role admin and a reason, and is recorded.
    """
    model, version = version_or_latest(ref)
    body = {**pointer_of(stage, alias), "reason": reason, "bypass": True if bypass else None}
    return Receipt(connect().call("POST", ("models", model, "versions", version, "promote"), body))


def rollback(
    model: str, stage: str | None = None, *, alias: str | None = None, to: int | str | None = None, reason: str | None = None
) -> Receipt:
    """Restore the previous version of a stage (default: production) or an alias, after its files are verified.

    ``to`` names another version to restore instead of the previous one.
    """
    body = {**pointer_of(stage, alias), "to": None if to is None else str(to), "reason": reason}
    return Receipt(connect().call("POST", ("models", split(model)[0], "rollback"), body))


def _path_of(version: Version) -> str:
    service = connect()
    if service.is_named:
        return download_version(service, version, version.reference)
    route = ("models", version["model"], "versions", str(version["number"]), "materialise")
    placed: str = service.call("POST", route, {})["path"]
    return placed


def _number(name: object, value: Any) -> float | str:
    """Return a value as a number of JSON: also one of numpy, or a tensor with one element. NaN and infinities are texts."""
    try:
        if isinstance(value, (str, bytes, bool)):
            raise TypeError
        number = value if isinstance(value, int) else float(value)
    except (TypeError, ValueError):
        raise PlinthError("invalid-request", f"The metric {name} has the value {value!r}, which is not a number.") from None
    texts = {"nan": "NaN", "inf": "Infinity", "-inf": "-Infinity"}
    return texts.get(str(number), number)
