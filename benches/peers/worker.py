"""What the workers in Python share: the line protocol and the inputs. `src/lib.rs` is its twin in Rust and says more."""

import json
import os
import sys
import time

import numpy as np

THREADS = int(os.environ.get("PEERS_THREADS", "1"))


def hashes(count, seed):
    """SplitMix64: the same numbers everywhere, without a file."""
    z = (np.arange(count, dtype=np.uint64) + np.uint64(seed << 40)) * np.uint64(0x9E3779B97F4A7C15)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))


def make_input(spec, seed):
    shape = spec["shape"]
    h = hashes(int(np.prod(shape)), seed)
    if spec["kind"] == "normal":
        # Half a unit keeps the numbers of two inputs apart, so that no residual lies on a kink, where conventions differ.
        mask = np.uint64((1 << 21) - 1)
        total = (h & mask) + ((h >> np.uint64(21)) & mask) + ((h >> np.uint64(42)) & mask)
        data = ((total.astype(np.float64) + seed % 2 / 2) / (1 << 21) - 1.5) * 2.0 * spec["scale"]
    elif spec["kind"] == "probabilities":
        data = (1 + (h >> np.uint64(43))).astype(np.float64).reshape(shape)
        data = data / data.sum(axis=-1, keepdims=True)
    elif spec["kind"] == "bernoulli":
        data = (h >> np.uint64(11)).astype(np.float64) / (1 << 53) < spec["p"]
    elif spec["kind"] == "labels":
        data = ((h >> np.uint64(32)) % np.uint64(spec["classes"])).astype(np.int64).reshape(shape)
        return data if len(shape) == 1 else data.astype(np.float32)  # degrees of relevance are compared, not counted
    else:
        raise ValueError(f"no kind of input is called {spec['kind']}")
    return data.astype(np.float32).reshape(shape)


def serve(version, prepare):
    """Answers requests until told to quit. `prepare(case, inputs)` gives None, or `work` and `read`: `work()` runs the case once
    and returns when all is computed, `read(result)` is its value and its gradients as arrays."""
    out = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # compilers that print must not break the protocol

    def answer(**fields):
        print(json.dumps(fields), file=out, flush=True)

    answer(ready=True, version=version)
    work = None
    for line in sys.stdin:
        request = json.loads(line)
        if request["op"] == "prepare":
            work = None
            case = request["case"]
            prepared = prepare(case, [make_input(spec, at + 1) for at, spec in enumerate(case["inputs"])])
            if prepared is None:
                answer(unsupported=True)
                continue
            work, read = prepared
            for _ in range(case["steps"]):
                result = work()
            value, gradients = read(result)
            with open(request["result"], "wb") as file:
                for gradient in gradients:
                    np.ascontiguousarray(gradient, dtype="<f4").tofile(file)
            del result, gradients
            answer(value=float(value))
        elif request["op"] == "run":
            iterations = request["iterations"]
            start = time.perf_counter_ns()
            for _ in range(iterations):
                work()
            answer(nanoseconds=(time.perf_counter_ns() - start) / iterations)
        else:
            return
