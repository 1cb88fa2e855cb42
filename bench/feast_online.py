"""Feast's online side, on the rows of `published.py`; runs in Feast's own environment.

usage: feast_online.py apply FOLDER REPO STORE COLUMN:TYPE...
       feast_online.py materialize REPO BEGIN END    prints what it took, as JSON
       feast_online.py read REPO KEY...              prints the features of keys, as JSON
"""

import json
import sys
import time
from datetime import datetime, timedelta
from pathlib import Path

from feast import Entity, FeatureStore, FeatureView, Field, FileSource
from feast.types import Float64, Int64, String
from feast.value_type import ValueType

TYPES = {"double": Float64, "bigint": Int64, "string": String}
CONFIGURATION = """
project: bench
provider: local
registry: registry.db
entity_key_serialization_version: 3
offline_store: {type: dask}
online_store: """

step, *words = sys.argv[1:]
if step == "apply":
    folder, repo, store, *columns = words
    Path(repo).mkdir(parents=True, exist_ok=True)
    (Path(repo) / "feature_store.yaml").write_text(CONFIGURATION + store + "\n")
    events = FileSource(name="events", path=f"{folder}/events", timestamp_field="t")
    key = Entity(name="key", join_keys=["key"], value_type=ValueType.INT64)
    fields = [Field(name=name, dtype=TYPES[kind]) for name, kind in (column.split(":") for column in columns)]
    view = FeatureView(name="history", entities=[key], ttl=timedelta(0), source=events, schema=fields, online=True)
    FeatureStore(repo_path=repo).apply([key, view])
elif step == "materialize":
    repo, begin, end = words
    feast = FeatureStore(repo_path=repo)
    started, cpu = time.monotonic(), time.process_time()
    feast.materialize(datetime.fromisoformat(begin), datetime.fromisoformat(end))
    used = {"seconds": time.monotonic() - started, "cpu_seconds": time.process_time() - cpu}
    print(json.dumps(used))
else:
    repo, *keys = words
    feast = FeatureStore(repo_path=repo)
    names = [f"history:{field.name}" for field in feast.get_feature_view("history").features]
    found = feast.get_online_features(features=names, entity_rows=[{"key": int(key)} for key in keys])
    print(json.dumps(found.to_dict()))
