"""What a client of Feast reads: feast_client.py URL FOLDER, as JSON."""

import json
import sys
from datetime import timedelta
from pathlib import Path

from feast import Entity, FeatureStore, FeatureView, Field, FileSource, RepoConfig, ValueType
from feast.types import Float64, Int64, String

url, folder = sys.argv[1], Path(sys.argv[2])
config = RepoConfig(
    project="acme",
    provider="local",
    registry=str(folder / "registry.db"),
    online_store={"type": "remote", "path": url},
    entity_key_serialization_version=3,
)
store = FeatureStore(config=config)
customer = Entity(name="customer", value_type=ValueType.STRING)
types = {"orders_7d": Int64, "spent_7d": Float64, "segment": String}
baskets = FeatureView(
    name="baskets",
    entities=[customer],
    schema=[Field(name=name, dtype=dtype) for name, dtype in {"customer": String, **types}.items()],
    # Of what is published nothing is read from here.
    source=FileSource(path=str(folder / "none.parquet"), timestamp_field="at"),
    ttl=timedelta(0),
)
store.apply([customer, baskets])
answer = store.get_online_features(
    features=[f"baskets:{name}" for name in types],
    entity_rows=[{"customer": name} for name in ("ada", "bob", "eve")],
)
print(json.dumps({"columns": answer.to_dict(), "dtypes": answer.to_df().dtypes.astype(str).to_dict()}))
