"""Measures what a server of published features answers, at a constant rate; see docs/performance.md.

The server has a core, whoever asks it and the store have the other. A publish and its switch are in the run.
"""

import json
import os
import random
import shutil
import signal
import statistics
import subprocess
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import check
import numpy as np
import psutil
import publish
import published
import scoring

ROOT = Path(__file__).resolve().parent.parent
HERE = Path(__file__).resolve().parent
PORT, REDIS = 16_566, publish.PORT
CONNECTIONS = 16
EACH = 1_000  # of so many answers one is compared
STALL = 1.0  # seconds
NIGHTS = (published.FIRST, published.SECOND)


@dataclass(frozen=True)
class Served:
    """What a request asks: features of so many entities, or a score."""

    store: str
    keys: int = 1
    scores: bool = False
    entities: int = 1_000_000
    warm: float = 20  # seconds at full load, before anything is measured
    quiet: float = 30  # seconds at the constant rate, before the publish, and half as many after it

    @property
    def systems(self) -> tuple[str, ...]:
        return ("tributary", "limit", *(["feast"] * (not self.scores and self.store == "redis")))

    @property
    def view(self) -> str:
        return published.INPUTS_VIEW if self.scores else published.VIEW

    @property
    def features(self) -> list[str]:
        return published.INPUTS if self.scores else published.FEATURES

    def plan(self) -> dict:
        if self.scores:
            return {"path": "/models/mlp/invocations", "head": '{"dataframe_records":[{"key":', "tail": "}]}"}
        names = json.dumps([f"history:{name}" for name in self.features], separators=(",", ":"))
        return {"path": "/get-online-features", "head": f'{{"features":{names},"entities":{{"key":[', "tail": "]}}"}


WORKS = {
    f"{name}-{store}": Served(store, **how)
    for name, how in {"http-1": {}, "http-100": {"keys": 100}, "score-1": {"scores": True}}.items()
    for store in ("rocksdb", "redis")
}
GOAL_MS = {"http-1-rocksdb": 2, "http-100-rocksdb": 8}


