"""The stream of batches: its shape, its bounds, and what it depends on."""

import subprocess
import sys
from datetime import UTC, datetime, timedelta, timezone

import numpy as np
import pyarrow as pa
import pytest

from kpisdk_demo import Batch, DemoPlanError, generate
from kpisdk_demo.contract import TABLES

END = datetime(2026, 3, 1)
GLOBAL_COLUMNS = {
    # Computed over all cells, so they change with the scale.
    "model_auc",
    "model_pr_auc",
    "model_precision",
    "model_recall",
    "rank_metrics",
    "brier_score",
    "calibration_score",
    "fairness_metrics",
}
ARROW = {
    "text": pa.string(),
    "json": pa.string(),
    "int": pa.int64(),
    "float": pa.float64(),
    "bool": pa.bool_(),
    "date": pa.date32(),
    "timestamp": pa.timestamp("us"),
}


def collected(scale=0.1, seed=3, end=END, **options) -> dict[str, pa.Table]:
    """All batches of each table, one after another."""
    parts: dict[str, list[pa.Table]] = {}
    for batch in generate(scale, seed, end, **options):
        parts.setdefault(batch.table, []).append(pa.table(dict(batch.columns)))
    return {table: pa.concat_tables(found).combine_chunks() for table, found in parts.items()}


def as_bytes(tables: dict[str, pa.Table]) -> dict[str, bytes]:
    """Each table as Arrow's own bytes."""
    sinks = {}
    for name, table in tables.items():
        sink = pa.BufferOutputStream()
        with pa.ipc.new_stream(sink, table.schema) as writer:
            writer.write_table(table, max_chunksize=1_000)
        sinks[name] = sink.getvalue().to_pybytes()
    return sinks


def test_every_batch_has_the_contracts_columns_in_order_and_type():
    """A batch of a table has that table's columns, no others, each with its logical type."""
    seen = set()

    for batch in generate(0.02, 1, END):
        seen.add(batch.table)
        layout = TABLES[batch.table]
        assert list(layout) == list(batch.columns)
        assert [ARROW[kind] for kind in layout.values()] == [
            column.type for column in batch.columns.values()
        ]
        assert {batch.rows} == {len(column) for column in batch.columns.values()}

    assert set(TABLES) == seen


def test_the_contract_has_sixteen_tables():
    """The data contract of the commercial KPIs names sixteen tables."""
    assert len(TABLES) == 16


def test_keys_are_unique_and_present():
    """The first column of a table is its key: no NULL, no value twice."""
    for name, table in collected().items():
        key = table.column(0)

        assert key.null_count == 0, name
        assert len(key.unique()) == len(key), name


def test_keys_read_as_names():
    """Keys are a letter and a number of seven digits, with a rank where there are several."""
    tables = collected(0.01)

    assert tables["hcp_profiles"]["hcp_id"][0].as_py() == "H0000001"
    assert tables["patient_journeys"]["patient_journey_id"][0].as_py() == "J0000001-000"
    assert tables["patient_journeys"]["patient_id"][0].as_py() == "P0000001"


def test_same_arguments_give_the_same_bytes():
    """The rows follow from scale, seed and end alone."""
    assert as_bytes(collected()) == as_bytes(collected())


def test_another_process_gives_the_same_bytes():
    """Nothing depends on hash randomisation or on what ran before."""
    program = (
        "import hashlib; from datetime import datetime; from kpisdk_demo import generate\n"
        "digest = hashlib.sha256()\n"
        "for batch in generate(0.02, 3, datetime(2026, 3, 1)):\n"
        "    digest.update(repr([c.to_pylist() for c in batch.columns.values()]).encode())\n"
        "print(digest.hexdigest())"
    )
    digests = {
        subprocess.run(
            [sys.executable, "-c", f"import sys; sys.path[:0] = {sys.path!r}\n{program}"],
            capture_output=True,
            text=True,
            check=True,
            env={"PYTHONHASHSEED": seed},
        ).stdout
        for seed in ("1", "2")
    }

    assert len(digests) == 1


def test_another_seed_gives_other_rows():
    """Two seeds differ in what they draw, not in the shape."""
    one, other = collected(seed=3), collected(seed=4)

    assert one["triggers"] != other["triggers"]
    assert one["patient_journeys"].schema == other["patient_journeys"].schema


@pytest.mark.parametrize("block", [1, 500, 1_500, 100_000])
def test_block_size_does_not_change_the_rows(block):
    """Batches are cut for memory only: joined, they are the same table."""
    usual = collected(0.13)

    assert collected(0.13, block=block) == usual


