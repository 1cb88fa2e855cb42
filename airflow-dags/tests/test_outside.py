"""What lies outside fails below a night: it is tried again until that is back."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from textwrap import dedent
from typing import Any

import local
import psycopg2
import pytest
from conftest import DAYS, FIRST, TILL_PASSWORD, copy, deploy, orders, tributary
from server import Server, until

NIGHT = FIRST.replace(month=2).isoformat()
FILES = {
    "tributary.yaml": """
        project: till
        zone: UTC
        lake: lake
        credentials:
          till: {user: admin, password: "${TILL_PASSWORD}"}
        """,
    "sources/payments.yaml": """
        source: payments
        read: {format: jdbc, url: "jdbc:postgresql://127.0.0.1:PORT/postgres", table: payments, watermark: id,
               credentials: till}
        columns:
          id: bigint
          amount: double
          at: timestamp
        event-key: [id]
        event-time: at
        """,
    "pipelines/nightly.yaml": """
        pipeline: nightly
        schedule: "0 6 * * *"
        history: 2024-01-01/2024-02-01
        until: 2024-03-01
        steps: [ingest]
        """,
}


def failing(airflow: Server, dag: str, run: str) -> str:
    """The log of the first try of a task that is to be tried again, once there is one."""

    def waiting() -> list[str]:
        return [task for task, state in airflow.states(dag, run).items() if state == "up_for_retry"]

    until(lambda: bool(waiting()), 120)
    return airflow.log(dag, run, waiting()[0])


@pytest.mark.long
def test_a_database_that_is_down_is_waited_for(
    airflow: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TILL_PASSWORD", TILL_PASSWORD)
    database = {"database_port": local.free(0), "database_secret": TILL_PASSWORD}
    home, project = tmp_path / "database", tmp_path / "till"
    home.mkdir()
    for name, text in FILES.items():
        file = project / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(dedent(text).lstrip().replace("PORT", str(database["database_port"])))
    deploy(project, airflow.dags, "till", default_args={"retry_delay": 5, "retry_exponential_backoff": False})
    airflow.wait_for_dags("till.nightly")
    try:
        assert local.start_database(home, database)
        connection = psycopg2.connect(
            host="127.0.0.1", port=database["database_port"], dbname="postgres", user="admin", password=TILL_PASSWORD
        )
        with connection, connection.cursor() as cursor:
            cursor.execute("create table payments (id bigint, amount float8, at timestamptz)")
            cursor.execute(f"insert into payments select n, n / 4.0, '{NIGHT}' from generate_series(1, 20) n")
        connection.close()
        assert local.stop_all(home) == 0

        run = airflow.trigger("till.nightly", "n", {"night": NIGHT})
        log = failing(airflow, "till.nightly", run)
        assert "[exit code 4: something outside failed]" in log
        assert "payments" in log and TILL_PASSWORD not in log
        until(lambda: airflow.tasks("till.nightly", run)["ingest"]["try_number"] >= 2, 120)
        assert local.start_database(home, database)
        assert airflow.wait("till.nightly", run) == "success"
    finally:
        assert local.stop_all(home) == 0
    ingested = [found for found in runs_of(project) if found["outcome"] == "SUCCEEDED"]
    assert [found["facts"]["judged"]["counts"]["admitted"] for found in ingested] == [20]


def runs_of(project: Path) -> list[dict[str, Any]]:
    return json.loads(tributary("runs", "--project", project, "--json"))


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A small one of its own."""
    mounted = tmp_path / "disk"
    mounted.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=16m", "tmpfs", mounted], capture_output=True).returncode:
        pytest.skip("Nobody but root may mount a small disk.")
    try:
        yield mounted
    finally:
        subprocess.run(["umount", "-l", mounted], check=True)


@pytest.mark.long
def test_a_full_disk_is_somebody_elses(made: Path, airflow: Server, disk: Path, tmp_path: Path) -> None:
    project = copy(made, tmp_path, "full")
    settings = project / "tributary.yaml"
    settings.write_text(settings.read_text().replace(":-lake}", f":-{disk}/lake}}"))
    deploy(project, airflow.dags, "full", default_args={"retry_delay": 5, "retry_exponential_backoff": False})
    airflow.wait_for_dags("full.nightly")
    fill = disk / "fill"
    with pytest.raises(OSError, match="No space left"), fill.open("wb", buffering=0) as out:
        while True:
            out.write(bytes(1 << 16))

    run = airflow.trigger("full.nightly", "n", {"night": FIRST.replace(day=DAYS - 10).isoformat()})
    log = failing(airflow, "full.nightly", run)
    assert "No space left on device" in log
    assert "[exit code 4: something outside failed]" in log
    fill.unlink()
    assert airflow.wait("full.nightly", run) == "success"


@pytest.mark.long
def test_a_delivery_that_never_came_is_waited_for(made: Path, airflow: Server, tmp_path: Path) -> None:
    project = copy(made, tmp_path, "awaited")
    source = project / "sources" / "orders.yaml"
    source.write_text(source.read_text() + 'expect-by: "00:30"\noverdue: retry\n')
    deploy(project, airflow.dags, "awaited", default_args={"retry_delay": 5, "retry_exponential_backoff": False})
    airflow.wait_for_dags("awaited.nightly")
    late = FIRST + timedelta(days=DAYS)
    run = airflow.trigger("awaited.nightly", "n", {"night": late.isoformat()})
    log = failing(airflow, "awaited.nightly", run)
    assert f"nothing of {late} was delivered to source orders by 00:30" in log
    assert "[exit code 4: something outside failed]" in log
    ingested = [found for found in runs_of(project) if found["outcome"] == "SUCCEEDED"]
    assert [found["key"]["job"] for found in ingested] == ["ingest"], "what is there is in"
    (project / "data" / "orders.csv").write_text(orders(FIRST, DAYS + 1))
    assert airflow.wait("awaited.nightly", run) == "success"
