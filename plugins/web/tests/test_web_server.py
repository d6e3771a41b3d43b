"""The live server on loopback: what it answers, whom it refuses, and what wrong input gets."""

import base64
import csv
import html
import io
import json
import re
import socket
import sys
from pathlib import Path

import pytest

from kpisdk import Workspace
from kpisdk_web.server.running import Exposure

sys.path.insert(0, str(Path(__file__).parent))
from serving import IDS, Slow, running

HOSTILE = '<script>document.title="taken"</script>'
TOKEN = "a-token-of-32-characters-or-more"  # noqa: S105


@pytest.fixture(scope="module")
def client(shop_workspace):
    """A server that anybody on this machine may ask."""
    with running(shop_workspace) as found:
        yield found


def test_compute_answers_what_the_command_line_prints(client, shop_workspace):
    """The same object, number by number."""
    status, found = client.json("/api/compute?kpi=SHOP-001&by=city&window=last+7+days")

    direct = shop_workspace.compute("SHOP-001", by=["city"], window="last 7 days").to_dict()
    assert status == 200
    assert [each["value"] for each in found["results"]] == [
        each["value"] for each in direct["results"]
    ]
    assert {each["slice"]["city"] for each in found["results"]} == {"Bonn", "Köln", HOSTILE}
    assert found["schema_version"] == 1


def test_compute_as_csv_is_a_table(client):
    """One row per result, guarded as CSV files are."""
    status, headers, text = client.ask("/api/compute?workstream=shop&format=csv")

    assert (status, headers["content-type"]) == (200, "text/csv; charset=utf-8")
    assert len(list(csv.DictReader(io.StringIO(text, newline="")))) == 2


def test_filters_and_buckets_are_asked_as_on_the_command_line(client):
    """``where`` repeats; a bucket is a result."""
    query = "kpi=SHOP-001&grain=month&where=city%3DBonn&where=city%3DK%C3%B6ln&window=last+3+months"
    status, found = client.json(f"/api/compute?{query}")

    assert status == 200
    assert len(found["results"]) >= 3
    assert found["results"][0]["where"] == {"city": ["Bonn", "Köln"]}


def test_records_and_statements_are_there(client):
    """Owner, thresholds, guardrails; and what a question would run."""
    _, found = client.json("/api/kpis?workstream=post")
    one = client.json("/api/kpis/shop-001")[1]
    _, explained = client.json("/api/explain?kpi=SHOP-001")

    assert {each["id"] for each in found["kpis"]} == {*IDS} - {"SHOP-001", "SHOP-002"}
    assert (one["owner"], one["thresholds"]["target"]) == ("Ada", 0.3)
    assert "statements" in explained


def test_metrics_are_openmetrics_and_health_asks_no_source(client):
    """For a scraper and for whoever restarts what hangs."""
    status, headers, text = client.ask("/metrics")

    assert status == 200
    assert headers["content-type"].startswith("application/openmetrics-text; version=1.0.0")
    assert 'kpisdk_kpi_value{kpi="SHOP-001"' in text
    assert text.endswith("# EOF\n")
    assert client.json("/healthz") == (200, {"status": "ok"})


def test_openapi_describes_every_path_that_there_is(client):
    """The document is made of the table that queries are read with."""
    _, found = client.json("/api/openapi.json")

    assert found["openapi"] == "3.1.0"
    for path, told in found["paths"].items():
        required = {each["name"]: each for each in told["get"]["parameters"]}
        asked = path.replace("{kpi}", "SHOP-001")
        if "kpi" in required and "{kpi}" not in path and path != "/api/kpis":
            asked += "?kpi=SHOP-001"
        assert client.ask(asked)[0] == 200, asked
    names = {each["name"] for each in found["paths"]["/api/compute"]["get"]["parameters"]}
    assert {"kpi", "where", "by", "grain", "window", "max_groups"} <= names
    status, headers, text = client.ask("/api")
    assert (status, headers.get_content_type()) == (200, "text/html")
    assert "/api/compute" in text


