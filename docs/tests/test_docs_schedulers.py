"""What the page on schedulers shows is run: by sh, by Dagster, and as cron and GitHub would."""

from __future__ import annotations

import os
import re
import runpy
import shutil
import stat
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType, SimpleNamespace

import pytest
import yaml
from croniter import croniter
from packaging.requirements import Requirement
from pages import DOCS, EXAMPLES, ROOT

FILES = EXAMPLES / "schedulers"
PAGE = (DOCS / "how-to" / "schedule.md").read_text(encoding="utf-8")

SETTINGS = """
definitions = ["kpis.yaml"]
[sources.warehouse]
url = "data"
[cache]
enabled = false
"""

KPIS = """
datasets:
  orders: {columns: {placed_at: timestamp, returned: bool}, time: placed_at}
kpis:
  - id: SHOP-901
    name: Return rate
    workstream: shop
    definition: Share of orders that were sent back.
    unit: ratio
    direction: lower
    ratio:
      numerator: {count: orders, where: returned}
      denominator: {count: orders}
    thresholds: {target: 0.05, warning: 0.08, critical: 0.12}
    window: last 30 days
"""


class Shop:
    """A folder with settings, definitions and orders, as the files of the page expect it."""

    def __init__(self, home: Path) -> None:
        self.home, self.folder, self.commands = home, home / "kpis", home / "commands"
        self.folder.mkdir()
        self.commands.mkdir()
        (self.folder / "kpisdk.toml").write_text(SETTINGS)
        (self.folder / "kpis.yaml").write_text(KPIS)
        shutil.copy(FILES / "record.sh", self.folder)
        self.sell(returned=0)
        self.command("sleep", "exit 0")

    def sell(self, returned: int) -> None:
        """Ten orders, some of them returned: none is good, five of ten are critical."""
        (self.folder / "data").mkdir(exist_ok=True)
        rows = [f"2026-03-01T12:00:00,{place < returned}" for place in range(10)]
        text = "\n".join(["placed_at,returned", *rows, ""])
        (self.folder / "data" / "orders.csv").write_text(text)

    def close(self) -> None:
        """The source is away."""
        (self.folder / "data").rename(self.folder / "away")

    def command(self, name: str, text: str) -> None:
        """Put a command in front of the system's own."""
        path = self.commands / name
        path.write_text(f"#!/bin/sh\n{text}\n")
        path.chmod(path.stat().st_mode | stat.S_IXUSR)

    def environment(self, **more: str) -> dict[str, str]:
        """What a scheduler gives to its jobs."""
        path = os.pathsep.join([str(self.commands), str(Path(sys.executable).parent), "/usr/bin"])
        home = str(self.home)
        return {"HOME": home, "PATH": f"{path}:/bin", "XDG_CACHE_HOME": f"{home}/.cache", **more}

    def run(self, *words: str, folder: Path | None = None, **more: str) -> SimpleNamespace:
        """Run words as a command in the folder."""
        return subprocess.run(
            words,
            cwd=folder or self.folder,
            env=self.environment(**more),
            capture_output=True,
            text=True,
            check=False,
        )

    def runs(self) -> list[tuple[str, bool]]:
        """The keys of the recorded runs, and whether the source was there."""
        from kpisdk_history import Store

        with Store.at(self.folder / "kpisdk-history.sqlite").reading() as reading:
            return [(each.key, each.available) for each in reading.runs()]


@pytest.fixture
def shop(tmp_path) -> Shop:
    """A shop whose KPI is good."""
    return Shop(tmp_path)


def is_daily_at_ten_past_six(expression: str) -> bool:
    """Whether the next two runs after a noon are those of the next two mornings."""
    times = croniter(expression, datetime(2026, 2, 27, 12, tzinfo=UTC))
    expected = [datetime(2026, 2, 28, 6, 10, tzinfo=UTC), datetime(2026, 3, 1, 6, 10, tzinfo=UTC)]
    return [times.get_next(datetime) for _ in range(2)] == expected


def test_every_file_of_the_folder_is_on_the_page():
    """One that nobody sees would be tested for nobody."""
    names = [each.relative_to(EXAMPLES) for each in FILES.rglob("*") if each.is_file()]

    assert len(names) == 7
    assert [str(each) for each in names if f"../examples/{each}" not in PAGE] == []


