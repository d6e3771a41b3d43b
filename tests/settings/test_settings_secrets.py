"""Secrets never reach what a user reads."""

import pytest
from hypothesis import given, strategies as st

from kpisdk.settings import is_secret_name, passwords_of, redact, secrets_of


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("postgresql://ann:hunter2@db/crm", "postgresql://ann:***@db/crm"),
        ("redis://:hunter2@cache:6379/0", "redis://:***@cache:6379/0"),
        ("cannot open 'mysql://a:p@ss@h/d': no", "cannot open 'mysql://a:***@h/d': no"),
        ("a://u:one@h then b://v:two@k", "a://u:***@h then b://v:***@k"),
        ("a://u:one@h,b://v:two@k", "a://u:***@k"),
        ("http://host:8080/path", "http://host:8080/path"),
        ("http://token@host/path", "http://token@host/path"),
        ("a://u:@host", "a://u:@host"),
        ("mail me@example.org: no URL", "mail me@example.org: no URL"),
        ("db?user=a&password=b%40c&x=1", "db?user=a&password=***&x=1"),
        ("host=h password='two words' user=u", "host=h password=*** user=u"),
        ('PWD="x;y";Server=z', "PWD=***;Server=z"),
        ("api_key=k1, db_token = t1; apikey=k2", "api_key=***, db_token=***; apikey=***"),
        (
            "https://h/?access_token=abc&client_secret=def",
            "https://h/?access_token=***&client_secret=***",
        ),
        ("the password is wrong", "the password is wrong"),
    ],
)
def test_passwords_of_urls_and_parameters_are_masked(text, shown):
    """Userinfo passwords and parameters with a telling name are masked wherever they stand."""
    assert shown == redact(text)


def test_given_values_are_masked_in_every_spelling():
    """As they are, as URLs encode them, as drivers decode them, as Python quotes them."""
    secrets = ["p@ss w/rd", "enc%40ded", "back\\slash", "tail", "tail-long"]
    text = "p@ss w/rd p%40ss%20w%2Frd p%40ss+w%2Frd enc@ded back\\\\slash tail-long tail"

    assert redact(text, secrets) == "*** *** *** *** *** *** ***"


def test_the_password_of_a_secret_url_is_a_secret_too():
    """A variable may hold a whole URL: the driver's message then shows its password alone."""
    assert redact("login with hunter2 failed", ["pg://u:hunter2@h"]) == "login with *** failed"


def test_very_short_values_do_not_scramble_every_text():
    """A variable that holds ``1`` would otherwise mask every figure of every report."""
    assert redact("1 of 10 rows", ["1", ""]) == "1 of 10 rows"


def test_secrets_of_a_table_are_found_by_name_and_in_urls():
    """Values under telling names, at any depth, and passwords in any URL; not names of columns."""
    table = {
        "url": "pg://u:in-url@h?sslpassword=in-query",
        "smtp": {"password": "by-name", "port": 25, "login": {"use_token": True}},
        "credentials": {"list": ["first", {"x": "second"}], "none": ""},
        "tables": {"t": {"columns": {"token": "auth_token", "api_key": "pg://a:b@c"}}},
        "plain": "text",
    }

    assert secrets_of(table) == {"in-url", "in-query", "by-name", "first", "second", "b"}


@pytest.mark.parametrize(
    "name", ["password", "DB_PASSWD", "authToken", "client-secret", "apiKey", "notify"]
)
def test_telling_names(name):
    """Names that tell of a secret, whatever their case and surroundings."""
    assert is_secret_name(name)
    assert not is_secret_name("statement_timeout")


@pytest.mark.parametrize(
    "text",
    [
        "a" * 1_000_000,
        "://a:" * 200_000,
        "password" * 125_000,
        "password='" * 100_000,
        "password =" * 100_000,
        "x@://" * 200_000,
        "token=a@b://c:d@" * 60_000,
    ],
)
def test_a_megabyte_of_hostile_text_is_no_trouble(text):
    """No pattern takes more than linear time: this test would hang where one did."""
    assert len(redact(text)) <= len(text) + 3


@given(
    st.text(st.characters(blacklist_categories=["Cs"]), min_size=4, max_size=30),
    st.text("abc :/@", max_size=20),
    st.text("abc :/@", max_size=20),
)
def test_no_given_secret_survives(secret, before, after):
    """Whatever the secret and its surroundings, it is gone from the redacted text."""
    shown = redact(f"{before}{secret}{after}", [secret])

    assert "***" in shown
    assert secret not in shown.replace("***", "") or secret in before + after


@given(st.text("abc123%/+?", min_size=1, max_size=20))
def test_the_password_of_a_url_is_found_and_masked(password):
    """Whatever stands between the colon and the last @ is the password."""
    url = f"pg://user:{password}@host/db"

    assert password in passwords_of(url)
    assert redact(url) == "pg://user:***@host/db"
