"""The table of cases. A contender that lacks a loss skips it with a note, so a new case is a line here and one per contender.

`inputs` are made by each worker from the same hash; the gradient is for the first `gradients` of them.
A training step reads its result after `steps` steps; its gradient is the change of all parameters.
"""


def normal(*shape, scale=1.0):
    return {"kind": "normal", "shape": shape, "scale": scale}


def bernoulli(*shape, p=0.5):
    return {"kind": "bernoulli", "shape": shape, "p": p}


def labels(*shape, classes):
    return {"kind": "labels", "shape": shape, "classes": classes}


def probabilities(*shape):
    return {"kind": "probabilities", "shape": shape}


def power(n):
    return "10" + str(len(str(n)) - 1).translate(str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹"))


CASES = []


def case(name, loss, inputs, gradients=1, kind="loss", steps=1, **parameters):
    CASES.append(dict(name=name, loss=loss, inputs=inputs, gradients=gradients, kind=kind, steps=steps, parameters=parameters))


for n in (10**3, 10**5, 10**6, 10**7):
    case(f"mse {power(n)}", "mse", [normal(n, scale=2), normal(n, scale=2)])
for n in (10**3, 10**5, 10**6, 10**7):
    case(f"mae {power(n)}", "mae", [normal(n, scale=2), normal(n, scale=2)])
for n in (10**3, 10**5, 10**6, 10**7):
    case(f"huber {power(n)}", "huber", [normal(n, scale=2), normal(n, scale=2)], delta=1.0)
for n in (10**3, 10**5, 10**6, 10**7):
    case(f"BCE {power(n)}", "bce", [normal(n, scale=2), bernoulli(n)])
for n in (10**3, 10**5, 10**6, 10**7):
    case(f"binary focal {power(n)}", "binary_focal", [normal(n, scale=2), bernoulli(n)], alpha=0.25, gamma=2.0)
for rows, classes in ((32, 10), (256, 1000), (4096, 1000), (512, 32000)):
    name = f"cross-entropy [{rows},{classes}]"
    case(name, "cross_entropy", [normal(rows, classes, scale=2), labels(rows, classes=classes)], smoothing=0.0)
case(
    "cross-entropy smoothed [256,1000]",
    "cross_entropy",
    [normal(256, 1000, scale=2), labels(256, classes=1000)],
    smoothing=0.1,
)
case("softmax focal [4096,1000]", "softmax_focal", [normal(4096, 1000, scale=2), labels(4096, classes=1000)], gamma=2.0)
case("KL [4096,1000]", "kl", [normal(4096, 1000, scale=2), probabilities(4096, 1000)])
case("VAE KL term 10⁶", "vae_kl", [normal(50000, 20), normal(50000, 20)], gradients=2)
for rows in (256, 1024):
    case(f"InfoNCE {rows}×128", "info_nce", [normal(rows, 128), normal(rows, 128)], gradients=2, temperature=0.1)
case("triplet [1024,128]", "triplet", [normal(1024, 128), normal(1024, 128), normal(1024, 128)], gradients=3, margin=1.0)
case("pairwise logistic 64×100", "pairwise_logistic", [normal(64, 100), labels(64, 100, classes=5)])
case("Gaussian NLL 10⁶", "gaussian_nll", [normal(10**6), normal(10**6), normal(10**6)], gradients=2)
case("quantile 10⁶", "quantile", [normal(10**6, scale=2), normal(10**6, scale=2)], tau=0.9)
case("log-cosh 10⁶", "log_cosh", [normal(10**6, scale=2), normal(10**6, scale=2)])


def layers(sizes):
    for inputs, outputs in zip(sizes, sizes[1:]):
        yield normal(outputs, inputs, scale=inputs**-0.5)
        yield normal(outputs, scale=inputs**-0.5)


tiny = list(layers((2, 16, 16, 1)))
case(
    "tiny MLP step", "tiny_mlp", tiny + [normal(32, 2), normal(32, 1)], gradients=6, kind="step", steps=3, learning_rate=0.01
)
mlp = list(layers((784, 256, 128, 10)))
case(
    "MLP step",
    "mlp",
    mlp + [normal(128, 784), labels(128, classes=10)],
    gradients=6,
    kind="step",
    steps=3,
    learning_rate=0.001,
)
