"""The operator and what it starts, without a scheduler: a program stands in for the launcher."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from threading import Thread
from types import SimpleNamespace
from typing import Any

import pytest
from airflow.providers.common.compat.sdk import AirflowException, AirflowFailException, AirflowSkipException, Asset
from airflow.utils.types import DagRunType
from server import until
from tributary_airflow.operator import BreachOperator, TributaryOperator, _extra, launcher


class Instance:
    """What of a task instance the operator uses."""

    def __init__(self) -> None:
        self.pushed: dict[str, Any] = {}

    def xcom_push(self, key: str, value: Any) -> None:
        self.pushed[key] = value


def program(folder: Path, script: str) -> Path:
    """A shell script that stands where the launcher would."""
    made = folder / "tributary"
    made.write_text("#!/bin/sh\n" + script)
    made.chmod(0o755)
    return made


def operator() -> TributaryOperator:
    return TributaryOperator(task_id="t", command="clean", project="/srv/shop", main="x", connection="tributary")


@pytest.fixture
def ran(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Runs a shell script as the command; gives what was pushed."""

    def run(script: str) -> Instance:
        connect(monkeypatch, program(tmp_path, script))
        run.instance = Instance()
        operator().execute({"ti": run.instance})
        return run.instance

    return run


def connect(monkeypatch: pytest.MonkeyPatch, tributary: Path | str) -> None:
    extra = {"tributary": str(tributary), "lake": "/lakes/shop", "env": {"COLOUR": "blue"}}
    monkeypatch.setenv("AIRFLOW_CONN_TRIBUTARY", json.dumps({"conn_type": "generic", "extra": extra}))


def test_ids_alone_are_pushed(ran) -> None:
    record = {"run": "r1", "key": {"job": "clean", "subject": "all"}, "outputs": [], "facts": {"rows": 3}}
    assert ran(f"echo some log >&2; echo '[{json.dumps(record)}]'").pushed == {"exit_code": 0, "runs": ["r1"]}


def test_the_command_is_what_the_connection_says(ran, tmp_path: Path) -> None:
    ran(f'echo "$@" "$COLOUR" "$TRIBUTARY_LOG" > {tmp_path}/said; echo "[]"')
    assert (tmp_path / "said").read_text() == "clean /srv/shop --lake /lakes/shop --json blue text\n"


@pytest.mark.parametrize("code", [1, 2, 3])
def test_what_a_retry_cant_mend_fails_at_once(ran, code: int) -> None:
    error = json.dumps({"error": {"code": "X", "group": "Y", "message": "Mend orders.csv."}})
    with pytest.raises(AirflowFailException, match=r"^Mend orders.csv\. \[exit code"):
        ran(f"echo '{error}'; exit {code}")
    assert ran.instance.pushed == {"exit_code": code}


def test_a_code_that_nobody_knows_is_a_bug(ran) -> None:
    with pytest.raises(AirflowFailException, match="exit code 101: a bug"):
        ran("exit 101")
    assert ran.instance.pushed == {"exit_code": 1}


def test_what_does_not_start_a_command_is_no_bug(ran) -> None:
    """A JVM that gets no memory, a disk that is full at the first start."""
    with pytest.raises(
        AirflowException, match=r"create the JVM\. \[exit code 1 of what starts the command, before"
    ) as raised:
        ran("echo 'Error: Could not create the JVM.' >&2; exit 1")
    assert not isinstance(raised.value, AirflowFailException)
    assert ran.instance.pushed == {"exit_code": 4}


@pytest.mark.parametrize("script", ["exit 0", "echo '[]'; echo done"])
def test_a_command_without_a_result_is_not_green(ran, script: str) -> None:
    with pytest.raises(AirflowFailException, match="printed no result: connection tributary starts something else"):
        ran(script)
    assert ran.instance.pushed == {"exit_code": 2}


