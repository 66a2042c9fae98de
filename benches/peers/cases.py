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


def whole(*shape, below):
    """Whole numbers from 0 on, as floats: counts, degrees of relevance."""
    return {"kind": "whole", "shape": shape, "below": below}


def probabilities(*shape):
    return {"kind": "probabilities", "shape": shape}


def power(n):
    return "10" + str(len(str(n)) - 1).translate(str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹"))


CASES = []


def case(name, loss, inputs, gradients=1, kind="loss", steps=1, **parameters):
    CASES.append(dict(name=name, loss=loss, inputs=inputs, gradients=gradients, kind=kind, steps=steps, parameters=parameters))


def elementwise(name, loss, target, **parameters):
    for n in (10**3, 10**4, 10**5, 10**6, 10**7):
        case(f"{name} {power(n)}", loss, [normal(n, scale=2), target(n)], **parameters)


elementwise("mse", "mse", lambda n: normal(n, scale=2))
elementwise("mae", "mae", lambda n: normal(n, scale=2))
elementwise("huber", "huber", lambda n: normal(n, scale=2), delta=1.0)
elementwise("BCE", "bce", bernoulli)
elementwise("binary focal", "binary_focal", bernoulli, alpha=0.25, gamma=2.0)
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
case("batch-hard triplet [512,128]", "batch_hard_triplet", [normal(512, 128), labels(512, classes=32)], margin=0.2)
case("pairwise logistic 64×100", "pairwise_logistic", [normal(64, 100), whole(64, 100, below=5)])
case("ListNet 64×100", "list_net", [normal(64, 100), whole(64, 100, below=5)])
case("ApproxNDCG 64×100", "approx_ndcg", [normal(64, 100), whole(64, 100, below=5)], temperature=1.0)
case("Gaussian NLL 10⁶", "gaussian_nll", [normal(10**6), normal(10**6), normal(10**6)], gradients=2)
case("Poisson NLL 10⁶", "poisson_nll", [normal(10**6), whole(10**6, below=8)])
case("quantile 10⁶", "quantile", [normal(10**6, scale=2), normal(10**6, scale=2)], tau=0.9)
case("log-cosh 10⁶", "log_cosh", [normal(10**6, scale=2), normal(10**6, scale=2)])


def layer(outputs, *inputs):
    """A weight and a bias; a convolution's inputs are channels and the two lengths of its window."""
    fan = 1
    for length in inputs:
        fan *= length
    return [normal(outputs, *inputs, scale=fan**-0.5), normal(outputs, scale=fan**-0.5)]


def step(name, model, layers, data, **parameters):
    weights = [spec for pair in layers for spec in pair]
    case(name, model, weights + data, gradients=len(weights), kind="step", steps=3, **parameters)


step("tiny MLP step", "tiny_mlp", [layer(16, 2), layer(16, 16), layer(1, 16)], [normal(32, 2), normal(32, 1)], learning_rate=0.01)
step(
    "MLP step",
    "mlp",
    [layer(256, 784), layer(128, 256), layer(10, 128)],
    [normal(128, 784), labels(128, classes=10)],
    learning_rate=0.001,
)
step(
    "CNN step",
    "cnn",
    [layer(16, 1, 3, 3), layer(32, 16, 3, 3), layer(10, 32 * 7 * 7)],
    [normal(64, 1, 28, 28), labels(64, classes=10)],
    learning_rate=0.001,
)
step(
    "VAE step",
    "vae",  # encoder; mean and log-variance of the code; decoder
    [layer(400, 784), layer(20, 400), layer(20, 400), layer(400, 20), layer(784, 400)],
    [bernoulli(128, 784, p=0.2), normal(128, 20)],
    learning_rate=0.001,
)