class Serving:
    """One work's data, and how each system serves it: on the first core, beside all else on the second."""

    def __init__(self, name: str, work: Served, home: Path, environment: dict, java: dict[str, list]):
        self.name, self.work, self.environment, self.java = name, work, environment, java
        self.server_core, self.other_core = sorted(os.sched_getaffinity(0))[:2]
        self.folder = published.prepared(work.entities, home / "data", environment)
        if work.scores:
            published.trained(self.folder, environment)
        self.results = home / "out" / name
        shutil.rmtree(self.results, ignore_errors=True)
        self.results.mkdir(parents=True)
        self.python = home / "feast" / "bin" / "python"

    def prepare(self, system: str) -> None:
        """What a system has published of the first night is kept, as files or as Redis' own dump."""
        self.kept("rocksdb", lambda making: self.publish("tributary", f"rocksdb:{making}", published.FIRST))
        if self.work.store == "redis" and system != "limit":

            def dump(making: Path) -> None:
                with published.redis(making, REDIS, {self.other_core}):
                    if system == "feast":
                        self.feast("apply", self.folder, self.repo, redis_of_feast(), *columns())
                        for hour in range(12):  # it holds all rows of what it is told in memory: 15 GB of a million
                            begin = datetime.fromisoformat(f"{published.FIRST}T{hour:02}:00:00+00:00")
                            self.feast("materialize", self.repo, begin, begin + timedelta(hours=1))
                    else:
                        self.publish(system, f"redis://127.0.0.1:{REDIS}", published.FIRST)
                    published.redis_says(REDIS, "save")

            self.kept(f"{system}-redis", dump)

    def kept(self, name: str, make: Callable[[Path], None]) -> None:
        store = self.place(name)
        if not store.exists():
            making = store.with_name(store.name + ".making")
            shutil.rmtree(making, ignore_errors=True)
            making.mkdir()
            make(making)
            making.rename(store)

    @property
    def repo(self) -> Path:
        return self.folder / "feast"

    def feast(self, *words: object, **how: object) -> None:
        command = [self.python, HERE / "feast_online.py", *words]
        self.logged("feast", command, {"FEAST_USAGE": "False"}, **how)

    def logged(self, name: str, command: list, environment: dict, **how: object) -> None:
        with (self.results / f"{name}.log").open("a") as log:
            said = os.environ | environment
            subprocess.run(list(map(str, command)), check=True, env=said, stdout=log, stderr=log, **how)

    def publish(self, system: str, address: str, night: str, **how: object) -> None:
        if system == "feast":
            self.feast("materialize", self.repo, *publish.window(night), **how)
        elif system == "limit":
            self.logged("limit", [*self.java["PlainPublish"], self.files(), address, 1], {}, **how)
        else:
            command = [ROOT / "bin" / "tributary", "publish", self.work.view, "--night", night]
            environment = self.environment | {"BENCH_ONLINE": address}
            self.logged("tributary", [*command, "--project", self.folder], environment, **how)

    def aside(self) -> None:
        """Lets who asks, and the store, go first; for a process that is about to start."""
        os.sched_setaffinity(0, {self.other_core})
        os.nice(19)

    def files(self) -> str:
        return f"rocksdb:{self.place('rocksdb')}"

    def place(self, name: str) -> Path:
        return self.folder / f"{name}-{self.work.view.split('@')[0]}"

    @contextmanager
    def store(self, system: str) -> Iterator[str]:
        """A store of a round's own in which the first night is published: its address."""
        own = self.results / "store"
        shutil.rmtree(own, ignore_errors=True)
        if self.work.store == "redis":
            if system == "limit":
                own.mkdir()
            else:
                shutil.copytree(self.place(f"{system}-redis"), own)
            with published.redis(own, REDIS, {self.other_core}):
                yield f"redis://127.0.0.1:{REDIS}"
        else:
            if system != "limit":
                shutil.copytree(self.place("rocksdb"), own)
            yield f"rocksdb:{own}"

    @contextmanager
    def server(self, system: str, address: str) -> Iterator[tuple[psutil.Process, float]]:
        """The server, and the seconds from its start to its first answer."""
        environment = {"BENCH_ONLINE": address, "FEAST_USAGE": "False"}
        if system == "tributary":
            command = [ROOT / "bin" / "tributary", "serve", "--project", self.folder, "--port", PORT]
        elif system == "limit":
            command = [*self.java["PlainServer"], self.files(), address, PORT]
        else:
            # Without --max-requests 0 a worker starts anew after a thousand requests.
            command = [self.python.with_name("feast"), "-c", self.repo, "serve", "-p", PORT, "--max-requests", 0]
        with (self.results / f"{system}-server.log").open("w") as log:
            started = time.monotonic()
            process = subprocess.Popen(
                list(map(str, command)),
                env=os.environ | environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.DEVNULL if system == "tributary" else log,  # where it says each request
                preexec_fn=lambda: os.sched_setaffinity(0, {self.server_core}),
            )
        try:
            while not self.answers():
                if process.poll() is not None or time.monotonic() > started + 180:
                    said = (self.results / f"{system}-server.log").read_text()[-2000:]
                    raise RuntimeError(f"{system} does not serve: {said}")
                time.sleep(0.02)
            yield psutil.Process(process.pid), time.monotonic() - started
        finally:
            process.terminate()
            process.wait()

    def answers(self) -> bool:
        plan = self.work.plan()
        body = f"{plan['head']}0{plan['tail']}".encode()
        request = urllib.request.Request(
            f"http://127.0.0.1:{PORT}{plan['path']}", body, {"Content-Type": "application/json"}
        )
        try:
            with urllib.request.urlopen(request, timeout=5) as answer:
                return answer.status == 200
        except OSError:
            return False

    @contextmanager
    def load(self, rate: float, samples: Path | None = None) -> Iterator["Load"]:
        """Asks at a rate, 0 for as often as is answered, until it is ended."""
        plan = self.work.plan() | {
            "port": PORT,
            "keys": self.work.keys,
            "entities": self.work.entities,
            "rate": rate,
            "connections": CONNECTIONS if rate == 0 else 8 * CONNECTIONS,
            "each": EACH if samples else 0,
            "seed": random.randrange(1 << 40),
            "samples": str(samples or os.devnull),
        }
        file = self.results / "plan.json"
        file.write_text(json.dumps(plan))
        load = Load([*self.java["OpenLoop"], file], self.other_core)
        try:
            yield load
        finally:
            load.process.kill()
            load.process.wait()


class Load:
    """A running generator: which part of the run begins, and what it measured."""

    def __init__(self, command: list, core: int):
        self.process = subprocess.Popen(
            list(map(str, command)),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            preexec_fn=lambda: os.sched_setaffinity(0, {core}),
        )

    def part(self, name: str, seconds: float = 0) -> None:
        self.process.stdin.write(name + "\n")
        self.process.stdin.flush()
        time.sleep(seconds)

    def end(self) -> dict:
        self.part("end")
        return json.loads(self.process.stdout.readline())


