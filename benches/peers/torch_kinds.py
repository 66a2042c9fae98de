"""The losses and training steps of the table of unseen kinds, in PyTorch, each in the fastest usual form."""

import torch
import torch.nn.functional as F


def squared_distances(x, y):
    """By a matrix product, as everybody computes them here."""
    return ((x * x).sum(1)[:, None] + (y * y).sum(1) - 2 * x @ y.T).clamp(min=0)


def kernel_discrepancy(x, y):
    def mean(a, b):
        return torch.exp(-squared_distances(a, b) / (2 * a.shape[1])).mean()

    return mean(x, x) + mean(y, y) - 2 * mean(x, y)


def energy_distance(x, y):
    """The distance of a point to itself has slope 0."""

    def mean(a, b):
        d = squared_distances(a, b)
        away = d > 1e-3
        return torch.where(away, torch.where(away, d, 1.0).sqrt(), 0.0).mean()

    return 2 * mean(x, y) - mean(x, x) - mean(y, y)


def chamfer(x, y):
    d = (x[:, None] - y).square().sum(-1)  # faster than the product with 3 columns
    return d.min(1).values.mean() + d.min(0).values.mean()


def soft_ranks(s, target, temperature):
    rank = torch.sigmoid((s.unsqueeze(-1) - s.unsqueeze(-2)) / temperature).sum(-1)
    rank, target = rank - rank.mean(-1, keepdim=True), target - target.mean(-1, keepdim=True)
    return 1 - ((rank * target).sum(-1) / (rank.norm(dim=-1) * target.norm(dim=-1))).mean()


def weighted_pairs(s, relevance):
    ahead = s.unsqueeze(-1) - s.unsqueeze(-2)
    gain = torch.exp2(relevance)
    weight = F.relu(gain.unsqueeze(-1) - gain.unsqueeze(-2))
    return (weight * F.softplus(-ahead)).sum((-2, -1)).mean()


def hinge_pairs(s, relevance):
    ahead = s.unsqueeze(-1) - s.unsqueeze(-2)
    preferred = relevance.unsqueeze(-1) > relevance.unsqueeze(-2)
    return torch.where(preferred, F.relu(1 - ahead).square(), 0.0).sum((-2, -1)).mean()


def total_variation(x):
    return (x[:, 1:] - x[:, :-1]).abs().mean() + (x[:, :, 1:] - x[:, :, :-1]).abs().mean()


def gradient_difference(x, y):
    def down(z):
        return (z[:, 1:] - z[:, :-1]).abs()

    def right(z):
        return (z[:, :, 1:] - z[:, :, :-1]).abs()

    return (down(x) - down(y)).square().mean() + (right(x) - right(y)).square().mean()


def laplacian(x, source):
    inner = x[:, 1:-1, 1:-1]
    around = x[:, :-2, 1:-1] + x[:, 2:, 1:-1] + x[:, 1:-1, :-2] + x[:, 1:-1, 2:]
    return (around - 4 * inner - source[:, 1:-1, 1:-1]).square().mean()


def autoregression(x, weights):
    expected = weights[0] * x[:, 2:-1] + weights[1] * x[:, 1:-2] + weights[2] * x[:, :-3]
    return (x[:, 3:] - expected).square().mean()


def wasserstein(x, y):
    return (x.sort(-1).values - y.sort(-1).values).abs().mean()


