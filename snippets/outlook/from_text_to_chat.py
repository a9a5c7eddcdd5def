# --8<-- [start:import]
import re

import keras
import matplotlib.pyplot as plt
import numpy as np
import tensorflow as tf
from keras import layers

seed = 0
keras.utils.set_random_seed(seed)
rng = np.random.default_rng(seed)
# --8<-- [end:import]

# --8<-- [start:questions]
pairs = [(a, b) for a in range(10, 100) for b in range(10, 100)]
pairs = rng.permutation(pairs)
parts = np.split(pairs, [400, 900, 1100])
trial, test, labelled, unlabelled = parts  # (1)!
letters = "\n0123456789,+=?[]"
number_of = {letter: i for i, letter in enumerate(letters)}


def encode(text):
    return np.array([number_of[letter] for letter in text], np.int32)


# --8<-- [end:questions]


# --8<-- [start:text]
def line():
    """One line of the only book that the model ever reads."""
    kind, a = rng.random(), rng.integers(100)
    if kind < 0.2:
        return ",".join(str(a + i) for i in range(6)) + "\n"
    chosen = unlabelled[rng.integers(len(unlabelled), size=3)]
    if kind < 0.4:
        return "".join(f"{a}+{b}?" for a, b in chosen) + "\n"
    return "".join(f"{a}+{b}={a + b}\n" for a, b in chosen[:1])


text = "".join(line() for _ in range(30_000))
print(text[:75])
# --8<-- [end:text]


# --8<-- [start:block]
class Block(layers.Layer):
    """Look at the places before, then think; add both to x."""

    def __init__(self, width, heads=4):
        super().__init__()
        self.heads = heads
        self.norms = [layers.LayerNormalization() for _ in range(2)]
        self.qkv = layers.Dense(3 * width, use_bias=False)
        self.mix = layers.Dense(width, kernel_initializer="zeros")
        self.up = layers.Dense(4 * width, activation="relu")
        self.down = layers.Dense(width, kernel_initializer="zeros")

    def call(self, x):
        n, each = tf.shape(x)[1], x.shape[-1] // self.heads
        qkv = self.qkv(self.norms[0](x))
        qkv = tf.reshape(qkv, [-1, n, 3, self.heads, each])
        q, k, v = tf.unstack(tf.transpose(qkv, [2, 0, 3, 1, 4]))
        scores = tf.matmul(q, k, transpose_b=True) / each**0.5
        past = tf.range(n) <= tf.range(n)[:, None]
        seen = tf.nn.softmax(tf.where(past, scores, -1e9)) @ v
        seen = tf.transpose(seen, [0, 2, 1, 3])
        x += self.mix(tf.reshape(seen, tf.shape(x)))
        return x + self.down(self.up(self.norms[1](x)))


# --8<-- [end:block]


# --8<-- [start:gpt]
class GPT(keras.Model):
    def __init__(self, width=64, depth=2, span=24):
        super().__init__()
        normal = keras.initializers.RandomNormal(stddev=0.02)
        self.letter = self.add_weight((len(letters), width), normal)
        self.place = self.add_weight((span, width), normal)
        self.blocks = [Block(width) for _ in range(depth)]
        self.norm = layers.LayerNormalization()
        self.out = layers.Dense(len(letters))
        self(np.zeros((1, span), np.int32))

    def call(self, rows):
        """Scores for the character after each place."""
        x = tf.gather(self.letter, rows)
        x += self.place[: tf.shape(rows)[1]]
        for block in self.blocks:
            x = block(x)
        return self.out(self.norm(x))


model = GPT()
newborn = model.get_weights()
n_parameters = model.count_params()
print(f"{n_parameters:,} parameters")
# --8<-- [end:gpt]


# --8<-- [start:fit]
def log_chance(rows):
    """Log-probability of each character, given those before."""
    return -tf.nn.sparse_softmax_cross_entropy_with_logits(
        rows[:, 1:], model(rows[:, :-1])
    )


def fit(batch, steps, rate):
    schedule = keras.optimizers.schedules.CosineDecay(
        0.0, steps, warmup_target=rate, warmup_steps=steps // 10
    )
    optimizer = keras.optimizers.Adam(schedule, beta_2=0.98)
    weights = model.trainable_variables
    optimizer.build(weights)

    @tf.function
    def learn(rows, counts):
        with tf.GradientTape() as tape:
            loss = -tf.reduce_sum(counts * log_chance(rows))
            loss /= tf.reduce_sum(counts)
        optimizer.apply(tape.gradient(loss, weights), weights)

    for _ in range(steps):
        learn(*map(tf.constant, batch()))
    return model.get_weights()


