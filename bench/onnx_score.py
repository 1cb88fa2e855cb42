"""The same scoring by ONNX Runtime in a pandas UDF of PySpark, Delta to Delta.

usage: onnx_score.py MODEL TABLE OUT DELTA_JARS [spark.KEY=VALUE…]
"""

import json
import re
import sys
from collections.abc import Iterator

import numpy as np
import pandas as pd
from onnx import TensorProto, helper, numpy_helper
from pyspark.sql import SparkSession
from pyspark.sql.functions import expr, pandas_udf, struct


def network(model: dict) -> bytes:
    """The model as an ONNX graph: standardized, layers with a ReLU between, a sigmoid at the end."""
    constants, nodes, of = [], [], "x"

    def node(kind: str, *inputs: str) -> str:
        nodes.append(helper.make_node(kind, list(inputs), [f"v{len(nodes)}"]))
        return nodes[-1].output[0]

    def constant(values: list, kind: type = np.float32) -> str:
        constants.append(numpy_helper.from_array(np.array(values, kind), f"c{len(constants)}"))
        return constants[-1].name

    of = node("Mul", node("Sub", of, constant(model["centre"], np.float64)), constant(model["scale"], np.float64))
    nodes.append(helper.make_node("Cast", [of], ["f"], to=TensorProto.FLOAT))
    of = "f"
    for k, layer in enumerate(model["layers"]):
        of = node("Gemm", of, constant(layer["weights"]), constant(layer["bias"]))
        of = node("Relu" if k < len(model["layers"]) - 1 else "Sigmoid", of)
    width = len(model["columns"])
    graph = helper.make_graph(
        nodes,
        "mlp",
        [helper.make_tensor_value_info("x", TensorProto.DOUBLE, [None, width])],
        [helper.make_tensor_value_info(of, TensorProto.FLOAT, [None, 1])],
        constants,
    )
    opset = [helper.make_opsetid("", 17)]
    return helper.make_model(graph, opset_imports=opset, ir_version=8).SerializeToString()


def main() -> None:
    file, table, out, jars, *settings = sys.argv[1:]
    with open(file) as text:
        model = json.load(text)
    graph = network(model)
    builder = SparkSession.builder.config("spark.jars", jars)
    builder = builder.config("spark.sql.extensions", "io.delta.sql.DeltaSparkSessionExtension")
    builder = builder.config("spark.sql.catalog.spark_catalog", "org.apache.spark.sql.delta.catalog.DeltaCatalog")
    for setting in settings:
        builder = builder.config(*setting.split("=", 1))
    spark = builder.getOrCreate()

    @pandas_udf("double")
    def score(batches: Iterator[pd.DataFrame]) -> Iterator[pd.Series]:
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        session = onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])
        for batch in batches:
            yield pd.Series(session.run(None, {"x": batch.to_numpy()})[0][:, 0].astype("float64"))

    rows = spark.read.format("delta").load(table)
    names = [re.sub(r"\W+", "_", column) for column in model["columns"]]
    given = [expr(column).alias(name) for column, name in zip(model["columns"], names, strict=True)]
    inputs = struct(*names)
    asked = rows.select("id", "t", *given)
    asked.withColumn("score", score(inputs)).withColumn("inputs", inputs).write.format("delta").save(out)


if __name__ == "__main__":
    main()
