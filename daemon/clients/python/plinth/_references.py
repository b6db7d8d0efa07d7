"""References to versions: ``churn@7``, ``churn@production``, ``churn@@champion``, ``models:/churn/7``."""

from __future__ import annotations

import json
import re
from typing import Any, Mapping, Union

from ._errors import PlinthError
from ._tables import clean_text

#: A reference as text, or a record with a version: the reply of ``get`` or an item of ``versions``.
Reference = Union[str, Mapping[str, Any]]

_SCHEME = "models:/"


def split(reference: Reference) -> tuple[str, str | None]:
    """Split a reference into model and version; a model alone has the version None. Raise PlinthError for anything else."""
    if isinstance(reference, str):
        model, version = _split_uri(reference) if reference.startswith(_SCHEME) else _split_plain(reference)
    elif isinstance(reference, Mapping) and "model" in reference and "number" in reference:
        model, version = str(reference["model"]), str(reference["number"])
    else:
        raise PlinthError("invalid-request", f"A reference is a text such as 'churn@7', not {type(reference).__name__}.")
    for part, noun in ((model, "model"), (version, "version")):
        if part == "":
            named = json.dumps(clean_text(str(reference)), ensure_ascii=False)
            raise PlinthError("invalid-request", f"{named} does not name a {noun}. Write model@version, such as churn@7.")
    return model, version


def version_or_latest(reference: Reference) -> tuple[str, str]:
    """Split a reference. A model alone means its latest version."""
    model, version = split(reference)
    return model, "latest" if version is None else version


def reference_to(model: str, version: int | str) -> str:
    """Return the reference of a version: ``churn@7``, ``"team@home"@7``."""
    is_plain = re.search(r'[@,"\\]|^\s|\s$', model) is None
    return f"{model if is_plain else json.dumps(model, ensure_ascii=False)}@{version}"


def pointer_of(stage: str | None, alias: str | None) -> dict[str, str]:
    """Return the stage (default: production) or alias of a request. ``@champion`` as a stage is an alias."""
    if alias is not None and stage is not None:
        raise PlinthError("invalid-request", "Give either a stage or an alias, not both.")
    named = alias if stage is None else stage
    if named is not None and (alias is not None or named.startswith("@")):
        return {"alias": named.removeprefix("@")}
    return {"stage": "production" if named is None else named}


def _split_plain(reference: str) -> tuple[str, str | None]:
    quoted = re.match(r'"(?:[^"\\]|\\.)*"(?=@|$)', reference, re.DOTALL)
    if quoted:
        try:
            rest = reference[quoted.end() :]
            return str(json.loads(quoted[0])), rest[1:] if rest else None
        except ValueError:
            pass
    model, at, version = reference.partition("@")
    return model, version if at else None


def _split_uri(uri: str) -> tuple[str, str | None]:
    rest = uri[len(_SCHEME) :]
    if "/" in rest:
        model, _, version = rest.rpartition("/")
        return model, version
    model, at, alias = rest.rpartition("@")
    return (model, f"@{alias}" if alias else "") if at else (rest, None)
