"""Runs all contenders, interleaved, checks that they agree, and writes one table. Standard library only."""

import argparse
import concurrent.futures
import math
import os
import pathlib
import statistics
import sys
import tempfile
import time

from cases import CASES, TABLES
from compare import TOLERANCE, agree
from contenders import NAMES, OURS, Skip, Worker, commands, family, locked_version, of_threads, say
from table import machine, markdown, write

START, RUN = 600, 120  # seconds that a worker may take to prepare a case, and for a turn
FAR = 2.5  # who is this many times slower than the best peer in the first round gets no further turns
EXPECTED = "torch-eager"  # what the others are compared with, unless most disagree with it


class Session:
    """The contenders at one number of threads."""

    def __init__(self, found, threads, scratch, report):
        self.found, self.threads, self.scratch, self.report = found, threads, scratch, report
        self.workers = {}
        for name in found:
            self.join(name)

    def join(self, name):
        command, keep_pages = self.found[name]
        try:
            self.workers[name] = Worker(command, self.threads, keep_pages, self.scratch / "workers.log")
        except Skip as reason:
            self.report.note(f"{name} was skipped at {of_threads(self.threads)}: {reason}.")
            return
        self.report.versions[family(name)] = self.workers[name].version or locked_version(family(name))

    def leave(self):
        for worker in self.workers.values():
            worker.close()

    def renew(self):
        """A fresh worker for each that died in the last case."""
        for name in [name for name, worker in self.workers.items() if not worker.alive()]:
            self.workers.pop(name).close()
            self.join(name)

    def prepare(self, case):
        """Every worker's value, and the file with its gradient: {name: (value, path)}. As many at once as there are processors,
        but one after another where one finds in its cache what the other compiled."""

        def prepare_family(names):
            answers = {}
            for name in names:
                # With another allocator it is the same program: comparing the value is enough.
                path = str(self.scratch / f"{name}.result") if name == family(name) or len(names) == 1 else None
                worker = self.workers[name]
                worker.confine(to_own=False)
                try:
                    answer = worker.ask(START, op="prepare", case=case, result=path)
                except Skip as reason:
                    answers[name] = reason
                else:
                    answers[name] = None if "unsupported" in answer else (answer["value"], path, answer["first"])
                worker.confine(to_own=True)
            return answers

        families = {}
        for name in self.workers:
            families.setdefault(family(name), []).append(name)
        # The compilers take longest: they begin.
        queue = sorted(families, key=lambda name: name not in ("torch-compile", "torch-inductor"))
        prepared = {}
        with concurrent.futures.ThreadPoolExecutor(len(os.sched_getaffinity(0))) as pool:
            for answers in pool.map(prepare_family, [families[name] for name in queue]):
                prepared.update(answers)
        for name in list(prepared):
            if prepared[name] is None:
                if case["table"] == TABLES[0]:  # the second is for the compilers
                    self.report.problem(case, f"{family(name)} has no such loss in this comparison")
                del prepared[name]
            elif isinstance(prepared[name], Skip):
                self.report.failure(case, f"{name} failed at {of_threads(self.threads)}: {prepared.pop(name)}")
        return {name: prepared[name] for name in self.workers if name in prepared}

    def compare(self, case, prepared):
        """(reference, distances), and those who disagree no longer race."""
        reference, distance = agree(case["kind"], prepared, EXPECTED)
        for _, path, _ in prepared.values():
            if path:
                os.unlink(path)
        tolerance = TOLERANCE[case["kind"]]
        for name, off in distance.items():
            if off > tolerance:
                self.report.failure(case, f"{name} DISAGREES with {reference} by {off:.1e} (relative; tolerance {tolerance:.0e})")
        return reference, distance

    def describe(self, **request):
        """What we say of our plan for a case, or of the machine."""
        try:
            answer = self.workers[OURS].ask(RUN, **request)
        except (KeyError, Skip):
            return None
        return None if "unsupported" in answer else answer

    def race(self, case, names, options):
        """Nanoseconds of each contender in each round: {name: [ns, …]}."""
        times, counts = {name: [] for name in names}, {}

        def turn(name, iterations):
            try:
                return self.workers[name].ask(RUN, op="run", iterations=iterations)["nanoseconds"]
            except Skip as reason:
                self.report.failure(case, f"{name} failed at {of_threads(self.threads)}: {reason}")
                del times[name]
                return None

        for name in list(times):  # warm up, and see how many iterations fill a turn
            once = turn(name, 1)
            if once and once < 20e6:
                once = turn(name, max(2, int(5e6 / once)))
            if once:
                counts[name] = max(1, min(20000, int(options.turn * 1e6 / once)))
        racing = list(times)
        for at in range(options.rounds):
            begin = at % max(1, len(racing))
            for name in racing[begin:] + racing[:begin]:  # another one begins in each round
                time.sleep(0.005)  # threads of the one before may still spin
                # Its own caches and threads are cold: not counted, unless one iteration outlasts the turn.
                if counts[name] > 1 and turn(name, max(1, counts[name] // 10)) is None:
                    continue
                taken = turn(name, counts[name])
                if taken is not None:
                    times[name].append(taken)
            best = min((times[name][0] for name in times if name != OURS), default=math.inf)
            racing = [name for name in racing if name in times and (name == OURS or times[name][0] <= FAR * best)]
        return times


class Report:
    """What is known so far, and where it goes."""

    def __init__(self, options):
        self.options, self.notes, self.problems, self.rows, self.versions = options, [], [], [], {}
        self.best = {}  # bytes and multiply-adds a second, by the number of threads
        self.failed = False
        self.machine = machine()

    def note(self, text):
        self.notes.append(text)
        say(text)

    def problem(self, case, text):
        self.problems.append(f"{case['name']}: {text}")

    def failure(self, case, text):
        self.failed = True
        self.problem(case, text)
        say(f"  {text}")

    def save(self):
        if self.options.out:
            write(self, self.options.out)


def plain(name):
    """A case's name as one types it: 10^6 for 10⁶, 64x100 for 64×100."""
    for superscript, digit in zip("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789"):
        name = name.replace(superscript, "^" + digit)
    return name.replace("×", "x").casefold()


def chosen(options):
    wanted = [plain(text) for text in options.cases or [""]]
    cases = [case for case in CASES if any(text in plain(case["name"]) for text in wanted)]
    cases = [case for case in cases if options.table in (None, case["table"])]
    return [case for case in cases if not (options.quick and "10⁷" in case["name"])]


def arguments():
    parser = argparse.ArgumentParser(prog="run", description="Times losses and training steps in minimand and its peers, side by side.")
    add = parser.add_argument
    add("--quick", action="store_true", help="3 short rounds, no case of 10⁷, no second allocator")
    add("--check", action="store_true", help="compares values and gradients and times nothing; one allocator")
    add("--cold", action="store_true", help="compilers forget what they compiled in former runs: first calls as a user's (slow)")
    add("--list", action="store_true", help="prints the names of the cases")
    add("--cases", nargs="+", metavar="TEXT", help="only cases whose name contains one of these (10^6 stands for 10⁶)")
    add("--table", choices=TABLES, help="only one of the two tables of cases")
    add("--peers", default=",".join(NAMES[1:]), metavar="LIST", help="of: %(default)s")
    add("--threads", default="1,2", metavar="LIST", help="numbers of threads (default %(default)s)")
    add("--rounds", type=int, help="turns that each contender gets in each case (default 5; quick 3)")
    add("--turn", type=float, help="length of a turn in ms (default 100; quick 20)")
    add(
        "--allocator",
        choices=["plain", "keep", "both"],
        help="peers with glibc's allocator as it is, told to keep its pages, or each twice (default both; quick and check plain)",
    )
    add("--out", type=pathlib.Path, metavar="DIR", help="writes results.md and results.json there, after every case")
    options = parser.parse_args()
    options.peers = [name for name in options.peers.split(",") if name]
    if unknown := [name for name in options.peers if name not in NAMES]:
        parser.error(f"no contender is called {', '.join(unknown)}; there are {', '.join(NAMES)}")
    try:
        options.threads = [int(n) for n in options.threads.split(",")]
    except ValueError as error:
        parser.error(str(error))
    options.rounds = options.rounds or (3 if options.quick else 5)
    options.turn = options.turn or (20 if options.quick else 100)
    options.allocator = options.allocator or ("plain" if options.quick or options.check else "both")
    if min(options.threads) < 1 or max(options.threads) > len(os.sched_getaffinity(0)):
        parser.error(f"--threads: this machine lets us have 1 to {len(os.sched_getaffinity(0))}")
    return options


def one_case(session, case, options, report):
    """Measures a case; what happened, as a line."""
    session.renew()
    prepared = session.prepare(case)
    reference, distance = session.compare(case, prepared)
    right = [name for name in prepared if distance.get(name, 0.0) <= TOLERANCE[case["kind"]]]
    wrong = {name: off for name, off in distance.items() if name not in right}
    times = {} if options.check else session.race(case, right, options)
    median = {name: statistics.median(turns) / 1e3 for name, turns in times.items() if turns}
    least = {name: min(turns) / 1e3 for name, turns in times.items() if turns}
    report.rows.append(
        dict(
            case=case["name"],
            kind=case["kind"],
            table=case["table"],
            threads=session.threads,
            median_us=median,
            minimum_us=least,
            first_us={name: answer[2] / 1e3 for name, answer in prepared.items()},
            plan=session.describe(op="describe", case=case),
            reference=reference,
            distance=distance,
            disagrees=wrong,
        )
    )
    if options.check:
        return f"from {reference}: " + "  ".join(f"{name} {off:.0e}" for name, off in distance.items())
    return "  ".join(f"{name} {us:.0f}" for name, us in sorted(median.items(), key=lambda item: item[1]))


def main():
    options = arguments()
    if options.list:
        print("\n".join(case["name"] for case in CASES))
        return
    cases = chosen(options)
    if not cases:
        sys.exit(f"run: no case contains {' or '.join(options.cases or ['10⁷'])}; --list names them")
    if options.cold:
        os.environ["TORCHINDUCTOR_FORCE_DISABLE_CACHES"] = "1"
    report = Report(options)
    found = commands(options.peers, options.allocator, report.notes)
    if options.out:
        options.out.mkdir(parents=True, exist_ok=True)
    begin, done, total = time.time(), 0, len(cases) * len(options.threads)
    memory = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None  # gradients are large, and disks slow
    with tempfile.TemporaryDirectory(prefix="minimand-peers-", dir=memory) as scratch:
        scratch = pathlib.Path(scratch)
        try:
            for threads in options.threads:
                session = Session(found, threads, scratch, report)
                report.best[threads] = session.describe(op="machine")
                try:
                    for case in cases:
                        start = time.time()
                        line = one_case(session, case, options, report)
                        done += 1
                        left = (time.time() - begin) / done * (total - done) / 60
                        where = f"[{done}/{total}, {left:.0f} min left] {case['name']}, {of_threads(threads)}"
                        say(f"{where}, {time.time() - start:.0f} s: {line}")
                        report.save()
                finally:
                    session.leave()
        except KeyboardInterrupt:
            report.note(f"Interrupted after {done} of {total}.")
            report.save()
        if report.failed and options.out and (scratch / "workers.log").exists():
            (options.out / "workers.log").write_bytes((scratch / "workers.log").read_bytes())
    print("\n".join(markdown(report)))
    if report.failed:
        sys.exit("run: some contenders disagree or failed: see the notes under the table")


if __name__ == "__main__":
    main()
