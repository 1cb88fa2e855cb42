"""Runs a command of Tributary as a task, and tells Airflow who must act when it fails."""

from __future__ import annotations

import contextlib
import json
import os
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import deque
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from pathlib import Path
from threading import Thread
from typing import IO, Any

from airflow.providers.common.compat.sdk import (
    AirflowException,
    AirflowFailException,
    AirflowNotFoundException,
    AirflowSkipException,
    Asset,
    BaseHook,
    BaseOperator,
    Context,
)

from tributary_airflow import _child
from tributary_airflow.nights import BY_TIMETABLE, NoNight, instant, nights_of

EXTERNAL = 4
"""The exit code of a command that something outside failed: it may work later."""

REQUEST = 2
"""That of one for which a definition, the request or the deployment is wrong."""

WHO_MUST_ACT = {1: "a bug", REQUEST: "a definition or the request is wrong", 3: "the data is wrong"}
"""What a repeated try can't mend, by exit code."""

_EXTRA = {
    "tributary": str,
    "spark_submit": str,
    "jar": str,
    "master": str,
    "queue": str,
    "jars": list,
    "conf": dict,
    "env": dict,
    "lake": str,
}
"""What a connection's extra may say."""

_JSON = {str: "a text", list: "a list", dict: "an object"}

# Airflow ends the task's own process five seconds after it has asked it to end.
_STOP_WITHIN_S = 4
_LAST_LINES = 20


