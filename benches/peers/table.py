"""The table as Markdown and as JSON."""

import json
import math
import os
import pathlib
import re
import subprocess
import sys
import time

from contenders import OURS, PAGES, family, of_threads

KINDS = {"loss": "losses", "step": "training steps"}
TITLES = {"losses": "The library's losses", "unseen": "Unseen kinds"}


def best_peer(row):
    peers = {name: us for name, us in row["median_us"].items() if name != OURS}
    return min(peers, key=peers.get) if peers else None


def ratio(row):
    best = best_peer(row)
    return row["median_us"][OURS] / row["median_us"][best] if best and OURS in row["median_us"] else None


def geometric_mean(rows):
    ratios = [value for value in map(ratio, rows) if value]
    return math.exp(sum(map(math.log, ratios)) / len(ratios)) if ratios else None


def tables(rows):
    """Each of the two tables that has rows: (name, its rows)."""
    for name in TITLES:
        if here := [row for row in rows if row["table"] == name]:
            yield name, here


def means(rows):
    """[(table, threads, kind, geometric mean of the ratios, how many)]"""
    found = []
    for table, within in tables(rows):
        for threads in dict.fromkeys(row["threads"] for row in within):
            for kind in KINDS:
                here = [row for row in within if (row["threads"], row["kind"]) == (threads, kind) and ratio(row)]
                if here:
                    found.append((table, threads, kind, geometric_mean(here), len(here)))
    return found


def microseconds(us):
    return "–" if us is None else f"{us:.1f}" if us < 100 else f"{us:,.0f}"


def summary(rows):
    """Ourselves and the best peer, all numbers of threads in a line."""
    counts = list(dict.fromkeys(row["threads"] for row in rows))
    yield "| case | " + " | ".join(f"minimand, {of_threads(n)} | best peer | | ratio" for n in counts) + " |"
    yield "| --- |" + " ---: | ---: | --- | ---: |" * len(counts)
    for name in dict.fromkeys(row["case"] for row in rows):
        cells = []
        for n in counts:
            row = next((row for row in rows if (row["case"], row["threads"]) == (name, n)), {"median_us": {}})
            best, quotient = best_peer(row), ratio(row)
            cells += [microseconds(row["median_us"].get(OURS)), microseconds(row["median_us"].get(best))]
            cells += ["–" if best is None else family(best), "–" if quotient is None else f"{quotient:.2f}"]
        yield f"| {name} | " + " | ".join(cells) + " |"
    yield ""
    for _, threads, kind, mean, count in means(rows):
        yield f"- Geometric mean of the ratios over {count} {KINDS[kind]}, {of_threads(threads)}: {mean:.2f}."


def milliseconds(us):
    return "–" if us is None else f"{us / 1e3:.1f}" if us < 1e5 else f"{us / 1e3:,.0f}"


def first_calls(rows):
    """From the formula to the first value and gradient."""
    families = list(dict.fromkeys(name for row in rows for name in row["first_us"] if name == family(name)))
    families = families or list(dict.fromkeys(name for row in rows for name in row["first_us"]))
    yield "| case, ms | " + " | ".join(map(family, families)) + " |"
    yield "| --- |" + " ---: |" * len(families)
    for row in rows:
        yield f"| {row['case']} | " + " | ".join(milliseconds(row["first_us"].get(name)) for name in families) + " |"


def share(row, best):
    """The time that memory or arithmetic would need at best, over the time taken; and which of them."""
    ours, plan = row["median_us"].get(OURS), row["plan"]
    if not (ours and plan and best):
        return None
    bounds = {"bytes": plan["bytes"] / best["bytes_per_second"], "products": plan["multiply_adds"] / best["multiply_adds_per_second"]}
    limit = max(bounds, key=bounds.get)
    return bounds[limit] * 1e6 / ours, limit


def limits(rows, best):
    """What our plan does, and how near it comes to the machine."""
    yield "| case | passes | operations | MB | 10⁶ multiply-adds | share of the best | by |"
    yield "| --- | ---: | ---: | ---: | ---: | ---: | --- |"
    for row in rows:
        plan, part = row["plan"], share(row, best)
        if plan:
            cells = [plan["passes"], plan["operations"], f"{plan['bytes'] / 1e6:.2f}", f"{plan['multiply_adds'] / 1e6:.2f}"]
            cells += ["–", "–"] if part is None else [f"{part[0]:.2f}", part[1]]
            yield f"| {row['case']} | " + " | ".join(map(str, cells)) + " |"


