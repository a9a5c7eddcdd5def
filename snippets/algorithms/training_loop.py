# --8<-- [start:whole]
import keras
import numpy as np
import tensorflow as tf
from sklearn.datasets import load_digits

seed = 0
keras.utils.set_random_seed(seed)
rng = np.random.default_rng(seed)
images, labels = load_digits(return_X_y=True)
x = (images / 16).astype("float32")
layers = [keras.layers.Dense(32, "tanh"), keras.layers.Dense(10)]
model = keras.Sequential([keras.Input((64,)), *layers])
loss_of = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
for step, batch in enumerate(rng.integers(1280, size=(401, 32))):
    with tf.GradientTape() as tape:  # (1)!
        loss = loss_of(labels[batch], model(x[batch]))
    gradients = tape.gradient(loss, model.trainable_variables)
    for variable, gradient in zip(model.trainable_variables, gradients):
        variable.assign(variable - 0.5 * gradient)
    if step % 100 == 0:
        print(step, f"{loss:.3f}")
# --8<-- [end:whole]

# --8<-- [start:load]
missing = np.isnan(images).sum()
duplicates = len(images) - len(np.unique(images, axis=0))
print(images.shape, images.min(), images.max())
print(missing, duplicates, np.bincount(labels))
# --8<-- [end:load]

# --8<-- [start:split]
order = rng.permutation(len(x))
train, val, test = np.split(order, [1280, 1536])
x_train, y_train = x[train], labels[train]
x_val, y_val = x[val], labels[val]
x_test, y_test = x[test], labels[test]
print(len(x_train), len(x_val), len(x_test))
# --8<-- [end:split]

# --8<-- [start:model]
model = keras.Sequential([
    keras.Input(shape=(64,)),
    keras.layers.Dense(32, activation="tanh"),
    keras.layers.Dense(10),
])
start = model.get_weights()
print([array.shape for array in start], model.count_params())
# --8<-- [end:model]


# --8<-- [start:glorot]
def glorot_limit(n_in, n_out):
    return np.sqrt(6 / (n_in + n_out))


# --8<-- [end:glorot]

# --8<-- [start:limit]
limit = glorot_limit(64, 32)
largest = np.abs(start[0]).max()
print(f"{limit:.4f} {largest:.4f}")
# --8<-- [end:limit]

# --8<-- [start:forward]
first = rng.permutation(len(x_train))[:32]
x_batch, y_batch = x_train[first], y_train[first]
hidden_layer, output_layer = model.layers
hidden_outputs = hidden_layer(x_batch)
logits = output_layer(hidden_outputs)
parameters = model.count_params()
outputs = hidden_outputs.shape[1] + logits.shape[1]
print(logits.shape, parameters, "parameters,", outputs, "outputs")
# --8<-- [end:forward]

# --8<-- [start:loss]
loss_of = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
first_loss = float(loss_of(y_batch, logits))
log_ten = np.log(10)
print(first_loss, log_ten)
# --8<-- [end:loss]

# --8<-- [start:backward]
with tf.GradientTape() as tape:
    loss = loss_of(y_batch, model(x_batch))
gradients = tape.gradient(loss, model.trainable_variables)
print([tuple(gradient.shape) for gradient in gradients])
unmoved = zip(model.get_weights(), start)
moved_by = max(float(np.abs(a - b).max()) for a, b in unmoved)
print("parameters moved by", moved_by)
# --8<-- [end:backward]


# --8<-- [start:sgd]
def sgd(parameter, gradient, learning_rate):
    return parameter - learning_rate * gradient


# --8<-- [end:sgd]

# --8<-- [start:update]
for variable, gradient in zip(model.trainable_variables, gradients):
    variable.assign(sgd(variable, gradient, 0.5))
second_loss = loss_of(y_batch, model(x_batch))
print(f"{first_loss:.4f} -> {second_loss:.4f}")
# --8<-- [end:update]


# --8<-- [start:step]
@tf.function  # (1)!
def train_step(x, y):
    with tf.GradientTape() as tape:
        loss = loss_of(y, model(x))
    variables = model.trainable_variables
    gradients = tape.gradient(loss, variables)
    for variable, gradient in zip(variables, gradients):
        variable.assign(sgd(variable, gradient, 0.5))


# --8<-- [end:step]

# --8<-- [start:loop]
epochs = 20
orders = [rng.permutation(len(x_train)) for _ in range(epochs)]
model.set_weights(start)
train_losses, val_losses = [], []
for order in orders:
    for batch in order.reshape(-1, 32):
        train_step(x_train[batch], y_train[batch])
    train_losses.append(float(loss_of(y_train, model(x_train))))
    val_losses.append(float(loss_of(y_val, model(x_val))))
a_round = len(x_train) // 32
print(epochs, "epochs of", a_round, "steps,", epochs * a_round)
# --8<-- [end:loop]

# --8<-- [start:curve]
import matplotlib.pyplot as plt

shown = range(1, epochs + 1)
plt.plot(shown, train_losses, "o-", label="training")
plt.plot(shown, val_losses, "s-", label="validation")
plt.xlabel("epoch")
plt.ylabel("loss")
plt.legend()
plt.show()
# --8<-- [end:curve]


# --8<-- [start:fit]
def untrained_copy():
    copy = keras.models.clone_model(model)
    copy.set_weights(start)
    copy.compile(keras.optimizers.SGD(0.5), loss=loss_of)
    return copy


twin = untrained_copy()
for order in orders:
    x, y = x_train[order], y_train[order]
    twin.fit(x, y, batch_size=32, shuffle=False, verbose=0)  # (1)!
# --8<-- [end:fit]

# --8<-- [start:same]
mine, fitted = model.get_weights(), twin.get_weights()
gaps = [float(np.abs(a - b).max()) for a, b in zip(mine, fitted)]
fit_gap = max(gaps)
print(gaps)
# --8<-- [end:same]

# --8<-- [start:reshuffled]
other = untrained_copy()
other.fit(x_train, y_train, 32, epochs, verbose=0)
reshuffled_gap = np.abs(other.get_weights()[0] - mine[0]).max()
guesses = [np.asarray(m(x_val)).argmax(axis=1) for m in (model, other)]
val_accuracy, reshuffled_accuracy = (
    float((guess == y_val).mean()) for guess in guesses
)
print(
    f"{reshuffled_gap:.3f} {val_accuracy:.1%} {reshuffled_accuracy:.1%}"
)
# --8<-- [end:reshuffled]

# --8<-- [start:test]
answers = np.asarray(model(x_test)).argmax(axis=1)
test_accuracy = (answers == y_test).mean()
print(f"{test_accuracy:.1%}")
# --8<-- [end:test]
