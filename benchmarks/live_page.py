"""How the live page does under many clients: answers, errors, waiting times, memory.

Starts ``kpisdk serve`` on the demo data and asks it from 64 clients for a minute, each with a
connection of its own and a mix of the scorecard, KPI pages, JSON and metrics.

    python benchmarks/live_page.py --clients 64 --seconds 60
"""

from __future__ import annotations

import argparse
import http.client
import random
import re
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from pathlib import Path

import psutil

MIX = (
    ("/healthz", 6),
    ("/api/compute?kpi=WS2-TR-004", 6),
    ("/api/compute?kpi=WS2-TR-004&by=brand", 4),
    ("/api/compute?workstream=ws2&grain=month&window=last+12+months", 2),
    ("/api/kpis", 3),
    ("/api/kpis/WS2-TR-006", 3),
    ("/kpis/WS2-TR-004", 1),
    ("/static/page.css", 3),
    ("/metrics", 1),
    ("/", 2),
)


def client(port, until, seed, told):
    """Ask until the time is over; a connection is used again, and made again where it was lost."""
    chosen = random.Random(seed)  # noqa: S311
    paths, weights = zip(*MIX, strict=True)
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
    while time.monotonic() < until:
        path = chosen.choices(paths, weights)[0]
        start = time.monotonic()
        try:
            line.request("GET", path)
            answer = line.getresponse()
            answer.read()
            told.append((path, answer.status, time.monotonic() - start))
        except (OSError, http.client.HTTPException) as error:
            told.append((path, type(error).__name__, time.monotonic() - start))
            line.close()
    line.close()


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clients", type=int, default=64)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--timeout", type=float, default=60)
    parser.add_argument("--scale", default="0.2")
    given = parser.parse_args()
    kpisdk = Path(sys.executable).with_name("kpisdk")
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "demo.duckdb"
        subprocess.run(
            [kpisdk, "demo", "--scale", given.scale, "--out", source, "--no-compute"], check=True
        )
        command = [kpisdk, "serve", "--source", source, "--port", "0"]
        command += ["--timeout", str(given.timeout)]
        server = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, cwd=folder)
        try:
            port = int(re.search(r":(\d+)/", server.stderr.readline())[1])
            measured(server, port, given)
        finally:
            server.terminate()
            server.wait(30)


def measured(server, port, given):
    """Warm the server, load it, and print what came out."""
    start = time.monotonic()
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=600)
    for _ in range(20):
        statuses = []
        for path, _ in MIX:
            line.request("GET", path)
            answer = line.getresponse()
            answer.read()
            statuses.append(answer.status)
        if set(statuses) == {200}:
            break
    line.close()
    print(f"first answers of all {len(MIX)} paths: {time.monotonic() - start:.1f} s")
    process = psutil.Process(server.pid)
    told, memory = [], []
    until = time.monotonic() + given.seconds
    threads = [
        threading.Thread(target=client, args=(port, until, seed, told))
        for seed in range(given.clients)
    ]
    for each in threads:
        each.start()
    while time.monotonic() < until:
        memory.append(process.memory_info().rss / 2**20)
        time.sleep(min(10, given.seconds / 6))
    for each in threads:
        each.join()
    memory.append(process.memory_info().rss / 2**20)
    print(f"{given.clients} clients, {given.seconds:g} s: {len(told)} answers")
    print("statuses:", dict(Counter(status for _, status, _ in told)))
    print("memory (MiB):", " ".join(f"{each:.0f}" for each in memory))
    for path, _ in MIX:
        waits = sorted(wait for asked, _, wait in told if asked == path)
        if waits:
            p95 = waits[int(len(waits) * 0.95)]
            print(
                f"{path}: {len(waits)}, median {statistics.median(waits):.3f} s, 95 % {p95:.3f} s"
            )


if __name__ == "__main__":
    main()
