"""How does the loss fall with parameters, data and compute?

python larger_long.py            takes half an hour
python larger_long.py --reduced  less of everything, seconds

Trains GPTs of seven sizes on Tang poems with four budgets of data,
each character read once; then some of them on few characters, read
many times. Writes larger_long.json. What is done is kept in
larger_long.partial.json, where a run that was stopped goes on.
"""

import json
import re
import sys
import tarfile
import time
from collections import Counter
from pathlib import Path

import keras
import numpy as np
import opencc
import tensorflow as tf

reduced = "--reduced" in sys.argv
partial = Path("larger_long.partial.json")
done = {}
if partial.exists() and not reduced:
    done = json.loads(partial.read_text())

# The text: each poem on a line, cut into windows of 48 characters.

FILE = re.compile(r".*/quantangshi/poet\.tang\.\d+\.json")
tang = []
with tarfile.open("chinese-poetry-2.0.1.tgz") as archive:
    for member in archive:
        if FILE.fullmatch(member.name):
            tang += json.load(archive.extractfile(member))
simplify = opencc.OpenCC("t2s").convert
texts = simplify(
    "\n".join("".join(item["paragraphs"]) for item in tang)
).split("\n")
poems, known_lines = [], set()
for poem in texts:
    lines = re.findall(r"\w+", poem)
    if lines and sum(line in known_lines for line in lines) < 2:
        poems.append(poem)
        known_lines.update(lines)
rng = np.random.default_rng(0)
poems = [poems[i] for i in rng.permutation(len(poems))]
test, valid, train = poems[:1000], poems[1000:1500], poems[1500:]

often = Counter("".join(train))
vocabulary = ["\n", "□", *(c for c, _ in often.most_common(510))]
number_of = {c: i for i, c in enumerate(vocabulary)}
n_tokens, length = len(vocabulary), 48


def windows(some):
    """48 characters each, and the one before them."""
    text = "\n" + "".join(poem + "\n" for poem in some)
    numbers = np.array([number_of.get(c, 1) for c in text], np.int32)
    starts = np.arange(0, len(numbers) - length, length)
    return numbers[starts[:, None] + np.arange(length + 1)]


train_rows = rng.permutation(windows(train))
valid_rows, test_rows = windows(valid), windows(test)
if reduced:
    valid_rows, test_rows = valid_rows[:64], test_rows[:64]
known = float(np.mean(test_rows[:, 1:] != 1))
counts = np.bincount(train_rows[:, 1:].ravel(), minlength=n_tokens)
share = (counts + 0.1) / (counts + 0.1).sum()
unigram = -np.mean(np.log(share[test_rows[:, 1:]]))

# The model: the GPT of the page on writing poems, of any width.

heads, depth, batch = 4, 2, 16


def attention(q, k, v):
    """Each place mixes the values at places up to its own."""
    scores = tf.matmul(q, k, transpose_b=True) / q.shape[-1] ** 0.5
    place = tf.range(length)
    scores = tf.where(place <= place[:, None], scores, -1e9)
    return tf.matmul(tf.nn.softmax(scores), v)


