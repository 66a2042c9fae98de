"""Computes the polynomials of this folder: weighted minimax approximations by Remez' exchange algorithm.

    python3 coefficients.py [NAME ...]        (needs mpmath)

For each approximation: the coefficients, lowest power first, rounded to the target type, and the largest weighted error
that is left after the rounding, as a power of two. The weight turns the polynomial's error into a relative error of the
function that is computed with it.
"""

import struct
import sys

from mpmath import mp, mpf, matrix, lu_solve, exp, expm1, log, log1p, sin, sinh, cos, tanh, atan, atanh, erf, erfc, sqrt, pi, cos as cosine
from mpmath import digamma, euler, findroot, loggamma, psi

mp.dps = 60


def rounded(value, single):
    """The nearest number of the type, and its shortest text."""
    if single:
        value = struct.unpack("f", struct.pack("f", float(value)))[0]
        for digits in range(1, 12):
            text = f"{value:.{digits}g}"
            if struct.unpack("f", struct.pack("f", float(text)))[0] == value:
                return mpf(value), text
    return mpf(float(value)), repr(float(value))


def evaluate(coefficients, x):
    total = mpf(0)
    for coefficient in reversed(coefficients):
        total = total * x + coefficient
    return total


def remez(function, weight, low, high, degree):
    """The polynomial P of the degree that minimises max |weight (P - function)| over [low, high]."""
    count = degree + 2
    middle, half = (low + high) / 2, (high - low) / 2
    nodes = [middle - half * cosine(pi * (2 * i + 1) / (2 * count)) for i in range(count)]
    grid = [middle - half * cosine(pi * i / (24 * count)) for i in range(24 * count + 1)]
    values = [(x, function(x), weight(x)) for x in grid]
    for _ in range(12):
        system, right = matrix(count, count), matrix(count, 1)
        for row, x in enumerate(nodes):
            for column in range(degree + 1):
                # Powers of the scaled variable keep the system well conditioned.
                system[row, column] = ((x - middle) / half) ** column
            system[row, degree + 1] = (-1) ** row / weight(x)
            right[row] = function(x)
        solution = lu_solve(system, right)
        coefficients = list(solution[: degree + 1])
        errors = [(w * (evaluate(coefficients, (x - middle) / half) - y), x) for x, y, w in values]
        # One extremum for each run of equal sign.
        extrema = []
        for error in errors:
            if extrema and (error[0] > 0) == (extrema[-1][0] > 0):
                if abs(error[0]) > abs(extrema[-1][0]):
                    extrema[-1] = error
            else:
                extrema.append(error)
        while len(extrema) > count:
            extrema.pop(0 if abs(extrema[0][0]) < abs(extrema[-1][0]) else -1)
        if len(extrema) < count:
            break
        nodes = [x for _, x in extrema]
        sizes = [abs(error) for error, _ in extrema]
        if max(sizes) < min(sizes) * mpf("1.01"):
            break
    # Back from the scaled variable to x itself.
    plain = [mpf(0)] * (degree + 1)
    power = [mpf(1)]
    for coefficient in coefficients:
        for index, factor in enumerate(power):
            plain[index] += coefficient * factor
        shifted = [mpf(0)] + [factor / half for factor in power]
        for index, factor in enumerate(power):
            shifted[index] -= factor * middle / half
        power = shifted
    return plain


def report(name, single, function, weight, low, high, degree):
    low, high = mpf(low), mpf(high)
    exact = remez(function, weight, low, high, degree)
    pairs = [rounded(coefficient, single) for coefficient in exact]
    used = [value for value, _ in pairs]
    worst = max(
        abs(weight(x) * (evaluate(used, x) - function(x)))
        for x in (low + (high - low) * i / 1000 for i in range(1001))
    )
    print(f"{name}: [{mp.nstr(low, 6)}, {mp.nstr(high, 6)}] degree {degree}, error 2^{mp.nstr(log(worst, 2), 4)}")
    print("    [" + ", ".join(text if ("." in text or "e" in text) else text + ".0" for _, text in pairs) + "]")


def series(function, limit, zero):
    """The function, with its value at a removable singularity."""
    return lambda x: zero if abs(x) < limit else function(x)


