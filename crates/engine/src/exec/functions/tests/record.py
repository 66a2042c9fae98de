"""Records function values in double precision with 60 digits: python3 record.py > recorded.txt   (needs mpmath)

A line: function, bits of x, bits of the nearest double y, and what is missing to the exact value, in units in the last
place of y.
"""

import math
import random
import struct

from mpmath import mp, mpf, asinh, atan, digamma, erf, exp, expm1, log, log1p, loggamma, ncdf, sin, sinh, cos, tanh

# sin and cos of huge numbers, and e^-x beside 1, need long numbers.
mp.prec = 2400
random.seed(1)


def softplus(x):
    return log1p(exp(x)) if x < 0 else x + log1p(exp(-x))


def sigmoid(x):
    return exp(x) / (1 + exp(x)) if x < 0 else 1 / (1 + exp(-x))


def error(x):
    with mp.workprec(300):
        return erf(x)


def normal(x):
    with mp.workprec(300):
        return ncdf(x)


def arc(x):
    with mp.workprec(300):
        return atan(x)


def area(x):
    with mp.workprec(300):
        # Odd: negative numbers would cancel.
        return mp.sign(x) * asinh(abs(x))


def log_gamma(x):
    # The logarithm of a huge number, less that number.
    with mp.workprec(400):
        return loggamma(x)


def psi(x):
    with mp.workprec(300):
        return digamma(x)


def around(*seams):
    return [sign * seam * (1 + shift) for seam in seams for sign in (1, -1) for shift in (0, 1e-15, -1e-15, 1e-4, -1e-4)]


def above(*seams):
    # At 1 and 2, lgamma is 0: there is no unit in its last place.
    return [x for x in around(*seams) if x > 0 and x not in (1, 2)]


def spread(low, high, count=24):
    """Both signs, logarithmically."""
    return [
        random.choice((1, -1)) * math.exp(random.uniform(math.log(low), math.log(high))) for _ in range(count)
    ]


# Numbers that are nearly multiples of π/2, the first one the nearest of all doubles.
CLOSE = [math.ldexp(6381956970095103, 797), 355.0, 710.0, 103993.0, 312689.0, 833719.0 / 2, 11.0, 33.0, 344.0]
CASES = {
    "exp": (exp, around(0.3466, 1, 700) + spread(1e-20, 700) + [-708.5, -720.0, -740.0, -744.9, 709.7]),
    "exp_m1": (expm1, around(0.3466, 1.04, 17.4, 37.5) + spread(1e-20, 700)),
    "ln": (log, [abs(x) for x in around(0.9999, 0.70710678, 1.41421356, 2.3e-308) + spread(1e-300, 1e300)] + [5e-324, 1e-310]),
    "ln_1p": (log1p, [x for x in around(0.2929, 0.4142, 0.999, 1) + spread(1e-20, 0.99) if x > -1] + [1e17, 1e300, 1.7e308]),
    "tanh": (tanh, around(0.625, 19.05) + spread(1e-20, 20)),
    "sigmoid": (sigmoid, around(0.3466, 36, 700) + spread(1e-20, 700) + [-708.5, -720.0, -740.0, -744.9]),
    "softplus": (softplus, around(0.3466, 36, 700) + spread(1e-20, 700) + [-708.5, -720.0, -740.0, -744.9, -50.0]),
    "erf": (error, around(1, 5.9) + spread(1e-20, 6)),
    "sin": (sin, around(*CLOSE, 0.7853981633974483, 524288) + spread(1e-20, 1e300)),
    "cos": (cos, around(*CLOSE, 0.7853981633974483, 524288) + spread(1e-20, 1e300)),
    "normal_cdf": (normal, around(1, 5, 7, 8.2) + spread(1e-20, 8) + [-12.5, -20.0, -30.0, -37.4, -37.6, -38.3, -38.44]),
    "atan": (arc, around(0.4142, 1, 2.4142) + spread(1e-20, 1e300, 40)),
    "sinh": (sinh, around(0.3466, 1, 17.4, 700) + spread(1e-20, 700) + [710.0, 710.4, -710.47]),
    "asinh": (area, around(1, 0.75, 1e18) + spread(1e-20, 1e300, 40) + [1.7e308]),
    "lgamma": (log_gamma, above(0.125, 1, 1.125, 2, 2.125, 3.125, 4.125) + [abs(x) for x in spread(1e-300, 1e300, 60)] + [2.3e-308, 1e305]),
    "digamma": (psi, above(1.0625, 1.4616321449683622, 2.0625, 3.0625, 4.0625, 5.0625) + [abs(x) for x in spread(1e-300, 1e300, 60)] + [2.3e-308, 1e305]),
}


def bits(x):
    return struct.unpack("<Q", struct.pack("<d", x))[0]


for name, (function, points) in CASES.items():
    for x in points:
        exact = function(mpf(x))
        y = float(exact)
        missing = float((exact - mpf(y)) / mpf(math.ulp(y)))
        print(f"{name} {bits(x):016x} {bits(y):016x} {missing:.5f}")