class Block(keras.layers.Layer):
    """Look at the places before, then think; add both to x."""

    def __init__(self, width):
        super().__init__()
        layers = keras.layers
        self.width = width
        self.norm_1 = layers.LayerNormalization()
        self.norm_2 = layers.LayerNormalization()
        self.qkv = layers.Dense(3 * width, use_bias=False)
        self.mix = layers.Dense(width, kernel_initializer="zeros")
        self.up = layers.Dense(4 * width, activation="relu")
        self.down = layers.Dense(width, kernel_initializer="zeros")

    def call(self, x):
        size = [-1, length, 3, heads, self.width // heads]
        qkv = tf.reshape(self.qkv(self.norm_1(x)), size)
        q, k, v = tf.unstack(tf.transpose(qkv, [2, 0, 3, 1, 4]))
        mixed = tf.transpose(attention(q, k, v), [0, 2, 1, 3])
        x += self.mix(tf.reshape(mixed, [-1, length, self.width]))
        return x + self.down(self.up(self.norm_2(x)))


class GPT(keras.Model):
    def __init__(self, width):
        super().__init__()
        normal = keras.initializers.RandomNormal(stddev=0.02)
        self.width = width
        self.token = self.add_weight((n_tokens, width), normal)
        self.place = self.add_weight((length, width), normal)
        self.bias = self.add_weight((n_tokens,), "zeros")
        self.blocks = [Block(width) for _ in range(depth)]
        self.norm = keras.layers.LayerNormalization()

    def call(self, numbers):
        x = tf.gather(self.token, numbers) + self.place
        x *= self.width**0.5
        for block in self.blocks:
            x = block(x)
        x = tf.matmul(self.norm(x), self.token, transpose_b=True)
        return x + self.bias


class Trainer:
    """One model, trained again and again from new weights."""

    def __init__(self, width):
        self.model = GPT(width)
        self.model(train_rows[:1, :-1])
        self.weights = self.model.trainable_variables
        self.optimizer = keras.optimizers.AdamW(
            0.0, weight_decay=0.1, beta_2=0.95
        )
        self.optimizer.build(self.weights)
        self.parameters = self.model.count_params()
        self.body = sum(
            block.count_params() for block in self.model.blocks
        )

        def surprise(rows):
            return tf.reduce_mean(
                tf.nn.sparse_softmax_cross_entropy_with_logits(
                    rows[:, 1:], self.model(rows[:, :-1])
                )
            )

        @tf.function(jit_compile=True)
        def learn(rows):
            with tf.GradientTape() as tape:
                loss = surprise(rows)
            gradients = tape.gradient(loss, self.weights)
            self.optimizer.apply(gradients, self.weights)

        self.learn = learn
        self.surprise = tf.function(surprise, jit_compile=True)

    def start(self, seed):
        keras.utils.set_random_seed(seed)
        new = GPT(self.model.width)
        new(train_rows[:1, :-1])
        self.model.set_weights(new.get_weights())
        self.model.bias.assign(np.log(share))
        for variable in self.optimizer.variables:
            variable.assign(tf.zeros_like(variable))

    def loss(self, rows):
        """Nats for each character, whole batches of 64."""
        n = len(rows) // 64
        parts = np.split(rows[: 64 * n], n)
        return float(np.mean([self.surprise(part) for part in parts]))

    def train(self, rows, peak, epochs=1, seed=0):
        """One warm-up and one cosine; the time of a usual step."""
        self.start(seed)
        n = len(rows) // batch
        steps, times = n * epochs, []
        order = np.random.default_rng(seed)
        for step in range(steps):
            if step % n == 0:
                parts = order.permutation(len(rows))[: n * batch]
                parts = np.split(parts, n)
            warm = min(1, (step + 1) / (0.05 * steps))
            rate = (
                peak * warm * 0.5 * (1 + np.cos(np.pi * step / steps))
            )
            self.optimizer.learning_rate.assign(rate)
            began = time.perf_counter()
            self.learn(rows[parts[step % n]])
            times.append(time.perf_counter() - began)
        return float(np.median(times))


# What is trained. The rates come first, chosen on validation.

sizes = [8, 12, 20, 32, 48, 80, 104]
budgets = [3072, 7680, 19_200, 48_000]
few, often_read = budgets[0], [4, 16]
tuned, rates = [8, 32, 128], [0.002 * 2**i for i in range(7)]
repeated = [20, 104]
if reduced:
    sizes, budgets, few = [8, 12], [64, 128], 64
    tuned, rates, repeated, often_read = [8, 12], [0.01], [12], [2]
trainers, steps, check = {}, {}, []


def run(name, width, n, peak, epochs=1, seed=0, checking=False):
    """Train once; keep the losses under a name."""
    if name not in done:
        if width not in trainers:
            trainers.clear()
            trainers[width] = Trainer(width)
        trainer = trainers[width]
        rows = train_rows[:n]
        seconds = trainer.train(rows, peak, epochs, seed)
        losses = {"valid": trainer.loss(valid_rows)}
        if not checking:
            losses["test"] = trainer.loss(test_rows)
            losses["train"] = trainer.loss(rows[:1024])
        done[name] = {
            "width": width,
            "parameters": trainer.parameters,
            "body": trainer.body,
            "characters": n * length * epochs,
            "epochs": epochs,
            "seed": seed,
            "rate": round(peak, 5),
            "step": round(seconds, 5),
            **{k: round(v, 5) for k, v in losses.items()},
        }
        if not reduced:
            partial.write_text(json.dumps(done))
        print(name, done[name], flush=True)
    found = dict(done[name])
    steps.setdefault(str(width), []).append(found.pop("step"))
    return found


tuning = {}
for width in tuned:  # twice the rate, until that makes it worse
    found = []
    for r in rates:
        name = f"rate {width} {r}"
        one = run(name, width, budgets[1], r, checking=True)
        found.append(one["valid"])
        if found[-1] > min(found):
            break
    tuning[width] = found
best = [rates[int(np.argmin(losses))] for losses in tuning.values()]


def rate_of(width):
    """Between the sizes that were tuned: a line in logarithms."""
    return float(
        np.exp(np.interp(np.log(width), np.log(tuned), np.log(best)))
    )


cells, again = [], []
for width in sizes:
    peak = rate_of(width)
    for n in budgets:
        several = n in budgets[:2] and width < sizes[-1]
        for seed in range(3 if several else 1):
            name = f"cell {width} {n} {seed}"
            cells.append(run(name, width, n, peak, seed=seed))
    if width in repeated:
        for epochs in often_read:
            name = f"again {width} {epochs}"
            again.append(run(name, width, few, peak, epochs))
    if width == tuned[1]:  # was the rate right for more data?
        n = budgets[-1]
        for part in (0.5, 2):
            name = f"check {width} {n} {part}"
            check.append(
                run(name, width, n, peak * part, checking=True)
            )

results = {
    "vocabulary": n_tokens,
    "length": length,
    "batch": batch,
    "poems": len(poems),
    "train": int(train_rows[:, 1:].size),
    "test": int(len(test_rows) // 64 * 64 * length),
    "known": round(known, 4),
    "unigram": round(float(unigram), 4),
    "rates": rates,
    "tuning": {str(k): v for k, v in tuning.items()},
    "tuned": dict(zip(map(str, tuned), best)),
    "check": check,
    "cells": cells,
    "again": again,
    "steps": {k: min(v) for k, v in steps.items()},  # measured: time
}
with open("larger_long.json", "w") as file:
    json.dump(results, file)
partial.unlink(missing_ok=True)
