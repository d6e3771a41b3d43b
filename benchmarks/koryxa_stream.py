"""Five million events through ``kpisdk koryxa export``: time and peak memory of its process.

Run: ``python benchmarks/koryxa_stream.py [rows]``. Figures go to standard output; nothing is
asserted.
"""

from __future__ import annotations

import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

HEAD = (
    "user_id,cohort_id,country,device,acquisition_channel,module_id,theme_id,step_id,event_type,"
    "timestamp,notebook_executed,notebook_first_exec_time,support_ticket_count,project_submitted,"
    "project_submit_time,validated_m1"
)


def write(path: Path, rows: int) -> None:
    """Users with eight events each, in weekly cohorts of one year."""
    draw = random.Random(7)  # noqa: S311 - a data set, and no secret
    start = datetime(2025, 1, 6, tzinfo=UTC)
    with path.open("w", encoding="utf-8") as file:
        file.write(HEAD + "\n")
        for user in range(rows // 8):
            week = user * 52 // max(1, rows // 8)
            began = start + timedelta(weeks=week, minutes=draw.randrange(7 * 24 * 60))
            who = (
                f"u{user:07},2025-W{week + 1:02},"
                f"{draw.choice(('Togo', 'Benin', 'Ghana', 'Mali', 'Niger'))},"
                f"{draw.choice(('mobile', 'desktop', 'tablet'))},"
                f"{draw.choice(('whatsapp', 'facebook', 'referral', 'radio'))},m1"
            )
            ran = began + timedelta(hours=draw.randrange(100))
            said = f"{ran:%Y-%m-%dT%H:%M:%SZ}" if draw.random() < 0.7 else ""
            validated, tickets = draw.random() < 0.4, draw.randrange(4)
            for event in range(8):
                at = began + timedelta(hours=5 * event)
                last = event == 7
                file.write(
                    f"{who},theme-{event // 3 + 1},page-1,{('start', 'complete')[event % 2]},"
                    f"{at:%Y-%m-%dT%H:%M:%SZ},{int(bool(said))},{said},{tickets * event // 7},"
                    f"{int(validated and last)},,{int(validated and last)}\n"
                )


def main() -> None:
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else 5_000_000
    with tempfile.TemporaryDirectory() as folder:
        events, out = Path(folder) / "events.csv", Path(folder) / "out"
        write(events, rows)
        size = events.stat().st_size / 2**20
        command = [sys.executable, "-m", "kpisdk", "koryxa", "export"]
        began = time.perf_counter()
        subprocess.run([*command, "--events", str(events), "--out", str(out)], check=True)
        took = time.perf_counter() - began
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        cpu, peak = used.ru_utime + used.ru_stime, used.ru_maxrss / 2**20
        print(
            f"{rows} rows, {size:.0f} MiB: {took:.1f} s, {cpu:.1f} s of CPU, peak {peak:.2f} GiB "
            f"(load {os.getloadavg()[0]:.1f})"
        )


if __name__ == "__main__":
    main()
