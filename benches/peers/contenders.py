"""The contenders: how each is built and started, and its process."""

import json
import os
import pathlib
import re
import select
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
OURS = "minimand"
PAGES = "+pages"  # the name of a contender whose allocator keeps its pages ends in this
KEPT_PAGES = {"MALLOC_MMAP_THRESHOLD_": "4294967296", "MALLOC_TRIM_THRESHOLD_": "8589934592", "MALLOC_TOP_PAD_": "67108864"}
CACHE = pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache") / "minimand-peers"

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
NAMES = [OURS, *PYTHON, *(name for name in RUST if name != OURS)]


class Skip(Exception):
    """A contender cannot take part, and why."""


def say(text):
    print(text, file=sys.stderr, flush=True)


def family(name):
    return name.removesuffix(PAGES)


def of_threads(threads):
    return f"{threads} thread{'s' if threads > 1 else ''}"


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


def commands(peers, allocator, notes):
    """{name: (command, keeps pages)}: ourselves first, then each peer with the allocators asked for."""
    built, found = {}, {}
    for name in [OURS] + [peer for peer in peers if peer != OURS]:
        try:
            command = command_of(name, built)
        except Skip as reason:
            notes.append(f"{name} was skipped: {reason}.")
            say(notes[-1])
            continue
        if name == OURS or allocator != "keep":
            found[name] = (command, False)
        if name != OURS and allocator != "plain":
            found[name + PAGES] = (command, True)
    if any("cannot be imported" in note for note in notes):
        say(HOW_TO_GET)
    return found


def locked_version(name):
    """The version of a contender's crate in the lock file."""
    crate = RUST[name][0]
    crate = {"candle": "candle-core"}.get(crate, crate)
    found = re.search(rf'name = "{crate}"\nversion = "(.*)"', (HERE / "Cargo.lock").read_text())
    return found.group(1) if found else "?"


class Worker:
    """A contender's process with a number of threads, and an allocator that keeps its pages or does not."""

    def __init__(self, command, threads, keep_pages, log):
        environment = dict(os.environ, PEERS_THREADS=str(threads))
        for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "RAYON_NUM_THREADS", "CANDLE_NUM_THREADS"):
            environment[name] = str(threads)
        if threads == 1:
            environment["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false"
        environment["TORCHINDUCTOR_COMPILE_THREADS"] = "1"  # no pool of compilers that stays beside the timed processes
        environment["TORCHINDUCTOR_CACHE_DIR"] = str(CACHE / "inductor")
        environment["JAX_PLATFORMS"] = "cpu"
        if keep_pages:
            environment.update(KEPT_PAGES)
        self.all = sorted(os.sched_getaffinity(0))
        self.cores = self.all[:threads]
        self.log = open(log, "ab")
        self.rest = b""
        self.process = subprocess.Popen(
            command,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self.log,
            preexec_fn=lambda: os.sched_setaffinity(0, self.cores),
        )
        try:
            self.version = self.listen(120).get("version")  # in Rust the lock file knows
        except Skip:
            self.close()
            raise

    def alive(self):
        return self.process.poll() is None

    def listen(self, timeout):
        """The next answer; a worker that takes too long is ended."""
        end = time.monotonic() + timeout
        while b"\n" not in self.rest:
            if not select.select([self.process.stdout], [], [], max(0.0, end - time.monotonic()))[0]:
                self.process.kill()
                self.process.wait()
                raise Skip(f"no answer within {timeout:.0f} s")
            part = os.read(self.process.stdout.fileno(), 65536)
            if not part:
                raise Skip(f"its worker ended with status {self.process.wait()}")
            self.rest += part
        line, _, self.rest = self.rest.partition(b"\n")
        answer = json.loads(line)
        if "error" in answer:
            raise Skip(answer["error"])
        return answer

    def ask(self, timeout, **request):
        try:
            self.process.stdin.write(json.dumps(request).encode() + b"\n")
            self.process.stdin.flush()
        except BrokenPipeError:
            pass  # the missing answer says so
        return self.listen(timeout)

    def confine(self, to_own):
        """To as many processors as it has threads, or to all while it compiles and others do too."""
        tasks = pathlib.Path(f"/proc/{self.process.pid}/task")
        try:
            for task in tasks.iterdir():
                os.sched_setaffinity(int(task.name), self.cores if to_own else self.all)
        except (FileNotFoundError, ProcessLookupError):
            pass  # it ended, or one of its threads did

    def close(self):
        if self.alive():
            try:
                self.process.stdin.write(b'{"op": "quit"}\n')
                self.process.stdin.close()
                self.process.wait(timeout=10)
            except (BrokenPipeError, subprocess.TimeoutExpired):
                self.process.kill()
                self.process.wait()
        self.process.stdout.close()
        self.log.close()