def redis_of_feast() -> str:
    return f'{{type: redis, connection_string: "127.0.0.1:{REDIS}"}}'


def columns() -> list[str]:
    return [f"{name}:{kind}" for name, kind in published.SHAPE.values.items()]


def measured(serving: Serving, system: str, minutes: float, ours: float) -> tuple[dict, list[str]]:
    """One round of one system: its peak, and then half of that, or as much as Tributary was asked in this round, with a
    publish within; a line, and what is wrong."""
    work = serving.work
    with serving.store(system) as address, serving.server(system, address) as (server, first_answer):
        with serving.load(0) as load:
            load.part("warm", work.warm)
            load.part("peak", work.warm / 2)
            full = load.end()
            peak = full["peak"]
        peak = peak["requests"] / peak["seconds"]
        rate = min(peak / 2, ours)
        samples = serving.results / f"{system}-answers.jsonl"
        cpu = spent(server)
        with serving.load(rate, samples) as load:
            began = time.monotonic()
            load.part("begin", work.warm / 4)
            load.part("quiet", work.quiet)
            memory = [resident(server)]
            load.part("publish")
            published_in = time.monotonic()
            beside = address
            if system == "limit" and work.store == "rocksdb":
                beside = f"rocksdb:{serving.results / 'plain'}"
            serving.publish(system, beside, published.SECOND, preexec_fn=serving.aside)
            published_in = time.monotonic() - published_in
            time.sleep(3)
            load.part("after", work.quiet / 2)
            memory.append(resident(server))
            while time.monotonic() < began + 60 * minutes:
                time.sleep(min(30, max(0.1, began + 60 * minutes - time.monotonic())))
                memory.append(resident(server))
            found = load.end()
            cpu = (spent(server) - cpu) / (time.monotonic() - began)
        store_mb = published.redis_mb(REDIS) if work.store == "redis" else size_mb(Path(address.split(":", 1)[1]))
        line = {
            "work": serving.name,
            "system": system,
            "peak": round(peak),
            "rate": round(rate),
            **{key: round(found["quiet"][key], 3) for key in ("p50", "p99")},
            "p99_publish": round(found["publish"]["p99"], 3),
            "p99_all": round(found["all"]["p99"], 3),
            "max": round(found["all"]["max"], 1),
            "publish_seconds": round(published_in, 1),
            "core": round(cpu, 2),
            "first_answer": round(first_answer, 2),
            "server_mb": round(memory[-1]),
            "memory": [round(mb) for mb in memory],
            "store_mb": round(store_mb),
            "requests": found["all"]["requests"],
            "failed": full["failed"] + found["failed"],
        }
    problems = [f"{of['failed']} requests failed, as in: {of['problem']}" for of in (full, found) if of["failed"]]
    if system != "limit":
        compared, wrong = differing(serving, samples, mixes=system == "feast")
        line["compared"] = compared
        problems += wrong
    return line, [f"{serving.name}, {system}: {problem}" for problem in problems]


def resident(server: psutil.Process) -> float:
    return sum(each.memory_info().rss for each in [server, *server.children(recursive=True)]) / 1e6


def spent(server: psutil.Process) -> float:
    times = [each.cpu_times() for each in [server, *server.children(recursive=True)]]
    return sum(of.user + of.system for of in times)


def size_mb(folder: Path) -> float:
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file()) / 1e6


def differing(serving: Serving, samples: Path, mixes: bool) -> tuple[int, list[str]]:
    """How many answers were compared with what the lake has; and those that are of neither night, or a mix of both."""
    answers = [json.loads(text) for text in samples.read_text().splitlines()]
    keys = sorted({key for answer in answers for key in answer["keys"]})
    table = serving.work.view.replace("@", "_v")
    features = serving.work.features
    nights = [check.offline(serving.folder, table, published.instant(night), keys, features) for night in NIGHTS]
    expected = [scores(serving, rows) for rows in nights] if serving.work.scores else nights
    wrong = []
    for answer in answers:
        found = answered(answer, serving.work)
        of = [[equal(row, night[key]) for key, row in zip(answer["keys"], found, strict=True)] for night in expected]
        if not (all(map(any, zip(*of, strict=True))) if mixes else any(map(all, of))):
            wrong.append(f"keys {answer['keys'][:3]} were answered with {found[:3]}")
    return len(answers), wrong[:3]