def everyone(rows):
    """All contenders at one number of threads."""
    families = list(dict.fromkeys(family(name) for row in rows for name in [*row["median_us"], *row["disagrees"]]))
    yield "| case | " + " | ".join(families) + " |"
    yield "| --- |" + " ---: |" * len(families)
    for row in rows:
        cells = []
        for one in families:
            both = {name: row["median_us"][name] for name in (one, one + PAGES) if name in row["median_us"]}
            name = min(both, key=both.get) if both else None
            wrong = not both and any(family(name) == one for name in row["disagrees"])
            cells.append("differs" if wrong else microseconds(both.get(name)) + "*" * (name or "").endswith(PAGES))
        yield f"| {row['case']} | " + " | ".join(cells) + " |"


def agreement(rows):
    yield "| case | threads | compared with | largest relative distance | of |"
    yield "| --- | ---: | --- | ---: | --- |"
    for row in rows:
        far = max(row["distance"], key=row["distance"].get, default=None)
        distance = "–" if far is None else f"{row['distance'][far]:.1e}"
        yield f"| {row['case']} | {row['threads']} | {row['reference'] or '–'} | {distance} | {far or '–'} |"


def markdown(report):
    options, rows, machine = report.options, report.rows, report.machine
    yield "# Side by side"
    yield ""
    if options.check:
        yield "Values and gradients (of a training step: the loss and the change of all parameters after three), compared."
        yield ""
        yield from agreement(rows)
    else:
        yield f"Median µs of value and gradient, {options.rounds} interleaved rounds of {options.turn:.0f} ms; a ratio below 1 says that"
        yield "minimand is faster than the best peer. Peers ran with the allocator as it is and told to keep its pages: the better time"
        yield "counts, and * marks the second. A peer far from the best had one turn only."
        yield ""
        for table, within in tables(rows):
            yield ""
            yield f"## {TITLES[table]}"
            yield ""
            yield from summary(within)
        for table, within in tables(rows):
            for threads in dict.fromkeys(row["threads"] for row in within):
                here, best = [row for row in within if row["threads"] == threads], report.best.get(threads)
                where = f"{TITLES[table].lower()}, {of_threads(threads)}"
                yield ""
                yield f"## All contenders: {where}"
                yield ""
                yield from everyone(here)
                yield ""
                yield f"## The first call: {where}"
                yield ""
                cold = "Caches of former runs were not used." if options.cold else "Compilers may have found earlier results in their caches."
                yield f"From the formula to its first value and gradient, in milliseconds. {cold}"
                yield ""
                yield from first_calls(here)
                if best:
                    yield ""
                    yield f"## What the machine would allow: {where}"
                    yield ""
                    yield f"At best {best['bytes_per_second'] / 1e9:.1f} GB/s from memory and {best['multiply_adds_per_second'] / 1e9:.0f} · 10⁹ multiply-adds a second"
                    yield "(a sum of two arrays of 10⁷, a product of matrices of 1024). Above 1: the data stay in the caches. What is far below and has"
                    yield "neither many bytes nor products is bound by other arithmetic, or by the number of steps. A training step's update is not counted."
                    yield ""
                    yield from limits(here, best)
    yield ""
    yield "## Machine"
    yield ""
    yield f"{machine['cpu']} ({', '.join(machine['instructions'])}), {machine['cores']} cores, {machine['memory_gib']} GiB, {machine['system']}, {machine['date']}."
    versions = "; ".join(f"{name} {version}" for name, version in report.versions.items())
    yield f"{machine['rustc']}, Python {machine['python']}; {versions}."
    if report.notes or report.problems:
        yield ""
        yield "## Notes"
        yield ""
        yield from (f"- {note}" for note in dict.fromkeys(report.notes + report.problems))


def write(report, directory):
    rows = [dict(row, best_peer=best_peer(row), ratio=ratio(row)) for row in report.rows]
    content = dict(
        machine=report.machine,
        versions=report.versions,
        rounds=report.options.rounds,
        turn_ms=report.options.turn,
        cold=report.options.cold,
        best=report.best,
        geometric_means=[dict(zip(("table", "threads", "kind", "ratio", "cases"), mean)) for mean in means(report.rows)],
        rows=rows,
        notes=list(dict.fromkeys(report.notes + report.problems)),
    )
    (directory / "results.json").write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n")
    (directory / "results.md").write_text("\n".join(markdown(report)) + "\n")


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
