"""Runs all contenders, interleaved, checks that they agree, and writes one table. Standard library only."""

import argparse
import array
import json
import math
import os
import pathlib
import re
import statistics
import subprocess
import sys
import tempfile
import time

from cases import CASES
from table import write

HERE = pathlib.Path(__file__).resolve().parent
OURS = "minimand"
TOLERANCE = {"loss": 1e-4, "step": 1e-3}  # a step's result is three updates long, and Adam divides by small roots
KEPT_PAGES = {"MALLOC_MMAP_THRESHOLD_": "4294967296", "MALLOC_TRIM_THRESHOLD_": "8589934592", "MALLOC_TOP_PAD_": "67108864"}

HOW_TO_GET = f"""PyTorch, JAX and Optax are missing from {sys.executable}. To have them compared:
    python3 -m venv {HERE}/.venv
    {HERE}/.venv/bin/pip install torch jax optax
(for PyTorch without CUDA: pip install torch --index-url https://download.pytorch.org/whl/cpu), or name an interpreter that
has them: PEERS_PYTHON=/path/to/python {HERE}/run. torch.compile needs a C++ compiler (g++ or clang++)."""

# name → the package it needs in Python, or the binary with its features; then the arguments
PYTHON = {
    "torch-eager": ("torch", "torch_worker.py", "eager"),
    "torch-compile": ("torch", "torch_worker.py", "compile"),
    "torch-inductor": ("torch", "torch_worker.py", "inductor"),
    "jax": ("optax", "jax_worker.py"),
}
RUST = {
    OURS: ("minimand",),
    "candle": ("candle",),
    "burn-flex": ("burn", "flex"),
    "burn-ndarray": ("burn", "ndarray"),
}


class Skip(Exception):
    """A contender cannot take part, and why."""


def say(text):
    print(text, file=sys.stderr, flush=True)


def build(crate):
    """Builds a worker in Rust: ours as shipped, the peers for this processor."""
    target = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", HERE / "target")) / ("plain" if crate == OURS else "native")
    environment = dict(os.environ, CARGO_TARGET_DIR=str(target))
    for name in ("RUSTFLAGS", "CARGO_ENCODED_RUSTFLAGS"):
        environment.pop(name, None)
    if crate != OURS:
        environment["RUSTFLAGS"] = "-C target-cpu=native"
    command = ["cargo", "build", "--quiet", "--release", "--features", crate, "--bin", f"{crate}-worker"]
    say(f"building {crate}-worker …")
    try:
        done = subprocess.run(command, cwd=HERE, env=environment, capture_output=True, text=True)
    except FileNotFoundError:
        raise Skip("cargo is missing: install Rust from https://rustup.rs") from None
    if done.returncode != 0:
        say(done.stderr[-4000:])
        raise Skip(f"`{' '.join(command)}` failed (its output is above)")
    return target / "release" / f"{crate}-worker"


def command_of(name, built):
    if name in PYTHON:
        package, script, *rest = PYTHON[name]
        if subprocess.run([sys.executable, "-c", f"import {package}, numpy"], capture_output=True).returncode != 0:
            raise Skip(f"{package} cannot be imported")
        return [sys.executable, str(HERE / script), *rest]
    crate, *rest = RUST[name]
    if crate not in built:  # burn has two backends and one worker
        try:
            built[crate] = build(crate)
        except Skip as reason:
            built[crate] = reason
    if isinstance(built[crate], Skip):
        raise built[crate]
    return [str(built[crate]), *rest]


def locked_version(crate):
    """The version of a crate in the lock file."""
    name = {"candle": "candle-core"}.get(crate, crate)
    found = re.search(rf'name = "{name}"\nversion = "(.*)"', (HERE / "Cargo.lock").read_text())
    return found.group(1) if found else "?"


