"""Measures a piece of work on Tributary, its peers and its limit; see docs/performance.md."""

import argparse
import ctypes
import json
import os
import resource
import shutil
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import check
import ingest
import light
import monitoring
import nights
import online
import psutil
import publish
import published
import registry_calls
import scheduled
import scoring
import start
from data import Shape, prepared

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
HOME = ROOT / "target" / "bench"
BUILT = ROOT / "target" / "tributary" / "heavy"
JAR = HERE / "target" / "tributary-bench-0.1.0-SNAPSHOT.jar"
FEAST = HOME / "feast"
MLFLOW = HOME / "mlflow"

PEERS = (scoring.PEER, registry_calls.PEER)  # with environments of their own
CORES = 2
MEMORY = 6  # GiB: the heap of each JVM, and what DuckDB may hold
PATIENCE = 120  # seconds: who takes longer is measured once


@dataclass(frozen=True)
class Work:
    """A row of the table: what is done over which rows, and by whom."""

    shape: Shape
    partitions: int
    systems: tuple[str, ...]
    memory: float = MEMORY


LOOKUP = Shape("lookup", events=1_000_000, labels=1_000_000, keys=100_000)
WINDOWS = Shape("windows", events=10_000_000, labels=1_000_000, keys=100_000)
OURS = ("tributary", "limit")
WORKS = {
    "lookup-1m": Work(LOOKUP, 8, (*OURS, "spark-sql", "duckdb", "polars", "feast")),
    "lookup-1m-corrections": Work(replace(LOOKUP, corrections=True), 8, OURS),
    "windows-50": Work(WINDOWS, 16, (*OURS, "duckdb", "polars", "spark-sql")),
    "windows-50-corrections": Work(replace(WINDOWS, corrections=True), 16, OURS),
    "windows-50-double": Work(replace(WINDOWS, events=20_000_000, labels=2_000_000), 16, (*OURS, "duckdb", "polars")),
    "windows-50-hot": Work(replace(WINDOWS, hot=0.1), 16, (*OURS, "duckdb", "polars")),
    "lookup-1m-tight": Work(LOOKUP, 8, ("tributary",), 1.5),
    "lookup-10m-tight": Work(replace(LOOKUP, events=10_000_000, labels=10_000_000), 8, ("tributary",), 1),
    "windows-50-tight": Work(WINDOWS, 16, ("tributary",), 1.5),
    "windows-50-tenfold-tight": Work(replace(WINDOWS, events=100_000_000, labels=10_000_000), 16, ("tributary",), 1),
}
NAMES = {
    "point-in-time": [name for name in WORKS if name.startswith("lookup") and not name.endswith("-tight")],
    "windows": [name for name in WORKS if name.startswith("windows") and not name.endswith("-tight")],
    "memory": ["lookup-1m", "windows-50", *(name for name in WORKS if name.endswith("-tight"))],
    **{name: [name] for name in WORKS},
}


@dataclass(frozen=True)
class Measurement:
    seconds: float
    cpu_seconds: float
    peak_mb: float


class Failed(Exception):
    """A system ended with an error; the message has the end of what it printed."""


def java(system: str, work: Work, folder: Path, out: Path) -> tuple[list, dict]:
    return [*plain("PlainSpark", settings(work.partitions)), system, work.shape.kind, folder, out], {}


def plain(main: str, options: list[str], kind: str = "heavy") -> list[str]:
    """Starts a main class of bench, on the class path and with the options of a kind of commands."""
    built = BUILT.with_name(kind)
    jars = [*(built / "jars").read_text().split("\n")[:-1], str(JAR)]
    archive = built / "classes.jsa"
    command = [f"{os.environ['JAVA_HOME']}/bin/java", f"@{built / 'options'}", "-cp", ":".join(jars)]
    command += [f"-XX:SharedArchiveFile={archive}"] * archive.exists()
    return [*command, f"-Xmx{MEMORY}g", *options, f"io.tributary.bench.{main}"]


