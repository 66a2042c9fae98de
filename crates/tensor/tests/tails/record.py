"""Records functions with their derivatives with 60 digits: python3 record.py > recorded.txt   (needs mpmath)

A line: function, x (a number of single precision), value, first three derivatives.
"""

import random
import struct

from mpmath import mp, mpf, asinh, atan, cosh, diff, erf, exp, expm1, log, log1p, ncdf, sqrt, pi, sinh, tanh

mp.dps = 400
random.seed(1)


def sigmoid(x):
    return 1 / (1 + exp(-x))


def softplus(x):
    return log1p(exp(x))


FUNCTIONS = {
    "tanh": tanh,
    "sigmoid": sigmoid,
    "softplus": softplus,
    "log_sigmoid": lambda x: -softplus(-x),
    "erf": erf,
    "normal_cdf": ncdf,
    "gelu": lambda x: x * ncdf(x),
    "gelu_tanh": lambda x: x * sigmoid(2 * sqrt(2 / pi) * (x + mpf("0.044715") * x**3)),
    "silu": lambda x: x * sigmoid(x),
    "mish": lambda x: x * tanh(softplus(x)),
    "elu": lambda x: x if x > 0 else expm1(x),
    "log1mexp": lambda x: log(-expm1(-abs(x))),
    "atan": atan,
    "sinh": sinh,
    "cosh": cosh,
    "asinh": lambda x: asinh(x),
}


def single(x):
    return struct.unpack("f", struct.pack("f", x))[0]


magnitudes = [0.25 * i + random.uniform(0, 0.25) for i in range(48)]
magnitudes += [10 ** random.uniform(-6, -0.5) for _ in range(10)] + [10 ** random.uniform(1, 2.9) for _ in range(24)]
magnitudes += [0.6931, 0.6932, 5.5, 9.010914, 13.0, 14.1, 36.0, 38.3, 87.0, 103.0]
points = [sign * single(x) for x in sorted(magnitudes) for sign in (1, -1)]


def text(x):
    return mp.nstr(x, 20, min_fixed=0, max_fixed=0)


for name, function in FUNCTIONS.items():
    for x in points:
        if name == "log1mexp" and x > 0:
            continue
        # Single precision ends soon after.
        if name in ("sinh", "cosh") and abs(x) > 85:
            continue
        values = [function(mpf(x))] + [diff(function, mpf(x), order, h=mpf(10) ** -100) for order in (1, 2, 3)]
        print(name, repr(x), *map(text, values))
