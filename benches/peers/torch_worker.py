"""PyTorch, in the mode named by the first argument:

eager     autograd on plain calls
compile   `torch.compile` of the loss, and autograd's backward
inductor  one compiled graph holding value and gradient: `torch.compile(torch.func.grad_and_value(f))`
"""

import math
import sys

import torch
import torch.nn.functional as F

import torch_kinds
import torch_steps
from worker import THREADS, serve

MODE = sys.argv[1]
torch.set_num_threads(THREADS)


def binary_focal(x, y, alpha, gamma):
    cross_entropy = F.binary_cross_entropy_with_logits(x, y, reduction="none")
    p = torch.sigmoid(x)
    miss = p + y - 2 * p * y  # 1 - p where the target is 1, p where it is 0
    weight = (1 - alpha) + (2 * alpha - 1) * y
    power = miss * miss if gamma == 2 else miss**gamma
    return (weight * power * cross_entropy).mean()


def softmax_focal(x, y, gamma):
    cross_entropy = F.cross_entropy(x, y, reduction="none")
    miss = 1 - torch.exp(-cross_entropy)
    return ((miss * miss if gamma == 2 else miss**gamma) * cross_entropy).mean()


def info_nce(a, b, temperature):
    similarities = F.normalize(a, dim=-1) @ F.normalize(b, dim=-1).T / temperature
    partner = torch.arange(len(a))
    return 0.5 * (F.cross_entropy(similarities, partner) + F.cross_entropy(similarities.T, partner))


def batch_hard_triplet(z, y, margin):
    """Mined without a gradient, then measured: 2 to 3 times as fast as derivatives through `torch.cdist` or all distances."""
    x = z.detach()
    squares = (x * x).sum(1)
    order = torch.addmm(squares, x, x.T, alpha=-2)  # squared distances, each row less a number of its own
    same = y.unsqueeze(1) == y
    farthest = torch.where(same, order, -math.inf).argmax(1)
    nearest = torch.where(same, math.inf, order).argmin(1)

    def distance(chosen):
        return (z - z.index_select(0, chosen)).norm(dim=1)

    return F.relu(distance(farthest) - distance(nearest) + margin).mean()


def pairwise_logistic(s, relevance):
    ahead = s.unsqueeze(-1) - s.unsqueeze(-2)
    preferred = relevance.unsqueeze(-1) > relevance.unsqueeze(-2)
    losses = torch.where(preferred, F.softplus(-ahead), 0.0).sum((-2, -1))
    return (losses / preferred.sum((-2, -1)).clamp(min=1)).mean()


def approx_ndcg(s, relevance, temperature):
    rank = torch.sigmoid((s.unsqueeze(-2) - s.unsqueeze(-1)) / temperature).sum(-1) + 0.5  # σ(0) of the item itself is ½
    gain = torch.exp2(relevance) - 1
    items = s.shape[-1]
    best = (gain.topk(items).values / torch.log2(torch.arange(2.0, items + 2))).sum(-1)  # faster than sort
    return -((gain / torch.log2(1 + rank)).sum(-1) / best).mean()


def gaussian_nll(mean, log_variance, target):
    return 0.5 * (log_variance + (target - mean).square() * torch.exp(-log_variance)).mean()


def quantile(x, y, tau):
    r = y - x
    return torch.maximum(tau * r, (tau - 1) * r).mean()


def log_cosh(x, y):
    r = x - y
    return (r + F.softplus(-2 * r) - math.log(2)).mean()


LOSSES = {
    "mse": F.mse_loss,
    "mae": F.l1_loss,
    "huber": F.huber_loss,
    "bce": F.binary_cross_entropy_with_logits,
    "binary_focal": binary_focal,
    "cross_entropy": lambda x, y, smoothing: F.cross_entropy(x, y, label_smoothing=smoothing),
    "softmax_focal": softmax_focal,
    "kl": lambda x, p: F.kl_div(F.log_softmax(x, -1), p, reduction="batchmean"),
    "vae_kl": lambda mean, s: 0.5 * (mean.square() + s.exp() - s - 1).sum(-1).mean(),
    "info_nce": info_nce,
    "triplet": F.triplet_margin_loss,
    "batch_hard_triplet": batch_hard_triplet,
    "pairwise_logistic": pairwise_logistic,
    "list_net": lambda s, relevance: F.cross_entropy(s, F.softmax(relevance, -1)),
    "approx_ndcg": approx_ndcg,
    "gaussian_nll": gaussian_nll,
    "poisson_nll": F.poisson_nll_loss,
    "quantile": quantile,
    "log_cosh": log_cosh,
    **torch_kinds.LOSSES,
}


def prepare(case, inputs):
    torch._dynamo.reset()
    inputs = [torch.from_numpy(x) for x in inputs]
    if case["loss"] in torch_steps.STEPS:
        return torch_steps.prepare(case, inputs, MODE)
    if case["loss"] not in LOSSES:
        return None
    formula, options, count = LOSSES[case["loss"]], case["parameters"], case["gradients"]

    def loss(*inputs):
        return formula(*inputs, **options)

    if MODE == "inductor":
        both = torch.compile(torch.func.grad_and_value(loss, argnums=tuple(range(count))), dynamic=False)

        def work():
            gradients, value = both(*inputs)
            return value, gradients

    else:
        for x in inputs[:count]:
            x.requires_grad_()
        run = torch.compile(loss, dynamic=False) if MODE == "compile" else loss

        def work():
            value = run(*inputs)
            return value, torch.autograd.grad(value, inputs[:count])

    return work, lambda result: (result[0].detach(), [g.numpy() for g in result[1]])


serve(torch.__version__, prepare)
