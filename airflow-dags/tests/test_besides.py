"""The DAGs that a project has once, on a real Airflow."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path

import pytest
import rides
from conftest import deploy, tributary
from server import Server, until
from test_airflow import runs


@pytest.mark.long
def test_history_training_backfill_and_clean(airflow: Server, tmp_path: Path) -> None:
    project = tmp_path / "rides"
    rides.write(project, 40, turns=datetime(2024, 3, 1))
    file = project / "tributary.yaml"
    file.write_text(file.read_text().replace("project: rides", "project: besides"))
    deploy(project, airflow.dags, "besides", default_args={"retry_delay": 1})
    names = ("history", "train", "backfill", "clean")
    airflow.wait_for_dags(*(f"besides.{name}" for name in names))

    def ran(name: str, conf: dict[str, str] | None = None) -> None:
        run = airflow.trigger(f"besides.{name}", "n", conf)
        assert airflow.wait(f"besides.{name}", run, 600) == "success"

    # A model that is promoted by hand stops the nights until a person has; then the run goes on where it ended.
    run = airflow.trigger("besides.history", "n")
    assert airflow.wait("besides.history", run, 600) == "failed"
    assert "exit code 2" in airflow.log("besides.history", run, "run")
    tributary("registry", "promote", "by_hand@1", "--project", project, "--reason", "it is the first")
    airflow.clear("besides.history", run, "run")
    until(lambda: airflow.run("besides.history", run)["state"] != "failed", 60)
    assert airflow.wait("besides.history", run, 600) == "success"
    models = json.loads(tributary("registry", "list", "--project", project, "--json"))
    assert models.keys() == {"automatic", "by_hand"}
    scored = [run for run in runs(project, "score") if run["outcome"] == "SUCCEEDED"]
    assert {run["key"]["interval"][:10] for run in scored} == {"2024-02-05"}, "the night before until"

    ran("train")
    assert {run["outcome"] for run in runs(project, "train")} >= {"UNCHANGED"}, "made already, by the history"

    ran("backfill", {"from": "2024-02-06", "to": "2024-02-08"})
    scored = [run for run in runs(project, "score") if run["outcome"] == "SUCCEEDED"]
    assert {run["key"]["interval"][:10] for run in scored} == {"2024-02-05", "2024-02-06", "2024-02-07"}

    ran("clean")
    assert airflow.xcom("besides.clean", "n", "clean", "exit_code") == 0
