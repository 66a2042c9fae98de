"""JAX and Optax: `jax.jit(jax.value_and_grad(f))`."""

import jax
import jax.numpy as jnp
import optax

import jax_kinds
import jax_steps
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


def batch_hard_triplet(z, y, margin):
    """Mined without a gradient, then measured: twice as fast as derivatives through all distances."""
    x = jax.lax.stop_gradient(z)
    order = (x * x).sum(1) - 2 * x @ x.T  # squared distances, each row less a number of its own
    same = y[:, None] == y
    farthest = jnp.where(same, order, -jnp.inf).argmax(1)
    nearest = jnp.where(same, jnp.inf, order).argmin(1)

    def distance(chosen):
        return jnp.linalg.norm(z - z[chosen], axis=-1)

    return jax.nn.relu(distance(farthest) - distance(nearest) + margin).mean()


def pairwise_logistic(s, relevance):
    ahead = s[..., :, None] - s[..., None, :]
    preferred = relevance[..., :, None] > relevance[..., None, :]
    losses = jnp.where(preferred, jax.nn.softplus(-ahead), 0).sum((-2, -1))
    return (losses / jnp.maximum(preferred.sum((-2, -1)), 1)).mean()


def list_net(s, relevance):
    return optax.softmax_cross_entropy(s, jax.nn.softmax(relevance)).mean()


def approx_ndcg(s, relevance, temperature):
    rank = jax.nn.sigmoid((s[..., None, :] - s[..., :, None]) / temperature).sum(-1) + 0.5  # σ(0) of the item itself is ½
    gain = jnp.exp2(relevance) - 1
    above, below = gain[..., None, :], gain[..., :, None]
    earlier = jnp.tril(jnp.ones((s.shape[-1],) * 2, bool), -1)
    best_rank = ((above > below) | ((above == below) & earlier)).sum(-1)  # from 0 on; faster than sorting here
    best = (gain / jnp.log2(best_rank + 2.0)).sum(-1)
    return -((gain / jnp.log2(1 + rank)).sum(-1) / best).mean()


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
    "batch_hard_triplet": batch_hard_triplet,
    "pairwise_logistic": pairwise_logistic,
    "list_net": list_net,
    "approx_ndcg": approx_ndcg,
    "gaussian_nll": lambda mean, s, y: 0.5 * (s + (y - mean) ** 2 * jnp.exp(-s)).mean(),
    "poisson_nll": lambda x, y: (jnp.exp(x) - y * x).mean(),
    "quantile": quantile,
    "log_cosh": lambda x, y: optax.log_cosh(x, y).mean(),
    **jax_kinds.LOSSES,
}


def prepare(case, inputs):
    jax.clear_caches()
    inputs = [jax.device_put(x.astype("int32") if x.dtype == "int64" else x) for x in inputs]
    if case["loss"] in jax_steps.STEPS:
        return jax_steps.prepare(case, inputs)
    if case["loss"] not in LOSSES:
        return None
    formula, options = LOSSES[case["loss"]], case["parameters"]
    both = jax.jit(jax.value_and_grad(lambda *x: formula(*x, **options), argnums=tuple(range(case["gradients"]))))
    return lambda: jax.block_until_ready(both(*inputs)), lambda result: result


serve(f"{jax.__version__}, optax {optax.__version__}", prepare)