def test_a_connection_that_is_not_there_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AIRFLOW_CONN_TRIBUTARY", raising=False)
    instance = Instance()
    with pytest.raises(AirflowException, match="There is no connection tributary") as raised:
        operator().execute({"ti": instance})
    assert not isinstance(raised.value, AirflowFailException), "a vault that is away says the same"
    assert instance.pushed == {"exit_code": 4}


@pytest.mark.parametrize(
    "extra",
    [{"spark-submit": "s"}, {"jars": "/a.jar"}, {"env": "A=secret"}, {"conf": "a=secret"}, {"Env": {"A": "secret"}}],
)
def test_an_extra_that_is_misspelt_is_said(tmp_path: Path, extra: dict[str, Any]) -> None:
    with pytest.raises(AirflowFailException, match=r"It may have tributary \(a text\)") as said:
        launcher({"spark_submit": "s", "jar": "j", **extra}, "check", "x", tmp_path)
    assert f"extra has '{next(iter(extra))}', of type" in str(said.value)
    assert "secret" not in str(said.value)


def test_a_breach_that_goes_on_is_told_too(ran) -> None:
    found = {"question": "actuals", "item": "auc", "detail": "0.61 is below 0.65", "model": "m@1"}
    key = {"job": "monitor", "subject": "late", "interval": "2014-01-01T00:00:00Z/2014-01-02T00:00:00Z"}
    run = {"run": "r1", "key": key, "outputs": [], "facts": {"breaches": [], "standing": [found]}}
    assert ran(f"echo '{json.dumps([run])}'").pushed["breaches"] == [
        {
            "monitor": "late",
            "model": "m@1",
            "interval": "2014-01-01T00:00:00Z/2014-01-02T00:00:00Z",
            "words": "actuals, auc: 0.61 is below 0.65",
        }
    ]


class Events(dict):
    """Outlets' events, made as they are asked for."""

    def __missing__(self, asset: Asset) -> SimpleNamespace:
        return self.setdefault(asset.uri, SimpleNamespace(extra={}))

    def __getitem__(self, asset: Asset) -> SimpleNamespace:
        return self.get(asset.uri) or self.__missing__(asset)


def test_a_breach_is_marked_and_told_by_its_asset() -> None:
    breach = {"monitor": "late", "model": "m@1", "interval": "a/b", "words": "w"}
    asset = Asset("tributary://shop/breach")
    task = BreachOperator(task_id="breach", monitors=["monitor", "monitor_2"], breach=asset)
    found = {"monitor": None, "monitor_2": [breach]}
    instance = SimpleNamespace(xcom_pull=lambda task_ids, key: found[task_ids])
    events = Events()
    task.execute({"ti": instance, "outlet_events": events})
    assert events[asset].extra == {"breaches": [breach], "models": ["m@1"], "interval": "a/b"}
    found["monitor_2"] = []
    with pytest.raises(AirflowSkipException, match="No monitor found a breach"):
        task.execute({"ti": instance, "outlet_events": events})


def test_what_lies_outside_is_tried_again(ran) -> None:
    with pytest.raises(AirflowException, match="the last words") as raised:
        ran("echo before >&2; echo the last words >&2; exit 4")
    assert not isinstance(raised.value, AirflowFailException)


@pytest.mark.parametrize("ends", ["kill -9 $$", "kill -15 $$", "exit 137", "exit 143"])
def test_a_killed_command_is_tried_again(ran, ends: str) -> None:
    with pytest.raises(AirflowException, match="was killed") as raised:
        ran(ends)
    assert not isinstance(raised.value, AirflowFailException)
    assert ran.instance.pushed == {"exit_code": 4}


def test_a_launcher_that_is_not_there_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    connect(monkeypatch, "sleep-9")
    with pytest.raises(AirflowFailException, match="Cannot start sleep-9: No such file"):
        operator().execute({"ti": Instance()})


def test_a_large_result_and_a_long_log_do_not_block_each_other(ran) -> None:
    assert ran("seq 20000 >&2; printf '['; seq -s ' ' 300000 | tr -d '0-9'; echo '[]'").pushed["runs"] == []


