"""What is asked of a server that computes: once each, a few at a time, nobody in the dark."""

import json
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from serving import Slow, running


def test_what_takes_too_long_is_a_typed_error_and_goes_on(shop_workspace):
    """Whoever asks again waits for the same computation, and gets its result."""
    slow = Slow(shop_workspace)
    with running(slow, seconds=0.3) as client:
        first = client.json("/api/compute?kpi=SHOP-001")
        again = client.json("/api/compute?kpi=SHOP-001")
        page = client.ask("/api/compute?kpi=SHOP-001", Accept="text/html")
        slow.go.set()
        for _ in range(100):
            status, found = client.json("/api/compute?kpi=SHOP-001")
            if status == 200:
                break
            time.sleep(0.05)

    for status, told in (first, again):
        assert (status, told["error"]["code"]) == (504, "computation_timeout")
        assert "0.3 seconds" in told["error"]["message"]
    assert page[0] == 504
    assert found["results"][0]["kpi_id"] == "SHOP-001"
    assert slow.asked[0] == ("SHOP-001",)


def test_a_browser_is_told_at_once_that_it_waits_and_gets_the_page_by_itself(
    shop_workspace, monkeypatch
):
    """A page that asks again, with the seconds so far; a program waits for its answer."""
    monkeypatch.setattr("kpisdk_web.server.page_endpoints.PATIENCE", 0.2)
    slow = Slow(shop_workspace)
    with running(slow, seconds=60) as client:
        began = time.monotonic()
        status, headers, text = client.ask("/", Accept="text/html,*/*")
        waited = time.monotonic() - began
        slow.go.set()
        for _ in range(200):
            later, _, page = client.ask("/", Accept="text/html")
            if later == 200:
                break
            time.sleep(0.05)

    assert (status, headers["retry-after"]) == (202, "2")
    assert waited < 10
    assert '<meta http-equiv="refresh" content="2">' in text
    assert "being computed, for 0 seconds so far" in text
    assert later == 200
    assert "SHOP-001" in page


def test_who_was_told_to_ask_again_finds_the_answer_without_a_cache(shop_workspace, monkeypatch):
    """It is computed once, though no cache keeps what it was made of."""
    monkeypatch.setattr("kpisdk_web.server.page_endpoints.PATIENCE", 0.05)
    slow = Slow(shop_workspace)
    with running(slow, seconds=60) as client:
        assert client.ask("/", Accept="text/html")[0] == 202
        slow.go.set()
        until = time.monotonic() + 30
        while len(slow.asked) < 2 and time.monotonic() < until:  # the report, and the trends
            time.sleep(0.01)
        time.sleep(1)  # both are done, and nobody has asked meanwhile
        assert client.ask("/", Accept="text/html")[0] == 200

    assert len(slow.asked) == 2


def test_a_page_that_takes_too_long_says_so_and_how_to_go_on(shop_workspace, monkeypatch):
    """After the time-out, in the sentence that the JSON has; and it still asks again by itself."""
    monkeypatch.setattr("kpisdk_web.server.page_endpoints.PATIENCE", 0.1)
    slow = Slow(shop_workspace)
    with running(slow, seconds=0.3) as client:
        for _ in range(100):
            status, _, text = client.ask("/", Accept="text/html")
            if status == 504:
                break
            assert status == 202
        slow.go.set()

    assert status == 504
    assert "takes longer than 0.3 seconds" in text
    assert '<meta http-equiv="refresh" content="5">' in text


def test_one_question_is_computed_once_for_all_who_ask_it_at_a_time(shop_workspace):
    """Sixteen clients, one computation."""
    slow = Slow(shop_workspace)
    with running(slow, seconds=60) as client, ThreadPoolExecutor(16) as pool:
        asked = [pool.submit(client.ask, "/api/compute?kpi=SHOP-001") for _ in range(16)]
        while not slow.asked:
            time.sleep(0.01)
        time.sleep(0.5)
        slow.go.set()
        answers = [each.result() for each in asked]

    assert {status for status, _, _ in answers} == {200}
    assert len({text for _, _, text in answers}) == 1
    assert len(slow.asked) == 1


def test_more_questions_than_can_wait_are_turned_away(shop_workspace):
    """With the time after which to ask again; the others are answered."""
    slow = Slow(shop_workspace)
    with running(slow, workers=1, seconds=60, most=2) as client, ThreadPoolExecutor(2) as pool:
        kept = [pool.submit(client.ask, f"/api/compute?kpi=SHOP-00{each}") for each in (1, 2)]
        while not slow.asked:
            time.sleep(0.01)
        time.sleep(1)  # both are in by now
        status, headers, text = client.ask("/api/compute?kpi=SHOP-003")
        assert client.ask("/healthz")[0] == 200
        slow.go.set()
        assert [each.result()[0] for each in kept] == [200, 200]

    assert (status, headers["retry-after"]) == (503, "2")
    assert json.loads(text)["error"]["code"] == "busy"