def settings(partitions: int) -> list[str]:
    """What all that run on Spark are given."""
    conf = {
        "app.name": "bench",
        "master": f"local[{CORES}]",
        "ui.enabled": "false",
        "driver.host": "127.0.0.1",
        "sql.shuffle.partitions": partitions,
        "sql.session.timeZone": "UTC",
        "sql.parquet.outputTimestampType": "TIMESTAMP_MICROS",
        "sql.parquet.compression.codec": "snappy",
    }
    return [f"-Dspark.{key}={value}" for key, value in conf.items()]


def tributary(system: str, work: Work, folder: Path, out: Path) -> tuple[list, dict]:
    command = [ROOT / "bin" / "tributary", "join", "--rows", folder / "labels.parquet", "--project", folder]
    command += ["--features", "history@1", "--as-of", "as_of", "--out", out]
    return command, {
        "TRIBUTARY_HEAP": f"{round(work.memory * 1024)}m",
        "TRIBUTARY_JAVA_OPTS": " ".join(settings(work.partitions)),
    }


def library(system: str, work: Work, folder: Path, out: Path) -> tuple[list, dict]:
    return [sys.executable, HERE / "peers.py", system, work.shape.kind, folder, out, CORES, MEMORY], {}


def feast(system: str, work: Work, folder: Path, out: Path, step: str = "join") -> tuple[list, dict]:
    columns = [f"{name}:{kind}" for name, kind in work.shape.values.items()]
    command = [FEAST / "bin" / "python", HERE / "feast_join.py", step, folder, out, CORES, MEMORY, work.partitions]
    return [*command, *columns], {"FEAST_USAGE": "False"}


COMMANDS: dict[str, Callable[[str, Work, Path, Path], tuple[list, dict]]] = {
    "tributary": tributary,
    "limit": java,
    "spark-sql": java,
    "duckdb": library,
    "polars": library,
    "feast": feast,
}


def measured(command: list, environment: dict, log: Path) -> Measurement:
    """One run as a process of its own: CPU time of all its descendants, resident memory of all at once.

    Servers that were started before are none of them."""
    os.sync()
    servers = {child.pid for child in psutil.Process().children()}
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    ended = threading.Event()
    peak = [0]
    sampler = threading.Thread(target=sample, args=(peak, ended, servers))
    with log.open("w") as output:
        start = time.monotonic()
        process = subprocess.Popen(
            [str(word) for word in command],
            env=os.environ | {"SPARK_LOCAL_IP": "127.0.0.1"} | environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
        )
        sampler.start()
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.monotonic() - start
    ended.set()
    sampler.join()
    process.returncode = os.waitstatus_to_exitcode(status)
    reap_orphans(servers)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if process.returncode:
        raise Failed(f"exit code {process.returncode}\n" + "\n".join(log.read_text().splitlines()[-15:]))
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Measurement(seconds, cpu, max(peak[0], usage.ru_maxrss * 1024) / 1e6)


def sample(peak: list[int], ended: threading.Event, servers: set[int]) -> None:
    me = psutil.Process()
    while not ended.wait(0.2):
        resident = 0
        for child in me.children(recursive=True):
            try:
                resident += 0 if child.pid in servers else child.memory_info().rss
            except psutil.NoSuchProcess:
                continue
        peak[0] = max(peak[0], resident)


def reap_orphans(servers: set[int]) -> None:
    while left := [child.pid for child in psutil.Process().children() if child.pid not in servers]:
        for pid in left:
            os.waitpid(pid, 0)


def adopt_orphans() -> None:
    """Descendants whose parent ended become children of this process, so that their CPU time counts."""
    set_child_subreaper = 36
    if ctypes.CDLL(None).prctl(set_child_subreaper, 1, 0, 0, 0) != 0:
        raise OSError("Cannot adopt orphans: prctl failed.")


def remove(out: Path) -> None:
    if out.is_dir():
        shutil.rmtree(out)
    else:
        out.unlink(missing_ok=True)


