"""The losses and training steps of the table of unseen kinds, in JAX, each in the fastest usual form."""

import jax
import jax.numpy as jnp
import optax


def squared_distances(x, y):
    """By a matrix product, as everybody computes them here."""
    return jnp.maximum((x * x).sum(1)[:, None] + (y * y).sum(1) - 2 * x @ y.T, 0)


def kernel_discrepancy(x, y):
    def mean(a, b):
        return jnp.exp(-squared_distances(a, b) / (2 * a.shape[1])).mean()

    return mean(x, x) + mean(y, y) - 2 * mean(x, y)


def energy_distance(x, y):
    """The distance of a point to itself has slope 0."""

    def mean(a, b):
        d = squared_distances(a, b)
        away = d > 1e-3
        return jnp.where(away, jnp.sqrt(jnp.where(away, d, 1)), 0).mean()

    return 2 * mean(x, y) - mean(x, x) - mean(y, y)


def chamfer(x, y):
    d = ((x[:, None] - y) ** 2).sum(-1)
    return d.min(1).mean() + d.min(0).mean()


def soft_ranks(s, target, temperature):
    rank = jax.nn.sigmoid((s[..., :, None] - s[..., None, :]) / temperature).sum(-1)
    rank, target = rank - rank.mean(-1, keepdims=True), target - target.mean(-1, keepdims=True)
    norm = jnp.linalg.norm
    return 1 - ((rank * target).sum(-1) / (norm(rank, axis=-1) * norm(target, axis=-1))).mean()


def weighted_pairs(s, relevance):
    ahead = s[..., :, None] - s[..., None, :]
    gain = jnp.exp2(relevance)
    weight = jax.nn.relu(gain[..., :, None] - gain[..., None, :])
    return (weight * jax.nn.softplus(-ahead)).sum((-2, -1)).mean()


def hinge_pairs(s, relevance):
    ahead = s[..., :, None] - s[..., None, :]
    preferred = relevance[..., :, None] > relevance[..., None, :]
    return jnp.where(preferred, jax.nn.relu(1 - ahead) ** 2, 0).sum((-2, -1)).mean()


def total_variation(x):
    return jnp.abs(x[:, 1:] - x[:, :-1]).mean() + jnp.abs(x[:, :, 1:] - x[:, :, :-1]).mean()


def gradient_difference(x, y):
    def down(z):
        return jnp.abs(z[:, 1:] - z[:, :-1])

    def right(z):
        return jnp.abs(z[:, :, 1:] - z[:, :, :-1])

    return ((down(x) - down(y)) ** 2).mean() + ((right(x) - right(y)) ** 2).mean()


def laplacian(x, source):
    inner = x[:, 1:-1, 1:-1]
    around = x[:, :-2, 1:-1] + x[:, 2:, 1:-1] + x[:, 1:-1, :-2] + x[:, 1:-1, 2:]
    return ((around - 4 * inner - source[:, 1:-1, 1:-1]) ** 2).mean()


def autoregression(x, weights):
    expected = weights[0] * x[:, 2:-1] + weights[1] * x[:, 1:-2] + weights[2] * x[:, :-3]
    return ((x[:, 3:] - expected) ** 2).mean()


def wasserstein(x, y):
    return jnp.abs(jnp.sort(x, -1) - jnp.sort(y, -1)).mean()


