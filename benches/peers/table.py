"""The table as Markdown and as JSON."""

import json
import math


def best_peer(row, ours="minimand"):
    peers = {name: us for name, us in row["median_us"].items() if name != ours}
    return min(peers, key=peers.get) if peers else None


def ratio(row):
    best = best_peer(row)
    return row["median_us"]["minimand"] / row["median_us"][best] if best and "minimand" in row["median_us"] else None


def mean_ratio(rows):
    ratios = [value for value in map(ratio, rows) if value]
    return math.exp(sum(map(math.log, ratios)) / len(ratios)) if ratios else None


def microseconds(us):
    return "–" if us is None else f"{us:.1f}" if us < 100 else f"{us:,.0f}"


def markdown(options, rows, machine, versions, notes, problems):
    families = list(dict.fromkeys(name.removesuffix("+pages") for row in rows for name in row["median_us"]))
    yield "# Side by side"
    yield ""
    yield f"Median µs of value and gradient, {options.rounds} interleaved rounds; below 1, the ratio says that minimand is faster than the best peer."
    yield "Of a peer timed with both allocators, the better time is shown; * marks the one that keeps its pages."
    yield ""
    for threads in dict.fromkeys(row["threads"] for row in rows):
        here = [row for row in rows if row["threads"] == threads]
        yield f"## {threads} thread{'s' if threads > 1 else ''}"
        yield ""
        yield "| case | " + " | ".join(families) + " | best peer | ratio |"
        yield "| --- |" + " ---: |" * len(families) + " --- | ---: |"
        for row in here:
            cells = []
            for family in families:
                both = {name: row["median_us"].get(name) for name in (family, family + "+pages")}
                both = {name: us for name, us in both.items() if us is not None}
                name = min(both, key=both.get) if both else None
                wrong = any(name.removesuffix("+pages") == family for name in row["disagrees"])
                cells.append("differs" if wrong and not both else microseconds(both.get(name)) + "*" * (name or "").endswith("+pages"))
            quotient = ratio(row)
            cells += [(best_peer(row) or "–").removesuffix("+pages"), "–" if quotient is None else f"{quotient:.2f}"]
            yield f"| {row['case']} | " + " | ".join(cells) + " |"
        yield ""
        for kind, name in (("loss", "losses"), ("step", "training steps")):
            mean = mean_ratio([row for row in here if row["kind"] == kind])
            if mean:
                yield f"Geometric mean of the ratios over {name}: {mean:.2f}."
        yield ""
    yield "## Machine"
    yield ""
    yield f"{machine['cpu']} ({', '.join(machine['instructions'])}), {machine['cores']} cores, {machine['memory_gib']} GiB, {machine['system']}, {machine['date']}."
    yield f"{machine['rustc']}, Python {machine['python']}; " + "; ".join(f"{name} {version}" for name, version in versions.items()) + "."
    if notes or problems:
        yield ""
        yield "## Notes"
        yield ""
        yield from (f"- {note}" for note in dict.fromkeys(notes + problems))


def write(options, rows, machine, versions, notes, problems):
    rows_out = [dict(row, best_peer=best_peer(row), ratio=ratio(row)) for row in rows]
    content = dict(machine=machine, versions=versions, rounds=options.rounds, turn_ms=options.turn, rows=rows_out, notes=notes + problems)
    (options.out / "results.json").write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n")
    (options.out / "results.md").write_text("\n".join(markdown(options, rows, machine, versions, notes, problems)) + "\n")
