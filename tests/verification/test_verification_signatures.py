"""Signatures of reports: they hold for what was signed, and for nothing else."""

from __future__ import annotations

import base64
import json
import subprocess
import sys

import pytest

from kpisdk.verification.signatures import (
    SignatureError,
    Signer,
    SigningKeyError,
    canonical,
    require_signature,
)

DOCUMENT = {"b": [1, 0.1, None, True], "a": {"ñ": "\ud800", "é": 1e300}}


def test_the_canonical_form_is_in_order_without_blanks_and_ascii():
    """Written out by hand; the signature itself is no part of it."""
    expected = b'{"a":{"\\u00e9":1e+300,"\\u00f1":"\\ud800"},"b":[1,0.1,null,true]}'

    assert canonical({**DOCUMENT, "signature": {"value": "x"}}) == b"kpisdk report 1\n" + expected
    with pytest.raises(ValueError, match="not JSON compliant"):
        canonical({"value": float("nan")})


def test_what_was_signed_holds_however_it_is_laid_out(key_pair, tmp_path):
    """Blanks and the order of keys are no content; it can be read and written in between."""
    private, public = key_pair()
    signed = Signer.of(private).signed(DOCUMENT)

    read = json.loads(json.dumps(dict(reversed(signed.items())), indent=3))

    require_signature(tmp_path / "r.json", read, public)
    assert signed["signature"]["algorithm"] == "Ed25519"


def test_the_library_itself_finds_the_signature_right(key_pair):
    """Checked without any code of ours but the canonical form."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    signed = Signer.of(key_pair()[0]).signed(DOCUMENT)
    key, value = (base64.b64decode(signed["signature"][each]) for each in ("public_key", "value"))

    Ed25519PublicKey.from_public_bytes(key).verify(value, canonical(DOCUMENT))


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda each: each.update(b=[1, 0.2, None, True]), "changed after it was signed"),
        (lambda each: each.update(b=[1, 0.1, None, 1]), "changed after it was signed"),
        (lambda each: each.update(more=1), "changed after it was signed"),
        (lambda each: each["signature"].update(value="AAAA"), "changed after it was signed"),
        (lambda each: each["signature"].update(value="é"), "changed after it was signed"),
        (lambda each: each["signature"].update(algorithm="none"), "not of the kind Ed25519"),
        (lambda each: each.update(signature="signed"), "it has no signature"),
        (lambda each: each.pop("signature"), "it has no signature"),
    ],
)
def test_a_report_that_was_changed_is_refused(key_pair, tmp_path, change, reason):
    """A number, its type, a key more, or the signature."""
    private, public = key_pair()
    signed = Signer.of(private).signed(DOCUMENT)

    change(signed)

    with pytest.raises(SignatureError, match=reason):
        require_signature(tmp_path / "r.json", signed, public)


def test_a_signature_by_another_key_is_refused(key_pair, tmp_path):
    """Also one that names the right key, which it was not made with."""
    signed = Signer.of(key_pair("one")[0]).signed(DOCUMENT)
    private, public = key_pair("other")

    with pytest.raises(SignatureError, match="signed with another key"):
        require_signature(tmp_path / "r.json", signed, public)
    named = Signer.of(private).signed(DOCUMENT)["signature"]["public_key"]
    signed["signature"]["public_key"] = named
    with pytest.raises(SignatureError, match="changed after it was signed"):
        require_signature(tmp_path / "r.json", signed, public)


def test_a_file_that_is_no_key_says_what_it_is(key_pair, tmp_path):
    """Nothing there, no PEM, the wrong half, another kind, a password."""
    from cryptography.hazmat.primitives import serialization as form
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    private, public = key_pair()
    junk, curve, locked = (tmp_path / each for each in ("junk", "curve", "locked"))
    junk.write_text("junk")
    pem, kind = form.Encoding.PEM, form.PrivateFormat.PKCS8
    other = ec.generate_private_key(ec.SECP256R1())
    curve.write_bytes(other.private_bytes(pem, kind, form.NoEncryption()))
    secret = form.BestAvailableEncryption(b"secret")
    locked.write_bytes(Ed25519PrivateKey.generate().private_bytes(pem, kind, secret))

    for path, reason in (
        (tmp_path / "nowhere", "No such file"),
        (junk, "not in PEM form"),
        (public, "not in PEM form"),
        (curve, "not of the kind Ed25519"),
        (locked, "it has a password"),
    ):
        with pytest.raises(SigningKeyError, match=reason):
            Signer.of(path)
    for path in (tmp_path / "nowhere", junk, private):
        with pytest.raises(SigningKeyError, match="no public key for reports"):
            require_signature(tmp_path / "r.json", {}, path)


def test_without_cryptography_it_says_what_to_install(key_pair, monkeypatch):
    """Whoever signs nothing does not need it."""
    from kpisdk import MissingDependencyError

    private, _ = key_pair()
    monkeypatch.setitem(sys.modules, "cryptography.hazmat.primitives", None)

    with pytest.raises(MissingDependencyError, match=r"pip install 'kpisdk\[sign\]'"):
        Signer.of(private)


def test_the_command_line_does_not_import_cryptography():
    """Nor does reading the code of signatures."""
    code = (
        "import sys, kpisdk.cli.commands.compute, kpisdk.cli.commands.verify\n"
        "import kpisdk.verification.signatures\n"
        "print('cryptography' in sys.modules)"
    )

    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert found.stdout.strip() == "False"
