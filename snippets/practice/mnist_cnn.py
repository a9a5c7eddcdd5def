# --8<-- [start:import]
from pathlib import Path
from statistics import NormalDist

import keras
import matplotlib.pyplot as plt
import numpy as np
import tensorflow as tf
from PIL import Image, ImageDraw

seed = 0
keras.utils.set_random_seed(seed)
plt.rc("figure", figsize=(6, 3.2))
plt.rc("font", size=12)
# --8<-- [end:import]

# --8<-- [start:versions]
gpus = len(tf.config.list_physical_devices("GPU"))
print("TensorFlow", tf.__version__)
print("Keras", keras.__version__)
print("GPUs:", gpus)
# --8<-- [end:versions]

# --8<-- [start:load]
(x_train, y_train), (x_test, y_test) = keras.datasets.mnist.load_data()
print(x_train.shape, y_train.shape, x_test.shape, y_test.shape)
# --8<-- [end:load]

# --8<-- [start:pictures]
figure, axes = plt.subplots(3, 6, layout="constrained")
for ax, image, label in zip(axes.flat, x_train, y_train):
    ax.imshow(image, cmap="gray")
    ax.set_title(label)
    ax.axis("off")
plt.show()
# --8<-- [end:pictures]

# --8<-- [start:balance]
class_counts = np.bincount(y_train).tolist()
plt.bar(range(10), class_counts, color="tab:blue")
plt.axhline(len(y_train) / 10, color="tab:orange", linestyle="--")
plt.xticks(range(10))
plt.xlabel("digit")
plt.ylabel("training images")
plt.show()
# --8<-- [end:balance]

# --8<-- [start:baseline]
most_common = int(np.argmax(class_counts))
baseline_accuracy = float((y_test == most_common).mean())
print(most_common, baseline_accuracy)
# --8<-- [end:baseline]

# --8<-- [start:pixels]
pixel_min, pixel_max = int(x_train.min()), int(x_train.max())
blank_share = float((x_train == 0).mean())
print(x_train.dtype, pixel_min, pixel_max)
print(x_train[0, 5:12, 8:20])
# --8<-- [end:pixels]

# --8<-- [start:scale]
x_train = x_train[..., np.newaxis].astype("float32") / 255
x_test = x_test[..., np.newaxis].astype("float32") / 255
train_megabytes = x_train.nbytes / 1e6
print(x_train.shape, x_train.dtype, x_train.min(), x_train.max())
# --8<-- [end:scale]

# --8<-- [start:split]
order = np.random.permutation(len(x_train))
held_out, kept = order[:5000], order[5000:]
x_val, y_val = x_train[held_out], y_train[held_out]
x_train, y_train = x_train[kept], y_train[kept]
train_size, val_size = len(x_train), len(x_val)
print(train_size, val_size)
# --8<-- [end:split]

# --8<-- [start:model]
model = keras.Sequential([
    keras.Input(shape=(28, 28, 1)),
    keras.layers.Conv2D(32, kernel_size=(3, 3), activation="relu"),
    keras.layers.MaxPooling2D(pool_size=(2, 2)),
    keras.layers.Conv2D(64, kernel_size=(3, 3), activation="relu"),
    keras.layers.MaxPooling2D(pool_size=(2, 2)),
    keras.layers.Flatten(),
    keras.layers.Dense(64, activation="relu"),
    keras.layers.Dense(10),  # (1)!
])
# --8<-- [end:model]

# --8<-- [start:shapes]
for layer in model.layers:
    shape = layer.output.shape[1:]
    print(f"{layer.name:16} {shape!s:13} {layer.count_params():7,}")
# --8<-- [end:shapes]


# --8<-- [start:sizes]
def convolved(size, kernel):
    return size - kernel + 1


after_conv_1 = convolved(28, kernel=3)
after_pool_1 = after_conv_1 // 2
after_conv_2 = convolved(after_pool_1, kernel=3)
after_pool_2 = after_conv_2 // 2
print(after_conv_1, after_pool_1, after_conv_2, after_pool_2)
# --8<-- [end:sizes]