def answered(answer: dict, work: Served) -> list:
    """An answer, by entity."""
    if work.scores:
        return answer["answer"]["predictions"]
    names = answer["answer"]["metadata"]["feature_names"]
    columns = dict(zip(names, answer["answer"]["results"], strict=True))
    return [{name: columns[name]["values"][i] for name in work.features} for i in range(len(answer["keys"]))]


def scores(serving: Serving, rows: dict[int, dict]) -> dict[int, float]:
    """What numpy computes of the registered model's weights."""
    model = scoring.model(serving.folder / "lake")
    names = {name: name.split("__")[-1] for name in model["columns"]}
    values = {name: np.array([row[of] for row in rows.values()], float) for name, of in names.items()}
    return dict(zip(rows, scoring.numpy_scores(model, values), strict=True))


def equal(found: object, expected: object) -> bool:
    return abs(found - expected) <= scoring.NEAR if isinstance(found, float) else found == expected


def honest(serving: Serving) -> list[str]:
    """What the generator says of a server that is stopped for a second: its requests of that second are late."""
    rate, seconds = 500, 8
    with serving.store("limit") as address, serving.server("limit", address) as (server, _):
        with serving.load(0) as load:
            load.part("warm", 3)
            load.end()
        with serving.load(rate) as load:
            load.part("begin", 2)
            load.part("stalled", 2)
            server.send_signal(signal.SIGSTOP)
            time.sleep(STALL)
            server.send_signal(signal.SIGCONT)
            time.sleep(seconds - 2 - STALL)
            found = load.end()["stalled"]
    due = rate * seconds
    late = 1_000 * STALL * (1 - 0.01 * due / (rate * STALL))  # the hundredth of all that is the latest
    problems = []
    if not late - 50 <= found["p99"] <= 1_000 * STALL + 100:
        problems.append(f"the generator's p99 is {found['p99']:.0f} ms, and not some {late:.0f}, of a stopped server")
    if abs(found["requests"] - due) > 0.03 * due:
        problems.append(f"the generator asked {found['requests']} times, and not {due}")
    return problems


def median(runs: list[dict]) -> dict:
    """Of each figure the median of the rounds; what was compared is counted of all."""
    one = {
        key: value if isinstance(value, str | list) else statistics.median(run[key] for run in runs)
        for key, value in runs[-1].items()
    }
    return one | {"runs": len(runs)} | ({"compared": sum(run["compared"] for run in runs)} if "compared" in one else {})


def table(lines: list[dict]) -> str:
    names = ["system", "peak", "rate", "p50", "p99", "p99_publish", "p99_all", "max", "publish_seconds", "core"]
    names += ["first_answer", "server_mb", "store_mb", "compared", "failed"]
    rows = [names, *([str(line.get(name, "")) for name in names] for line in lines)]
    widths = [max(len(row[i]) for row in rows) for i in range(len(names))]
    return "\n".join("  " + "  ".join(cell.rjust(w) for cell, w in zip(row, widths, strict=True)) for row in rows)


def goals(name: str, lines: list[dict]) -> list[str]:
    """How a work's lines meet what is asked of Tributary."""
    by_system = {line["system"]: line for line in lines}
    ours, limit, feast = (by_system.get(system) for system in ("tributary", "limit", "feast"))
    found = []

    def say(what: str, value: float, bound: float, met: bool) -> None:
        found.append(f"  {what} {value:.2f}, {bound} asked: {'met' if met else 'missed'}")

    if ours and limit:
        times = ours["p99"] / limit["p99"]
        say("p99 / limit's, at most", times, 1.5, times <= 1.5)
        times = ours["p99_all"] / limit["p99_all"]
        say("p99 with the publish / limit's, at most", times, 1.5, times <= 1.5)
    if ours and name in GOAL_MS:
        say("p99 in ms with the publish, at most", ours["p99_all"], GOAL_MS[name], ours["p99_all"] <= GOAL_MS[name])
    if ours and feast:
        times = ours["peak"] / feast["peak"]
        say("peak / Feast's, at least", times, 20, times >= 20)
    if ours and len(ours["memory"]) > 3:
        growth = ours["memory"][-1] / ours["memory"][1]
        say("memory at the end / after the publish, at most", growth, 1.05, growth <= 1.05)
    return found
