"""A project's nights on a real Airflow, each command a process of its own."""

from __future__ import annotations

import json
import random
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from conftest import DAYS, FIRST, copy, deploy, orders, tributary
from deltalake import DeltaTable, QueryBuilder
from server import Server, until

NIGHTS = [(FIRST + timedelta(days=n)).isoformat() for n in range(DAYS - 8, DAYS)]
TABLES = ("validated/orders", "features/customer_history_v1")


def rows(project: Path, table: str) -> list[str]:
    """A table's rows, sorted, but for who wrote them."""
    query = QueryBuilder().register("t", DeltaTable(project / "lake" / table))
    found = query.execute("select * from t").read_all()
    names = [name for name in found.schema.names if name != "_run"]
    return sorted(repr(row) for row in zip(*(found.column(name).to_pylist() for name in names), strict=True))


def published(project: Path) -> list[Any]:
    """What the online store answers of each customer of the orders."""
    asked = ("features", "get", "customer_history@1", "--at", "2024-03-01T00:00:00Z", "--project", project, "--json")
    return [json.loads(tributary(*asked, f"c{number}")) for number in range(11)]


def runs(project: Path, of: str) -> list[dict[str, Any]]:
    found = json.loads(tributary("runs", "--project", project, "--json"))
    return [run for run in found if run["key"]["job"] == of]