# --8<-- [end:fit]

# --8<-- [start:pretrain]
book = encode(text)


def windows():
    start = rng.integers(len(book) - 25, size=(64, 1))
    return book[start + np.arange(25)], np.ones((64, 24), np.float32)


base = fit(windows, 800, 3e-3)
# --8<-- [end:pretrain]

# --8<-- [start:write]
BEGIN, LENGTH = 7, 18  # "\n36+27?" and eleven more characters


@tf.function
def write(rows, heat, key):
    """Fill the rows; a newline ends an answer."""
    done = tf.zeros(tf.shape(rows)[:1], tf.bool)
    for place in tf.range(BEGIN, LENGTH):
        if not tf.reduce_all(done):
            scores = model(rows)[:, place - 1]
            noise = tf.random.stateless_uniform(
                tf.shape(scores), [key, place], minval=1e-9
            )
            scores -= heat * tf.math.log(-tf.math.log(noise))  # (1)!
            letter = tf.argmax(scores, 1, tf.int32)
            letter = tf.where(done, 0, letter)
            here = tf.one_hot(place, LENGTH, dtype=tf.int32)
            rows += letter[:, None] * here
            done = done | (letter == 0)
    return rows


def ask(questions, heat=0.0, key=0):
    rows = np.zeros((len(questions), LENGTH), np.int32)
    rows[:, :BEGIN] = [encode(f"\n{a}+{b}?") for a, b in questions]
    heat, key = tf.constant(heat), tf.constant(key)
    rows = write(tf.constant(rows), heat, key).numpy()
    said = ["".join(letters[i] for i in row[BEGIN:]) for row in rows]
    return rows, [answer.split("\n")[0] for answer in said]


# --8<-- [end:write]


# --8<-- [start:base]
def strict(answer, right):
    return answer == str(right)


def score(weights, judge=strict):
    """Share of the test questions that are answered right."""
    model.set_weights(weights)
    answers = ask(test)[1]
    print(answers[:4])
    return float(
        np.mean([judge(s, a + b) for s, (a, b) in zip(answers, test)])
    )


print([f"{a}+{b}?" for a, b in test[:4]])
base_right = score(base)
# --8<-- [end:base]


# --8<-- [start:tune]
def counts(rows):
    """1 for each character of the answer and its newline, else 0."""
    ends = rows[:, BEGIN:] == 0
    counted = np.zeros((len(rows), LENGTH - 1), np.float32)
    counted[:, BEGIN - 1 :] = np.cumsum(ends, 1) - ends == 0
    return counted


def tune(example, start):
    model.set_weights(start)
    rows = np.zeros((len(labelled), LENGTH), np.int32)
    for row, (a, b) in zip(rows, labelled):
        dialog = encode(f"\n{a}+{b}?{example(a, b)}\n")
        row[: len(dialog)] = dialog
    order = np.random.default_rng(seed)

    def batch():
        chosen = rows[order.choice(len(rows), 32, replace=False)]
        return chosen, counts(chosen)

    return fit(batch, 250, 2e-3)


# --8<-- [end:tune]


# --8<-- [start:tuned]
def plain(a, b):
    return f"{a + b}"


tuned = tune(plain, base)
tuned_right = score(tuned)
unread_right = score(tune(plain, newborn))
pretrain_gain = tuned_right - unread_right
print(f"tuned {tuned_right:.1%}, without the book {unread_right:.1%}")
# --8<-- [end:tuned]


# --8<-- [start:advantage]
def advantage(r, epsilon=1e-4):
    """How much better than the other answers to the question."""
    m, s = r.mean(-1, keepdims=True), r.std(-1, keepdims=True)
    return (r - m) / (s + epsilon)


# --8<-- [end:advantage]


# --8<-- [start:objective]
def objective(rho, A, epsilon=0.2):
    clipped = tf.clip_by_value(rho, 1 - epsilon, 1 + epsilon)
    return tf.minimum(rho * A, clipped * A)


# --8<-- [end:objective]


