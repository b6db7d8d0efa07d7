"""The connection to the service: finds it, has it prove its identity, starts it if necessary, and sends requests."""

from __future__ import annotations

import base64
import hashlib
import hmac
import http.client
import json
import os
import secrets
import shutil
import subprocess
import sys
import time
from typing import Any, Iterator
from urllib.parse import SplitResult, quote, urlencode, urlsplit

from ._errors import PlinthError
from ._tables import clean_text

_PROTOCOL = 1
_LOOPBACK = "127.0.0.1"
#: Validity of a proof: after a service has ended, another program may take its port.
_PROVEN_FOR_S = 0.1
_START_WITHIN_S = 60
_MAX_PAGE = 500
MAX_FOUND = 5000  # A search is done again for each reply.


class Service:
    """A service that accepts a token. ``proof_key`` is None for one that PLINTH_URL names, for which the caller vouches."""

    def __init__(self, url: SplitResult, token: str, proof_key: str | None) -> None:
        self._url = url
        self.name = f"{url.scheme}://{url.hostname}" + (f":{url.port}" if url.port else "")
        self._token = token
        self._proof_key = proof_key
        # Whoever makes one has just had the service prove its identity.
        self._proven_at = time.monotonic()

    @property
    def is_named(self) -> bool:
        """True for a service that PLINTH_URL names. It may run on another machine."""
        return self._proof_key is None

    def call(self, method: str, path: tuple[str, ...], values: dict[str, Any] | None = None) -> Any:
        """Call a route and return its reply. Values that are None are left out. Raise PlinthError for a refusal."""
        given = {key: value for key, value in (values or {}).items() if value is not None}
        query = f"?{urlencode(given, quote_via=quote)}" if method == "GET" and given else ""
        body = json.dumps(given).encode() if method == "POST" else None
        with self._request(method, _path_of(path) + query, body) as response:
            return self._reply(response.status, self._read(response))

    def pages(self, path: tuple[str, ...], values: dict[str, Any] | None = None) -> Iterator[dict[str, Any]]:
        """Yield the items of every page of a list."""
        cursor = None
        while True:
            page = self.call("GET", path, {"limit": _MAX_PAGE, **(values or {}), "cursor": cursor})
            yield from page["items"]
            cursor = page["next"]
            if cursor is None:
                return

    def download(self, path: tuple[str, ...]) -> Iterator[bytes]:
        """Yield the bytes of a file of a version."""
        with self._request("GET", _path_of(path), None) as response:
            if response.status != 200:
                self._reply(response.status, self._read(response))
            while True:
                part = self._read(response, 1 << 20)
                if not part:
                    return
                yield part

    def _request(self, method: str, path: str, body: bytes | None) -> http.client.HTTPResponse:
        self._assert_proven()
        headers = {"Authorization": f"Bearer {self._token}", "X-Plinth-Client": "python", "Connection": "close"}
        if body is not None:
            headers["Content-Type"] = "application/json"
        # Neither uses a proxy or follows a redirect.
        kind = http.client.HTTPSConnection if self._url.scheme == "https" else http.client.HTTPConnection
        connection = kind(self._url.hostname or "", self._url.port, timeout=10)
        try:
            connection.connect()
            # A promotion may verify a large version first, which takes as long as it takes.
            connection.sock.settimeout(None if method == "POST" else 600)
            connection.request(method, self._url.path.rstrip("/") + path, body, headers)
            return connection.getresponse()
        except (OSError, http.client.HTTPException) as error:
            connection.close()
            raise self._broken(error) from error

    def _read(self, response: http.client.HTTPResponse, size: int | None = None) -> bytes:
        try:
            return response.read(size)
        except (OSError, http.client.HTTPException) as error:
            raise self._broken(error) from error

    def _broken(self, error: Exception) -> PlinthError:
        reason = "does not answer" if isinstance(error, ConnectionRefusedError) else f"cannot be reached ({error})"
        return PlinthError("unavailable", f"The Plinth service at {self.name} {reason}.")

    def _reply(self, status: int, text: bytes) -> Any:
        try:
            reply = json.loads(text)
        except ValueError:
            raise self._foreign(status) from None
        if 200 <= status < 300:
            return reply
        error = reply.get("error") if isinstance(reply, dict) else None
        if not isinstance(error, dict) or not isinstance(error.get("message"), str):
            raise self._foreign(status)
        raise PlinthError(str(error.get("code")), clean_text(error["message"]), error.get("details"))

    def _foreign(self, status: int) -> PlinthError:
        text = f"The program at {self.name} is not a Plinth service: it answered with status {status} and no JSON of a service"
        return PlinthError("unavailable", f"{text}, as the login page of a proxy does.")

    def _assert_proven(self) -> None:
        if self._proof_key is None or time.monotonic() - self._proven_at < _PROVEN_FOR_S:
            return
        standing = _standing(self._url.port or 0, self._proof_key, 30)
        if standing == "absent":
            raise PlinthError("unavailable", f"The Plinth service at {self.name} does not answer.")
        if standing == "foreign":
            text = f"The program at {self.name} cannot prove to be the Plinth service, so no token was sent. Run: plinth status"
            raise PlinthError("unavailable", text)
        self._proven_at = time.monotonic()


