"""Measures a night through a local Airflow beside the same by `tributary run`; see docs/airflow.md."""

import json
import os
import shutil
import subprocess
import time
import urllib.request
from datetime import datetime
from pathlib import Path

import nights

LOCAL = nights.ROOT / "airflow-dags" / "local"
GOAL = (30, 6)
"""Seconds that Airflow may cost a night, and each of its tasks."""


class Airflow:
    """Just what a night needs of its interface."""

    def __init__(self, home: Path, dags: Path) -> None:
        self.home = home
        launcher = str(os.environ.get("TRIBUTARY_COMMAND", nights.ROOT / "bin" / "tributary"))
        connection = json.dumps({"conn_type": "generic", "extra": {"tributary": launcher}})
        environment = {**os.environ, "AIRFLOW_CONN_TRIBUTARY": connection}
        start = [LOCAL, "start", home, "--dags", dags]
        made = subprocess.run(start, env=environment, stdout=subprocess.PIPE, check=True, text=True)
        answer = json.loads(made.stdout)
        self.url, self.token = answer["url"], ""
        user = {"username": answer["user"], "password": answer["password"]}
        self.token = self.call("POST", "/auth/token", user)["access_token"]

    def call(self, method: str, path: str, body: dict | None = None) -> dict:
        request = urllib.request.Request(self.url + path, method=method)
        request.add_header("Content-Type", "application/json")
        if self.token:
            request.add_header("Authorization", f"Bearer {self.token}")
        data = None if body is None else json.dumps(body).encode()
        with urllib.request.urlopen(request, data, timeout=60) as answer:
            return json.load(answer)

    def dag_is_there(self, dag: str) -> bool:
        return dag in {found["dag_id"] for found in self.call("GET", "/api/v2/dags?limit=100")["dags"]}

    def stop(self) -> None:
        subprocess.run([LOCAL, "stop", self.home], check=True)


def measured(home: Path) -> tuple[list[dict], list[str]]:
    """A night by a process, in which all is made that is made once; one by Airflow, and one by a process."""
    folder, dags = home / "nights", home / "dags"
    for made in (folder, dags, home / "airflow"):
        shutil.rmtree(made, ignore_errors=True)
    nights.write(folder, 3)
    nights.until(folder, 1)
    nights.tributary("run", folder)
    nights.until(folder, 3)
    nights.put(dags / "nights.json", nights.tributary("pipeline", "--project", folder, "--json")[1])
    called = f'dags("nights.json", project="{folder}")'
    nights.put(dags / "nights.py", f"from tributary_airflow import dags\n\nglobals().update({called})\n")
    airflow = Airflow(home / "airflow", dags)
    try:
        by_airflow, tasks = through(airflow, "nights.nightly", str(nights.day(1)))
    finally:
        airflow.stop()
    by_process, _ = nights.tributary("run", folder, "--night", nights.day(2))
    cost = by_airflow - by_process
    own = by_airflow - sum(tasks.values())
    whole = {"through Airflow": by_airflow, "by run": by_process, "more": cost, "Airflow's own": own}
    parts = [*tasks.items(), *whole.items()]
    lines = [{"work": "scheduled", "part": part, "seconds": round(seconds, 1)} for part, seconds in parts]
    allowed = GOAL[0] + GOAL[1] * len(tasks)
    return lines, [f"a night through Airflow: {cost:.1f} s more, and {allowed} are allowed"] if cost > allowed else []


def through(airflow: Airflow, dag: str, night: str) -> tuple[float, dict[str, float]]:
    """Seconds from the request to the run's end, and of each task."""
    while not airflow.dag_is_there(dag):
        time.sleep(0.2)
    airflow.call("PATCH", f"/api/v2/dags/{dag}?update_mask=is_paused", {"is_paused": False})
    path = f"/api/v2/dags/{dag}/dagRuns"
    # The schedule's own, of a night behind the data's end, which is skipped.
    while not (runs := airflow.call("GET", path)["dag_runs"]) or runs[0]["state"] != "success":
        time.sleep(0.2)
    asked = time.time()
    run = {"dag_run_id": "night", "logical_date": None, "conf": {"night": night}}
    airflow.call("POST", path, run)
    while (ended := airflow.call("GET", f"{path}/night"))["state"] not in ("success", "failed"):
        time.sleep(0.2)
    if ended["state"] == "failed":
        raise RuntimeError(f"night {night} failed; logs: {airflow.home}/logs")
    tasks = airflow.call("GET", f"{path}/night/taskInstances")["task_instances"]
    seconds = {task["task_id"]: task["duration"] for task in sorted(tasks, key=lambda task: task["start_date"])}
    return datetime.fromisoformat(ended["end_date"]).timestamp() - asked, seconds


def table(lines: list[dict]) -> str:
    return "\n".join(f"{line['part']:<20}{line['seconds']:>7.1f} s" for line in lines)
