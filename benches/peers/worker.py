"""What the workers in Python share: the line protocol and the inputs. `src/lib.rs` is its twin in Rust and says more."""

import json
import os
import sys
import time
import traceback

import numpy as np

THREADS = int(os.environ.get("PEERS_THREADS", "1"))
CHUNK = 1 << 15  # entries that are made together: their hashes stay in cache


def hashes(begin, end, seed):
    """SplitMix64: the same numbers everywhere, without a file."""
    z = (np.arange(begin, end, dtype=np.uint64) + np.uint64(seed << 40)) * np.uint64(0x9E3779B97F4A7C15)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))


def numbers(spec, seed, h):
    """The entries of an input whose hashes are these."""
    kind = spec["kind"]
    if kind == "normal":
        # Half a unit keeps the numbers of two inputs apart, so that no residual lies on a kink, where conventions differ.
        mask = np.uint64((1 << 21) - 1)
        total = (h & mask) + ((h >> np.uint64(21)) & mask) + ((h >> np.uint64(42)) & mask)
        return ((total.astype(np.float64) + seed % 2 / 2) / (1 << 21) - 1.5) * 2.0 * spec["scale"]
    if kind == "probabilities":
        return 1 + (h >> np.uint64(43))
    if kind == "bernoulli":
        return (h >> np.uint64(11)).astype(np.float64) / (1 << 53) < spec["p"]
    if kind == "labels":
        return (h >> np.uint64(32)) % np.uint64(spec["classes"])
    if kind == "whole":
        return (h >> np.uint64(32)) % np.uint64(spec["below"])
    raise ValueError(f"no kind of input is called {kind}")


def make_input(spec, seed):
    types = {"labels": np.int64, "probabilities": np.float64}
    count = int(np.prod(spec["shape"]))
    data = np.empty(count, types.get(spec["kind"], np.float32))
    for begin in range(0, count, CHUNK):
        end = min(begin + CHUNK, count)
        data[begin:end] = numbers(spec, seed, hashes(begin, end, seed))
    data = data.reshape(spec["shape"])
    if spec["kind"] == "probabilities":
        data = (data / data.sum(axis=-1, keepdims=True)).astype(np.float32)
    return data


def serve(version, prepare):
    """Answers requests until told to quit. `prepare(case, inputs)` gives None, or `work` and `read`: `work()` runs the case once
    and returns when all is computed, `read(result)` is its value and its gradients as arrays."""
    out = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # compilers that print must not break the protocol

    def answer(**fields):
        print(json.dumps(fields), file=out, flush=True)

    def start(case, path):
        inputs = [make_input(spec, at + 1) for at, spec in enumerate(case["inputs"])]
        begin = time.perf_counter_ns()
        prepared = prepare(case, inputs)
        if prepared is None:
            answer(unsupported=True)
            return None
        work, read = prepared
        result = work()
        first = time.perf_counter_ns() - begin
        for _ in range(case["steps"] - 1):
            result = work()
        value, gradients = read(result)
        if path:
            with open(path, "wb") as file:
                for gradient in gradients:
                    np.ascontiguousarray(gradient, dtype="<f4").tofile(file)
        answer(value=float(value), first=first)
        return work

    def run(work, iterations):
        begin = time.perf_counter_ns()
        for _ in range(iterations):
            work()
        answer(nanoseconds=(time.perf_counter_ns() - begin) / iterations)

    answer(ready=True, version=version)
    work = None
    for line in sys.stdin:
        request = json.loads(line)
        try:
            if request["op"] == "prepare":
                work = None
                work = start(request["case"], request["result"])
            elif request["op"] == "run":
                run(work, request["iterations"])
            else:
                return
        except Exception as error:
            traceback.print_exc()
            text = str(error).strip().splitlines()
            answer(error=f"{type(error).__name__}: {text[0] if text else ''}"[:300])