tiny = mpf(10) ** -12
# e^r = 1 + r + r² P(r)
exponential = series(lambda r: (expm1(r) - r) / r**2, tiny, mpf(1) / 2)
exponential_weight = lambda r: r**2 / exp(r) + mpf(10) ** -6
# ln(1 + f) = f - f² P(f)
logarithm = series(lambda f: (f - log1p(f)) / f**2, tiny, mpf(1) / 2)
logarithm_weight = lambda f: f / (log1p(f) / f) if abs(f) > tiny else tiny
logarithm_weight_absolute = lambda f: abs(logarithm_weight(f)) + mpf(10) ** -6
# ln(1 + e) = e - e² (1/4 + P(e - 1))
deficit = lambda t: logarithm(1 + t) - mpf(1) / 4
deficit_weight = lambda t: logarithm_weight_absolute(1 + t)
# ln((1 + s)/(1 - s)) = 2 s + s z P(z), z = s²
area = series(lambda z: (2 * atanh(sqrt(z)) / sqrt(z) - 2) / z, mpf(10) ** -15, mpf(2) / 3)
area_weight = lambda z: z / 2 + mpf(10) ** -6
# tanh x = x + x z P(z), z = x²
hyperbolic = series(lambda z: (tanh(sqrt(z)) / sqrt(z) - 1) / z, mpf(10) ** -15, -mpf(1) / 3)
hyperbolic_weight = lambda z: z + mpf(10) ** -6
# sinh x = x + x z P(z), z = x²
half_difference = series(lambda z: (sinh(sqrt(z)) / sqrt(z) - 1) / z, mpf(10) ** -15, mpf(1) / 6)
half_difference_weight = lambda z: z + mpf(10) ** -6
# atan x = x + x z P(z), z = x²
arc = series(lambda z: (atan(sqrt(z)) / sqrt(z) - 1) / z, mpf(10) ** -15, -mpf(1) / 3)
arc_weight = lambda z: z + mpf(10) ** -6
# erf x = x + x P(z)
error_small = series(lambda z: erf(sqrt(z)) / sqrt(z) - 1, mpf(10) ** -25, 2 / sqrt(pi) - 1)
error_small_weight = lambda z: sqrt(z) / erf(sqrt(z)) if z > mpf(10) ** -25 else mpf(1)
# erf x = 1 - 2^-P(t), t = x - 1
error_large = lambda t: -log(erfc(t + 1), 2)
error_large_weight = lambda t: erfc(t + 1) * log(2)
# Φ(-a) = e^(-a²/2) P((a - k)/(a + k))/(a + k): the scaled tail of the normal distribution
def tail(k):
    k = mpf(k)

    def function(q):
        a = k * (1 + q) / (1 - q)
        return exp(a * a / 2) * erfc(a / sqrt(mpf(2))) / 2 * (a + k)

    return function


def tail_weight(k):
    return lambda q: 1 / tail(k)(q)


def tail_end(k, a):
    return (a - mpf(k)) / (a + mpf(k))


# 2^r = 1 + r P(r)
binary = series(lambda r: (mpf(2) ** r - 1) / r, tiny, log(2))
# sin r = r + r z P(z); cos r = 1 - z/2 + z² P(z)
sine = series(lambda z: (sin(sqrt(z)) / sqrt(z) - 1) / z, mpf(10) ** -15, -mpf(1) / 6)
sine_weight = lambda z: z + mpf(10) ** -6
cosine_tail = series(lambda z: (cos(sqrt(z)) - 1 + z / 2) / z**2, mpf(10) ** -12, mpf(1) / 24)
cosine_weight = lambda z: z**2 / cos(sqrt(z)) + mpf(10) ** -6

# lgamma(2 + t) = t (1 + t) P(t)
gamma_near_one = series(lambda d: loggamma(1 + d) / d, mpf(10) ** -25, -euler)
gamma_near = lambda t: (gamma_near_one(t) + (log1p(t) / t if t else 1)) / (1 + t) if t > -0.5 else gamma_near_one(1 + t) / t
gamma_near_weight = lambda t: 1 / gamma_near(t)
# lgamma x = (x - ½) (ln x - 1) + ½ (ln 2π - 1) + P(z)/x, z = 1/x²
gamma_rest = lambda x: x * (loggamma(x) - (x - mpf(1) / 2) * (log(x) - 1) - (log(2 * pi) - 1) / 2)
gamma_far = series(lambda z: gamma_rest(1 / sqrt(z)), mpf(10) ** -12, mpf(1) / 12)
gamma_far_weight = lambda z: sqrt(z) / loggamma(1 / sqrt(z)) if z > mpf(10) ** -12 else mpf(10) ** -8
# ψ(3/2 + u) = (u - r) P(u)
digamma_root = findroot(digamma, mpf("1.46")) - mpf(3) / 2
digamma_near = lambda u: psi(1, 1.5 + u) if abs(u - digamma_root) < mpf(10) ** -20 else digamma(1.5 + u) / (u - digamma_root)
digamma_near_weight = lambda u: 1 / digamma_near(u)
# ψ(x) = ln x - 1/(2x) - z P(z), z = 1/x²
digamma_rest = lambda x: (log(x) - 1 / (2 * x) - digamma(x)) * x * x
digamma_far = series(lambda z: digamma_rest(1 / sqrt(z)), mpf(10) ** -12, mpf(1) / 12)
digamma_far_weight = lambda z: z / digamma(1 / sqrt(z)) if z > mpf(10) ** -12 else mpf(10) ** -8

