"""Calls of a registry with a thousand versions of one model, beside MLflow's; see docs/performance.md."""

import http.client
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.parse
from collections.abc import Callable
from pathlib import Path

import light

PEER = "mlflow"
VERSIONS = 1_000
READS, SEARCHES, WRITES = 300, 50, 100
SYSTEMS = ("tributary", PEER)
API = "/api/2.0/mlflow/"
MODEL = "late_arrival"


def tributary(java: list, home: Path, results: Path) -> dict[str, list[float]]:
    """Milliseconds of each call, by work, in a process that has called before."""
    lake = results / "lake"
    shutil.copytree(light.prepared(home), lake)
    subprocess.run([str(word) for word in [*java, lake, results / "calls.json"]], check=True, stdout=sys.stderr)
    calls = json.loads((results / "calls.json").read_text())
    return {work: [nanos / 1e6 for nanos in taken] for work, taken in calls.items()}


def mlflow(environment: Path, results: Path) -> dict[str, list[float]]:
    """The same of MLflow's server: one caller, one connection that is kept."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [environment / "bin" / "mlflow", "server", "--workers", "1", "--host", "127.0.0.1", "--port", port]
    command += ["--backend-store-uri", f"sqlite:///{results}/mlflow.db"]
    command += ["--artifacts-destination", results / "artifacts"]
    with (results / "mlflow.log").open("w") as log:
        server = subprocess.Popen(
            [str(word) for word in command],
            env=os.environ | {"MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false"},
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    try:
        return Client(port).measured()
    finally:
        os.killpg(server.pid, signal.SIGTERM)
        server.wait()


class Client:
    def __init__(self, port: int):
        self.connection = http.client.HTTPConnection("127.0.0.1", port)
        deadline = time.monotonic() + 120
        while True:
            try:
                self.connection.request("GET", "/health")
                self.connection.getresponse().read()
                return
            except OSError:
                self.connection.close()
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.2)

    def call(self, method: str, path: str, body: dict | None = None, **query) -> dict:
        path = API + path + ("?" + urllib.parse.urlencode(query) if query else "")
        self.connection.request(method, path, json.dumps(body) if body else None, {"Content-Type": "application/json"})
        answer = self.connection.getresponse()
        text = answer.read()
        if answer.status != 200:
            raise RuntimeError(f"{method} {path}: {answer.status} {text[:300]}")
        return json.loads(text)

    def measured(self) -> dict[str, list[float]]:
        experiment = self.call("POST", "experiments/create", {"name": "bench"})["experiment_id"]
        begun = {"experiment_id": experiment, "start_time": int(time.time() * 1000)}
        run = self.call("POST", "runs/create", begun)["run"]["info"]["run_id"]
        source = f"mlflow-artifacts:/{experiment}/{run}/artifacts/model"
        self.call("POST", "registered-models/create", {"name": MODEL})

        def register(number: int) -> int:
            tags = [{"key": "stage", "value": "trial" if number == 777 else "none"}]
            body = {"name": MODEL, "source": f"{source}{number}", "run_id": run, "tags": tags}
            return int(self.call("POST", "model-versions/create", body)["model_version"]["version"])

        def search(text: str, most: int) -> int:
            return len(self.call("GET", "model-versions/search", filter=text, max_results=most)["model_versions"])

        for number in range(1, VERSIONS + 1):
            register(number)
        self.call("POST", "registered-models/alias", {"name": MODEL, "alias": "production", "version": "9"})
        named = f"name='{MODEL}'"
        return {
            "get": timed(READS, lambda i: self.version("get", version=i + 1), lambda answer, i: answer == i + 1),
            "get-by-alias": timed(READS, lambda i: self.version(alias="production"), lambda answer, i: answer == 9),
            "search-1000": timed(SEARCHES, lambda i: search(named, VERSIONS), lambda answer, i: answer == VERSIONS),
            "search-tag": timed(
                SEARCHES, lambda i: search(f"{named} and tags.stage='trial'", 100), lambda answer, i: answer == 1
            ),
            "register": timed(
                WRITES, lambda i: register(VERSIONS + 1 + i), lambda answer, i: answer == VERSIONS + 1 + i
            ),
        }

    def version(self, call: str = "", **query) -> int:
        path = f"model-versions/{call}" if call else "registered-models/alias"
        return int(self.call("GET", path, name=MODEL, **query)["model_version"]["version"])


def timed(times: int, call: Callable[[int], int], is_right: Callable[[int, int], bool]) -> list[float]:
    """Milliseconds of each of several calls."""
    taken = []
    for i in range(times):
        start = time.perf_counter()
        answer = call(i)
        taken.append((time.perf_counter() - start) * 1e3)
        if not is_right(answer, i):
            raise RuntimeError(f"{PEER} answered {answer}")
    return taken


def lines(calls: dict[str, dict[str, list[float]]]) -> list[dict]:
    """A line a work: the middle and the 99th of a hundred calls in milliseconds, and ours by the peer's."""
    found = []
    for work in calls["tributary"]:
        one = {"work": work}
        for system, taken in calls.items():
            ordered = sorted(taken[work])
            one[f"{system}_p50_ms"] = round(ordered[len(ordered) // 2], 2)
            one[f"{system}_p99_ms"] = round(ordered[int(len(ordered) * 0.99)], 2)
        if PEER in calls:
            one["p50_ratio"] = round(one["tributary_p50_ms"] / one[f"{PEER}_p50_ms"], 2)
        found.append(one)
    return found


def table(found: list[dict]) -> str:
    rows = [list(found[0]), *([str(cell) for cell in one.values()] for one in found)]
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    return "\n".join("  " + "  ".join(cell.rjust(w) for cell, w in zip(row, widths, strict=True)) for row in rows)
