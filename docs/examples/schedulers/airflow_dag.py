"""dags/kpis.py: record the KPIs every day at 06:10."""

from datetime import UTC, datetime, timedelta

from airflow.providers.standard.operators.bash import BashOperator
from airflow.sdk import DAG

with DAG(
    "kpis",
    schedule="10 6 * * *",
    start_date=datetime(2026, 1, 1, tzinfo=UTC),
    catchup=False,
    max_active_runs=1,
):
    BashOperator(
        task_id="record",
        # A command that ended in .sh would be taken for the path of a template.
        bash_command='sh record.sh "$KPIS_RUN" --workstream shop',
        # The id of the DAG's run: a task that is cleared and run again has the same.
        env={"KPIS_RUN": "{{ run_id }}"},
        append_env=True,
        cwd="/srv/kpis",
        # Not judged, after record.sh has tried again: skipped, and not failed.
        skip_on_exit_code=3,
        retries=0,
        execution_timeout=timedelta(hours=1),
    )
