"""What the tests of this folder share: a result with its manifest, and a pair of keys."""

from __future__ import annotations

import datetime as dt

import pytest

from kpisdk import Interval, Result, Status, Unit, Window
from kpisdk.contracts.manifest import Manifest, StatementReceipt

AT = dt.datetime(2025, 6, 30, 12, tzinfo=dt.UTC)


def a_manifest(**changes):
    """The manifest of a result, of which anything can be said otherwise."""
    record = {
        "core": "0.1.0",
        "plugin": "kpisdk-ours 1.0",
        "python": "3.11.7",
        "engine": "duckdb 1.5.6",
        "driver": "duckdb 1.5.6",
        "source": "f1",
        "definition_version": "1+aa+core.0.1.0",
        "statements": (StatementReceipt("d1", 1),),
        "rows_read": 1,
    }
    return Manifest(**{**record, **changes})


def a_result(manifest=None, **changes):
    """Three of four, with an interval."""
    record = {
        "kpi_id": "OURS-001",
        "name": "Ours",
        "workstream": "ours",
        "unit": Unit.RATIO,
        "value": 0.75,
        "status": Status.GOOD,
        "numerator": 3.0,
        "denominator": 4.0,
        "n": 4,
        "interval": Interval(0.3, 0.95, method="wilson"),
        "window": Window(AT - dt.timedelta(days=30), AT, "last 30 days"),
        "as_of": AT,
        "computed_at": AT,
        "manifest": a_manifest() if manifest is None else manifest,
    }
    return Result(**{**record, **changes})


@pytest.fixture
def make_manifest():
    """A manifest, of which anything can be said otherwise."""
    return a_manifest


@pytest.fixture
def make_result():
    """A result, of which anything can be said otherwise."""
    return a_result


@pytest.fixture
def key_pair(tmp_path):
    """``key_pair(name)``: the paths of a private and a public Ed25519 key in PEM form."""
    from cryptography.hazmat.primitives import serialization as form
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    def make(name="key"):
        private, public = tmp_path / f"{name}.pem", tmp_path / f"{name}.pub"
        key = Ed25519PrivateKey.generate()
        pem = form.Encoding.PEM
        private.write_bytes(key.private_bytes(pem, form.PrivateFormat.PKCS8, form.NoEncryption()))
        public.write_bytes(
            key.public_key().public_bytes(pem, form.PublicFormat.SubjectPublicKeyInfo)
        )
        return private, public

    return make
