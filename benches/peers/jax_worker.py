"""JAX and Optax: `jax.jit(jax.value_and_grad(f))`."""

import jax
import jax.numpy as jnp
import optax

from worker import serve


def info_nce(a, b, temperature):
    def unit(x):
        return x / jnp.linalg.norm(x, axis=-1, keepdims=True)

    similarities = unit(a) @ unit(b).T / temperature
    partner = jnp.arange(len(a))
    along = optax.softmax_cross_entropy_with_integer_labels
    return 0.5 * (along(similarities, partner) + along(similarities.T, partner)).mean()


def cross_entropy(x, y, smoothing):
    loss = optax.softmax_cross_entropy_with_integer_labels(x, y)
    if smoothing == 0:
        return loss.mean()
    # ln Σ e^x - (1 - ε) x_y - ε mean x: the smoothed target, not written out as a matrix
    return (loss + smoothing * (jnp.take_along_axis(x, y[:, None], 1)[:, 0] - x.mean(-1))).mean()


def softmax_focal(x, y, gamma):
    loss = optax.softmax_cross_entropy_with_integer_labels(x, y)
    return ((1 - jnp.exp(-loss)) ** int(gamma) * loss).mean()


def binary_focal(x, y, alpha, gamma):
    return optax.sigmoid_focal_loss(x, y, alpha=alpha, gamma=int(gamma)).mean()


def triplet(a, p, n, margin):
    def distance(u, v):
        return jnp.linalg.norm(u - v, axis=-1)

    return jax.nn.relu(distance(a, p) - distance(a, n) + margin).mean()


def pairwise_logistic(s, relevance):
    ahead = s[..., :, None] - s[..., None, :]
    preferred = relevance[..., :, None] > relevance[..., None, :]
    losses = jnp.where(preferred, jax.nn.softplus(-ahead), 0).sum((-2, -1))
    return (losses / jnp.maximum(preferred.sum((-2, -1)), 1)).mean()


def quantile(x, y, tau):
    r = y - x
    return jnp.maximum(tau * r, (tau - 1) * r).mean()


LOSSES = {
    "mse": lambda x, y: optax.squared_error(x, y).mean(),
    "mae": lambda x, y: jnp.abs(x - y).mean(),
    "huber": lambda x, y, delta: optax.huber_loss(x, y, delta=delta).mean(),
    "bce": lambda x, y: optax.sigmoid_binary_cross_entropy(x, y).mean(),
    "binary_focal": binary_focal,
    "cross_entropy": cross_entropy,
    "softmax_focal": softmax_focal,
    "kl": lambda x, p: optax.kl_divergence(jax.nn.log_softmax(x), p).mean(),
    "vae_kl": lambda mean, s: 0.5 * (mean**2 + jnp.exp(s) - s - 1).sum(-1).mean(),
    "info_nce": info_nce,
    "triplet": triplet,
    "pairwise_logistic": pairwise_logistic,
    "gaussian_nll": lambda mean, s, y: 0.5 * (s + (y - mean) ** 2 * jnp.exp(-s)).mean(),
    "quantile": quantile,
    "log_cosh": lambda x, y: optax.log_cosh(x, y).mean(),
}


def perceptron(parameters, x):
    for at in range(0, len(parameters), 2):
        x = (x if at == 0 else jax.nn.relu(x)) @ parameters[at] + parameters[at + 1]
    return x


STEPS = {
    "tiny_mlp": (optax.sgd, LOSSES["mse"]),
    "mlp": (optax.adam, lambda x, y: optax.softmax_cross_entropy_with_integer_labels(x, y).mean()),
}


def prepare_step(case, inputs):
    optimizer, loss = STEPS[case["loss"]]
    count = case["gradients"]
    before = [p.T for p in inputs[:count]]  # JAX's own layout of a weight: [inputs, outputs]
    parameters, (x, y) = [jnp.array(p) for p in before], inputs[count:]
    update = optimizer(case["parameters"]["learning_rate"])

    def step(parameters, state, x, y):
        value, gradients = jax.value_and_grad(lambda p: loss(perceptron(p, x), y))(parameters)
        change, state = update.update(gradients, state, parameters)
        return value, optax.apply_updates(parameters, change), state

    step = jax.jit(step, donate_argnums=(0, 1))
    held = {"parameters": parameters, "state": update.init(parameters)}

    def work():
        value, held["parameters"], held["state"] = step(held["parameters"], held["state"], x, y)
        jax.block_until_ready((value, held["parameters"], held["state"]))
        return value

    return work, lambda value: (value, [(p - b).T for p, b in zip(held["parameters"], before)])


def prepare(case, inputs):
    jax.clear_caches()
    inputs = [jax.device_put(x.astype("int32") if x.dtype == "int64" else x) for x in inputs]
    if case["loss"] in STEPS:
        return prepare_step(case, inputs)
    if case["loss"] not in LOSSES:
        return None
    formula, options = LOSSES[case["loss"]], case["parameters"]
    both = jax.jit(jax.value_and_grad(lambda *x: formula(*x, **options), argnums=tuple(range(case["gradients"]))))
    return lambda: jax.block_until_ready(both(*inputs)), lambda result: result


serve(f"{jax.__version__}, optax {optax.__version__}", prepare)