def _path_of(parts: tuple[str, ...]) -> str:
    return "".join(f"/{quote(part, safe='')}" for part in parts)


def connect() -> Service:
    """Return the service that PLINTH_URL names; otherwise that of the data folder, which is started if none runs."""
    url = os.environ.get("PLINTH_URL") or None
    token = (os.environ.get("PLINTH_TOKEN") or "").strip() or None
    if token is not None and not (token.isascii() and token.isprintable()):
        raise PlinthError("invalid-request", "PLINTH_TOKEN contains characters that no token has.")
    if url is None:
        return _local(data_folder(), token)
    if token is None:
        raise PlinthError("invalid-request", "PLINTH_URL is set without PLINTH_TOKEN. Set both, or neither.")
    return Service(_parsed(url), token, None)


def _parsed(url: str) -> SplitResult:
    """Return the parts of PLINTH_URL. Raise PlinthError for an address to which no token can be sent safely."""
    try:
        parts = urlsplit(url)
        is_address = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_address = False
    if not is_address:
        raise PlinthError("invalid-request", "PLINTH_URL must be an address such as http://127.0.0.1:8080.")
    if parts.scheme == "http" and parts.hostname not in (_LOOPBACK, "localhost", "::1"):
        text = f"PLINTH_URL must begin with https:// for {clean_text(str(parts.hostname))}, because the token would be sent unencrypted."
        raise PlinthError("invalid-request", text)
    return parts


def data_folder() -> str:
    """Return the data folder: PLINTH_DATA, otherwise the platform's place for data."""
    named = os.environ.get("PLINTH_DATA")
    return os.path.abspath(named) if named else user_folder("plinth", "Application Support", ("XDG_DATA_HOME", ".local/share"))


def user_folder(windows: str, mac: str, others: tuple[str, str]) -> str:
    """Return a folder of Plinth of this user, by its name on Windows, in Library on macOS, and by variable and place elsewhere."""
    home = os.path.expanduser("~")
    if sys.platform == "win32":
        return os.path.join(os.environ.get("LOCALAPPDATA") or os.path.join(home, "AppData", "Local"), windows)
    if sys.platform == "darwin":
        return os.path.join(home, "Library", mac, "plinth")
    variable, place = others
    return os.path.join(os.environ.get(variable) or os.path.join(home, place), "plinth")


def _local(folder: str, token: str | None) -> Service:
    file = _find(folder)
    if file is None:
        _start(folder)
        file = _find(folder)
    if file is None:
        raise PlinthError("unavailable", f"The Plinth service on {folder} has started and ended again. See its log.")
    if file.get("protocol") != _PROTOCOL:
        text = f"The running service (Plinth {file.get('version')}) and this package do not fit. Install them from one checkout."
        raise PlinthError("unavailable", clean_text(text))
    return Service(urlsplit(f"http://{_LOOPBACK}:{file['port']}"), token or file["token"], file["proofKey"])


def _find(folder: str) -> dict[str, Any] | None:
    """Return the daemon.json of a service that has proved its identity; None if no service runs."""
    try:
        with open(os.path.join(folder, "daemon.json"), encoding="utf-8") as text:
            file = json.load(text)
        is_whole = 0 < file["port"] < 65536 and isinstance(file["token"], str) and isinstance(file["proofKey"], str)
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return file if is_whole and _standing(file["port"], file["proofKey"], 1) == "proven" else None


def _standing(port: int, key: str, timeout: float) -> str:
    """Ask for a proof of identity, without a token. Return ``proven``, ``foreign`` or ``absent``."""
    nonce = secrets.token_urlsafe(24)
    connection = http.client.HTTPConnection(_LOOPBACK, port, timeout=timeout)
    try:
        connection.request("GET", f"/proof?nonce={nonce}")
        answer = connection.getresponse().read(200)
    except (OSError, http.client.HTTPException):
        return "absent"
    finally:
        connection.close()
    said = f"plinth proof {nonce} {_LOOPBACK}:{port}".encode()
    proof = base64.urlsafe_b64encode(hmac.new(key.encode(), said, hashlib.sha256).digest()).rstrip(b"=")
    return "proven" if hmac.compare_digest(answer, proof) else "foreign"


def _start(folder: str) -> None:
    """Start the service by a command that needs it. The service goes on when this process has ended."""
    program = shutil.which("plinth")
    # On Windows `which` looks in the working folder first, which may be anybody's.
    if program is None or not os.path.isabs(program):
        advice = "Put the command plinth on your PATH, or name another service with PLINTH_URL and PLINTH_TOKEN."
        raise PlinthError("unavailable", f"No Plinth service runs on {folder}. {advice}")
    env = {key: value for key, value in os.environ.items() if key != "PLINTH_TOKEN"}
    env["PLINTH_DATA"] = folder
    try:
        quiet: dict[str, Any] = {"stdin": subprocess.DEVNULL, "capture_output": True, "timeout": _START_WITHIN_S}
        done = subprocess.run([program, "approvals"], env=env, check=False, **quiet)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise PlinthError("unavailable", f"The Plinth service on {folder} could not be started ({error}).") from error
    if done.returncode != 0:
        said = clean_text(done.stderr.decode("utf-8", "replace").strip().replace("\n", " "))[-500:]
        raise PlinthError("unavailable", f"The Plinth service on {folder} could not be started: {said}")