def test_the_scorecard_is_served_with_hostile_names_as_text(client):
    """Everything that it loads comes from the same server."""
    status, headers, text = client.ask("/")

    assert (status, headers.get_content_type()) == (200, "text/html")
    assert HOSTILE not in text
    assert "&lt;script&gt;" in text
    for loaded in re.findall(r'(?:href|src)="(/static/[^"]+)"', text):
        assert client.ask(loaded)[0] == 200, loaded
    assert "http://" not in text.replace("http://www.w3.org/2000/svg", "")


def test_a_page_of_a_kpi_links_copies_that_are_there(client):
    """Every file that it loads, and its numbers as CSV and JSON."""
    status, _, text = client.ask("/kpis/shop-002")

    assert status == 200
    assert HOSTILE not in text
    links = set(re.findall(r'(?:href|src)="(/[^"#]+)"', text))
    assert any("format=csv" in each for each in links)
    assert any("uplot" in each for each in links)
    for link in links:
        assert client.ask(html.unescape(link))[0] == 200, link
    assert client.ask("/kpis/NOPE", Accept="text/html")[0] == 404


def test_every_answer_carries_the_policy(client):
    """Refusals too: no inline script, nothing from elsewhere, no frame around it."""
    for path in ("/", "/api", "/api/kpis", "/healthz", "/nothing", "/api/compute"):
        policy = client.ask(path)[1]["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "script-src 'self';" in policy
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/api/compute?kpi=NOPE", 400, "unknown_name"),
        ("/api/kpis/NOPE", 404, "unknown_kpi_path"),
        ("/api/kpis/..%2F..%2Fetc%2Fpasswd", 404, "unknown_path"),
        ("/static/..%2f..%2f..%2fpyproject.toml", 404, "unknown_path"),
        ("/nothing", 404, "unknown_path"),
        ("/api/compute", 400, "selection"),
        ("/api/compute?kpi=SHOP-001&colour=red", 400, "bad_query"),
        ("/api/compute?kpi=SHOP-001&by=a&by=b&by=c&by=d", 400, "bad_query"),
        ("/api/compute?kpi=SHOP-001&max_groups=1001", 400, "bad_query"),
        ("/api/compute?kpi=SHOP-001&max_groups=-1", 400, "bad_query"),
        ("/api/compute?kpi=SHOP-001&grain=eon", 400, "bad_query"),
        ("/api/compute?kpi=SHOP-001&where=nothing", 400, "bad_query"),
        ("/api/compute?kpi=SHOP-001&window=nonsense", 400, "window"),
        ("/api/compute?kpi=SHOP-001&as_of=never", 400, "instant"),
        (f"/api/compute?kpi={'x' * 9000}", 413, "too_large"),
        (f"/api/compute?{'kpi=SHOP-001&' * 51}", 400, "bad_query"),
    ],
)
def test_wrong_input_is_a_typed_error(client, path, status, code):
    """JSON with a code and a sentence, never a trace."""
    got, found = client.json(path)

    assert (got, set(found), set(found["error"])) == (status, {"error"}, {"code", "message"})
    assert code in found["error"]["code"] or code in ("window", "instant")
    assert "Traceback" not in found["error"]["message"]


def test_all_faults_of_a_query_are_told_at_once(client):
    """Three at a time, each with its place."""
    message = client.json("/api/compute?grain=eon&x=1&where=y")[1]["error"]["message"]

    assert all(each in message for each in ("grain", "x: is no parameter", "where"))


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"])
def test_nothing_can_be_changed(client, method):
    """Any path, any method but GET and HEAD."""
    for path in ("/", "/api/kpis", "/api/compute?kpi=SHOP-001", "/nothing"):
        status, headers, text = client.ask(path, method)
        assert (status, headers["allow"]) == (405, "GET, HEAD")
        assert json.loads(text)["error"]["code"] == "read_only"