def worst_tenth(x, y):
    return (x - y).square().topk(len(x) // 10, sorted=False).values.mean()


def word_vectors(table, first, second):
    return F.softplus(-(F.embedding(first, table) * F.embedding(second, table)).sum(-1)).mean()


def group_means(x, group):
    sums = torch.zeros(1000).index_add(0, group, x)
    counts = torch.zeros(1000).index_add(0, group, torch.ones_like(x))
    return (sums / counts.clamp(min=1)).square().mean()


def gradient_penalty(w1, b1, w2, b2, w3, b3, x):
    def critic(x):
        hidden = torch.tanh(F.linear(torch.tanh(F.linear(x, w1, b1)), w2, b2))
        return F.linear(hidden, w3, b3).sum()

    slope = torch.func.grad(critic)(x)
    return (slope.norm(dim=-1) - 1).square().mean()


def least_squares(x, matrix, y):
    return (matrix @ x - y).square().mean()


def small_products(a, b):
    return (a @ b).square().mean()


def normalised(x, scale, shift):
    """Over the batch, with the batch's own statistics."""
    return F.batch_norm(x, None, None, scale, shift, training=True)


def normalised_layer(weight, bias, scale, shift, x):
    return F.gelu(normalised(F.linear(x, weight, bias), scale, shift)).square().mean()


def attention(query, key, value):
    return F.scaled_dot_product_attention(query, key, value, is_causal=True).square().mean()


def layer_norm(x, scale, shift):
    return F.gelu(F.layer_norm(x, x.shape[-1:], scale, shift)).square().mean()


def sinkhorn(cost, iterations, epsilon):
    """Entropic transport between two even distributions, in log space."""
    cost = cost * len(cost)
    scaled = -cost / epsilon
    even = -torch.log(torch.tensor(float(len(cost))))
    f, g = torch.zeros(len(cost)), torch.zeros(len(cost))
    for _ in range(iterations):
        f = even - torch.logsumexp(scaled + g, 1)
        g = even - torch.logsumexp(scaled + f[:, None], 0)
    return (torch.exp(scaled + f[:, None] + g) * cost).sum()


def recurrence(weight, x):
    state = torch.zeros_like(x[0])
    for step in x.unbind():
        state = torch.tanh(step + state @ weight.T)
    return state.square().mean()


def smoothing(x, logit):
    """Exponential smoothing; the error of each forecast."""
    share = torch.sigmoid(logit)
    level, total = x[0], 0.0
    for step in x.unbind()[1:]:
        error = step - level
        total = total + error.square()
        level = level + share * error
    return total.mean()


LOSSES = {
    loss.__name__: loss
    for loss in (
        kernel_discrepancy, energy_distance, chamfer, soft_ranks, weighted_pairs, hinge_pairs, total_variation, gradient_difference,
        laplacian, autoregression, wasserstein, worst_tenth, word_vectors, group_means, gradient_penalty, least_squares, small_products,
        normalised_layer, attention, layer_norm, sinkhorn, recurrence, smoothing,
    )
}  # fmt: skip


def transformer(parameters, x, target, heads=4):
    """Blocks that normalise first; squared error."""
    for at in range(0, len(parameters), 11):
        s1, b1, w_in, w_out, b_out, s2, b2, w_up, b_up, w_down, b_down = parameters[at : at + 11]
        y = F.linear(F.layer_norm(x, x.shape[-1:], s1, b1), w_in)
        query, key, value = (part.unflatten(-1, (heads, -1)).transpose(1, 2) for part in y.chunk(3, -1))
        mixed = F.scaled_dot_product_attention(query, key, value, is_causal=True).transpose(1, 2).flatten(2)
        x = x + F.linear(mixed, w_out, b_out)
        y = F.gelu(F.linear(F.layer_norm(x, x.shape[-1:], s2, b2), w_up, b_up))
        x = x + F.linear(y, w_down, b_down)
    return F.mse_loss(x, target)


def gru(parameters, x, y):
    w_input, b_input, w_state, b_state, weight, bias = parameters
    inputs = F.linear(x, w_input, b_input)
    state = torch.zeros_like(x[0])
    for step in inputs.unbind():
        reset, update, new = step.chunk(3, -1)
        reset_state, update_state, new_state = F.linear(state, w_state, b_state).chunk(3, -1)
        update = torch.sigmoid(update + update_state)
        candidate = torch.tanh(new + torch.sigmoid(reset + reset_state) * new_state)
        state = candidate + update * (state - candidate)
    return F.cross_entropy(F.linear(state, weight, bias), y)


def resnet_block(parameters, x, y):
    kernel1, s1, b1, kernel2, s2, b2, weight, bias = parameters
    inner = F.relu(normalised(F.conv2d(x, kernel1, padding=1), s1, b1))
    x = F.relu(x + normalised(F.conv2d(inner, kernel2, padding=1), s2, b2))
    return F.cross_entropy(F.linear(x.mean((2, 3)), weight, bias), y)


def normalised_mlp(parameters, x, y):
    w1, s1, t1, w2, s2, t2, weight, bias = parameters
    x = F.relu(normalised(F.linear(x, w1), s1, t1))
    x = F.relu(normalised(F.linear(x, w2), s2, t2))
    return F.cross_entropy(F.linear(x, weight, bias), y)


STEPS = {model.__name__: ("sgd" if model is normalised_mlp else "adam", model) for model in (transformer, gru, resnet_block, normalised_mlp)}
