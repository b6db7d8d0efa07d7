"""Copies the files of a version from a service on another machine, verified by their checksums."""

from __future__ import annotations

import hashlib
import os
import shutil
import uuid
from typing import Any, Mapping

from ._errors import PlinthError
from ._service import Service, user_folder
from ._tables import clean_text


def download_version(service: Service, version: Mapping[str, Any], reference: str) -> str:
    """Return the path of a copy in this user's cache. Files that are there already are hashed again."""
    files = {_safe(file["path"] or version["primary"]): file["sha256"] for file in version["manifest"]}
    if not files:
        raise PlinthError("gone", f"{reference} has no files in the registry: its bytes are stored elsewhere.")
    folder = os.path.join(_cache_folder(), "versions", version["digest"].replace(":", "-"))
    try:
        if not _is_placed(folder, files):
            _fetch(service, version, folder, files)
    except OSError as error:
        text = f"The files of {reference} cannot be stored in {_cache_folder()}: {error.strerror or error}."
        raise PlinthError("unavailable", text) from error
    return folder if version["wholeFolder"] else os.path.join(folder, _safe(version["primary"]))


def _fetch(service: Service, version: Mapping[str, Any], folder: str, files: Mapping[str, str]) -> None:
    """Place the files in a temporary folder, and rename it when all of them are there with their checksums."""
    temporary = os.path.join(_cache_folder(), "tmp", uuid.uuid4().hex)
    route = ("models", version["model"], "versions", str(version["number"]), "files")
    try:
        for name, digest in files.items():
            target = os.path.join(temporary, name)
            os.makedirs(os.path.dirname(target), mode=0o700, exist_ok=True)
            with open(target, "xb") as out:
                for part in service.download((*route, *name.split(os.sep))):
                    out.write(part)
            if _hash_of(target) != digest:
                raise PlinthError("damaged", f"{clean_text(name)} arrived damaged. Nothing was kept; try again.")
            os.chmod(target, 0o444)
        shutil.rmtree(folder, ignore_errors=True)
        os.makedirs(os.path.dirname(folder), mode=0o700, exist_ok=True)
        try:
            os.rename(temporary, folder)
        except OSError:
            # Another process may have placed the same version meanwhile.
            if not _is_placed(folder, files):
                raise
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def _is_placed(folder: str, files: Mapping[str, str]) -> bool:
    return all(_hash_of(os.path.join(folder, name)) == digest for name, digest in files.items())


def _safe(path: str) -> str:
    """Return a relative path for this platform. Raise PlinthError for one that leads out of its folder."""
    parts = path.split("/")
    is_odd = os.name == "nt" and any(character in path for character in '\\:*?"<>|')
    if is_odd or "\0" in path or any(part in ("", ".", "..") for part in parts):
        raise PlinthError("damaged", f"The path {clean_text(path)} of a file of this version cannot be used here.")
    return os.path.join(*parts)


def _hash_of(path: str) -> str | None:
    hashed = hashlib.sha256()
    try:
        with open(path, "rb") as file:
            while part := file.read(1 << 20):
                hashed.update(part)
    except OSError:
        return None
    return hashed.hexdigest()


def _cache_folder() -> str:
    return user_folder("plinth-cache", "Caches", ("XDG_CACHE_HOME", ".cache"))