# --8<-- [start:parameters]
conv_1 = (3 * 3 * 1 + 1) * 32
conv_2 = (3 * 3 * 32 + 1) * 64
flat = after_pool_2**2 * 64
dense_1 = (flat + 1) * 64
dense_2 = (64 + 1) * 10
parameters = conv_1 + conv_2 + dense_1 + dense_2
gpt3_times = 175e9 / parameters
print(parameters, model.count_params())
# --8<-- [end:parameters]

# --8<-- [start:compile]
model.compile(
    optimizer="adam",  # (1)!
    loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
    metrics=["accuracy"],
)
# --8<-- [end:compile]

# --8<-- [start:untrained]
untrained_loss, untrained_accuracy = model.evaluate(
    x_test, y_test, verbose=0
)
print(untrained_loss, np.log(10))
print(untrained_accuracy)
# --8<-- [end:untrained]

# --8<-- [start:train]
history = model.fit(  # measured: seed
    x_train,
    y_train,
    batch_size=32,
    epochs=10,
    validation_data=(x_val, y_val),
    verbose=2,
)
updates = int(model.optimizer.iterations.numpy())
steps_each = updates // len(history.epoch)
# --8<-- [end:train]

# --8<-- [start:curve]
curves = history.history
epochs = range(1, len(curves["loss"]) + 1)
plt.plot(epochs, curves["loss"], "o-", label="training")
plt.plot(epochs, curves["val_loss"], "s-", label="validation")
plt.xlabel("epoch")
plt.ylabel("loss")
plt.legend()
plt.show()
# --8<-- [end:curve]

# --8<-- [start:best_epoch]
best_epoch = int(np.argmin(curves["val_loss"])) + 1
first_loss, last_loss = curves["loss"][0], curves["loss"][-1]
val_loss, val_accuracy = (
    curves["val_loss"][-1],
    curves["val_accuracy"][-1],
)
print(best_epoch, val_loss, val_accuracy)
# --8<-- [end:best_epoch]

# --8<-- [start:evaluate]
test_loss, test_accuracy = model.evaluate(x_test, y_test, verbose=0)
print(f"Test accuracy: {test_accuracy:.2%}")
# --8<-- [end:evaluate]

# --8<-- [start:wilson]
level, n = 0.95, len(y_test)
z = NormalDist().inv_cdf((1 + level) / 2)
center = (test_accuracy + z**2 / (2 * n)) / (1 + z**2 / n)
spread = test_accuracy * (1 - test_accuracy) / n + z**2 / (4 * n**2)
margin = z / (1 + z**2 / n) * spread**0.5
low, high = center - margin, center + margin
half_margin = margin / 2
print(f"{low:.2%} to {high:.2%}")
# --8<-- [end:wilson]

# --8<-- [start:probabilities]
logits = model.predict(x_test, verbose=0)
probabilities = np.asarray(keras.ops.softmax(logits))
predicted = probabilities.argmax(axis=1)
print(logits[0].round(1))
print(probabilities[0].round(3))
print(predicted[0], y_test[0])
# --8<-- [end:probabilities]

# --8<-- [start:loss_by_hand]
log_p = np.asarray(keras.ops.log_softmax(logits))
loss_by_hand = float(-log_p[np.arange(n), y_test].mean())
print(loss_by_hand, test_loss)
# --8<-- [end:loss_by_hand]

# --8<-- [start:confusion]
confusion = tf.math.confusion_matrix(y_test, predicted).numpy()
mistakes = confusion - np.diag(np.diag(confusion))
plt.figure(figsize=(6, 5.4))
shade = 0.8 * mistakes / mistakes.max()
plt.imshow(np.zeros_like(mistakes), cmap="tab10", alpha=shade)
for true, guess in np.argwhere(mistakes):
    plt.text(
        guess, true, mistakes[true, guess], ha="center", va="center"
    )
plt.xticks(range(10))
plt.yticks(range(10))
plt.xlabel("predicted digit")
plt.ylabel("true digit")
plt.show()
# --8<-- [end:confusion]

