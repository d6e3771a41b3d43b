"""Signatures of reports: Ed25519 (RFC 8032) over the report in one canonical form of JSON."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import attrs

from kpisdk.errors import KpisdkError, MissingDependencyError, UsageError

SIGNATURE = "signature"
"""The key of a report's object that holds its signature, which covers all other keys."""

ALGORITHM = "Ed25519"

_CONTEXT = b"kpisdk report 1\n"
"""What is signed before the report, so that the key's signatures of other things are none of it."""


@attrs.define(eq=False)
class SigningKeyError(UsageError):
    """A file that holds no key of the kind that is needed."""

    path: str
    reason: str
    wanted: str

    template = "{path:quoted} is no {wanted} key for reports: {reason}."


@attrs.define(eq=False)
class SignatureError(KpisdkError):
    """A report that its signature does not vouch for."""

    path: str
    reason: str

    template = "{path:quoted} is not proved to be as it was signed: {reason}."


def canonical(document: Mapping[str, Any]) -> bytes:
    """What is signed of a report: all but its signature.

    Keys in order of their code points, no blanks, ASCII, numbers as Python writes them: what a JSON
    reader makes of it gives the same bytes again.
    """
    rest = {name: value for name, value in document.items() if name != SIGNATURE}
    text = json.dumps(rest, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return _CONTEXT + text.encode("ascii")


@attrs.frozen
class Signer:
    """A private key, read from a PEM file."""

    _key: Any = attrs.field(repr=False)

    @classmethod
    def of(cls, path: Path) -> Signer:
        """The key in a file.

        Raises:
            SigningKeyError: there is none, it is of another kind, or it has a password.
            MissingDependencyError: cryptography is not installed.
        """
        serialization, ed25519 = _library("--sign")
        content = _content(path, "private")
        try:
            key = serialization.load_pem_private_key(content, password=None)
        except TypeError as error:
            reason = "it has a password; write it without one where only you can read it"
            raise SigningKeyError(str(path), reason, "private") from error
        except ValueError as error:
            raise SigningKeyError(str(path), _NO_PEM, "private") from error
        if not isinstance(key, ed25519.Ed25519PrivateKey):
            raise SigningKeyError(str(path), f"it is not of the kind {ALGORITHM}", "private")
        return cls(key)

    def signed(self, document: Mapping[str, Any]) -> dict[str, Any]:
        """The report with its signature."""
        made = self._key.sign(canonical(document))
        public = self._key.public_key().public_bytes_raw()
        signature = {"algorithm": ALGORITHM, "public_key": _text(public), "value": _text(made)}
        return {**document, SIGNATURE: signature}


def require_signature(path: Path, document: Mapping[str, Any], key: Path) -> None:
    """Hold a report against its signature and the public key of whoever is to have signed it.

    Raises:
        SignatureError: it has no signature, one by another key, or was changed since.
        SigningKeyError: the file holds no public key.
        MissingDependencyError: cryptography is not installed.
    """
    serialization, ed25519 = _library("verify --key")
    content = _content(key, "public")
    try:
        public = serialization.load_pem_public_key(content)
    except ValueError as error:
        raise SigningKeyError(str(key), _NO_PEM, "public") from error
    if not isinstance(public, ed25519.Ed25519PublicKey):
        raise SigningKeyError(str(key), f"it is not of the kind {ALGORITHM}", "public")
    signature = document.get(SIGNATURE)
    if not isinstance(signature, Mapping):
        raise SignatureError(str(path), "it has no signature")
    if signature.get("algorithm") != ALGORITHM:
        raise SignatureError(str(path), f"its signature is not of the kind {ALGORITHM}")
    if signature.get("public_key") != _text(public.public_bytes_raw()):
        raise SignatureError(str(path), "it was signed with another key")
    from cryptography.exceptions import InvalidSignature

    try:
        value = base64.b64decode(str(signature.get("value")), validate=True)
        public.verify(value, canonical(document))
    except (InvalidSignature, ValueError) as error:
        raise SignatureError(str(path), "it was changed after it was signed") from error


_NO_PEM = "it is not in PEM form"


def _content(path: Path, wanted: str) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise SigningKeyError(str(path), error.strerror or str(error), wanted) from error


def _library(what: str) -> tuple[Any, Any]:
    try:
        from cryptography.hazmat.primitives import serialization
        from cryptography.hazmat.primitives.asymmetric import ed25519
    except ImportError as error:
        raise MissingDependencyError("cryptography", what, "pip install 'kpisdk[sign]'") from error
    return serialization, ed25519


def _text(content: bytes) -> str:
    return base64.b64encode(content).decode("ascii")