def worst_tenth(x, y):
    return jax.lax.top_k((x - y) ** 2, len(x) // 10)[0].mean()


def word_vectors(table, first, second):
    return jax.nn.softplus(-(table[first] * table[second]).sum(-1)).mean()


def group_means(x, group):
    sums = jax.ops.segment_sum(x, group, 1000)
    counts = jax.ops.segment_sum(jnp.ones_like(x), group, 1000)
    return ((sums / jnp.maximum(counts, 1)) ** 2).mean()


def gradient_penalty(w1, b1, w2, b2, w3, b3, x):
    def critic(x):
        hidden = jnp.tanh(jnp.tanh(x @ w1.T + b1) @ w2.T + b2)
        return (hidden @ w3.T + b3).sum()

    slope = jax.grad(critic)(x)
    return ((jnp.linalg.norm(slope, axis=-1) - 1) ** 2).mean()


def least_squares(x, matrix, y):
    return ((matrix @ x - y) ** 2).mean()


def small_products(a, b):
    return ((a @ b) ** 2).mean()


def normalised(x, scale, shift, axes=0):
    """Over the batch, with the batch's own statistics."""
    mean, variance = x.mean(axes, keepdims=True), x.var(axes, keepdims=True)
    return (x - mean) * jax.lax.rsqrt(variance + 1e-5) * scale + shift


def normalised_layer(weight, bias, scale, shift, x):
    return (jax.nn.gelu(normalised(x @ weight.T + bias, scale, shift), approximate=False) ** 2).mean()


def mix(query, key, value):
    scores = jnp.einsum("...qd,...kd->...qk", query, key) / query.shape[-1] ** 0.5
    causal = jnp.tril(jnp.ones(scores.shape[-2:], bool))
    return jax.nn.softmax(jnp.where(causal, scores, -jnp.inf)) @ value


def attention(query, key, value):
    return (mix(query, key, value) ** 2).mean()


def of_layer(x, scale, shift):
    return normalised(x, scale, shift, -1)


def layer_norm(x, scale, shift):
    return (jax.nn.gelu(of_layer(x, scale, shift), approximate=False) ** 2).mean()


def sinkhorn(cost, iterations, epsilon):
    """Entropic transport between two even distributions, in log space."""
    n = len(cost)
    cost = cost * n
    scaled = -cost / epsilon
    even = -jnp.log(float(n))

    def iterate(_, potentials):
        _, g = potentials
        f = even - jax.nn.logsumexp(scaled + g, 1)
        return f, even - jax.nn.logsumexp(scaled + f[:, None], 0)

    f, g = jax.lax.fori_loop(0, int(iterations), iterate, (jnp.zeros(n), jnp.zeros(n)))
    return (jnp.exp(scaled + f[:, None] + g) * cost).sum()


def recurrence(weight, x):
    def advance(state, step):
        return jnp.tanh(step + state @ weight.T), None

    return (jax.lax.scan(advance, jnp.zeros_like(x[0]), x)[0] ** 2).mean()


def smoothing(x, logit):
    """Exponential smoothing; the error of each forecast."""
    share = jax.nn.sigmoid(logit)

    def advance(level, step):
        error = step - level
        return level + share * error, error**2

    return jax.lax.scan(advance, x[0], x[1:])[1].sum(0).mean()


LOSSES = {
    loss.__name__: loss
    for loss in (
        kernel_discrepancy, energy_distance, chamfer, soft_ranks, weighted_pairs, hinge_pairs, total_variation, gradient_difference,
        laplacian, autoregression, wasserstein, worst_tenth, word_vectors, group_means, gradient_penalty, least_squares, small_products,
        normalised_layer, attention, layer_norm, sinkhorn, recurrence, smoothing,
    )
}  # fmt: skip


def cross_entropy(logits, y):
    return optax.softmax_cross_entropy_with_integer_labels(logits, y).mean()


def transformer(parameters, x, target, heads=4):
    """Blocks that normalise first; squared error. Weights are [inputs, outputs], as in all training steps here."""

    def split(part):
        return part.reshape(*part.shape[:2], heads, -1).transpose(0, 2, 1, 3)

    for at in range(0, len(parameters), 11):
        s1, b1, w_in, w_out, b_out, s2, b2, w_up, b_up, w_down, b_down = parameters[at : at + 11]
        y = of_layer(x, s1, b1) @ w_in
        mixed = mix(*map(split, jnp.split(y, 3, -1))).transpose(0, 2, 1, 3).reshape(x.shape)
        x = x + mixed @ w_out + b_out
        y = jax.nn.gelu(of_layer(x, s2, b2) @ w_up + b_up, approximate=False)
        x = x + y @ w_down + b_down
    return ((x - target) ** 2).mean()


def gru(parameters, x, y):
    w_input, b_input, w_state, b_state, weight, bias = parameters

    def advance(state, step):
        reset, update, new = jnp.split(step, 3, -1)
        reset_state, update_state, new_state = jnp.split(state @ w_state + b_state, 3, -1)
        update = jax.nn.sigmoid(update + update_state)
        candidate = jnp.tanh(new + jax.nn.sigmoid(reset + reset_state) * new_state)
        return candidate + update * (state - candidate), None

    state = jax.lax.scan(advance, jnp.zeros_like(x[0]), x @ w_input + b_input)[0]
    return cross_entropy(state @ weight + bias, y)


def convolution(x, kernel):
    return jax.lax.conv_general_dilated(x, kernel, (1, 1), ((1, 1), (1, 1)), dimension_numbers=("NHWC", "HWIO", "NHWC"))


def resnet_block(parameters, x, y):
    kernel1, s1, b1, kernel2, s2, b2, weight, bias = parameters
    inner = jax.nn.relu(normalised(convolution(x, kernel1), s1, b1, (0, 1, 2)))
    x = jax.nn.relu(x + normalised(convolution(inner, kernel2), s2, b2, (0, 1, 2)))
    return cross_entropy(x.mean((1, 2)) @ weight + bias, y)


def normalised_mlp(parameters, x, y):
    w1, s1, t1, w2, s2, t2, weight, bias = parameters
    x = jax.nn.relu(normalised(x @ w1, s1, t1))
    x = jax.nn.relu(normalised(x @ w2, s2, t2))
    return cross_entropy(x @ weight + bias, y)


STEPS = {model.__name__: (optax.sgd if model is normalised_mlp else optax.adam, model) for model in (transformer, gru, resnet_block, normalised_mlp)}
