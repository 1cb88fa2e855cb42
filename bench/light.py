"""Measures the commands that answer at once on a lake with years of nights; see docs/performance.md."""

import os
import shutil
import subprocess
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
BUILT = ROOT / "target" / "tributary"
PROJECT = ROOT / "examples" / "nyc-flights"
CHECK = "io.tributary.check.CheckMain"
RUNS, VERSIONS, SHARING = 21_000, 1_000, 20

COMMANDS = {
    "limit": ["--version"],
    "runs": ["runs"],
    "runs-job": ["runs", "--job", "score"],
    "lineage": ["lineage", "features.carrier_history_v1"],
    "lineage-all": ["lineage", "scores.departures"],
    "lineage-columns": ["lineage", "scores.departures", "--columns"],
    "registry-list": ["registry", "list"],
    "registry-show": ["registry", "show", "late_arrival"],
    "registry-search": ["registry", "search", "auc >= 0.74 and status != retired", "--by", "auc"],
    "registry-compare": ["registry", "compare", "late_arrival@8", "late_arrival@9"],
    "trace": ["trace", "late_arrival@9"],
    "impact": ["impact", "late_arrival@9"],
    "show": ["show", "carrier_history@1"],
    "check": ["check"],
}


def command(name: str, lake: Path) -> list:
    """As bin/tributary starts it, without its look for changed sources."""
    words = COMMANDS[name]
    kind, main = ("serving", [CHECK]) if name == "check" else ("light", ["io.tributary.console.Tributary", *words])
    built = BUILT / kind
    java = [f"{os.environ['JAVA_HOME']}/bin/java", f"@{built / 'options'}"]
    java += [f"-XX:SharedArchiveFile={built / 'classes.jsa'}", "-Xmx1g", *main]
    return java if name == "limit" else [*java, "--project", PROJECT, "--lake", lake]


def prepared(home: Path) -> Path:
    """The lake, which the tests' generator writes once."""
    subprocess.run([ROOT / "bin" / "tributary", "check", "--help"], check=True, stdout=subprocess.DEVNULL)
    lake = home / "data" / f"light-{RUNS}-{VERSIONS}-{SHARING}"
    if lake.exists():
        return lake
    maven = ["mvn", "-B", "-q", "-Denforcer.skip", "-pl", "console", "-am", "test-compile"]
    subprocess.run(maven, check=True, cwd=ROOT, stdin=subprocess.DEVNULL)
    jars = (BUILT / "light" / "jars").read_text().split("\n")[:-1]
    path = ":".join([str(ROOT / "console" / "target" / "test-classes"), *jars])
    hidden = lake.with_name("." + lake.name)
    shutil.rmtree(hidden, ignore_errors=True)
    arguments = [PROJECT, hidden, RUNS, VERSIONS, SHARING]
    java = [f"{os.environ['JAVA_HOME']}/bin/java", "-Xmx2g", "-cp", path, "io.tributary.console.LongLake"]
    subprocess.run([*java, *(str(word) for word in arguments)], check=True, cwd=ROOT)
    hidden.rename(lake)
    return lake
