"""A real Airflow for tests, and what tests ask of it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

import local

LOCAL = Path(__file__).resolve().parents[1] / "local"
FINAL = ("success", "failed")


class Server:
    """Airflow in a folder of its own."""

    def __init__(self, home: Path, dags: Path, **settings: str) -> None:
        self.home = home
        self.dags = dags
        self.settings = settings
        self.url = ""
        self._token = ""
        self._user: dict[str, str] = {}

    def start(self) -> Server:
        made = subprocess.run(
            [LOCAL, "start", self.home, "--dags", self.dags],
            env={**os.environ, **self.settings},
            stdout=subprocess.PIPE,
            check=True,
            text=True,
        )
        answer = json.loads(made.stdout)
        self.url = answer["url"]
        self._user = {"username": answer["user"], "password": answer["password"]}
        token = self._call("POST", "/auth/token", self._user)
        self._token = token["access_token"]
        return self

    def signed_in(self) -> dict[str, str]:
        """The environment in which ``tributary airflow`` finds it."""
        user, password = self._user["username"], self._user["password"]
        return {
            "TRIBUTARY_AIRFLOW_URL": self.url,
            "TRIBUTARY_AIRFLOW_USER": user,
            "TRIBUTARY_AIRFLOW_PASSWORD": password,
        }

    def stop(self) -> None:
        subprocess.run([LOCAL, "stop", self.home], check=True)

    def kill(self, process: str) -> None:
        """Ends one of its processes, and all that it started, outright."""
        pid = json.loads((self.home / f"{process}.pid").read_text())["pid"]
        os.killpg(pid, signal.SIGKILL)
        until(lambda: local.started(pid) is None, 10)

    def get(self, path: str) -> Any:
        return self._call("GET", "/api/v2" + path)

    def post(self, path: str, body: Any) -> Any:
        return self._call("POST", "/api/v2" + path, body)

    def _call(self, method: str, path: str, body: Any = None) -> Any:
        request = urllib.request.Request(self.url + path, method=method)
        request.add_header("Accept", "application/json")
        if self._token:
            request.add_header("Authorization", f"Bearer {self._token}")
        data = None
        if body is not None:
            request.add_header("Content-Type", "application/json")
            data = json.dumps(body).encode()
        try:
            with urllib.request.urlopen(request, data, timeout=60) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as refused:
            raise AssertionError(f"{method} {path}: {refused.code} {refused.read().decode()}") from None

    def wait_for_dags(self, *ids: str) -> None:
        """Until the DAGs are there, and may run."""

        def there() -> bool:
            errors = self.get("/importErrors")["import_errors"]
            assert not errors, errors[0]["stack_trace"]
            return set(ids) <= {dag["dag_id"] for dag in self.get("/dags?limit=100")["dags"]}

        until(there, 60)
        for dag in ids:
            self._call("PATCH", f"/api/v2/dags/{dag}?update_mask=is_paused", {"is_paused": False})

    def trigger(self, dag: str, run: str, conf: dict[str, Any] | None = None) -> str:
        self.post(f"/dags/{dag}/dagRuns", {"dag_run_id": run, "logical_date": None, "conf": conf or {}})
        return run

    def run(self, dag: str, run: str) -> dict[str, Any]:
        return self.get(f"/dags/{dag}/dagRuns/{run}")

    def wait(self, dag: str, run: str, within: float = 300) -> str:
        """The state in which a run ends."""
        until(lambda: self.run(dag, run)["state"] in FINAL, within)
        return self.run(dag, run)["state"]

    def tasks(self, dag: str, run: str) -> dict[str, dict[str, Any]]:
        found = self.get(f"/dags/{dag}/dagRuns/{run}/taskInstances?limit=100")["task_instances"]
        return {task["task_id"]: task for task in found}

    def states(self, dag: str, run: str) -> dict[str, str]:
        return {task: found["state"] for task, found in self.tasks(dag, run).items()}

    def log(self, dag: str, run: str, task: str, tried: int = 1) -> str:
        content = self.get(f"/dags/{dag}/dagRuns/{run}/taskInstances/{task}/logs/{tried}")["content"]
        return "\n".join(line if isinstance(line, str) else str(line.get("event", "")) for line in content)

    def clear(self, dag: str, run: str, *tasks: str) -> None:
        self.post(
            f"/dags/{dag}/clearTaskInstances",
            {
                "dry_run": False,
                "dag_run_id": run,
                "task_ids": list(tasks),
                "only_failed": False,
                "reset_dag_runs": True,
            },
        )

    def mark(self, dag: str, run: str, task: str, state: str) -> None:
        """As a person does."""
        path = f"/api/v2/dags/{dag}/dagRuns/{run}/taskInstances/{task}?update_mask=new_state"
        self._call("PATCH", path, {"new_state": state})

    def xcom(self, dag: str, run: str, task: str, key: str) -> Any:
        value = self.get(f"/dags/{dag}/dagRuns/{run}/taskInstances/{task}/xcomEntries/{key}?deserialize=true")["value"]
        return value

    def events(self, asset: str) -> list[dict[str, Any]]:
        """Those of an asset, the newest first."""
        found = self.get(f"/assets?uri_pattern={asset}")["assets"]
        ids = [each["id"] for each in found if each["uri"] == asset]
        return self.get(f"/assets/events?asset_id={ids[0]}&order_by=-timestamp")["asset_events"] if ids else []


def until(true: Callable[[], bool], within: float) -> None:
    deadline = time.monotonic() + within
    while not true():
        assert time.monotonic() < deadline, f"not within {within} s"
        time.sleep(0.25)
