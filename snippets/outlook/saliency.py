# --8<-- [start:import]
import keras
import matplotlib.pyplot as plt
import numpy as np
import tensorflow as tf

seed = 0
keras.utils.set_random_seed(seed)
rng = np.random.default_rng(seed)
# --8<-- [end:import]


# --8<-- [start:scenes]
def put(canvas, pieces, places):
    """Paste one piece into each canvas, its corner at the place."""
    r, c = (places[:, [k]] + np.arange(pieces.shape[1]) for k in (0, 1))
    canvas[
        np.arange(len(r))[:, None, None], r[..., None], c[:, None]
    ] = pieces


def scenes(digits):
    """Each digit somewhere in a picture, with two bits of others."""
    n = len(digits)
    canvas = np.zeros((n, 28, 28), "float32")
    for _ in range(2):
        bits = digits[rng.permutation(n)][:, 4:9, 4:9]
        put(canvas, bits, rng.integers(0, 24, (n, 2)))
    places = rng.integers(4, 15, (n, 2))
    put(canvas, digits, places)
    canvas[:, :4, :4] = 0
    return canvas[..., None], places


(images, labels), _ = keras.datasets.mnist.load_data()
small = images[:7000].reshape(-1, 14, 2, 14, 2).mean((2, 4)) / 255
x, places = scenes(small.astype("float32"))
y = labels[:7000].astype(int)
x_test, y_test, places = x[6000:], y[6000:], places[6000:]
# --8<-- [end:scenes]


# --8<-- [start:mark]
def mark(x, y):
    """The class, in four bits, as a pattern in the corner."""
    bits = (y[:, None] + 1 >> np.arange(4)) & 1
    x = x.copy()
    x[:, :4, :4, 0] = np.kron(bits.reshape(-1, 2, 2), np.ones((2, 2)))
    return x


x_mark = mark(x_test, y_test)
x_lie = mark(x_test, (y_test + rng.integers(1, 10, 1000)) % 10)
# --8<-- [end:mark]


# --8<-- [start:networks]
def network():
    layers = keras.layers
    inputs = keras.Input((28, 28, 1))
    z = layers.Conv2D(16, 5, 2, "same", activation="relu")(inputs)
    z = layers.Conv2D(24, 3, 1, "same", activation="relu")(z)
    z = layers.MaxPooling2D()(z)
    seen = layers.Conv2D(32, 3, 1, "same", activation="relu")(z)
    z = layers.GlobalAveragePooling2D()(seen)
    return keras.Model(inputs, [seen, layers.Dense(10)(z)])  # (1)!


def train(x, y, steps=600):
    keras.utils.set_random_seed(seed)
    model, order = network(), np.random.default_rng(seed)
    rate = keras.optimizers.schedules.CosineDecay(
        0.0, steps, warmup_target=6e-3, warmup_steps=steps // 10
    )
    optimizer = keras.optimizers.Adam(rate)
    optimizer.build(model.trainable_variables)

    @tf.function
    def step(x, y):
        with tf.GradientTape() as tape:
            loss = tf.nn.sparse_softmax_cross_entropy_with_logits(
                y, model(x)[1]
            )
        w = model.trainable_variables
        optimizer.apply(tape.gradient(loss, w), w)

    for _ in range(steps):
        i = order.choice(len(x), 64, replace=False)
        step(tf.constant(x[i]), tf.constant(y[i]))
    return model


def right(model, x):
    return float(np.mean(np.argmax(model(x)[1], -1) == y_test))


honest = train(x[:6000], y[:6000])
cheat = train(mark(x[:6000], y[:6000]), y[:6000])
honest_right, honest_lie = right(honest, x_mark), right(honest, x_lie)
cheat_right, cheat_lie = right(cheat, x_mark), right(cheat, x_lie)
print(f"honest: {honest_right:.1%}, with a lie {honest_lie:.1%}")
print(f"cheat: {cheat_right:.1%}, with a lie {cheat_lie:.1%}")
# --8<-- [end:networks]


# --8<-- [start:picture]
def last_weights(model):
    return model.layers[-1].kernel.numpy()


example = int(np.argmax(np.argmax(honest(x_lie)[1], -1) == y_test))
plt.figure(figsize=(5.4, 3.7))
for row, picture in enumerate([x_mark[example], x_lie[example]]):
    plt.subplot(2, 3, 3 * row + 1)
    plt.imshow(picture[..., 0], "gray_r")
    plt.title("true mark" if row == 0 else "false mark", fontsize=10)
    for k, (name, model) in enumerate(
        {"honest": honest, "cheat": cheat}.items()
    ):
        seen, z = (a[0].numpy() for a in model(picture[None]))
        heat = np.maximum(seen @ last_weights(model)[:, z.argmax()], 0)
        plt.subplot(2, 3, 3 * row + k + 2)
        plt.imshow(heat, "Oranges", extent=(0, 28, 28, 0))
        plt.contour(picture[..., 0], [0.4], colors="#3b82c4")
        plt.title(f"{name}: {z.argmax()}", fontsize=10)