def test_a_cells_rows_do_not_depend_on_the_cells_after_it():
    """The first 1,000 patients are the same at every scale, apart from figures over all of them."""
    small, large = collected(0.1), collected(0.2)

    for table in ("patient_journeys", "treatment_events", "hcp_profiles", "triggers"):
        assert small[table] == large[table].slice(0, small[table].num_rows)
    kept = [name for name in TABLES["ml_predictions"] if name not in GLOBAL_COLUMNS]
    scores = large["ml_predictions"].slice(0, small["ml_predictions"].num_rows)
    assert small["ml_predictions"].select(kept) == scores.select(kept)


def test_batches_do_not_grow_with_the_scale():
    """No batch holds more than 2,000 patients' rows, so memory does not grow."""

    def largest(scale):
        return max(batch.rows for batch in generate(scale, 3, END))

    patients = 2_000
    assert largest(0.2) <= 10 * patients
    assert largest(0.8) <= 1.1 * largest(0.2)


def test_scale_one_is_ten_thousand_patients():
    """Row counts follow the scale; the platform's own tables do not."""
    tables = collected(0.1)

    patients = tables["patient_journeys"]["patient_id"].drop_null().unique()
    assert len(patients) == 1_000
    assert len(tables["hcp_profiles"]) == 100
    users = {len(collected(scale)["user_sessions"]["user_id"].unique()) for scale in (0.02, 0.1)}
    assert len(users) == 1


def test_the_smallest_scale_has_every_table():
    """Twenty patients are enough for a data set, with metrics where they are defined."""
    tables = collected(0.002)

    assert set(TABLES) == set(tables)
    assert all(len(table) for table in tables.values())


@pytest.mark.parametrize("end", [END, datetime(2026, 3, 1, 17, 45, 30, 123)])
@pytest.mark.parametrize("table", sorted(TABLES))
def test_nothing_happens_at_or_after_the_end(table, end):
    """Every date (midnight UTC) and every instant lies before ``end``."""
    rows = collected(0.05, end=end)[table]

    for name, kind in TABLES[table].items():
        if kind in {"date", "timestamp"}:
            newest = pa.compute.max(rows[name].cast(pa.timestamp("us"))).as_py()
            assert newest is None or newest < end, name


def test_recent_rows_exist():
    """The data reach up to the end: the newest trigger, session and score are under a day old."""
    tables = collected(0.1)

    for table, column in (
        ("triggers", "trigger_timestamp"),
        ("user_sessions", "session_start"),
        ("ml_predictions", "prediction_timestamp"),
        ("etl_pipeline_metrics", "run_completed_at"),
    ):
        newest = pa.compute.max(tables[table][column]).as_py()
        assert END - newest < timedelta(days=1)


def test_an_aware_end_is_converted_to_utc():
    """02:00 in a zone two hours ahead is midnight UTC."""
    ahead = datetime(2026, 3, 1, 2, tzinfo=timezone(timedelta(hours=2)))

    assert collected(0.01, end=ahead) == collected(0.01, end=END)
    assert collected(0.01, end=END.replace(tzinfo=UTC)) == collected(0.01, end=END)


def test_the_global_random_state_is_left_alone():
    """Generating neither reads nor moves NumPy's global random state."""
    np.random.seed(5)  # noqa: NPY002 -- the state under test
    before = np.random.get_state()[1].copy()  # noqa: NPY002

    collected(0.01)

    after = np.random.get_state()[1]  # noqa: NPY002
    assert np.array_equal(before, after)


def test_all_wrong_arguments_are_named_at_once_and_before_the_first_batch():
    """A refusal lists every fault, and comes from the call, not from the first ``next``."""
    with pytest.raises(DemoPlanError) as refused:
        generate(float("nan"), -1, datetime(1800, 1, 1))

    assert [problem.where for problem in refused.value.problems] == ["scale", "seed", "end"]
    assert "nan" in str(refused.value)


@pytest.mark.parametrize("scale", [0, -1, 0.001, 1e6, float("inf")])
def test_scales_out_of_range_are_refused(scale):
    """Too small, too large and infinite scales are errors, not empty data sets."""
    with pytest.raises(DemoPlanError, match="scale"):
        generate(scale, 1, END)


def test_a_batch_says_how_far_the_generation_is():
    """Progress rises to 1 and never falls."""
    shares = [batch.done for batch in generate(0.3, 1, END, block=500)]

    assert shares == sorted(shares)
    assert shares[0] == pytest.approx(1 / 6)
    assert shares[-1] == 1.0
    assert Batch("triggers", {"trigger_id": [1, 2]}, 1.0).rows == 2