class TributaryOperator(BaseOperator):
    """One command for the nights of its run.

    It logs the command's own log line by line, pushes ``runs`` (their ids), ``exit_code`` (by who must act, also where
    the command never began) and, of monitors, ``breaches``, and gives the events of its assets the table version, the
    interval and the run that they are about.

    It fails at once and isn't tried again where the command says that a definition or the data is wrong, or that it met
    a bug; it is tried again where something outside failed, or where the process was killed. A task that is killed
    takes its processes along.

    :param command: words of the command, as typed behind ``tributary``
    :param project: the project's folder on the worker
    :param zone: the project's, in which its nights are days; none for a command that takes no nights
    :param until: an instant from which on the pipeline has no data: runs of its schedule for later nights are skipped
    :param subjects: what the command works on; none: all there is
    :param options: further ones, as they are typed
    :param main: the command's main class, for ``spark-submit``
    :param connection: says what starts the command, see :func:`launcher`
    :param makes: names of what it makes, with an asset each
    """

    template_fields: Sequence[str] = ("subjects", "options")
    ui_color = "#dfeef5"

    def __init__(
        self,
        *,
        command: str,
        project: str,
        main: str,
        connection: str,
        zone: str | None = None,
        until: str | None = None,
        subjects: Sequence[str] = (),
        options: Sequence[str] = (),
        makes: dict[str, Asset] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**{"outlets": list((makes or {}).values()), **kwargs})
        self.command = command
        self.project = project
        self.main = main
        self.connection = connection
        self.zone = zone
        self.until = until
        self.subjects = list(subjects)
        self.options = list(options)
        self.makes = makes or {}
        self._process: subprocess.Popen[str] | None = None
        self._submits = False

    def execute(self, context: Context) -> None:
        try:
            self._execute(context)
        except AirflowSkipException:
            raise
        except AirflowException as problem:
            # In one line, above Airflow's own trace.
            self.log.error("%s", problem)
            context["ti"].xcom_push(key="exit_code", value=self._told(problem))
            raise

    def _execute(self, context: Context) -> None:
        nights = self._nights(context)
        arguments = [self.project, *self.subjects, *self.options]
        for night in nights:
            arguments += ["--night", night.isoformat()]
        code, answer, last = self._run(arguments)
        result = _json(answer)
        if code != 0:
            raise self._failure(code, result, last)
        if result is None:
            raise AirflowFailException(
                f"The command ended with 0 and printed no result: connection {self.connection} starts something else "
                f"than Tributary, or what starts it prints behind the result. Mend the connection. {last}"
            )
        context["ti"].xcom_push(key="exit_code", value=code)
        records = result if isinstance(result, list) else []
        runs = [record.get("record", record) for record in records]
        context["ti"].xcom_push(key="runs", value=[run["run"] for run in runs])
        breaches = list(_breaches(runs))
        if breaches:
            context["ti"].xcom_push(key="breaches", value=breaches)
            for breach in breaches:
                self.log.warning("BREACH %s of model %s: %s", breach["monitor"], breach["model"], breach["words"])
        for name, asset in self.makes.items():
            context["outlet_events"][asset].extra = {"interval": self._interval(nights), **_extra(name, runs)}

    @staticmethod
    def _told(problem: AirflowException) -> int:
        """Who must act, as an exit code: whoever follows the run goes by it."""
        if isinstance(problem, AirflowFailException):
            return getattr(problem, "exit_code", REQUEST)
        return EXTERNAL

    def on_kill(self) -> None:
        self._end()

    def _nights(self, context: Context) -> list[date]:
        if self.zone is None:
            return []
        nights = nights_of_run(context, self.zone)
        if not nights:
            raise AirflowSkipException(f"No day of {self.zone} ended in the run's data interval.")
        if self.until is None or _run_type(context) not in BY_TIMETABLE:
            return nights
        before = [night for night in nights if instant(night, self.zone) < self.until]
        if not before:
            raise AirflowSkipException(
                f"The pipeline's data ends at {self.until}, by its key until: there is no night {nights[0]}. "
                "Take the key out of the pipeline and export it again where data goes on."
            )
        return before

    def _interval(self, nights: list[date]) -> str | None:
        """From the first night's start to the last one's end, as instants."""
        return (
            "/".join(instant(day, self.zone) for day in (nights[0], nights[-1] + timedelta(days=1))) if nights else None
        )

    def _run(self, arguments: list[str]) -> tuple[int, str, str]:
        """The exit code, what stood on standard output, and the last line of the log."""
        try:
            extra = BaseHook.get_connection(self.connection).extra_dejson
        except AirflowNotFoundException:
            # Airflow says the same where it can't ask: it is tried again.
            raise AirflowException(
                f"There is no connection {self.connection}, which says what starts a command, or Airflow can't read "
                "it now. Make it."
            ) from None
        self._submits = "spark_submit" in extra
        with tempfile.TemporaryDirectory(prefix="tributary-") as folder:
            started, environment = launcher(extra, self.command, self.main, Path(folder))
            lake = ["--lake", extra["lake"]] if extra.get("lake") else []
            return self._run_words([*started, *arguments, *lake, "--json"], environment)

    def _run_words(self, words: list[str], environment: dict[str, str]) -> tuple[int, str, str]:
        self.log.info("Running %s", shlex.join(words))
        parent = os.getppid()
        self._process = subprocess.Popen(
            [sys.executable, "-I", "-S", _child.__file__, str(os.getpid()), *words],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={**os.environ, "TRIBUTARY_LOG": "text", **environment},
            encoding="utf-8",
            errors="replace",
            start_new_session=True,
        )
        answer: list[str] = []
        last: deque[str] = deque(maxlen=_LAST_LINES)
        readers = [
            Thread(target=answer.extend, args=(self._process.stdout,), daemon=True),
            Thread(target=self._log_lines, args=(self._process.stderr, last), daemon=True),
        ]
        try:
            for reader in readers:
                reader.start()
            while self._process.poll() is None:
                # Whoever supervises this task has died: another try may begin, and must not find this one at work.
                if os.getppid() != parent:
                    raise AirflowException("The process that supervised this task has ended.")
                time.sleep(0.2)
        finally:
            self._end()
        for reader in readers:
            # What the command started and left has been ended too: nobody holds the pipes any more.
            reader.join(_STOP_WITHIN_S)
        return self._process.returncode, "".join(answer), next((line for line in reversed(last) if line.strip()), "")

    def _log_lines(self, lines: IO[str], last: deque[str]) -> None:
        for line in lines:
            text = line.rstrip("\n")
            last.append(text)
            # Whoever keeps the log may have died: the command must not wait for it.
            with contextlib.suppress(OSError):
                self.log.info("%s", text)

    def _end(self) -> None:
        """Ends the command with all that it started, also what it left behind, and waits for it."""
        process = self._process
        if process is None:
            return
        for signalled in (signal.SIGTERM, signal.SIGKILL):
            if not self._signal(signalled):
                return
            with contextlib.suppress(OSError):
                self.log.info("Sent %s to process group %d", signalled.name, process.pid)
            deadline = time.monotonic() + _STOP_WITHIN_S
            while time.monotonic() < deadline:
                process.poll()
                if not self._signal(0):
                    return
                time.sleep(0.1)

    def _signal(self, number: int) -> bool:
        """Whether the command's process group was there to be told."""
        try:
            os.killpg(self._process.pid, number)
            return True
        except ProcessLookupError:
            return False

    def _failure(self, code: int, result: Any, last: str) -> AirflowException:
        reason = _reason(result) or last
        if result is None and code == 1:
            # A command says its own bugs: this is what starts it, for want of memory, of a disk, of a master.
            starter = "spark-submit" if self._submits else "what starts the command"
            return AirflowException(f"{reason} [exit code 1 of {starter}, before the command began]")
        if result is None and code == 101 and self._submits:
            return AirflowFailException(f"{reason} [exit code 101: the connection's jar has no class {self.main}]")
        if 0 < code < 126 and code != EXTERNAL:
            why = WHO_MUST_ACT.get(code, WHO_MUST_ACT[1])
            failure = AirflowFailException(f"{reason} [exit code {code}: {why}; it is not tried again]")
            failure.exit_code = code if code in WHO_MUST_ACT else 1
            return failure
        if code == EXTERNAL:
            return AirflowException(f"{reason} [exit code {code}: something outside failed]")
        if code in (126, 127):
            return AirflowFailException(f"{reason} [exit code {code}: connection {self.connection} names no program]")
        killed = signal.Signals(-code).name if code < 0 else f"exit code {code}"
        return AirflowException(f"The command was killed ({killed}). {reason}")


