"""The table of cases. A contender that lacks a loss skips it with a note, so a new case is a line here and one per contender.

`inputs` are made by each worker from the same hash; the gradient is for the first `gradients` of them.
A training step reads its result after `steps` steps; its gradient is the change of all parameters.
The second table, *unseen kinds*, has formulas that no benchmark was tuned for, at least three for each kind of computation.
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


TABLES = ["losses", "unseen"]
CASES = []


def case(name, loss, inputs, gradients=1, kind="loss", steps=1, table=TABLES[0], **parameters):
    CASES.append(
        dict(name=name, loss=loss, inputs=inputs, gradients=gradients, kind=kind, steps=steps, table=table, parameters=parameters)
    )


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
    weights = [spec for layer in layers for spec in layer]
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


def unseen(name, loss, *inputs, gradients=1, **parameters):
    case(name, loss, list(inputs), gradients=gradients, table=TABLES[1], **parameters)


def scaled(outputs, *inputs):
    """A weight without a bias."""
    return layer(outputs, *inputs)[:1]


# Pairs: a reduction over a broadcast difference.
unseen("kernel discrepancy 256×32", "kernel_discrepancy", normal(256, 32), normal(256, 32))
unseen("energy distance 256×32", "energy_distance", normal(256, 32), normal(256, 32))
unseen("Chamfer 1024×3", "chamfer", normal(1024, 3), normal(1024, 3), gradients=2)
# Lists: sums over the pairs of a short list.
unseen("soft ranks 64×100", "soft_ranks", normal(64, 100), normal(64, 100), temperature=0.5)
unseen("weighted pairs 64×100", "weighted_pairs", normal(64, 100), whole(64, 100, below=5))
unseen("squared hinge of pairs 256×30", "hinge_pairs", normal(256, 30), whole(256, 30, below=5))
# Shifts: slices of one array that meet in one expression.
unseen("total variation 16×128×128", "total_variation", normal(16, 128, 128))
unseen("gradient difference 16×128×128", "gradient_difference", normal(16, 128, 128), normal(16, 128, 128))
unseen("Laplacian 16×128×128", "laplacian", normal(16, 128, 128), normal(16, 128, 128))
unseen("autoregression 64×4096", "autoregression", normal(64, 4096), normal(3), gradients=2)
# Order: sorting, picking, adding up by group.
unseen("Wasserstein 64×1000", "wasserstein", normal(64, 1000), normal(64, 1000))
unseen("worst tenth 10⁵", "worst_tenth", normal(10**5), normal(10**5))
unseen("word vectors 10⁴×64", "word_vectors", normal(10**4, 64), labels(4096, classes=10**4), labels(4096, classes=10**4))
unseen("group means 10⁵", "group_means", normal(10**5), labels(10**5, classes=1000))
# Small and thin products.
unseen(
    "gradient penalty 256, 2-64-64-1",
    "gradient_penalty",
    *layer(64, 2),
    *layer(64, 64),
    *layer(1, 64),
    normal(256, 2),
    gradients=5,  # the last bias has no slope
)
unseen("least squares 1000×1000", "least_squares", normal(1000), normal(1000, 1000, scale=0.03), normal(1000))
unseen("small products 512×[16,16]", "small_products", normal(512, 16, 16), normal(512, 16, 16), gradients=2)
unseen("batch-normalised layer 256×64", "normalised_layer", *layer(64, 64), normal(64), normal(64), normal(256, 64), gradients=4)
# Attention.
unseen("causal attention 8×256×32", "attention", *[normal(8, 256, 32)] * 3, gradients=3)
unseen("causal attention 2×1024×64", "attention", *[normal(2, 1024, 64)] * 3, gradients=3)
unseen("layer norm and GELU 1024×256", "layer_norm", normal(1024, 256), normal(256), normal(256), gradients=3)
# Long loops.
unseen("Sinkhorn 64×64, 50 iterations", "sinkhorn", probabilities(64, 64), iterations=50, epsilon=0.1)
unseen("recurrence 100 steps 16×32", "recurrence", *scaled(32, 32), normal(100, 16, 32), gradients=1)
unseen("smoothing 200 steps 64", "smoothing", normal(200, 64), normal(64), gradients=2)


def unseen_step(name, model, layers, data, **parameters):
    step(name, model, layers, data, table=TABLES[1], **parameters)


# No bias where a mean is taken off again, or all keys move alike: its slope is 0, and Adam divides rounding by rounding.
WIDTH = 128
block = [
    [normal(WIDTH), normal(WIDTH)],
    scaled(3 * WIDTH, WIDTH),
    layer(WIDTH, WIDTH),
    [normal(WIDTH), normal(WIDTH)],
    layer(4 * WIDTH, WIDTH),
    layer(WIDTH, 4 * WIDTH),
]
unseen_step(
    "transformer step",  # 16 sequences of 64 tokens, 2 blocks of 4 heads
    "transformer",
    [*block, *block],
    [normal(16, 64, WIDTH), normal(16, 64, WIDTH)],
    learning_rate=0.001,
)
unseen_step(
    "GRU step",  # 32 steps of 16 sequences
    "gru",
    [layer(192, 64), layer(192, 64), layer(10, 64)],
    [normal(32, 16, 64), labels(16, classes=10)],
    learning_rate=0.001,
)
unseen_step(
    "ResNet block step",
    "resnet_block",
    [scaled(16, 16, 3, 3), [normal(16), normal(16)], scaled(16, 16, 3, 3), [normal(16), normal(16)], layer(10, 16)],
    [normal(32, 16, 14, 14), labels(32, classes=10)],
    learning_rate=0.001,
)
unseen_step(
    "batch-normalised MLP step",
    "normalised_mlp",
    [scaled(256, 64), [normal(256), normal(256)], scaled(256, 256), [normal(256), normal(256)], layer(10, 256)],
    [normal(128, 64), labels(128, classes=10)],
    learning_rate=0.01,
)