def run(name: str, work: Work, rounds: int) -> tuple[list[dict], list[str]]:
    """Measures the work's systems in turn, `rounds` times; the JSON objects, and what went wrong."""
    shape = work.shape
    print(f"\n{name}: {shape.events:,} events, {shape.labels:,} label rows, {len(shape.features)} features", flush=True)
    folder = prepared(shape, HOME / "data")
    results = HOME / "out" / name
    shutil.rmtree(results, ignore_errors=True)
    results.mkdir(parents=True)
    for file in folder.rglob("*.parquet"):
        file.read_bytes()  # so that nobody is the one who reads from the disk
    if "feast" in work.systems:
        measured(*feast("feast", work, folder, results, "apply"), results / "feast-apply.log")
    runs: dict[str, list[Measurement]] = {system: [] for system in work.systems}
    problems: dict[str, str] = {}
    for _ in range(rounds):
        for system, done in runs.items():
            if system in problems or (done and done[0].seconds > PATIENCE):
                continue
            out = results / f"{system}.parquet"
            remove(out)
            try:
                done.append(measured(*COMMANDS[system](system, work, folder, out), results / f"{system}.log"))
                say(f"  {system:<10}{done[-1].seconds:8.1f} s, CPU {done[-1].cpu_seconds:.1f} s")
            except Failed as failure:
                problems[system] = str(failure)
    ended = {system: results / f"{system}.parquet" for system, done in runs.items() if system not in problems}
    lines = [line(name, system, runs[system], check.rows(out)) for system, out in ended.items()]
    problems |= disagreements(work, folder, ended, results)
    return lines, [f"{name}, {system}: {problem}" for system, problem in problems.items()]


def run_ingest(name: str, delivery: ingest.Delivery, rounds: int, systems: list[str]) -> tuple[list[dict], list[str]]:
    """Measures how one file gets into two tables: by Tributary, and by Spark's own reader, which judges nothing."""
    print(f"\n{name}: {delivery.rows:,} rows, {len(ingest.COLUMNS)} columns", flush=True)
    folder = ingest.prepared(delivery, HOME / "data")
    results = HOME / "out" / name
    shutil.rmtree(results, ignore_errors=True)
    results.mkdir(parents=True)
    file = folder / f"events.{delivery.format}"
    options = settings(8)
    commands = {
        "tributary": lambda out: (
            [ROOT / "bin" / "tributary", "ingest", folder, "--lake", out],
            {"TRIBUTARY_HEAP": f"{MEMORY}g", "TRIBUTARY_JAVA_OPTS": " ".join(options)},
        ),
        "limit": lambda out: ([*plain("PlainIngest", options), delivery.format, file, out], {}),
    }
    runs = in_turn({system: commands[system] for system in systems}, results, [file], rounds)
    lines, problems = [], []
    wanted = ingest.content(ingest.delivered(delivery, folder))
    for system, done in runs.items():
        tables = [results / system / layer / "events" for layer in ("bronze", "validated")]
        found = {table: ingest.content(f"'{table}/**/*.parquet'") for table in tables}
        lines.append(line(name, system, done, found[tables[1]][0]))
        problems += [f"{name}: other rows in {table}" for table, rows in found.items() if rows != wanted]
    return lines, problems


