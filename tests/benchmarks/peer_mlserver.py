"""Requests for MLServer in its own message types. Runs in MLServer's environment.

python peer_mlserver.py ROWS.npy OUT
"""

import sys
from pathlib import Path

import numpy as np
from mlserver.grpc import dataplane_pb2 as pb

if __name__ == "__main__":
    rows = np.load(sys.argv[1])
    with Path(sys.argv[2]).open("wb") as out:
        for row in rows:
            tensor = pb.ModelInferRequest.InferInputTensor(name="x", datatype="FP32", shape=[1, len(row)])
            tensor.contents.fp32_contents.extend(row.tolist())
            data = pb.ModelInferRequest(model_name="risk", inputs=[tensor]).SerializeToString()
            out.write(len(data).to_bytes(4, "big") + data)
