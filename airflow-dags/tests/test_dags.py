"""The DAGs that are made of an exported pipeline."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
from conftest import ROOT, tributary
from pendulum import UTC, DateTime
from tributary_airflow import TributaryOperator, dags
from tributary_airflow.dags import StalePipeline, read
from tributary_airflow.nights import nights_of

EXPORTED = ROOT / "airflow-dags" / "nyc_flights.json"


def test_the_examples_pipeline_is_as_it_was_exported() -> None:
    exported = tributary("pipeline", "--project", ROOT / "examples" / "nyc-flights", "--json")
    assert json.loads(exported) == json.loads(EXPORTED.read_text())


def test_the_example_has_all_dags() -> None:
    made = {dag.dag_id: dag for dag in dags(str(EXPORTED), project="/srv/flights").values()}
    names = ("backfill", "clean", "history", "nightly", "retrain", "train")
    assert sorted(made) == [f"nyc-flights.{name}" for name in names]
    nightly = made["nyc-flights.nightly"]
    tasks = ["check", "ingest", "materialize", "publish", "score", "monitor", "breach"]
    assert [task.task_id for task in nightly.topological_sort()] == tasks
    assert nightly.get_task("materialize").subjects[0] == "aircraft@1"
    train = [task.task_id for task in made["nyc-flights.train"].topological_sort()]
    assert train == ["check", "training-set", "train"]
    assert nightly.get_task("breach").upstream_task_ids == {"monitor"}
    assert all(task.zone is None for task in made["nyc-flights.train"].tasks)
    outlets = {asset.uri for task in nightly.tasks for asset in task.outlets}
    assert {"tributary://nyc-flights/scores.departures", "tributary://nyc-flights/breach"} <= outlets


def test_a_pool_is_all_tasks() -> None:
    pool = "tributary-nyc-flights"
    pooled = dags(str(EXPORTED), project="/srv/flights", pool=pool)
    tasks = [task for dag in pooled.values() for task in dag.tasks]
    assert {task.pool for task in tasks if isinstance(task, TributaryOperator)} == {pool}
    assert not [dag for dag in pooled.values() if "--needs-locks" in dag.get_task("check").options]
    for dag in dags(str(EXPORTED), project="p").values():
        assert [task.task_id for task in dag.roots] == ["check"], "each DAG begins with it"
        assert dag.get_task("check").options == ["--exported", str(EXPORTED), "--needs-locks"]


@pytest.mark.parametrize("option", ["description", "params", "max_active_runs"])
def test_an_option_that_each_dag_has_its_own_of_is_refused(option: str) -> None:
    with pytest.raises(ValueError, match=f"Each DAG has its own {option}"):
        dags(str(EXPORTED), project="p", **{option: None})


def test_a_step_that_is_for_no_night_gets_none(tmp_path: Path) -> None:
    graph = json.loads(EXPORTED.read_text())
    step = next(step for step in graph["steps"] if step["command"] == "train")
    graph["steps"].append({**step, "phase": "interval", "id": "interval.train.x"})
    nightly = made(tmp_path, graph)["nyc_flights_nightly"]
    assert nightly.get_task("train").zone is None
    assert nightly.get_task("score").zone == "America/New_York"


@pytest.mark.parametrize(
    ("schedule", "nights"),
    [("0 6 * * *", ["02-06"]), ("0 6 * * 1", ["01-31", "02-01", "02-02", "02-03", "02-04", "02-05", "02-06"])],
)
def test_a_schedule_that_leaves_days_out_leaves_no_night_out(tmp_path: Path, schedule: str, nights: list[str]) -> None:
    graph = {**json.loads(EXPORTED.read_text()), "schedule": schedule, "zone": "UTC"}
    timetable = made(tmp_path, graph)["nyc_flights_nightly"].timetable
    # A Monday, at ten.
    interval = timetable.infer_manual_data_interval(run_after=DateTime(2022, 2, 7, 10, tzinfo=UTC))
    found = nights_of("UTC", "scheduled", {}, (interval.start, interval.end))
    assert [str(night) for night in found] == [f"2022-{night}" for night in nights]


def test_two_dags_of_one_name_are_refused(tmp_path: Path) -> None:
    graph = {**json.loads(EXPORTED.read_text()), "pipeline": "train"}
    with pytest.raises(StalePipeline, match="has the name of another DAG"):
        made(tmp_path, graph)
    assert list(made(tmp_path, graph, besides=False)) == ["nyc_flights_train"]


def test_what_is_no_pipeline_says_how_to_export_one(tmp_path: Path) -> None:
    for text in ("steps: []", "[]", '{"format": 2}', '{"error": {"message": "no"}}', None):
        file = tmp_path / "nightly.json"
        file.unlink(missing_ok=True)
        if text:
            file.write_text(text)
        with pytest.raises(StalePipeline, match="tributary pipeline NAME --project DIR --export"):
            read(file)


@pytest.mark.long
def test_it_imports_with_the_least_version_that_it_asks_for(tmp_path: Path) -> None:
    project = tomllib.loads((ROOT / "airflow-dags" / "pyproject.toml").read_text())["project"]
    least = next(needed for needed in project["dependencies"] if "common-compat" in needed).replace(">=", "==")
    subprocess.run(
        [sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--target", tmp_path, least + ".0"], check=True
    )
    code = (
        "import sys, airflow.providers.common as common; common.__path__ = [sys.argv[1], *common.__path__]; "
        # Airflow has imported its own.
        "[sys.modules.pop(name) for name in [*sys.modules] if name.startswith('airflow.providers.common.compat')]; "
        "import airflow.providers.common.compat.sdk as sdk; print(sdk.__file__); "
        "import tributary_airflow.dags, tributary_airflow.sensor"
    )
    ran = subprocess.run(
        [sys.executable, "-c", code, tmp_path / "airflow" / "providers" / "common"],
        env={**os.environ, "PYTHONPATH": str(ROOT / "airflow-dags")},
        text=True,
        capture_output=True,
    )
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.startswith(str(tmp_path))


def made(folder: Path, graph: dict[str, Any], **options: Any) -> dict[str, Any]:
    file = folder / "graph.json"
    file.write_text(json.dumps(graph))
    return dags(str(file), project="/srv/flights", **options)
