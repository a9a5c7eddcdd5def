# --8<-- [start:whole]
import numpy as np
import tensorflow as tf
from sklearn.datasets import load_digits

seed = 0
rng = np.random.default_rng(seed)
x, t = rng.normal(size=64), np.eye(10)[3]
w, v = rng.normal(0, 0.2, (64, 32)), rng.normal(0, 0.2, (32, 10))


def forward(w):
    h = np.tanh(x @ w)
    p = np.exp(h @ v) / np.exp(h @ v).sum()
    return h, p, -np.log(p @ t)


h, p, loss = forward(w)
d = (1 - h**2) * (v @ (p - t))  # one walk back
walked, nudged = np.outer(x, d), np.zeros_like(w)
for i, j in np.ndindex(64, 32):  # a forward pass for each weight
    w[i, j] += 1e-6
    nudged[i, j] = (forward(w)[2] - loss) / 1e-6
    w[i, j] -= 1e-6
nudge_gap = np.abs(walked - nudged).max()
n_walked = walked.size
print(n_walked, "derivatives,", f"apart by {nudge_gap:.1e}")
# --8<-- [end:whole]


# --8<-- [start:network]
def log_softmax(z):
    z = z - z.max(axis=-1, keepdims=True)
    return z - np.log(np.exp(z).sum(axis=-1, keepdims=True))


def hidden(x, w, b):
    return np.tanh(x @ w + b)


def scores(h, v, c):
    return h @ v + c


def mean_loss(t, z):
    return -(t * log_softmax(z)).sum() / len(t)


# --8<-- [end:network]


# --8<-- [start:layer_two]
def score_error(z, t):
    return np.exp(log_softmax(z)) - t


def v_gradient(h, e):
    return np.outer(h, e)


# --8<-- [end:layer_two]


# --8<-- [start:layer_one]
def hidden_error(h, v, e):
    return (1 - h**2) * (v @ e)


def w_gradient(x, d):
    return np.outer(x, d)


# --8<-- [end:layer_one]

# --8<-- [start:data]
images, labels = load_digits(return_X_y=True)
picked = rng.permutation(len(images))[:32]
x_batch, t_batch = images[picked] / 16, np.eye(10)[labels[picked]]


def fresh(rng):
    shapes = [(64, 32), (32, 10)]
    w, v = (rng.normal(0, n_in**-0.5, (n_in, n)) for n_in, n in shapes)
    return [w, np.zeros(32), v, np.zeros(10)]


theta = fresh(rng)
w, b, v, c = theta
# --8<-- [end:data]

# --8<-- [start:one_image]
x, t = x_batch[0], t_batch[0]
h = hidden(x, w, b)
e = score_error(scores(h, v, c), t)
d = hidden_error(h, v, e)
by_hand = [w_gradient(x, d), d, v_gradient(h, e), e]
# --8<-- [end:one_image]


# --8<-- [start:one_image_tape]
def taped(x, t):
    variables = [tf.Variable(a) for a in theta]
    w, b, v, c = variables
    with tf.GradientTape() as tape:
        z = tf.tanh(x @ w + b) @ v + c
        losses = tf.nn.softmax_cross_entropy_with_logits(t, z)
        loss = tf.reduce_mean(losses)
    return tape.gradient(loss, variables)


pairs = zip(by_hand, taped(x_batch[:1], t_batch[:1]))
chain_gap = max(float(np.abs(a - b).max()) for a, b in pairs)
print(f"{chain_gap:.1e}")
# --8<-- [end:one_image_tape]


# --8<-- [start:backprop]
def backward(x, t, w, b, v, c):
    h = hidden(x, w, b)
    e = score_error(scores(h, v, c), t) / len(x)
    d = (1 - h**2) * (e @ v.T)
    return [x.T @ d, d.sum(axis=0), h.T @ e, e.sum(axis=0)]


# --8<-- [end:backprop]

# --8<-- [start:batch]
slopes = backward(x_batch, t_batch, *theta)
pairs = zip(slopes, taped(x_batch, t_batch))
batch_gap = max(float(np.abs(a - b).max()) for a, b in pairs)
print(f"{batch_gap:.1e}")
# --8<-- [end:batch]


# --8<-- [start:difference]
def loss_at(theta, x, t):
    w, b, v, c = theta
    return float(mean_loss(t, scores(hidden(x, w, b), v, c)))


def loss_with(change):  # one weight changed, the others as they are
    w = theta[0].copy()
    w[row, column] += change
    return loss_at([w, *theta[1:]], x_batch, t_batch)


row, column = np.unravel_index(np.abs(slopes[0]).argmax(), (64, 32))
exact = slopes[0][row, column]
numeric = (loss_with(1e-5) - loss_with(-1e-5)) / 2e-5
print(exact, numeric)
# --8<-- [end:difference]

# --8<-- [start:shares]
weight = theta[0][row, column]
by_removal = loss_with(0) - loss_with(-weight)
print(f"{exact:.4f} {by_removal:.4f}")
# --8<-- [end:shares]
