"""Plinth in notebooks and scripts: load, compare and promote the versions of your models.

>>> import plinth
>>> model = plinth.load("churn@production")
>>> plinth.versions("churn").to_frame()
>>> plinth.promote("churn@8", reason="best log loss")

In a notebook, ``%load_ext plinth`` adds ``%plinth ls`` and others. Errors are ``plinth.PlinthError``. docs/python.md has the rest.
"""

from __future__ import annotations

from ._errors import PlinthError

__version__ = "0.1.0"
__all__ = [
    "PlinthError",
    "attach",
    "compare",
    "get",
    "load",
    "log_metrics",
    "models",
    "path",
    "promote",
    "rollback",
    "runs",
    "versions",
]

# The functions are imported when they are used, so that `import plinth` takes no time. Type checkers take this as true.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from ._api import attach, compare, get, load, log_metrics, models, path, promote, rollback, runs, versions


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module 'plinth' has no attribute {name!r}")
    from . import _api

    return getattr(_api, name)


def __dir__() -> list[str]:
    return [*__all__, "__version__"]


def load_ipython_extension(shell: Any) -> None:
    """Add the magic ``%plinth``. Called by ``%load_ext plinth``."""
    from ._magic import register

    register(shell)