def run_scoring(name: str, work: scoring.Scored, rounds: int, systems: list[str]) -> tuple[list[dict], list[str]]:
    """Measures how the rows of a night are scored, or how a monitor counts what was scored."""
    print(f"\n{name}: {work.rows:,} rows, {work.inputs} inputs", flush=True)
    options = settings(8)
    ours = {"TRIBUTARY_HEAP": f"{MEMORY}g", "TRIBUTARY_JAVA_OPTS": " ".join(options)}
    folder = scoring.prepared(work, HOME / "data", ours)
    results = HOME / "out" / name
    shutil.rmtree(results, ignore_errors=True)
    results.mkdir(parents=True)
    asked = folder / "lake" / "validated" / "asked"
    scores = folder / "lake" / "scores" / "night"

    def tributary(out: Path) -> tuple[list, dict]:
        shutil.copytree(folder / "lake", out, copy_function=scoring.copied)
        command = [ROOT / "bin" / "tributary", work.command, "--night", scoring.NIGHT]
        return [*command, "--project", folder, "--lake", out], ours

    def limit(out: Path) -> tuple[list, dict]:
        command = plain("PlainScore", options)
        if work.command == "monitor":
            return [*command, "read", scores, *scoring.read_columns(work)], {}
        return [*command, "score", folder / "model.json", asked, out], {}

    def onnx(out: Path) -> tuple[list, dict]:
        jars = ",".join(jar for jar in (BUILT / "jars").read_text().split("\n") if "/delta-" in jar)
        conf = [option.removeprefix("-D") for option in options] + [f"spark.driver.memory={MEMORY}g"]
        command = [scoring.ONNX / "bin" / "python", HERE / "onnx_score.py", folder / "model.json", asked, out, jars]
        return [*command, *conf], {"PYSPARK_PYTHON": str(scoring.ONNX / "bin" / "python")}

    commands = {"tributary": tributary, "limit": limit, "onnx-pandas-udf": onnx}
    read = list((scores if work.command == "monitor" else asked).glob("**/*.parquet"))
    runs = in_turn({system: commands[system] for system in systems}, results, read, rounds)
    lines = [line(name, system, done, work.rows) for system, done in runs.items()]
    outs = {system: results / system for system in runs}
    return lines, [f"{name}, {problem}" for problem in scoring.problems(work, folder, outs)]


def in_turn(
    commands: dict[str, Callable[[Path], tuple[list, dict]]], results: Path, read: list[Path], rounds: int
) -> dict[str, list[Measurement]]:
    """Measures commands that write to a folder each, one after the other, `rounds` times."""
    runs: dict[str, list[Measurement]] = {system: [] for system in commands}
    for _ in range(rounds):
        for system, done in runs.items():
            out = results / system
            remove(out)
            started = commands[system](out)
            for file in read:
                file.read_bytes()  # so that nobody is the one who reads from the disk
            done.append(measured(*started, results / f"{system}.log"))
            say(f"  {system:<16}{done[-1].seconds:8.1f} s, CPU {done[-1].cpu_seconds:.1f} s")
    return runs


def run_publish(name: str, work: publish.Published, rounds: int, systems: list[str]) -> tuple[list[dict], list[str]]:
    """Measures how a night's features get into an online store, without the start of processes."""
    print(f"\n{name}: {work.entities:,} entities, {len(published.FEATURES)} features", flush=True)
    results = HOME / "out" / name
    shutil.rmtree(results, ignore_errors=True)
    results.mkdir(parents=True)
    with published.redis(results / "redis", publish.PORT):
        publishing = publish.Publishing(work, HOME, results, given(settings(8)), measured)
        plain_publish = plain("PlainPublish", [])
        publishing.kept()
        runs: dict[str, list[Measurement]] = {system: [] for system in systems}
        within: dict[str, list[dict]] = {system: [] for system in systems}
        problems: list[str] = []
        for _ in range(rounds):
            for system in systems:
                publishing.begin(system)
                whole, inner = publishing.take(system, plain_publish)
                runs[system].append(whole)
                within[system].append(inner)
                taken = f"{inner['seconds']:8.2f} s, CPU {inner['cpu_seconds']:.2f} s; {whole.seconds:.1f} s in all"
                say(f"  {system:<10}{taken}")
                if system != "limit":
                    problems += [f"{name}, {system}: {problem}" for problem in publishing.problems(system)]
    lines = []
    for system in systems:
        one = line(name, system, runs[system], work.entities)
        one["with_start"] = one["seconds"]
        for key in ("seconds", "cpu_seconds"):
            one[key] = round(statistics.median(inner[key] for inner in within[system]), 2)
        one["min"] = round(min(inner["seconds"] for inner in within[system]), 2)
        one["max"] = round(max(inner["seconds"] for inner in within[system]), 2)
        lines.append(one)
    return lines, problems