@pytest.fixture(scope="module")
def shop(made: Path, airflow: Server, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project whose DAGs Airflow knows; the file of its orders is delivered whole."""
    folder = tmp_path_factory.mktemp("shops")
    project = copy(made, folder, "shop")
    deploy(project, airflow.dags, "shop", nights_at_once=2, default_args={"retry_delay": 1})
    airflow.wait_for_dags("shop.nightly", "shop.retrain", "shop.backfill", "shop.clean")
    return project


@pytest.fixture(scope="module")
def nights(shop: Path, airflow: Server) -> list[str]:
    """The runs of three nights, two at a time, ended."""
    started = [airflow.trigger("shop.nightly", f"night__{night}", {"night": night}) for night in NIGHTS[:3]]
    assert [airflow.wait("shop.nightly", run) for run in started] == ["success"] * 3
    return started


@pytest.fixture(scope="module")
def by_hand(made: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same nights by one ``tributary run``."""
    project = copy(made, tmp_path_factory.mktemp("hand"), "shop")
    tributary("run", project, *(word for night in NIGHTS[:4] for word in ("--night", night)))
    return project


def test_a_night_is_a_task_a_line(nights: list[str], airflow: Server) -> None:
    assert airflow.states("shop.nightly", nights[0]) == {
        "check": "success",
        "ingest": "success",
        "materialize": "success",
        "publish": "success",
    }
    log = airflow.log("shop.nightly", nights[0], "materialize")
    ids = airflow.xcom("shop.nightly", nights[0], "materialize", "runs")
    assert len(ids) == 1
    assert f"{ids[0]} JobMain: materialize customer_history@1 {NIGHTS[0]}T00:00:00Z/" in log


def test_assets_tell_version_interval_and_run(nights: list[str], shop: Path, airflow: Server) -> None:
    events = airflow.events("tributary://shop/features.customer_history_v1")
    told = {event["extra"]["interval"]: event["extra"] for event in events}
    for run in runs(shop, "materialize"):
        extra = told[run["key"]["interval"]]
        assert extra["outcome"] in ("SUCCEEDED", "UNCHANGED")
        version = int(run["outputs"][0].partition("@")[2].partition("#")[0])
        assert extra["version"] == version
    assert {event["extra"]["version"] for event in airflow.events("tributary://shop/validated.orders")} == {0}
    assert airflow.events("tributary://shop/online.customer_history_v1")[0]["extra"]["version"] >= 1


def test_cleared_tasks_change_nothing(nights: list[str], shop: Path, by_hand: Path, airflow: Server) -> None:
    """Each task of a finished night, three nights back, cleared in random order while the next night runs."""
    seed = random.randrange(1 << 32)
    print(f"seed {seed}")
    tasks = ["check", "ingest", "materialize", "publish"]
    random.Random(seed).shuffle(tasks)
    following = airflow.trigger("shop.nightly", f"night__{NIGHTS[3]}", {"night": NIGHTS[3]})
    for task in tasks:
        before = airflow.tasks("shop.nightly", nights[0])[task]["try_number"]
        airflow.clear("shop.nightly", nights[0], task)

        def again(task: str = task, before: int = before) -> bool:
            now = airflow.tasks("shop.nightly", nights[0])[task]
            return now["try_number"] > before and now["state"] == "success"

        until(again, 120)
        assert airflow.wait("shop.nightly", nights[0]) == "success"
    assert airflow.wait("shop.nightly", following) == "success"
    for table in TABLES:
        assert rows(shop, table) == rows(by_hand, table), table
    assert published(shop) == published(by_hand)
    after = [run for job in ("materialize", "publish", "ingest") for run in runs(shop, job)]
    of_cleared = [
        run for run in after if run["outcome"] != "UNCHANGED" and run["key"].get("interval", "").startswith(NIGHTS[0])
    ]
    assert len(of_cleared) == 2, "the night's first materialize and publish alone"
    assert len([run for run in after if run["outcome"] == "UNCHANGED"]) >= 3, "the cleared ones found it done"


def test_a_run_that_says_no_night_is_refused(shop: Path, airflow: Server) -> None:
    run = airflow.trigger("shop.nightly", "none")
    assert airflow.wait("shop.nightly", run) == "failed"
    task = airflow.tasks("shop.nightly", run)["ingest"]
    assert (task["state"], task["try_number"]) == ("failed", 1)
    assert '{"night": "2014-01-31"}' in airflow.log("shop.nightly", run, "ingest")


def test_a_pipeline_that_has_changed_stops_the_night(made: Path, airflow: Server, tmp_path: Path) -> None:
    project = copy(made, tmp_path, "changed")
    deploy(project, airflow.dags, "changed")
    airflow.wait_for_dags("changed.nightly")
    view = (project / "features" / "customer_history.yaml").read_text()
    (project / "features" / "more.yaml").write_text(view.replace("customer_history@1", "more@1"))
    run = airflow.trigger("changed.nightly", "n", {"night": NIGHTS[0]})
    assert airflow.wait("changed.nightly", run) == "failed"
    task = airflow.tasks("changed.nightly", run)["check"]
    assert (task["state"], task["try_number"]) == ("failed", 1)
    log = airflow.log("changed.nightly", run, "check")
    assert f"Export it again: tributary pipeline nightly --project {project} --export" in log


def test_a_bad_file_fails_once_and_says_who_must_act(
    made: Path, airflow: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = copy(made, tmp_path, "bad")
    deploy(project, airflow.dags, "bad")
    airflow.wait_for_dags("bad.nightly")
    delivered = next((project / "data").iterdir())
    delivered.write_text(orders(FIRST, DAYS).replace("customer", "client", 1))
    run = airflow.trigger("bad.nightly", "n", {"night": NIGHTS[0]})
    assert airflow.wait("bad.nightly", run) == "failed"
    failed = {task: found for task, found in airflow.tasks("bad.nightly", run).items() if found["state"] == "failed"}
    assert {task: found["try_number"] for task, found in failed.items()} == {"check": 1}
    last = [line for line in airflow.log("bad.nightly", run, "check").splitlines() if "it is not tried again" in line]
    assert len(last) == 1 and "exit code 3" in last[0] and "customer" in last[0]
    for name, value in airflow.signed_in().items():
        monkeypatch.setenv(name, value)
    followed = tributary("airflow", "follow", NIGHTS[0], "--project", project, code=3)
    assert last[0].partition("customer")[0] in followed
    assert last[0] in tributary("airflow", "logs", NIGHTS[0], "check", "--project", project)
