"""Whether the contenders compute the same."""

import array
import math
import os

TOLERANCE = {"loss": 1e-4, "step": 1e-3}  # a step's result is three updates long, and Adam divides by small roots
CHUNK = 1 << 18  # bytes of a gradient that are compared at a time

try:
    import numpy
except ImportError:
    numpy = None


def sums(a, b):
    """Of two pieces of a gradient: Σ(a − b)², Σb², max|a − b|, max|b|. What is not a number differs infinitely."""
    if numpy:
        a, b = numpy.frombuffer(a, "<f4").astype(float), numpy.frombuffer(b, "<f4").astype(float)
        d = a - b
        parts = [float(x) for x in (d @ d, b @ b, abs(d).max(), abs(b).max())]
    else:
        a, b = array.array("f", a), array.array("f", b)
        d = [x - y for x, y in zip(a, b)]
        parts = [math.fsum(x * x for x in d), math.fsum(y * y for y in b), max(map(abs, d)), max(map(abs, b))]
        parts = [math.nan] * 4 if any(x != x for x in d) else parts
    return [x if x == x else math.inf for x in parts]


def difference(path, reference, kind):
    """The distance of two gradients relative to the second: the larger of the Euclidean and, for a loss, the largest-entry norm.
    A gradient that was not written is taken to be right."""
    if not (path and reference):
        return 0.0
    if os.path.getsize(path) != os.path.getsize(reference):
        return math.inf
    totals = [0.0] * 4
    with open(path, "rb") as file, open(reference, "rb") as other:
        while piece := file.read(CHUNK):
            squares, norm, largest, entry = sums(piece, other.read(CHUNK))
            totals = [totals[0] + squares, totals[1] + norm, max(totals[2], largest), max(totals[3], entry)]
    euclidean = math.sqrt(totals[0]) / max(math.sqrt(totals[1]), 1e-300)
    largest = totals[2] / max(totals[3], 1e-300)
    worst = max(euclidean, largest) if kind == "loss" else euclidean
    return worst if worst == worst else math.inf


def distances(kind, answers, reference):
    """How far each contender's value and gradient are from the reference's: {name: relative distance}."""
    value_of, path_of = ({name: answer[part] for name, answer in answers.items()} for part in (0, 1))

    def distance(name):
        off = abs(value_of[name] - value_of[reference]) / max(abs(value_of[reference]), 1e-300)
        return max(off if off == off else math.inf, difference(path_of[name], path_of[reference], kind))

    return {name: distance(name) for name in answers if name != reference}


def agree(kind, answers, preferred):
    """(reference, its distance from each other contender). Most votes win: right is the one that the most agree with, and among
    equals the preferred one."""
    best = None
    for reference in sorted(answers, key=lambda name: name != preferred):
        others = distances(kind, answers, reference)
        wrong = sum(off > TOLERANCE[kind] for off in others.values())
        if best is None or wrong < best[0]:
            best = (wrong, reference, others)
        if not wrong:
            break
    return best[1:] if best else (None, {})