def run_online(
    name: str, work: online.Served, rounds: int, systems: list[str], minutes: float
) -> tuple[list[dict], list[str]]:
    """Measures servers at half of what each can do, in turn; of several rounds the median of each figure."""
    print(f"\n{name}: {work.entities:,} entities, {len(work.features)} features, {work.keys} in a request", flush=True)
    server = ["-XX:TieredStopAtLevel=4"]  # as bin/tributary serve has it
    java = {main: plain(main, server, "light") for main in ("OpenLoop", "PlainServer")}
    java["PlainPublish"] = plain("PlainPublish", [])
    serving = online.Serving(name, work, HOME, given(settings(8)), java)
    for system in systems:
        serving.prepare(system)
    problems = online.honest(serving)
    runs: dict[str, list[dict]] = {system: [] for system in systems}
    for _ in range(rounds):
        ours = float("inf")
        for system in systems:
            found, wrong = online.measured(serving, system, minutes, ours)
            ours = found["rate"] if system == "tributary" else ours
            runs[system].append(found)
            problems += wrong
            say("  " + json.dumps(found))
    return [online.median(done) for done in runs.values()], problems


def given(options: list[str]) -> dict:
    """What Tributary's commands are given."""
    return {"TRIBUTARY_HEAP": f"{MEMORY}g", "TRIBUTARY_JAVA_OPTS": " ".join(options)}


def run_light(rounds: int) -> list[dict]:
    """Measures the light commands in turn; of several rounds the least, as what comes on top is others' work."""
    lake = light.prepared(HOME)
    results = HOME / "out" / "light"
    results.mkdir(parents=True, exist_ok=True)
    runs: dict[str, list[Measurement]] = {name: [] for name in light.COMMANDS}
    for _ in range(rounds):
        for name, done in runs.items():
            done.append(measured(light.command(name, lake), {}, results / f"{name}.log"))
    lines = [line("light", name, done, 0) for name, done in runs.items()]
    for one in lines:
        one["seconds"] = one["min"]
        one["cpu_seconds"] = round(min(run.cpu_seconds for run in runs[one["system"]]), 2)
    return lines


def run_start(rounds: int, systems: list[str]) -> list[list[dict]]:
    """Measures commands that have nothing to do, and their JVMs that do nothing, in turn."""
    results = HOME / "out" / "start"
    shutil.rmtree(results, ignore_errors=True)
    results.mkdir(parents=True)
    tables = []
    for name, work in start.works(HOME).items():
        runs: dict[str, list[Measurement]] = {system: [] for system in systems}
        for system in systems:  # so that the archive is in the page cache, and the project's expressions are kept
            measured(start.command(system, work, JAR), {}, results / f"{name}-{system}.log")
        for _ in range(rounds):
            for system, done in runs.items():
                done.append(measured(start.command(system, work, JAR), {}, results / f"{name}-{system}.log"))
        tables.append([line(name, system, done, 0) for system, done in runs.items()])
    return tables


def run_registry(systems: list[str]) -> tuple[list[dict], list[str]]:
    """Measures calls of one process, with answers that are known beforehand; a wrong one ends it."""
    results = HOME / "out" / "registry"
    shutil.rmtree(results, ignore_errors=True)
    results.mkdir(parents=True)
    calls = {
        "tributary": lambda: registry_calls.tributary(plain("RegistryCalls", []), HOME, results),
        registry_calls.PEER: lambda: registry_calls.mlflow(MLFLOW, results),
    }
    found = registry_calls.lines({system: calls[system]() for system in systems})
    print(f"\n{registry_calls.table(found)}", flush=True)
    return found, []