def test_record_sh_tries_an_outage_again_under_the_same_key(shop):
    """The source comes back while the script waits; both tries are kept."""
    shop.close()
    shop.command("sleep", '[ "$1" = 0 ] || mv away data')
    done = shop.run("sh", "record.sh", "monday", "--workstream", "shop")

    assert done.returncode == 0, done.stderr
    assert shop.runs() == [("monday", False), ("monday", True)]


def test_record_sh_gives_up_with_3_after_its_pauses(shop):
    """Three tries: at once, after 300 seconds, and after 900."""
    shop.close()
    shop.command("sleep", f'echo "$1" >> {shop.home}/slept')
    done = shop.run("sh", "record.sh", "monday", "--workstream", "shop")

    assert done.returncode == 3
    assert (shop.home / "slept").read_text().split() == ["0", "300", "900"]
    assert shop.runs() == [("monday", False)]


def test_record_sh_does_not_try_a_critical_kpi_again(shop):
    """Computing it again would find the same; and the key says so, too."""
    shop.sell(returned=5)
    first = shop.run("sh", "record.sh", "monday", "--workstream", "shop")
    again = shop.run("sh", "record.sh", "monday", "--workstream", "shop")

    assert (first.returncode, again.returncode) == (1, 1)
    assert "nothing was added" in again.stderr
    assert shop.runs() == [("monday", True)]


def test_the_crontab_runs_each_morning_and_mails_only_what_did_not_pass(shop):
    """Read as cron reads it: five fields, and a command in which \\% is %."""
    lines = (FILES / "crontab").read_text().splitlines()
    (line,) = [each for each in lines if re.match(r"[\d*]", each)]
    *when, command = line.split(None, 5)
    assert "%" not in command.replace(r"\%", "")
    command = command.replace(r"\%", "%")
    words = ("/bin/bash", "-c", command)

    assert "SHELL=/bin/bash" in lines
    assert is_daily_at_ten_past_six(" ".join(when))
    quiet = shop.run(*words, folder=shop.home)
    assert (quiet.returncode, quiet.stdout, quiet.stderr) == (0, "", "")
    ((key, is_available),) = shop.runs()
    assert is_available
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", key)
    (shop.folder / "kpisdk-history.sqlite").unlink()
    shop.sell(returned=5)
    assert "SHOP-901" in shop.run(*words, folder=shop.home).stdout


def workflow() -> dict:
    """The workflow of GitHub Actions; YAML 1.1 takes its ``on`` for a truth value."""
    return yaml.safe_load((FILES / "github-actions.yml").read_text())


def test_the_workflow_is_one_and_its_steps_run_as_the_runner_runs_them(shop):
    """``bash -e`` for each; what it installs is what this repository and its extras are called."""
    found = workflow()
    ((_, job),) = found["jobs"].items()
    steps = {each.get("name"): each["run"] for each in job["steps"] if "run" in each}
    (schedule,) = found[True]["schedule"]

    assert is_daily_at_ten_past_six(schedule["cron"])
    assert list(steps) == ["Install", "Record"]
    for each in ("kpisdk[postgres,definitions]", "kpisdk-history"):
        assert each in steps["Install"]
        requirement = Requirement(each)
        pyproject = ROOT / "pyproject.toml"
        assert all(f"\n{extra} = [" in pyproject.read_text() for extra in requirement.extras)
    done = shop.run("bash", "-e", "-c", steps["Record"], GITHUB_RUN_ID="17")
    assert done.returncode == 0, done.stderr
    assert shop.runs() == [("github-17", True)]
    assert '"SHOP-901"' in (shop.folder / "report.json").read_text()
    again = shop.run("bash", "-e", "-c", steps["Record"], GITHUB_RUN_ID="17")
    assert (again.returncode, shop.runs()) == (0, [("github-17", True)])


