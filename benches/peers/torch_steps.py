"""Training steps in PyTorch."""

import torch
import torch.nn.functional as F

import torch_kinds


def perceptron(parameters, x):
    for at in range(0, len(parameters), 2):
        x = F.linear(x if at == 0 else F.relu(x), parameters[at], parameters[at + 1])
    return x


def cnn(parameters, x):
    kernel1, bias1, kernel2, bias2, weight, bias = parameters
    x = F.max_pool2d(F.relu(F.conv2d(x, kernel1, bias1, padding=1)), 2)
    x = F.max_pool2d(F.relu(F.conv2d(x, kernel2, bias2, padding=1)), 2)
    return F.linear(x.flatten(1), weight, bias)


def vae(parameters, x, noise):
    """Binary cross-entropy summed over the pixels, and the code's divergence from a standard normal; mean over the batch."""
    hidden = F.relu(F.linear(x, *parameters[:2]))
    mean, log_variance = F.linear(hidden, *parameters[2:4]), F.linear(hidden, *parameters[4:6])
    code = mean + torch.exp(0.5 * log_variance) * noise
    logits = F.linear(F.relu(F.linear(code, *parameters[6:8])), *parameters[8:])
    pixels = F.binary_cross_entropy_with_logits(logits, x, reduction="sum")
    return (pixels + 0.5 * (mean.square() + log_variance.exp() - log_variance - 1).sum()) / len(x)


STEPS = {
    "tiny_mlp": ("sgd", lambda p, x, y: F.mse_loss(perceptron(p, x), y)),
    "mlp": ("adam", lambda p, x, y: F.cross_entropy(perceptron(p, x), y)),
    "cnn": ("adam", lambda p, x, y: F.cross_entropy(cnn(p, x), y)),
    "vae": ("adam", vae),
    **torch_kinds.STEPS,
}


def fastest_layout(tensor):
    """Pictures and kernels go with channels last: 2 times as fast here, eager and compiled."""
    return tensor.contiguous(memory_format=torch.channels_last) if tensor.ndim == 4 else tensor


def adam(parameter, gradient, mean, square, powers, rate):
    """In place, which spares the compiled step its copies; fused by the compiler with its neighbours."""
    mean.copy_(0.9 * mean + 0.1 * gradient)
    square.copy_(0.999 * square + 0.001 * gradient * gradient)
    parameter.sub_(rate * (mean / (1 - powers[0])) / ((square / (1 - powers[1])).sqrt() + 1e-8))


def compiled(loss, optimizer, rate, parameters, data):
    """The whole step, update included, as one graph."""
    moments = [(torch.zeros_like(p), torch.zeros_like(p)) for p in parameters]
    powers, decay = torch.ones(2), torch.tensor([0.9, 0.999])

    @torch.compile(dynamic=False)
    def step(parameters, moments, powers, *data):
        gradients, value = torch.func.grad_and_value(loss)(parameters, *data)
        if optimizer == "sgd":
            for parameter, gradient in zip(parameters, gradients):
                parameter.sub_(rate * gradient)
        else:
            powers.mul_(decay)
            for parameter, gradient, (mean, square) in zip(parameters, gradients, moments):
                adam(parameter, gradient, mean, square, powers, rate)
        return value

    return lambda: step(parameters, moments, powers, *data)


def autograd(loss, optimizer, rate, parameters, data):
    for parameter in parameters:
        parameter.requires_grad_()
    choose = torch.optim.SGD if optimizer == "sgd" else torch.optim.Adam
    update = choose(parameters, lr=rate, fused=True)  # faster here than foreach

    def work():
        update.zero_grad()
        value = loss(parameters, *data)
        value.backward()
        update.step()
        return value.detach()

    return work


def prepare(case, inputs, mode):
    optimizer, loss = STEPS[case["loss"]]
    count = case["gradients"]
    before = [p.clone() for p in inputs[:count]]
    parameters, data = [fastest_layout(p) for p in inputs[:count]], [fastest_layout(x) for x in inputs[count:]]
    if mode == "compile":
        loss = torch.compile(loss, dynamic=False)
    build = compiled if mode == "inductor" else autograd
    work = build(loss, optimizer, case["parameters"]["learning_rate"], parameters, data)
    return work, lambda value: (value, [(p.detach() - b).numpy() for p, b in zip(parameters, before)])
