"""``kpisdk serve``: who may be served, and what keeps a server from starting."""

import socket

import pytest

from kpisdk_web.server.running import Exposure, token_from
from kpisdk_web.server.server_errors import ExposedAddressError, TokenFileError, WeakTokenError

TOKEN = "a-token-of-32-characters-or-more"  # noqa: S105


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "kpi.example", ""])  # noqa: S104
def test_an_address_that_others_reach_needs_a_token_or_a_proxy(host):
    """Refused by itself, allowed with either."""
    with pytest.raises(ExposedAddressError, match="--token-file"):
        Exposure(host)
    assert Exposure(host, TOKEN).admission().names is None
    assert Exposure(host, behind_proxy=True).admission().token is None


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.8.8", "::1", "localhost"])
def test_loopback_needs_neither_and_answers_under_its_own_names_alone(host):
    """So that a page of somebody else's cannot read it."""
    names = Exposure(host).admission().names

    assert names is not None
    assert host in names
    assert "evil.example" not in names


@pytest.mark.parametrize("token", ["", "short", "x" * 15, "a token with spaces in it", "é" * 20])
def test_a_token_that_could_be_guessed_is_refused(token):
    """Sixteen printable characters at least; the refusal says how to make one."""
    with pytest.raises(WeakTokenError, match="token_urlsafe"):
        Exposure(token=token)


def test_the_token_comes_from_a_file_or_a_variable(tmp_path):
    """The file wins; a line end is none of the token."""
    file = tmp_path / "token"
    file.write_text(f"{TOKEN}\n")

    assert token_from(file, "other") == TOKEN
    assert token_from(None, f" {TOKEN} ") == TOKEN
    assert token_from(None, None) is None
    with pytest.raises(TokenFileError, match="cannot be read"):
        token_from(tmp_path / "none", None)


def test_serve_says_that_a_port_is_taken(kpisdk, shop):
    """In one sentence with the next step, and exits with 1."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        code, out, err = kpisdk("serve", "--source", str(shop), "--port", port)

    assert (code, out) == (1, "")
    assert f"cannot listen at 127.0.0.1, port {port}" in err
    assert "--port" in err


def test_serve_refuses_an_open_address_before_it_opens_the_source(kpisdk):
    """A usage error."""
    code, _, err = kpisdk("serve", "--source", "nowhere", "--host", "0.0.0.0")  # noqa: S104

    assert code == 2
    assert "--behind-proxy" in err
