"""PyTorch, in the mode named by the first argument:

eager     autograd on plain calls
compile   `torch.compile` of the loss, and autograd's backward
inductor  one compiled graph holding value and gradient: `torch.compile(torch.func.grad_and_value(f))`
"""

import math
import sys

import torch
import torch.nn.functional as F

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


def pairwise_logistic(s, relevance):
    ahead = s.unsqueeze(-1) - s.unsqueeze(-2)
    preferred = relevance.unsqueeze(-1) > relevance.unsqueeze(-2)
    losses = torch.where(preferred, F.softplus(-ahead), 0.0).sum((-2, -1))
    return (losses / preferred.sum((-2, -1)).clamp(min=1)).mean()


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
    "pairwise_logistic": pairwise_logistic,
    "gaussian_nll": gaussian_nll,
    "quantile": quantile,
    "log_cosh": log_cosh,
}


def perceptron(parameters, x):
    for at in range(0, len(parameters), 2):
        x = F.linear(x if at == 0 else F.relu(x), parameters[at], parameters[at + 1])
    return x


STEPS = {"tiny_mlp": ("sgd", F.mse_loss), "mlp": ("adam", F.cross_entropy)}


def adam(parameter, gradient, state, correction1, correction2, rate):
    m, v = state
    m = 0.9 * m + 0.1 * gradient
    v = 0.999 * v + 0.001 * gradient * gradient
    return parameter - rate * (m / correction1) / ((v / correction2).sqrt() + 1e-8), (m, v)


def prepare_step(case, inputs):
    optimizer, loss = STEPS[case["loss"]]
    rate, count = case["parameters"]["learning_rate"], case["gradients"]
    parameters, (x, y) = inputs[:count], inputs[count:]
    before = [p.clone() for p in parameters]

    def value_of(parameters, x, y):
        return loss(perceptron(parameters, x), y)

    if MODE == "inductor":  # the whole step, update included, is one graph
        state = {"parameters": parameters, "moments": [(torch.zeros_like(p), torch.zeros_like(p)) for p in parameters]}
        state["powers"] = torch.ones(2)
        decay = torch.tensor([0.9, 0.999])

        @torch.compile
        def step(parameters, moments, powers, x, y):
            gradients, value = torch.func.grad_and_value(value_of)(parameters, x, y)
            if optimizer == "sgd":
                return value, [p - rate * g for p, g in zip(parameters, gradients)], moments, powers
            powers = powers * decay
            updates = [
                adam(p, g, m, 1 - powers[0], 1 - powers[1], rate) for p, g, m in zip(parameters, gradients, moments)
            ]
            return value, [p for p, _ in updates], [m for _, m in updates], powers

        def work():
            value, state["parameters"], state["moments"], state["powers"] = step(
                state["parameters"], state["moments"], state["powers"], x, y
            )
            return value

        def read(value):
            return value, [(p - b).numpy() for p, b in zip(state["parameters"], before)]

        return work, read

    parameters = [p.requires_grad_() for p in parameters]
    choose = torch.optim.SGD if optimizer == "sgd" else torch.optim.Adam
    update = choose(parameters, lr=rate, fused=True)
    run = torch.compile(value_of) if MODE == "compile" else value_of

    def work():
        update.zero_grad()
        value = run(parameters, x, y)
        value.backward()
        update.step()
        return value

    return work, lambda value: (value.detach(), [(p.detach() - b).numpy() for p, b in zip(parameters, before)])


def prepare(case, inputs):
    torch._dynamo.reset()
    inputs = [torch.from_numpy(x) for x in inputs]
    if case["loss"] in STEPS:
        return prepare_step(case, inputs)
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