class Worker:
    """A contender's process with a number of threads, and an allocator that keeps its pages or does not."""

    def __init__(self, command, threads, keep_pages, scratch):
        environment = dict(os.environ, PEERS_THREADS=str(threads))
        for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "RAYON_NUM_THREADS", "CANDLE_NUM_THREADS"):
            environment[name] = str(threads)
        if threads == 1:
            environment["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false"
        environment["TORCHINDUCTOR_COMPILE_THREADS"] = "1"  # no pool of compilers that stays beside the timed processes
        environment["JAX_PLATFORMS"] = "cpu"
        environment["TORCHINDUCTOR_CACHE_DIR"] = str(scratch / "inductor")
        if keep_pages:
            environment.update(KEPT_PAGES)
        cores = sorted(os.sched_getaffinity(0))[:threads]

        def confine():
            os.sched_setaffinity(0, cores)

        self.log = open(scratch / "workers.log", "ab")
        self.process = subprocess.Popen(
            command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.log, text=True, preexec_fn=confine
        )
        self.version = self.listen().get("version")  # in Rust the lock file knows

    def listen(self):
        line = self.process.stdout.readline()
        if not line:
            raise Skip(f"its worker ended with status {self.process.wait()}")
        return json.loads(line)

    def ask(self, **request):
        try:
            print(json.dumps(request), file=self.process.stdin, flush=True)
        except BrokenPipeError:
            pass  # the missing answer says so
        return self.listen()

    def close(self):
        if self.process.poll() is None:
            try:
                self.process.stdin.write('{"op": "quit"}\n')
                self.process.stdin.close()
                self.process.wait(timeout=10)
            except (BrokenPipeError, subprocess.TimeoutExpired):
                self.process.kill()
                self.process.wait()
        self.log.close()


def difference(path, reference, kind):
    """The distance of two gradients relative to the second: the larger of the Euclidean and, for a loss, the largest-entry norm."""
    if os.path.getsize(path) != os.path.getsize(reference):
        return math.inf
    try:
        import numpy
    except ImportError:
        a, b = array.array("f"), array.array("f")
        for numbers, name in ((a, path), (b, reference)):
            numbers.frombytes(pathlib.Path(name).read_bytes())
        pairs = [(x - y, y) for x, y in zip(a, b)]
        euclidean = math.sqrt(math.fsum(d * d for d, _ in pairs) / max(math.fsum(y * y for _, y in pairs), 1e-300))
        largest = max(abs(d) for d, _ in pairs) / max(max(abs(y) for _, y in pairs), 1e-300)
        worst = max(euclidean, largest) if kind == "loss" else euclidean
    else:
        a, b = (numpy.fromfile(name, "<f4").astype(float) for name in (path, reference))
        euclidean = numpy.linalg.norm(a - b) / max(numpy.linalg.norm(b), 1e-300)
        largest = abs(a - b).max() / max(abs(b).max(), 1e-300)
        worst = float(max(euclidean, largest) if kind == "loss" else euclidean)
    return worst if worst == worst else math.inf


def agree(case, answers):
    """The contenders whose value or gradient is not that of the others, and by how much. Most votes win: a contender is right
    when it agrees with the one that the most agree with."""
    names = list(answers)
    tolerance = TOLERANCE[case["kind"]]

    def distance(a, b):
        (value, path), (other, reference) = answers[a], answers[b]
        off = abs(value - other) / max(abs(other), 1e-300)
        return max(off if off == off else math.inf, difference(path, reference, case["kind"]))

    best = {}
    for reference in names:
        distances = {name: 0.0 if name == reference else distance(name, reference) for name in names}
        wrong = {name: off for name, off in distances.items() if off > tolerance}
        if not best or len(wrong) < len(best["wrong"]):
            best = {"wrong": wrong}
        if not wrong:
            break
    return best.get("wrong", {})


def measure(case, workers, options, scratch, problems):
    """Nanoseconds of each contender in each round: {name: [ns, …]}."""
    answers, times, counts = {}, {}, {}
    for name, worker in workers.items():
        result = str(scratch / f"{name}.result")
        try:
            answer = worker.ask(op="prepare", case=case, result=result)
        except Skip as reason:
            problems.append(f"{case['name']}: {name} failed: {reason}")
            continue
        if "unsupported" in answer:
            problems.append(f"{case['name']}: {name} has no such loss in this comparison")
            continue
        answers[name] = (answer["value"], result)
    wrong = agree(case, answers)
    for _, result in answers.values():
        os.unlink(result)
    for name, off in wrong.items():
        problems.append(f"{case['name']}: DISAGREES: {name} by {off:.1e} (relative; tolerance {TOLERANCE[case['kind']]:.0e})")
        say("  " + problems[-1])
    racing = {name: workers[name] for name in answers if name not in wrong}

    def turn(name, iterations):
        try:
            return racing[name].ask(op="run", iterations=iterations)["nanoseconds"]
        except Skip as reason:
            problems.append(f"{case['name']}: {name} failed: {reason}")
            del racing[name]
            times.pop(name, None)
            return None

    for name in list(racing):  # warm up, and see how many iterations fill a turn
        once = turn(name, 2)
        if once and once < 1e6:
            once = turn(name, max(3, int(5e6 / once)))
        if once:
            counts[name] = max(1, min(20000, int(options.turn * 1e6 / once)))
            times[name] = []
    for at in range(options.rounds):
        order = list(racing)
        begin = at % max(1, len(order))
        for name in order[begin:] + order[:begin]:  # another one begins in each round
            time.sleep(0.005)  # threads of the one before may still spin
            if turn(name, max(1, counts[name] // 10)) is None:  # its own caches and threads are cold: not counted
                continue
            taken = turn(name, counts[name])
            if taken is not None:
                times[name].append(taken)
    return times, wrong


def machine():
    text = pathlib.Path("/proc/cpuinfo").read_text() if os.path.exists("/proc/cpuinfo") else ""
    model = re.search(r"model name\s*:\s*(.*)", text)
    flags = re.search(r"flags\s*:\s*(.*)", text)
    known = [flag for flag in ("avx2", "fma", "avx512f") if flags and flag in flags.group(1).split()]
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    rustc = subprocess.run(["rustc", "--version"], capture_output=True, text=True).stdout.strip()
    return {
        "cpu": model.group(1) if model else os.uname().machine,
        "cores": os.cpu_count(),
        "instructions": known,
        "memory_gib": round(memory),
        "system": f"{os.uname().sysname} {os.uname().release}",
        "python": sys.version.split()[0],
        "rustc": rustc,
        "date": time.strftime("%Y-%m-%d"),
    }


def arguments():
    parser = argparse.ArgumentParser(prog="run", description="Times losses and training steps in minimand and its peers, side by side.")
    names = [OURS, *PYTHON, *(name for name in RUST if name != OURS)]
    parser.add_argument("--quick", action="store_true", help="3 short rounds, no case of 10⁷, no second allocator")
    parser.add_argument("--cases", default="", metavar="REGEX", help="only cases whose name matches, case ignored")
    parser.add_argument("--peers", default=",".join(names[1:]), metavar="LIST", help="of: %(default)s")
    parser.add_argument("--threads", default="1,2", metavar="LIST", help="numbers of threads (default %(default)s)")
    parser.add_argument("--rounds", type=int, help="turns that each contender gets in each case (default 9; quick 3)")
    parser.add_argument("--turn", type=float, help="length of a turn in ms (default 40; quick 10)")
    parser.add_argument("--allocator", choices=["plain", "keep", "both"], help="peers with glibc's allocator as it is, told to keep its pages, or each twice (default both; quick plain)")
    parser.add_argument("--out", type=pathlib.Path, metavar="DIR", help="where results.md and results.json go (default: target/peers beside this script)")
    options = parser.parse_args()
    options.peers = [name for name in options.peers.split(",") if name]
    unknown = [name for name in options.peers if name not in names]
    if unknown:
        parser.error(f"no contender is called {', '.join(unknown)}; there are {', '.join(names)}")
    try:
        options.threads = [int(n) for n in options.threads.split(",")]
        options.pattern = re.compile(options.cases, re.IGNORECASE)
    except (ValueError, re.error) as error:
        parser.error(str(error))
    options.rounds = options.rounds or (3 if options.quick else 9)
    options.turn = options.turn or (10 if options.quick else 40)
    options.allocator = options.allocator or ("plain" if options.quick else "both")
    options.out = options.out or HERE / "target" / "peers"
    if min(options.threads) < 1 or max(options.threads) > len(os.sched_getaffinity(0)):
        parser.error(f"--threads: this machine lets us have 1 to {len(os.sched_getaffinity(0))}")
    return options


def contenders(options, notes):
    """{name: (command, keeps pages)}: ourselves first, then each peer with the allocators asked for."""
    built, found = {}, {}
    for name in [OURS] + [peer for peer in options.peers if peer != OURS]:
        try:
            command = command_of(name, built)
        except Skip as reason:
            notes.append(f"{name} was skipped: {reason}.")
            say(notes[-1])
            continue
        if name == OURS or options.allocator != "keep":
            found[name] = (command, False)
        if name != OURS and options.allocator != "plain":
            found[f"{name}+pages"] = (command, True)
    if any("cannot be imported" in note for note in notes):
        say(HOW_TO_GET)
    return found


def main():
    options = arguments()
    notes, problems, rows, versions = [], [], [], {}
    cases = [case for case in CASES if options.pattern.search(case["name"]) and not (options.quick and "10⁷" in case["name"])]
    if not cases:
        sys.exit(f"run: no case matches {options.cases!r}")
    found = contenders(options, notes)
    options.out.mkdir(parents=True, exist_ok=True)
    (options.out / "workers.log").unlink(missing_ok=True)
    with tempfile.TemporaryDirectory(prefix="minimand-peers-") as scratch:
        scratch = pathlib.Path(scratch)
        for threads in options.threads:
            workers = {}

            def join(name):
                command, keep_pages = found[name]
                try:
                    workers[name] = Worker(command, threads, keep_pages, scratch)
                    family = name.removesuffix("+pages")
                    versions[family] = workers[name].version or locked_version(RUST[family][0])
                except Skip as reason:
                    notes.append(f"{name} was skipped at {threads} threads: {reason}.")
                    say(notes[-1])

            try:
                for name in found:
                    join(name)
                for case in cases:
                    for name in [name for name, worker in workers.items() if worker.process.poll() is not None]:
                        workers.pop(name).close()  # it died in the last case: a fresh one for this
                        join(name)
                    start = time.time()
                    times, wrong = measure(case, workers, options, scratch, problems)
                    median = {name: statistics.median(turns) / 1e3 for name, turns in times.items()}
                    least = {name: min(turns) / 1e3 for name, turns in times.items()}
                    rows.append(
                        dict(case=case["name"], kind=case["kind"], threads=threads, median_us=median, minimum_us=least, disagrees=wrong)
                    )
                    shown = "  ".join(f"{name} {us:.0f}" for name, us in sorted(median.items(), key=lambda item: item[1]))
                    say(f"{case['name']}, {threads} threads, {time.time() - start:.0f} s: {shown}")
                    write(options, rows, machine(), versions, notes, problems)
            finally:
                for worker in workers.values():
                    worker.close()
            log = (scratch / "workers.log").read_bytes() if (scratch / "workers.log").exists() else b""
        if any("failed" in problem for problem in problems):
            (options.out / "workers.log").write_bytes(log)
    print((options.out / "results.md").read_text())
    if any("DISAGREES" in problem or "failed" in problem for problem in problems):
        sys.exit("run: some contenders disagree or failed: see the notes under the table")


if __name__ == "__main__":
    main()