def run_monitoring(small: bool, lake: Path | None) -> tuple[list[dict], list[str]]:
    """Measures what monitoring finds and what it doesn't; the table's lines, and what has no answer."""
    results = HOME / "out" / "monitoring"
    results.mkdir(parents=True, exist_ok=True)
    out = results / "findings.json"
    of_worlds = measured(monitoring.worlds(results / "worlds.json", small), {}, results / "worlds.log")
    data = [] if small else [lake or monitoring.prepared(HOME)]
    of_data = measured([*plain("Monitoring", settings(8)), out, *data], {}, results / "monitoring.log")
    say(f"  {of_worlds.seconds + of_data.seconds:.0f} s, CPU {of_worlds.cpu_seconds + of_data.cpu_seconds:.0f} s")
    findings = [monitoring.of_worlds(results / "worlds.json"), *map(json.loads, out.read_text().splitlines())]
    print(f"\n{monitoring.table(findings)}", flush=True)
    return findings, check.unanswered(findings)


def line(name: str, system: str, runs: list[Measurement], rows: int) -> dict:
    seconds = [run.seconds for run in runs]
    return {
        "work": name,
        "system": system,
        "seconds": round(statistics.median(seconds), 2),
        "min": round(min(seconds), 2),
        "max": round(max(seconds), 2),
        "cpu_seconds": round(statistics.median(run.cpu_seconds for run in runs), 2),
        "peak_mb": round(max(run.peak_mb for run in runs)),
        "rows": rows,
        "runs": len(runs),
    }


def disagreements(work: Work, folder: Path, outs: dict[str, Path], results: Path) -> dict[str, str]:
    """What the systems' answers have wrong: none may differ from DuckDB's, nor Tributary's from the contract."""
    shape = work.shape
    wrong = {}
    if not shape.corrections:
        answer = outs.get("duckdb")
        if answer is None:
            answer = results / "answer.parquet"
            measured(*library("duckdb", work, folder, answer), results / "answer.log")
        for system in sorted(outs.keys() - {"limit", "duckdb"}):
            rows = check.differing(shape, answer, outs[system])
            print(f"  {system}: {rows} of {shape.labels:,} rows differ from DuckDB's answer", flush=True)
            if rows:
                wrong[system] = f"{rows} rows differ from DuckDB's answer"
    if "tributary" in outs:
        cells, bad = check.wrong(shape, folder, outs["tributary"])
        print(f"  tributary: {bad} of {cells:,} values differ from the naive loop's, to the bit", flush=True)
        if bad:
            wrong["tributary"] = f"{bad} of {cells:,} values differ from the naive loop's"
    for system, out in outs.items():
        if check.rows(out) != shape.labels:
            wrong[system] = f"{check.rows(out):,} rows for {shape.labels:,} label rows"
    return wrong


def table(lines: list[dict]) -> str:
    """The lines of one work, with each system's time and CPU time as multiples of the limit's and of Tributary's."""
    by_system = {line["system"]: line for line in lines}
    titles = ["system", "seconds", "min", "max", "CPU s", "peak MB", "rows"]
    titles += ["s/limit", "CPU/limit", "s/tributary", "CPU/tributary"]
    rows = [titles]
    for line in lines:
        row = [line[key] for key in ("system", "seconds", "min", "max", "cpu_seconds", "peak_mb", "rows")]
        row = [
            f"{cell:,}" if isinstance(cell, int) else f"{cell:.2f}" if isinstance(cell, float) else cell for cell in row
        ]
        for other in ("limit", "tributary"):
            row += [ratio(line, by_system.get(other), key) for key in ("seconds", "cpu_seconds")]
        rows.append(row)
    widths = [max(len(row[i]) for row in rows) for i in range(len(titles))]
    return "\n".join(
        "  "
        + "  ".join(
            cell.ljust(w) if i == 0 else cell.rjust(w) for i, (cell, w) in enumerate(zip(row, widths, strict=True))
        )
        for row in rows
    )


def ratio(line: dict, other: dict | None, key: str) -> str:
    return f"{line[key] / other[key]:.2f}" if other else "-"