def test_a_killed_worker_takes_the_command_along(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also one that can't say good-bye."""
    pid = tmp_path / "pid"
    connect(monkeypatch, program(tmp_path, f"echo $$ > {pid}.new && mv {pid}.new {pid}\nexec sleep 600\n"))
    worker = tmp_path / "worker.py"
    worker.write_text("from test_operator import operator\noperator().execute({'ti': None})\n")
    here = Path(__file__).parent
    environment = {**os.environ, "AIRFLOW_HOME": str(tmp_path), "PYTHONPATH": f"{here}:{here.parent}"}
    process = subprocess.Popen([sys.executable, worker], env=environment)
    until(pid.is_file, 60)
    command = int(pid.read_text())
    assert is_alive(command)
    process.send_signal(signal.SIGKILL)
    process.wait()
    until(lambda: not is_alive(command), 10)


def test_a_task_whose_supervisor_died_ends_its_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another try may begin, and must not find it at work."""
    pid = tmp_path / "pid"
    connect(monkeypatch, program(tmp_path, f"echo $$ > {pid}.new && mv {pid}.new {pid}\nexec sleep 600\n"))
    supervisor = tmp_path / "supervisor.py"
    supervisor.write_text(
        "import subprocess, sys\n"
        "task = 'from test_operator import Instance, operator; operator().execute({\"ti\": Instance()})'\n"
        "subprocess.run([sys.executable, '-c', task])\n"
    )
    here = Path(__file__).parent
    environment = {**os.environ, "AIRFLOW_HOME": str(tmp_path), "PYTHONPATH": f"{here}:{here.parent}"}
    process = subprocess.Popen([sys.executable, supervisor], env=environment, stderr=subprocess.DEVNULL)
    until(pid.is_file, 60)
    process.send_signal(signal.SIGKILL)
    process.wait()
    until(lambda: not is_alive(int(pid.read_text())), 10)


def test_a_task_that_is_killed_ends_all_that_it_started(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pid = tmp_path / "pid"
    connect(monkeypatch, program(tmp_path, f"sleep 600 & echo $! > {pid}.new\nmv {pid}.new {pid}\nwait\n"))
    task = operator()

    def kill() -> None:
        until(pid.is_file, 20)
        task.on_kill()

    Thread(target=kill).start()
    with pytest.raises(AirflowException, match="was killed"):
        task.execute({"ti": Instance()})
    until(lambda: not is_alive(int(pid.read_text())), 10)


def test_what_a_command_left_behind_ends_with_it(ran, tmp_path: Path) -> None:
    """Else it would hold the pipes, and the task would wait for it."""
    assert ran(f"sleep 600 & echo $! > {tmp_path}/pid; echo '[]'").pushed["exit_code"] == 0
    until(lambda: not is_alive(int((tmp_path / "pid").read_text())), 10)


def record(night: str, version: int) -> dict[str, Any]:
    return {
        "run": f"r{version}",
        "key": {"job": "score", "subject": "s", "interval": f"{night}T00:00:00Z/{night}T23:00:00Z"},
        "outcome": "SUCCEEDED",
        "outputs": [f"scores.s@{version}#abc", "other.s@9#def"],
        "facts": {},
    }


def test_an_event_is_about_all_nights_of_its_run() -> None:
    assert _extra("scores.s", [record("2014-01-01", 3), record("2014-01-02", 4)]) == {
        "version": 4,
        "run": "r4",
        "outcome": "SUCCEEDED",
        "interval": "2014-01-01T00:00:00Z/2014-01-02T23:00:00Z",
    }
    assert _extra("scores.t", [record("2014-01-01", 3)]) == {}


def scheduled(day: datetime) -> dict[str, Any]:
    run = SimpleNamespace(run_type=DagRunType.SCHEDULED, conf={}, data_interval_start=day, data_interval_end=day)
    return {"dag_run": run, "params": {}, "ti": Instance(), "outlet_events": {}}


def test_no_night_is_run_behind_the_end_of_the_data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    connect(monkeypatch, program(tmp_path, f'echo "$@" >> {tmp_path}/said; echo "[]"'))
    task = TributaryOperator(
        task_id="t",
        command="score",
        project="p",
        main="x",
        connection="tributary",
        zone="UTC",
        until="2014-02-01T00:00:00Z",
    )
    task.execute(scheduled(datetime(2014, 2, 1, 6, tzinfo=UTC)))
    with pytest.raises(AirflowSkipException, match="by its key until: there is no night 2014-02-01"):
        task.execute(scheduled(datetime(2014, 2, 2, 6, tzinfo=UTC)))
    assert (tmp_path / "said").read_text() == "score p --night 2014-01-31 --lake /lakes/shop --json\n"


def test_spark_submit(tmp_path: Path) -> None:
    extra = {
        "spark_submit": "/opt/spark/bin/spark-submit",
        "jar": "/opt/tributary-jobs.jar",
        "master": "spark://m:7077",
        "queue": "nights",
        "jars": ["/a.jar", "/b.jar"],
        "env": {"TRIBUTARY_LAKE": "hdfs://n/lake"},
    }
    words, environment = launcher(extra, "materialize", "io.tributary.features.MaterializeMain", tmp_path)
    assert words == [
        *("/opt/spark/bin/spark-submit", "--class", "io.tributary.features.MaterializeMain", "--deploy-mode", "client"),
        *("--master", "spark://m:7077", "--queue", "nights", "--jars", "/a.jar,/b.jar", "/opt/tributary-jobs.jar"),
    ]
    assert environment == {"TRIBUTARY_LAKE": "hdfs://n/lake"}
    with pytest.raises(AirflowFailException, match="tributary-jobs.jar"):
        launcher({"spark_submit": "spark-submit"}, "check", "x", tmp_path)


SPARK = """#!/bin/sh
for word; do case $before in --properties-file) stat -c %a "$word"; cat "$word";; esac; before=$word; done > SAID
echo "$@" >> SAID
"""


def submits(folder: Path, monkeypatch: pytest.MonkeyPatch, script: str) -> None:
    submit = folder / "bin" / "spark-submit"
    submit.parent.mkdir()
    submit.write_text(script)
    submit.chmod(0o755)
    extra = {"spark_submit": str(submit), "jar": "j.jar", "conf": {"spark.secret": "C:\\new", "spark.memory": "4g"}}
    monkeypatch.setenv("AIRFLOW_CONN_TRIBUTARY", json.dumps({"conn_type": "generic", "extra": extra}))


def test_what_a_connection_sets_is_no_argument(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "conf").mkdir()
    (tmp_path / "conf" / "spark-defaults.conf").write_text("spark.memory 1g\nspark.cores 2")
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    submits(tmp_path, monkeypatch, SPARK.replace("SAID", f"{tmp_path}/said") + "echo '[]'")
    operator().execute({"ti": Instance()})
    said = (tmp_path / "said").read_text().splitlines()
    # As Spark reads it: of two the last holds.
    lines = ["600", "spark.memory 1g", "spark.cores 2", "spark.secret=C:\\\\new", "spark.memory=4g"]
    assert said[:-1] == lines
    assert "new" not in said[-1] and said[-1].endswith("j.jar /srv/shop --json")
    assert not list(tmp_path.glob("tributary-*"))


def test_a_failure_of_spark_submit_itself_is_no_bug(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    submits(tmp_path, monkeypatch, '#!/bin/sh\necho "Exception: All masters are unresponsive!" >&2; exit $CODE')
    monkeypatch.setenv("CODE", "1")
    with pytest.raises(AirflowException, match=r"unresponsive! \[exit code 1 of spark-submit, before") as raised:
        operator().execute({"ti": Instance()})
    assert not isinstance(raised.value, AirflowFailException)
    monkeypatch.setenv("CODE", "101")
    with pytest.raises(AirflowFailException, match="the connection's jar has no class x"):
        operator().execute({"ti": Instance()})


def is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False
