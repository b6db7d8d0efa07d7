"""The magic ``%plinth`` of notebooks. Its words are those of the command line."""

from __future__ import annotations

import getopt
import shlex
from typing import Any, Callable

from . import _api
from ._errors import PlinthError
from ._tables import clean_text

_USAGE = (
    "Write %plinth ls [MODEL], show VERSION, diff BASELINE VERSION…, runs [MODEL], path VERSION, promote VERSION [STAGE] or "
    "rollback MODEL [STAGE]; the last two take --alias NAME and --reason TEXT."
)

#: Each command with the least and largest number of its words, and its options.
_COMMANDS: dict[str, tuple[Callable[..., Any], int, int, tuple[str, ...]]] = {
    "ls": (lambda model=None: _api.models() if model is None else _api.versions(model), 0, 1, ()),
    "show": (_api.get, 1, 1, ()),
    "diff": (_api.compare, 2, 20, ()),
    "compare": (_api.compare, 2, 20, ()),
    "runs": (_api.runs, 0, 1, ()),
    "path": (_api.path, 1, 1, ()),
    "promote": (_api.promote, 1, 2, ("alias", "reason")),
    "rollback": (_api.rollback, 1, 2, ("alias", "reason", "to")),
}


def run(line: str) -> Any:
    """Run a line such as ``diff churn@2 churn@3`` and return its result. Raise PlinthError."""
    try:
        words = shlex.split(line)
    except ValueError as error:
        raise PlinthError("invalid-request", f"This line cannot be read ({error}). {_USAGE}") from None
    if not words or words[0] not in _COMMANDS:
        raise PlinthError("invalid-request", _USAGE)
    command, least, most, known = _COMMANDS[words[0]]
    try:
        options, given = getopt.gnu_getopt(words[1:], "", [f"{name}=" for name in known])
    except getopt.GetoptError as error:
        raise PlinthError("invalid-request", f"This line cannot be read ({clean_text(str(error))}). {_USAGE}") from None
    if not least <= len(given) <= most:
        raise PlinthError("invalid-request", _USAGE)
    return command(*given, **{name[2:]: value for name, value in options})


def register(shell: Any) -> None:
    """Add the magic to a running IPython. A refusal is shown as one line, without a traceback, and stops the cell."""

    def magic(line: str) -> Any:
        from IPython.core.error import UsageError

        try:
            return run(line)
        except PlinthError as error:
            raise UsageError(str(error)) from None

    shell.register_magic_function(magic, "line", "plinth")