half_ln2 = log(2) / 2 * mpf("1.001")
quarter = (pi / 4 * mpf("1.016")) ** 2
edges = (sqrt(mpf(1) / 2) - 1, sqrt(mpf(2)) - 1)

APPROXIMATIONS = {
    "exp f32": (True, exponential, exponential_weight, -half_ln2, half_ln2, 4),
    "exp f64": (False, exponential, exponential_weight, -half_ln2, half_ln2, 9),
    "ln f32": (True, logarithm, logarithm_weight_absolute, -0.25, 0.5, 8),
    "ln f64": (False, area, area_weight, 0, (edges[1] / (2 + edges[1])) ** 2, 6),
    "softplus f32": (True, deficit, deficit_weight, -1, 0, 9),
    "softplus f64": (False, area, area_weight, 0, mpf(1) / 9, 10),
    "tanh f32": (True, hyperbolic, hyperbolic_weight, 0, mpf("0.8") ** 2, 5),
    "tanh f64": (False, hyperbolic, hyperbolic_weight, 0, mpf("0.625") ** 2, 11),
    "sinh f32": (True, half_difference, half_difference_weight, 0, 1, 3),
    "sinh f64": (False, half_difference, half_difference_weight, 0, 1, 7),
    "atan f32": (True, arc, arc_weight, 0, 1, 8),
    "atan f64": (False, arc, arc_weight, 0, 1, 19),
    "erf small f32": (True, error_small, error_small_weight, 0, 1, 6),
    "erf small f64": (False, error_small, error_small_weight, 0, 1, 12),
    "erf large f32": (True, error_large, error_large_weight, 0, 3, 7),
    "erf large f64": (False, error_large, error_large_weight, 0, 5, 18),
    "normal f32": (True, tail("3.375"), tail_weight("3.375"), -1, tail_end("3.375", 15), 10),
    "normal f64": (False, tail("4.625"), tail_weight("4.625"), -1, tail_end("4.625", 39), 22),
    "exp2 f32": (True, binary, lambda r: abs(r) / mpf(2) ** r + mpf(10) ** -6, -0.5, 0.5, 5),
    "exp2 f64": (False, binary, lambda r: abs(r) / mpf(2) ** r + mpf(10) ** -6, -0.5, 0.5, 10),
    "sin f32": (True, sine, sine_weight, 0, quarter, 2),
    "sin f64": (False, sine, sine_weight, 0, quarter, 5),
    "cos f32": (True, cosine_tail, cosine_weight, 0, quarter, 2),
    "cos f64": (False, cosine_tail, cosine_weight, 0, quarter, 5),
    # Those for single precision are evaluated in double precision.
    "lgamma near, for f32": (False, gamma_near, gamma_near_weight, -0.875, 0.125, 11),
    "lgamma near, for f64": (False, gamma_near, gamma_near_weight, -0.875, 0.125, 19),
    "lgamma far, for f32": (False, gamma_far, gamma_far_weight, 0, 1 / mpf("2.125") ** 2, 5),
    "lgamma far, for f64": (False, gamma_far, gamma_far_weight, 0, 1 / mpf("4.125") ** 2, 7),
    "digamma near, for f32": (False, digamma_near, digamma_near_weight, -0.4375, 0.5625, 12),
    "digamma near, for f64": (False, digamma_near, digamma_near_weight, -0.4375, 0.5625, 21),
    "digamma far, for f32": (False, digamma_far, digamma_far_weight, 0, mpf(1) / 4, 5),
    "digamma far, for f64": (False, digamma_far, digamma_far_weight, 0, mpf(1) / 25, 7),
}


def pieces(name, value, bits, count, single):
    """The value as a sum of numbers with few bits each, the last one with all bits of the type."""
    parts = []
    for index in range(count):
        if index + 1 < count:
            exponent = mp.floor(log(abs(value), 2)) + 1 - bits
            part = mp.nint(value / mpf(2) ** exponent) * mpf(2) ** exponent
        else:
            part = value
        part, text = rounded(part, single)
        parts.append(text)
        value -= part
    print(f"{name}: [{', '.join(parts)}], left 2^{mp.nstr(log(abs(value), 2), 4)}")


if __name__ == "__main__":
    for name, arguments in APPROXIMATIONS.items():
        if len(sys.argv) == 1 or any(wanted in name for wanted in sys.argv[1:]):
            report(name, *arguments)
    pieces("ln 2 f32", log(2), 15, 2, True)
    pieces("ln 2 f64", log(2), 42, 2, False)
    pieces("pi/2 f32, fused", pi / 2, 24, 3, True)
    pieces("pi/2 f64 for f32, unfused", pi / 2, 33, 2, False)
    pieces("pi/2 f64, fused", pi / 2, 53, 3, False)
    pieces("pi/2 f64, unfused", pi / 2, 33, 4, False)
    pieces("zero of digamma, less 3/2", digamma_root, 53, 2, False)
    pieces("(ln 2π - 1)/2", (log(2 * pi) - 1) / 2, 53, 1, False)