class BreachOperator(BaseOperator):
    """Marks a run whose monitors found a breach, and says so by an asset's event; else it is skipped.

    :param monitors: ids of the tasks that monitor
    :param breach: the asset whose event tells other DAGs: which models, by which monitors, and why, in words
    """

    def __init__(self, *, monitors: Sequence[str], breach: Asset, **kwargs: Any) -> None:
        super().__init__(outlets=[breach], **kwargs)
        self.monitors = list(monitors)
        self.breach = breach

    def execute(self, context: Context) -> None:
        found = []
        for task in self.monitors:
            found += context["ti"].xcom_pull(task_ids=task, key="breaches") or []
        if not found:
            raise AirflowSkipException("No monitor found a breach.")
        for breach in found:
            self.log.warning("BREACH %s of model %s: %s", breach["monitor"], breach["model"], breach["words"])
        context["outlet_events"][self.breach].extra = {
            "breaches": found,
            "models": sorted({breach["model"] for breach in found}),
            "interval": _span(breach["interval"] for breach in found),
        }


def nights_of_run(context: Context, zone: str) -> list[date]:
    """The nights of a DAG run, by :mod:`tributary_airflow.nights`."""
    run = context["dag_run"]
    start, end = getattr(run, "data_interval_start", None), getattr(run, "data_interval_end", None)
    # Airflow 2 calls assets datasets.
    started_by = context.get("triggering_asset_events") or context.get("triggering_dataset_events") or {}
    events = [event for of_asset in started_by.values() for event in of_asset]
    try:
        return nights_of(
            zone,
            _run_type(context),
            {**context.get("params", {}), **(run.conf or {})},
            (start, end) if start and end else None,
            # Of other teams' assets it may be none: then those of ours say it.
            [str(event.extra["interval"]) for event in events if (event.extra or {}).get("interval")],
        )
    except NoNight as problem:
        raise AirflowFailException(str(problem)) from None


def _run_type(context: Context) -> str:
    kind = context["dag_run"].run_type
    return str(getattr(kind, "value", kind))