def test_a_body_is_not_read(client):
    """Neither a long one nor one of unknown length."""
    assert client.ask("/healthz", body=b"x" * 5000)[0] == 413
    assert client.ask("/healthz", transfer_encoding="chunked")[0] == 413
    assert client.ask("/healthz")[0] == 200


def test_another_name_than_this_machine_is_refused(client):
    """What a page of somebody else's looks like whose name was pointed here."""
    status, found = client.json("/api/kpis", Host="evil.example")

    assert (status, found["error"]["code"]) == (421, "foreign_host")
    for name in ("localhost", "127.0.0.1:80", "[::1]:8050"):
        assert client.ask("/healthz", Host=name)[0] == 200


def test_a_client_that_goes_away_leaves_the_server_answering(client):
    """In the middle of a request, and before the answer."""
    for sent in (
        b"GET /api/comp",
        b"GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"\x00\xff\r\n\r\n",
    ):
        with socket.create_connection(("127.0.0.1", client.port), timeout=10) as line:
            line.sendall(sent)
    assert client.json("/healthz")[0] == 200
    assert client.ask("/metrics")[0] == 200


def test_a_token_is_wanted_of_every_request_but_health(shop_workspace, capfd):
    """As bearer, or as a browser's password; it is neither in an answer nor on a stream."""
    with running(shop_workspace, Exposure("0.0.0.0", TOKEN)) as client:  # noqa: S104 - it is the point
        basic = base64.b64encode(f"me:{TOKEN}".encode()).decode()
        for wrong in (
            {},
            {"Authorization": "Bearer nothing"},
            {"Authorization": f"Bearer {TOKEN[:-1]}"},
            {"Authorization": TOKEN},
            {"Authorization": "Basic !!!"},
            {"Authorization": f"Digest {TOKEN}"},
        ):
            status, headers, text = client.ask("/api/kpis", **wrong)
            assert (status, headers["www-authenticate"].split()[0]) == (401, "Basic")
            assert TOKEN not in text
        assert client.ask(f"/api/kpis?token={TOKEN}")[0] == 401
        assert client.ask("/healthz")[0] == 200
        for right in (f"Bearer {TOKEN}", f"bearer  {TOKEN}", f"Basic {basic}"):
            assert client.ask("/api/kpis", Authorization=right)[0] == 200
        assert (
            client.ask("/api/kpis", Authorization=f"Bearer {TOKEN}", Host="kpi.example")[0] == 200
        )
    told = capfd.readouterr()
    assert TOKEN not in told.out + told.err + repr(Exposure("0.0.0.0", TOKEN))  # noqa: S104


def test_a_fault_that_nobody_foresaw_is_no_trace_for_who_asks(shop_workspace, capfd):
    """The type alone; the trace is on standard error."""

    class Broken(Slow):
        def compute(self, *ids, **arguments):
            raise RuntimeError("secret-of-the-inside")

    with running(Broken(shop_workspace)) as client:
        status, found = client.json("/api/compute?kpi=SHOP-001")

    assert (status, found["error"]["code"]) == (500, "fault")
    assert "secret-of-the-inside" not in json.dumps(found)
    assert "secret-of-the-inside" in capfd.readouterr().err


def test_a_source_that_is_not_there_is_told_and_the_server_lives(tmp_path, shop_plugin):
    """The file may come later."""
    (tmp_path / "kpisdk.toml").write_text("")
    gone = Workspace(
        f"duckdb:///{tmp_path}/no.duckdb", settings=tmp_path / "kpisdk.toml", plugins=[shop_plugin]
    )
    with running(gone) as client:
        status, found = client.json("/api/compute?kpi=SHOP-001")
        assert status in (200, 503)
        assert "no.duckdb" in json.dumps(found)
        assert client.ask("/healthz")[0] == 200
