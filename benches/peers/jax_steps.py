"""Training steps in JAX, with Optax's optimizers; parameters and state are donated."""

import jax
import jax.numpy as jnp
import optax

import jax_kinds

PADDED = ((1, 1), (1, 1))


def perceptron(parameters, x):
    for at in range(0, len(parameters), 2):
        x = (x if at == 0 else jax.nn.relu(x)) @ parameters[at] + parameters[at + 1]
    return x


def pool(x):
    """The greatest of each window; several times as fast here as `lax.reduce_window`."""
    rows, height, width, channels = x.shape
    return x.reshape(rows, height // 2, 2, width // 2, 2, channels).max((2, 4))


def windows(x, kernel):
    """A convolution of one channel as a matrix product: faster here than `lax.conv_general_dilated`, which wins with more."""
    _, height, width, _ = x.shape
    padded = jnp.pad(x, ((0, 0), *PADDED, (0, 0)))
    parts = [padded[:, row : row + height, column : column + width] for row in range(3) for column in range(3)]
    return jnp.concatenate(parts, -1) @ kernel.reshape(9, -1)


def convolution(x, kernel):
    return jax.lax.conv_general_dilated(x, kernel, (1, 1), PADDED, dimension_numbers=("NHWC", "HWIO", "NHWC"))


def cnn(parameters, x):
    kernel1, bias1, kernel2, bias2, weight, bias = parameters
    x = pool(jax.nn.relu(windows(x, kernel1) + bias1))
    x = pool(jax.nn.relu(convolution(x, kernel2) + bias2))
    return x.reshape(len(x), -1) @ weight + bias


def vae(parameters, x, noise):
    """Binary cross-entropy summed over the pixels, and the code's divergence from a standard normal; mean over the batch."""
    w1, b1, w_mean, b_mean, w_variance, b_variance, *decoder = parameters
    hidden = jax.nn.relu(x @ w1 + b1)
    mean, log_variance = hidden @ w_mean + b_mean, hidden @ w_variance + b_variance
    logits = perceptron(decoder, mean + jnp.exp(0.5 * log_variance) * noise)
    pixels = optax.sigmoid_binary_cross_entropy(logits, x).sum()
    return (pixels + 0.5 * (mean**2 + jnp.exp(log_variance) - log_variance - 1).sum()) / len(x)


def cross_entropy(logits, y):
    return optax.softmax_cross_entropy_with_integer_labels(logits, y).mean()


STEPS = {
    "tiny_mlp": (optax.sgd, lambda p, x, y: optax.squared_error(perceptron(p, x), y).mean()),
    "mlp": (optax.adam, lambda p, x, y: cross_entropy(perceptron(p, x), y)),
    "cnn": (optax.adam, lambda p, x, y: cross_entropy(cnn(p, x), y)),
    "vae": (optax.adam, vae),
    **jax_kinds.STEPS,
}


def to_own(p):
    """From the table's layout to JAX's own: a weight is [inputs, outputs], a kernel [height, width, inputs, outputs], and the
    layer after the convolutions reads pictures with channels last."""
    if p.ndim == 4:
        return p.transpose(2, 3, 1, 0)
    if p.shape == (10, 32 * 7 * 7):
        return p.reshape(10, 32, 7, 7).transpose(2, 3, 1, 0).reshape(-1, 10)
    return p.T


def to_table(p):
    if p.ndim == 4:
        return p.transpose(3, 2, 0, 1)
    if p.shape == (32 * 7 * 7, 10):
        return p.reshape(7, 7, 32, 10).transpose(3, 2, 0, 1).reshape(10, -1)
    return p.T


def prepare(case, inputs):
    optimizer, loss = STEPS[case["loss"]]
    count = case["gradients"]
    before = [jnp.array(to_own(p)) for p in inputs[:count]]
    data = [x.transpose(0, 2, 3, 1) if x.ndim == 4 else x for x in inputs[count:]]
    update = optimizer(case["parameters"]["learning_rate"])

    def step(parameters, state, *data):
        value, gradients = jax.value_and_grad(loss)(parameters, *data)
        change, state = update.update(gradients, state, parameters)
        return value, optax.apply_updates(parameters, change), state

    step = jax.jit(step, donate_argnums=(0, 1))
    parameters = [jnp.array(p) for p in before]
    held = {"parameters": parameters, "state": update.init(parameters)}

    def work():
        value, held["parameters"], held["state"] = step(held["parameters"], held["state"], *data)
        jax.block_until_ready((value, held["parameters"], held["state"]))
        return value

    return work, lambda value: (value, [to_table(p - b) for p, b in zip(held["parameters"], before)])