# --8<-- [start:worst_pair]
wrong = int(mistakes.sum())
worst = np.unravel_index(mistakes.argmax(), mistakes.shape)
worst_true, worst_guess = map(int, worst)
worst_count = int(mistakes.max())
recall = confusion.diagonal() / confusion.sum(axis=1)
hardest, hardest_recall = int(recall.argmin()), float(recall.min())
print(wrong, worst_true, worst_guess, worst_count, hardest)
# --8<-- [end:worst_pair]

# --8<-- [start:mistakes]
confidence = probabilities.max(axis=1)
misread = np.flatnonzero(predicted != y_test)
surest = misread[np.argsort(-confidence[misread])][:10]
figure, axes = plt.subplots(2, 5, layout="constrained")
for ax, i in zip(axes.flat, surest):
    ax.imshow(x_test[i], cmap="gray")
    ax.set_title(f"{y_test[i]} as {predicted[i]}\n{confidence[i]:.1%}")
    ax.axis("off")
plt.show()
# --8<-- [end:mistakes]

# --8<-- [start:sure]
right_confidence = float(confidence[predicted == y_test].mean())
wrong_confidence = float(confidence[predicted != y_test].mean())
sure_mistakes = int((confidence[misread] > 0.9).sum())
print(right_confidence, wrong_confidence, sure_mistakes)
# --8<-- [end:sure]

# --8<-- [start:features]
features = np.asarray(model.layers[0](x_test[:1]))[0]
figure, axes = plt.subplots(2, 5, layout="constrained")
axes[0, 0].imshow(x_test[0], cmap="gray")
for k, ax in enumerate(axes.flat[1:]):
    ax.imshow(features[:, :, k])
for ax in axes.flat:
    ax.axis("off")
plt.show()
# --8<-- [end:features]

# --8<-- [start:save]
model.save("mnist_cnn.keras")
file_megabytes = Path("mnist_cnn.keras").stat().st_size / 1e6
weights_megabytes = 4 * parameters / 1e6
reloaded = keras.models.load_model("mnist_cnn.keras")
reloaded_logits = reloaded.predict(x_test, verbose=0)
print(np.array_equal(reloaded_logits, logits))
# --8<-- [end:save]

# --8<-- [start:draw]
own_label = 4
paper = Image.new("L", (300, 400), color=235)
pen = ImageDraw.Draw(paper)
pen.line(
    [(120, 60), (80, 210), (220, 215)], fill=40, width=22, joint="curve"
)
pen.line([(185, 110), (165, 340)], fill=40, width=22)
paper.save("my_digit.png")
# --8<-- [end:draw]

# --8<-- [start:crop]
photo = np.asarray(Image.open("my_digit.png").convert("L"))
ink = photo.max() - photo.astype("float32")
rows, columns = np.nonzero(ink > ink.max() / 2)
top, bottom = rows.min(), rows.max() + 1
left, right = columns.min(), columns.max() + 1
digit = Image.fromarray(ink[top:bottom, left:right])
# --8<-- [end:crop]

# --8<-- [start:center]
scale = 20 / max(digit.size)
small = digit.resize([round(side * scale) for side in digit.size])
pixels = np.asarray(small) / ink.max()
height, width = pixels.shape
rows, columns = np.indices(pixels.shape)
y = round(13.5 - np.average(rows, weights=pixels))
x = round(13.5 - np.average(columns, weights=pixels))
own_image = np.zeros((28, 28, 1), "float32")
own_image[y : y + height, x : x + width, 0] = pixels.clip(0, 1)
# --8<-- [end:center]

# --8<-- [start:own]
own_logits = model.predict(own_image[np.newaxis], verbose=0)
own_probabilities = np.asarray(keras.ops.softmax(own_logits))[0]
own_digit = int(own_probabilities.argmax())
own_confidence = float(own_probabilities.max())
figure, (before, after) = plt.subplots(1, 2, layout="constrained")
before.imshow(photo, cmap="gray", vmin=0, vmax=255)
before.set_title("my_digit.png")
before.axis("off")
after.imshow(own_image, cmap="gray")
after.set_title(f"read as {own_digit} ({own_confidence:.1%})")
after.axis("off")
plt.show()
# --8<-- [end:own]