def launcher(extra: dict[str, Any], command: str, main: str, folder: Path) -> tuple[list[str], dict[str, str]]:
    """What starts a command, and its environment, as the extra of a connection says.

    What it sets may be secret, and others see a process's arguments: it is written into a folder of this user's alone.

    ``{"tributary": "/opt/tributary/bin/tributary"}`` starts a process on the worker. ``{"spark_submit": "spark-submit",
    "jar": "/opt/tributary-jobs.jar", "master": "spark://…", "queue": …, "jars": […], "conf": {…}}`` submits. ``"env"``
    holds variables for both. ``"lake"`` says where the tables lie, in place of the project's own ``lake``.
    """
    for key, value in extra.items():
        if not isinstance(value, _EXTRA.get(key, ())):
            known = ", ".join(f"{name} ({_JSON[kind]})" for name, kind in _EXTRA.items())
            # The value may be secret.
            raise AirflowFailException(
                f"The connection's extra has {key!r}, of type {type(value).__name__}. It may have {known}."
            )
    environment = {name: str(value) for name, value in extra.get("env", {}).items()}
    if "spark_submit" not in extra:
        return [extra.get("tributary", "tributary"), *command.split()], environment
    if "jar" not in extra:
        raise AirflowFailException('The connection has "spark_submit" and no "jar": say where tributary-jobs.jar lies.')
    words = [extra["spark_submit"], "--class", main, "--deploy-mode", "client"]
    for option in ("master", "queue"):
        if extra.get(option):
            words += [f"--{option}", extra[option]]
    if extra.get("jars"):
        words += ["--jars", ",".join(extra["jars"])]
    if extra.get("conf"):
        file = folder / "spark.properties"
        file.touch(0o600)
        file.write_text(_spark_defaults(extra["spark_submit"], environment) + _properties(extra["conf"]))
        words += ["--properties-file", str(file)]
    return [*words, extra["jar"], *command.split()[1:]], environment


def _spark_defaults(spark_submit: str, environment: dict[str, str]) -> str:
    """The installation's own settings, which Spark leaves out where it is given a file."""
    program = Path(shutil.which(spark_submit) or spark_submit).resolve()
    variables = {**os.environ, **environment}
    home = Path(variables.get("SPARK_HOME", program.parent.parent))
    file = Path(variables.get("SPARK_CONF_DIR", home / "conf")) / "spark-defaults.conf"
    return file.read_text() + "\n" if file.is_file() else ""


def _properties(conf: dict[str, Any]) -> str:
    """As Java reads them."""
    texts = {key: str(value).replace("\\", "\\\\").replace("\n", "\\n") for key, value in conf.items()}
    return "".join(f"{key}={text}\n" for key, text in texts.items())


def _json(text: str) -> Any:
    """The result, which stands in the last line; nothing where a command was killed before it had one."""
    lines = text.strip().splitlines()
    try:
        return json.loads(lines[-1]) if lines else None
    except ValueError:
        return None


def _reason(result: Any) -> str:
    """Why a command failed, as its result says: an error, or the problems that a check found."""
    if not isinstance(result, dict):
        return ""
    problems = result.get("problems", [])
    places = [f"{found['file']}:{found['line']}:{found['column']}: {found['message']}" for found in problems]
    return "\n".join(places) or result.get("error", {}).get("message", "")


def _breaches(runs: Iterable[dict[str, Any]]) -> Iterable[dict[str, str]]:
    for run in runs:
        facts = run.get("facts") or {}
        # Also what goes on from days before: whether it leads to a training is decided night by night.
        for breach in [*facts.get("breaches", []), *facts.get("standing", [])]:
            yield {
                "monitor": run["key"]["subject"],
                "model": breach["model"],
                "interval": run["key"]["interval"],
                "words": f"{breach['question']}, {breach['item']}: {breach['detail']}",
            }


def _extra(name: str, runs: Iterable[dict[str, Any]]) -> dict[str, Any]:
    """What the event of a table's asset tells: its version, the run that left it, and the interval they are about."""
    extra: dict[str, Any] = {}
    intervals: list[str] = []
    for run in runs:
        tables = [output.partition("#")[0].partition("@") for output in run["outputs"]]
        versions = [version for table, _, version in tables if table == name]
        of_publication = name == f"online.{run['key']['subject'].replace('@', '_v')}"
        if not versions and not of_publication:
            continue
        extra = {"run": run["run"], "outcome": run["outcome"]}
        version = (run.get("facts") or {}).get("sequence") if of_publication else int(versions[-1])
        extra |= {} if version is None else {"version": version}
        intervals += [run["key"]["interval"]] if "interval" in run["key"] else []
    return {**extra, "interval": _span(intervals)} if intervals else extra


def _span(intervals: Iterable[str]) -> str:
    """From the first start to the last end."""
    ends = [text.split("/") for text in intervals]
    return f"{min(start for start, _ in ends)}/{max(end for _, end in ends)}"