def operators(monkeypatch) -> list[dict]:
    """What the DAG makes of Airflow's BashOperator: stand-ins with the arguments of the real ones.

    Airflow brings 130 distributions, so that it is not installed here.
    """
    made: list[dict] = []

    class Dag:
        def __init__(self, dag_id, *, schedule, start_date, catchup, max_active_runs):
            assert start_date.tzinfo is not None
            assert (dag_id, catchup, max_active_runs) == ("kpis", False, 1)
            assert is_daily_at_ten_past_six(schedule)

        def __enter__(self):
            return self

        def __exit__(self, *_error):
            return None

    def bash_operator(
        *,
        bash_command,
        env=None,
        append_env=False,
        skip_on_exit_code=99,
        cwd=None,
        task_id,
        retries,
        execution_timeout,
    ):
        assert append_env, "without it the task has no PATH"
        made.append(locals())

    names = ("airflow", "providers", "standard", "operators", "bash")
    for place in range(1, 1 + len(names)):
        name = ".".join(names[:place])
        monkeypatch.setitem(sys.modules, name, ModuleType(name))
    monkeypatch.setitem(sys.modules, "airflow.sdk", ModuleType("airflow.sdk"))
    sys.modules["airflow.sdk"].DAG = Dag
    sys.modules[".".join(names)].BashOperator = bash_operator
    runpy.run_path(str(FILES / "airflow_dag.py"))
    return made


def test_the_task_of_airflow_runs_its_command_and_skips_what_was_not_judged(shop, monkeypatch):
    """The operator runs ``bash -c`` in its folder; its exit code is looked up as Airflow does."""
    (task,) = operators(monkeypatch)

    assert task["cwd"] == "/srv/kpis"
    assert not task["bash_command"].endswith((".sh", ".bash"))
    assert task["env"] == {"KPIS_RUN": "{{ run_id }}"}
    words = ("bash", "-c", task["bash_command"])
    assert shop.run(*words, KPIS_RUN="scheduled__1").returncode == 0
    assert shop.runs() == [("scheduled__1", True)]
    shop.close()
    assert shop.run(*words, KPIS_RUN="scheduled__2").returncode == task["skip_on_exit_code"]


DAGSTER = """
import runpy, sys
import dagster as dg
defs = runpy.run_path(sys.argv[1])["defs"]
(schedule,) = defs.schedules
print(schedule.cron_schedule)
done = defs.get_job_def("kpis").execute_in_process(raise_on_error=False)
retries = sum(each.event_type_value == "STEP_RESTARTED" for each in done.all_events)
print(done.success, retries, done.dagster_run.run_id)
"""


@pytest.mark.parametrize(
    ("returned", "success", "retries", "available"),
    [(0, True, 0, True), (5, False, 0, True), (None, False, 2, False)],
)
def test_the_job_of_dagster_runs_and_tries_only_outages_again(
    shop, returned, success, retries, available
):
    """Executed by Dagster in one process: good, critical, and a source that stays away."""
    if returned is None:
        shop.close()
    else:
        shop.sell(returned)
    file = str(FILES / "dagster_definitions.py")
    folder = str(shop.folder)
    done = shop.run(sys.executable, "-c", DAGSTER, file, KPIS_FOLDER=folder, KPIS_PAUSE="0")

    assert done.returncode == 0, done.stderr
    schedule, outcome = done.stdout.splitlines()[-2:]
    assert is_daily_at_ten_past_six(schedule)
    told, restarts, run_id = outcome.split()
    assert (told, restarts) == (str(success), str(retries))
    assert shop.runs() == [(f"dagster-{run_id}", available)]


def test_dbts_project_grants_by_sql_and_the_wrapper_records_under_the_invocation(shop):
    """A stand-in for dbt writes what dbt writes: run_results.json with its invocation_id."""
    project = yaml.safe_load((FILES / "dbt" / "dbt_project.yml").read_text())
    shutil.copy(FILES / "dbt" / "build_and_record.sh", shop.folder)
    results = '{"metadata": {"invocation_id": "0a-1b"}, "results": []}'
    shop.command("dbt", f"mkdir -p target\necho '{results}' > target/run_results.json")
    done = shop.run("sh", "build_and_record.sh")

    assert [each for each in project["on-run-end"] if "kpisdk" in each] == []
    assert all(re.search(r"\bgrant (usage|select) on\b", each) for each in project["on-run-end"])
    assert done.returncode == 0, done.stderr
    assert shop.runs() == [("dbt-0a-1b", True)]


def test_what_dbt_could_not_build_is_not_recorded(shop):
    """The wrapper ends as dbt ended; there is no store."""
    shutil.copy(FILES / "dbt" / "build_and_record.sh", shop.folder)
    shop.command("dbt", "exit 1")

    assert shop.run("sh", "build_and_record.sh").returncode == 1
    assert not (shop.folder / "kpisdk-history.sqlite").exists()