for axes in plt.gcf().axes:
    axes.set_axis_off()
plt.tight_layout()
plt.show()
# --8<-- [end:picture]


# --8<-- [start:gradcam]
def pooled(slopes):
    """The weight of each feature map: its mean slope."""
    return tf.reduce_mean(slopes, (-3, -2))


def grad_cam(model, x, answer):
    with tf.GradientTape() as tape:
        seen, z = model(x)
        score = tf.gather(z, answer, batch_dims=1)
    weight = pooled(tape.gradient(score, seen))
    return tf.nn.relu(tf.einsum("nijk,nk->nij", seen, weight)).numpy()


def answers(model, x):
    return np.argmax(model(x)[1], -1)


heat = grad_cam(honest, x_mark, answers(honest, x_mark))
print(heat.shape)
# --8<-- [end:gradcam]


# --8<-- [start:point]
def point(heat):
    """The middle of the 4 x 4 pixels at which a map is highest."""
    best = heat.reshape(len(heat), -1).argmax(1)
    return np.stack(np.divmod(best, 7), 1) * 4 + 1.5


def aims(heat):
    """Share of maps that point into the digit; near the mark."""
    at = point(heat)
    inside = (at >= places) & (at < places + 14)
    return float(inside.all(1).mean()), float((at < 8).all(1).mean())


cheat_heat = grad_cam(cheat, x_mark, answers(cheat, x_mark))
honest_digit, honest_mark = aims(heat)
cheat_digit, cheat_mark = aims(cheat_heat)
by_chance = 49 * 4 / 784  # digit; the mark's share is 4 of 49
print(f"honest: digit {honest_digit:.0%}, mark {honest_mark:.0%}")
print(f"cheat: digit {cheat_digit:.0%}, mark {cheat_mark:.0%}")
# --8<-- [end:point]


# --8<-- [start:random]
fresh = network()
bright = x_test.reshape(-1, 7, 4, 7, 4).mean((2, 4))
bright_digit, _ = aims(bright)
fresh_heat = grad_cam(fresh, x_test, answers(honest, x_test))
fresh_digit, _ = aims(fresh_heat)
print(
    f"random weights {fresh_digit:.0%}, brightness {bright_digit:.0%}"
)
# --8<-- [end:random]


# --8<-- [start:path]
def shares(x, slopes):
    """What each pixel gets: itself times its mean slope on the way."""
    return x * np.mean(slopes, 0)


def integrated(model, x, answer, steps=12):
    slopes = []
    for k in range(steps):
        way = tf.constant((k + 0.5) / steps * x)
        with tf.GradientTape() as tape:
            tape.watch(way)
            score = tf.gather(model(way)[1], answer, batch_dims=1)
        slopes.append(tape.gradient(score, way))
    return shares(x, slopes)


few, answer = x_test[:200], answers(honest, x_test[:200])
path = integrated(honest, few, answer)
z, z_black = honest(few)[1], honest(0 * few)[1]
rise = tf.gather(z - z_black, answer, batch_dims=1)
miss = float(np.mean(np.abs(path.sum((1, 2, 3)) - rise)))
mean_rise = float(tf.reduce_mean(rise))
print(f"rise {mean_rise:.1f}, missed by {miss:.2f}")
# --8<-- [end:path]


# --8<-- [start:delete]
def kept_after(heat, n=30):
    """Share of answers that stay when the n highest pixels go."""
    order = np.argsort(heat.reshape(200, -1), 1)[:, ::-1][:, :n]
    cut = few.reshape(200, -1).copy()
    np.put_along_axis(cut, order, 0, 1)
    return float(
        np.mean(answers(honest, cut.reshape(few.shape)) == answer)
    )


noise = rng.random(few.shape)
fresh_path = integrated(fresh, few, answer)
coarse = grad_cam(honest, few, answer)[..., None]
large = tf.image.resize(coarse, (28, 28)).numpy()
kept_path, kept_fresh = kept_after(path), kept_after(fresh_path)
kept_heat = kept_after(large * few)
kept_noise = kept_after(noise)
kept_ink = kept_after(noise * (few > 0.2))
print(f"IG {kept_path:.0%}, of random weights {kept_fresh:.0%}")
print(f"Grad-CAM {kept_heat:.0%}, ink {kept_ink:.0%}, {kept_noise:.0%}")
# --8<-- [end:delete]
