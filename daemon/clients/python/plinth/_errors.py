"""The one exception of this package."""

from __future__ import annotations


class PlinthError(Exception):
    """A refusal, in one sentence.

    ``code`` is a code of the service, such as ``not-found``, ``conflict``, ``gate-failed``, ``damaged`` or ``unauthorized``, or one
    of this package: ``unavailable`` (no service), ``unsafe``, ``missing-package``, ``unsupported-format``, ``load-failed``.
    ``details`` are the service's facts about the refusal, such as the results of gates.
    """

    def __init__(self, code: str, message: str, details: dict[str, object] | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.details: dict[str, object] = details or {}