# --8<-- [start:reinforce]
def reinforce(start, judge, rounds, rate=3e-4):
    """Returns the weights, what the judge saw, and the truth."""
    model.set_weights(start)
    optimizer = keras.optimizers.Adam(rate, beta_2=0.98)
    weights = model.trainable_variables
    optimizer.build(weights)

    @tf.function
    def learn(rows, counted, A, before):
        with tf.GradientTape() as tape:
            rho = tf.exp(log_chance(rows) - before)
            gain = objective(rho, A[:, None]) * counted
            loss = -tf.reduce_sum(gain) / tf.reduce_sum(counted)
        optimizer.apply(tape.gradient(loss, weights), weights)

    before = tf.function(log_chance)
    order, history = np.random.default_rng(seed), []
    for step in range(rounds):
        chosen = order.choice(unlabelled, 32, replace=False)
        chosen = np.repeat(chosen, 8, 0)  # (1)!
        rows, said = ask(chosen, heat=1.0, key=step)
        right = chosen.sum(1)
        r = np.array([judge(*pair) for pair in zip(said, right)])
        truth = np.mean([strict(*pair) for pair in zip(said, right)])
        history.append((r.mean(), truth))
        A = advantage(r.reshape(32, 8).astype("float32")).ravel()
        old = before(tf.constant(rows))
        for _ in range(2):  # (2)!
            learn(*map(tf.constant, (rows, counts(rows), A)), old)
    return model.get_weights(), np.array(history)


# --8<-- [end:reinforce]

# --8<-- [start:rewarded]
rewarded, history = reinforce(tuned, strict, 100)
rewarded_right = score(rewarded)
reward_gain = rewarded_right - tuned_right
print(f"{tuned_right:.1%} -> {rewarded_right:.1%}")
# --8<-- [end:rewarded]


# --8<-- [start:hacked]
def careless(answer, right):
    return answer in str(right)  # (1)!


hacked, hack_history = reinforce(tuned, careless, 40)
hacked_reward = score(hacked, careless)
hacked_right = score(hacked)
print(f"judge: {hacked_reward:.1%}, truth: {hacked_right:.1%}")
# --8<-- [end:hacked]

# --8<-- [start:curves]
figure, axes = plt.subplots(1, 2, figsize=(8, 2.8), sharey=True)
for axis, run, title in (
    (axes[0], history, "strict judge"),
    (axes[1], hack_history, "careless judge"),
):
    axis.plot(100 * run[:, 0], "C1", label="reward")
    axis.plot(100 * run[:, 1], "C0--", label="truly right")
    axis.set(title=title, xlabel="round")
axes[0].set_ylabel("answers (%)")
axes[1].legend(loc="center right")
plt.show()
# --8<-- [end:curves]


# --8<-- [start:think]
def steps_first(a, b):
    return f"{a // 10 * 10 + b // 10 * 10}+{a % 10 + b % 10}={a + b}"


def answer_first(a, b):
    return "=".join(steps_first(a, b).split("=")[::-1])


def after_steps(answer, right):
    return answer.split("=")[-1] == str(right)


def before_steps(answer, right):
    return answer.split("=")[0] == str(right)


think_right = score(tune(steps_first, base), after_steps)
excuse_right = score(tune(answer_first, base), before_steps)
think_gain = think_right - tuned_right
order_gain = think_right - excuse_right
print(f"first {think_right:.1%}, afterwards {excuse_right:.1%}")
# --8<-- [end:think]


# --8<-- [start:tool]
def call(a, b):
    return f"[{a}+{b}]"


def calculate(answer):
    found = re.fullmatch(r"\[(\d+)\+(\d+)\]", answer)
    return str(sum(map(int, found.groups()))) if found else answer


tool_right = score(
    tune(call, base), lambda s, right: strict(calculate(s), right)
)
tool_gain = tool_right - tuned_right
print(f"with a calculator {tool_right:.1%}")
# --8<-- [end:tool]

# --8<-- [start:chart]
stages = {
    "only reads": base_right,
    "tuned, never read": unread_right,
    "tuned": tuned_right,
    "tuned, rewarded": rewarded_right,
    "careless judge": hacked_right,
    "answer, then steps": excuse_right,
    "steps, then answer": think_right,
    "calculator": tool_right,
}
figure, axis = plt.subplots(figsize=(7, 3.2))
bars = axis.barh(list(stages), [100 * x for x in stages.values()])
axis.bar_label(bars, fmt="%.0f", padding=3)
axis.invert_yaxis()
axis.set(xlabel="test questions answered right (%)", xlim=(0, 110))
plt.show()
# --8<-- [end:chart]