def growth(lines: list[dict]) -> list[str]:
    """How the same system's cost grows from a work to more rows of it, to a hot key, and to less memory."""
    by_name = {(line["work"], line["system"]): line for line in lines if "seconds" in line}
    return [
        f"{name} / {even['work']}, {system}: seconds {ratio(line, even, 'seconds')},"
        f" CPU {ratio(line, even, 'cpu_seconds')}, peak {ratio(line, even, 'peak_mb')}"
        for (name, system), line in by_name.items()
        if (even := by_name.get(("lookup-1m" if name.startswith("lookup") else "windows-50", system)))
        and name.endswith(("-double", "-hot", "-tight"))
    ]


def prepare(systems: set[str]) -> None:
    """Builds and installs what the systems need, before anything is measured."""
    subprocess.run([ROOT / "bin" / "tributary", "ingest", "--help"], check=True, stdout=subprocess.DEVNULL)
    sources = [HERE / "pom.xml", *HERE.glob("src/**/*.java"), *monitoring.DRIFT.glob("src/**/*.java")]
    newest = max(file.stat().st_mtime for file in sources)
    if not JAR.exists() or JAR.stat().st_mtime < newest:
        maven = [
            "mvn",
            "-B",
            "-q",
            "-DskipTests",
            "-Denforcer.skip",
            "-Dspotless.check.skip",
            "-pl",
            "bench",
            "-am",
            "package",
        ]
        subprocess.run(maven, check=True, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=sys.stderr)
        JAR.touch()
    for system, environment, file in (
        ("feast", FEAST, "requirements-feast.txt"),
        (scoring.PEER, scoring.ONNX, "requirements-onnx.txt"),
        (registry_calls.PEER, MLFLOW, "requirements-mlflow.txt"),
    ):
        if system in systems:
            script = f"source bin/environment.sh && python_environment {environment} bench/{file}"
            subprocess.run(["bash", "-ec", script], check=True, cwd=ROOT)


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def main() -> int:
    parser = argparse.ArgumentParser(prog="bench/run", description=__doc__)
    groups = ("light", "monitoring", "nights", "registry", "scheduled", "start", "ingest")
    names = [*NAMES, *groups, *ingest.DELIVERIES, "score", *scoring.WORKS, "publish", *publish.WORKS]
    names += ["online", *online.WORKS, *sorted({name.rsplit("-", 1)[0] for name in online.WORKS})]
    parser.add_argument("name", choices=names, metavar="NAME", help=", ".join(names))
    parser.add_argument("--small", action="store_true", help="a tenth of the rows")
    parser.add_argument("--check", action="store_true", help="a hundredth of the rows, once, without peers")
    parser.add_argument("--json", type=Path, metavar="FILE", help="where the JSON objects go, one a line")
    parser.add_argument("--systems", metavar="A,B", help="only these of " + ", ".join((*COMMANDS, *PEERS)))
    parser.add_argument("--lake", type=Path, help="for monitoring: the example's lake (default: one is made, once)")
    parser.add_argument("--minutes", type=float, default=0, help="for online: how long each system is asked at least")
    parser.add_argument("--rounds", type=int, default=3, help="how often each system runs (default: 3)")
    options = parser.parse_args()

    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:CORES])
    adopt_orphans()
    if options.name == "light":
        return report([run_light(options.rounds)], options.json)
    if options.name == "nights":
        found = []
        print(nights.HEADER)
        for lines in nights.measured(HOME, (2, 4) if options.check else (10, 33) if options.small else nights.NIGHTS):
            print(nights.table(lines), flush=True)
            found += lines
        return finished(found, [], options.json)
    if options.name == "scheduled":
        found, problems = scheduled.measured(HOME / "scheduled")
        print(scheduled.table(found), flush=True)
        return finished(found, problems, options.json)
    divisor = 100 if options.check else 10 if options.small else 1
    allowed = set(OURS) if options.check else {*COMMANDS, *PEERS}
    if options.systems:
        allowed &= set(options.systems.split(","))
    deliveries = {
        name: replace(delivery, rows=delivery.rows // divisor)
        for name, delivery in ingest.DELIVERIES.items()
        if options.name in ("ingest", name)
    }
    works = {name: scaled(WORKS[name], divisor, allowed) for name in NAMES.get(options.name, ())}
    scorings = {
        name: replace(work, rows=work.rows // divisor)
        for name, work in scoring.WORKS.items()
        if options.name in ("score", name)
    }
    publishing = {
        name: replace(work, entities=work.entities // divisor)
        for name, work in publish.WORKS.items()
        if options.name in ("publish", name)
    }
    systems = {system for work in [*works.values(), *scorings.values()] for system in work.systems} & allowed
    serving = {
        name: replace(work, entities=work.entities // divisor)
        for name, work in online.WORKS.items()
        if options.name in ("online", name, name.rsplit("-", 1)[0])
    }
    if options.check:
        serving = {name: replace(work, warm=4, quiet=4) for name, work in serving.items()}
    if publishing:
        systems = set(publish.SYSTEMS) & allowed
    systems |= {system for work in serving.values() for system in work.systems} & allowed
    if options.name == "registry":
        systems = set(registry_calls.SYSTEMS) & allowed
    prepare(systems or set(OURS))
    if options.name == "start":
        ours = [system for system in OURS if system in allowed]
        return report(run_start(1 if options.check else options.rounds, ours), options.json)
    if options.name == "registry":
        return finished(*run_registry([system for system in registry_calls.SYSTEMS if system in allowed]), options.json)
    if options.name == "monitoring":
        lines, problems = run_monitoring(options.check, options.lake)
        return finished(lines, problems, options.json)
    load = os.getloadavg()[0]
    if load > 0.5 * CORES and not options.check:
        say(f"Something else runs here (load {load:.1f}): don't trust the figures.")

    lines, problems = [], []
    for name, work in works.items():
        found, wrong = run(name, work, 1 if options.check else options.rounds)
        print(table(found), flush=True)
        lines += found
        problems += wrong
    for name, delivery in deliveries.items():
        ours = [system for system in OURS if system in allowed]
        found, wrong = run_ingest(name, delivery, 1 if options.check else options.rounds, ours)
        print(table(found), flush=True)
        lines += found
        problems += wrong
    for name, work in scorings.items():
        chosen = [system for system in work.systems if system in allowed]
        found, wrong = run_scoring(name, work, 1 if options.check else options.rounds, chosen)
        print(table(found), flush=True)
        lines += found
        problems += wrong
    for name, work in publishing.items():
        chosen = [system for system in publish.SYSTEMS if system in allowed]
        found, wrong = run_publish(name, work, 1 if options.check else options.rounds, chosen)
        print("\n".join([table(found), *publish.with_start(found), *publish.goals(found)]), flush=True)
        lines += found
        problems += wrong
    for name, work in serving.items():
        chosen = [system for system in work.systems if system in allowed]
        found, wrong = run_online(name, work, 1 if options.check else options.rounds, chosen, options.minutes)
        print("\n".join([online.table(found), *online.goals(name, found)]), flush=True)
        lines += found
        problems += wrong
    print("\n".join(["", *growth(lines)]))
    return finished(lines, problems, options.json)


def finished(lines: list[dict], problems: list[str], file: Path | None) -> int:
    """Writes what was measured, and says what is wrong with it."""
    if file:
        file.write_text("".join(json.dumps(line) + "\n" for line in lines))
    for problem in problems:
        say(f"Cannot vouch for {problem}")
    return 1 if problems else 0


def report(tables: list[list[dict]], file: Path | None) -> int:
    """Prints and writes what was measured of works whose answers are not compared."""
    for lines in tables:
        print(f"\n{lines[0]['work']}\n{table(lines)}", flush=True)
    if file:
        file.write_text("".join(json.dumps(line) + "\n" for lines in tables for line in lines))
    return 0


def scaled(work: Work, divisor: int, allowed: set[str]) -> Work:
    shape = work.shape
    shape = replace(shape, events=shape.events // divisor, labels=shape.labels // divisor, keys=shape.keys // divisor)
    return replace(work, shape=shape, systems=tuple(system for system in work.systems if system in allowed))


if __name__ == "__main__":
    sys.exit(main())
