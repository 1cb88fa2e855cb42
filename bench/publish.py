"""Measures what it costs to publish a night's features; see docs/performance.md."""

import json
import random
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import check
import published

HERE = Path(__file__).resolve().parent
PORT = 16_390
SYSTEMS = ("tributary", "limit", "feast")
SAMPLE = 5  # entities that are read back by each system's own means and compared
LIMITS = (("limit", "at most", 2.5), ("feast", "at least", 5))


@dataclass(frozen=True)
class Published:
    """A night that is published to an empty store; or one in which a hundredth of the entities changed."""

    store: str
    entities: int = 100_000
    changed: bool = False

    @property
    def night(self) -> str:
        return published.SECOND if self.changed else published.FIRST


WORKS = {
    "publish-redis": Published("redis"),
    "publish-rocksdb": Published("rocksdb"),
    "publish-redis-1pct": Published("redis", changed=True),
}

Measured = Callable[[list, dict, Path], object]


class Publishing:
    """One work's folder and stores, and how each system publishes there."""

    def __init__(self, work: Published, home: Path, results: Path, environment: dict, measured: Measured):
        self.work, self.results, self.environment, self.measured = work, results, environment, measured
        self.folder = published.prepared(work.entities, home / "data", environment)
        self.python = home / "feast" / "bin" / "python"

    def begin(self, system: str) -> None:
        """Empties the store, and puts the night before into it where one is changed."""
        for store in (self.results / "rocksdb", self.results / "plain", self.results / "repo"):
            shutil.rmtree(store, ignore_errors=True)
        if self.work.store == "redis":
            published.redis_says(PORT, "flushall")
        if system == "feast":
            columns = [f"{name}:{kind}" for name, kind in published.SHAPE.values.items()]
            store = "{type: sqlite, path: online.db}"
            if self.work.store == "redis":
                store = f'{{type: redis, connection_string: "127.0.0.1:{PORT}"}}'
            self.feast("apply", self.folder, self.results / "repo", store, *columns)
        if self.work.changed and system == "tributary":
            self.tributary(published.FIRST)
        elif self.work.changed and system == "feast":
            self.feast("materialize", self.results / "repo", *window(published.FIRST))

    def take(self, system: str, plain: list) -> tuple[object, dict]:
        """Publishes: the whole process, and what it took without its start."""
        if system == "tributary":
            ran = self.tributary(self.work.night)
            return ran, published.last_publish(self.folder, self.environment)
        if system == "feast":
            return self.feast("materialize", self.results / "repo", *window(self.work.night))
        each = published.CHANGED if self.work.changed else 1
        log = self.results / "limit.log"
        ran = self.measured([*plain, f"rocksdb:{self.kept()}", self.address("plain"), each], {}, log)
        return ran, last_json(log)

    def kept(self) -> Path:
        """A store of files that has the rows, made once."""
        store = self.folder / "rocksdb"
        if not store.exists():
            making = store.with_name("rocksdb.making")
            shutil.rmtree(making, ignore_errors=True)
            online = {"BENCH_ONLINE": f"rocksdb:{making}"}
            nights = ["--night", published.FIRST]
            published.tributary(self.folder, self.environment | online, "publish", published.VIEW, *nights)
            making.rename(store)
        return store

    def address(self, name: str) -> str:
        return f"redis://127.0.0.1:{PORT}" if self.work.store == "redis" else f"rocksdb:{self.results / name}"

    def online(self) -> dict:
        return self.environment | {"BENCH_ONLINE": self.address("rocksdb")}

    def tributary(self, night: str) -> object:
        command = [published.ROOT / "bin" / "tributary", "publish", published.VIEW, "--night", night]
        return self.measured([*command, "--project", self.folder], self.online(), self.results / "tributary.log")

    def feast(self, *words: object) -> tuple[object, dict]:
        log = self.results / "feast.log"
        ran = self.measured([self.python, HERE / "feast_online.py", *words], {"FEAST_USAGE": "False"}, log)
        return ran, last_json(log) if words[0] == "materialize" else {}

    def problems(self, system: str) -> list[str]:
        """What a system answers of some entities that is not their offline value."""
        chosen = random.Random(7).sample(range(self.work.entities), SAMPLE)
        instant = published.instant(self.work.night)
        expected = check.offline(self.folder, "history_v1", instant, chosen, published.FEATURES)
        found = dict(zip(chosen, self.read(system, chosen), strict=True))
        return [f"key {key} is {found[key]}, and not {expected[key]}" for key in chosen if found[key] != expected[key]]

    def read(self, system: str, keys: list[int]) -> list[dict]:
        """What a system answers of entities, by its own means."""
        if system == "feast":
            self.feast("read", self.results / "repo", *keys)
            columns = last_json(self.results / "feast.log")
            return [{name: columns[name][i] for name in published.FEATURES} for i in range(len(keys))]
        rows = []
        for key in keys:
            words = ("features", "get", published.VIEW, key, "--json")
            answer = json.loads(published.tributary(self.folder, self.online(), *words))
            rows.append({one["feature"]: one["value"] for one in answer})
        return rows


def window(night: str) -> tuple[str, str]:
    return f"{night}T00:00:00+00:00", f"{night}T23:59:59+00:00"


def last_json(log: Path) -> dict:
    return json.loads([line for line in log.read_text().splitlines() if line.startswith("{")][-1])


def with_start(lines: list[dict]) -> list[str]:
    return [f"  {line['system']}: {line['with_start']} s with the start of its process" for line in lines]


def goals(lines: list[dict], key: str = "seconds") -> list[str]:
    """How a work's lines meet what is asked of Tributary."""
    by_system = {line["system"]: line for line in lines}
    ours = by_system.get("tributary")
    found = []
    for system, how, bound in LIMITS:
        if ours and system in by_system:
            other = by_system[system][key]
            times = ours[key] / other if how == "at most" else other / ours[key]
            met = times <= bound if how == "at most" else times >= bound
            what = "times the limit" if how == "at most" else "times faster than Feast"
            found.append(f"  {times:.2f} {what}, {how} {bound} asked: {'met' if met else 'missed'}")
    return found
