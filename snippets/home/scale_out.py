# --8<-- [start:import]
import inspect
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import keras
import matplotlib.pyplot as plt
import numpy as np
import tensorflow as tf
from keras import layers
from sklearn.datasets import load_digits

seed = 0
keras.utils.set_random_seed(seed)
rng = np.random.default_rng(seed)
# --8<-- [end:import]


# --8<-- [start:build]
def build(seed):
    """Return a small network and its optimizer."""
    keras.utils.set_random_seed(seed)
    model = keras.Sequential([
        keras.Input((64,)),
        layers.Dense(32, activation="relu"),
        layers.Dense(10),
    ])
    optimizer = keras.optimizers.Adam(3e-3)
    optimizer.build(model.trainable_variables)
    return model, optimizer


def batch(seed, now):
    """Return the 64 images of one step, chosen by its number."""
    x, y = load_digits(return_X_y=True)
    some = np.random.default_rng([seed, now]).permutation(len(x))[:64]
    return (x[some] / 16).astype("float32"), y[some].astype("int32")


# --8<-- [end:build]


# --8<-- [start:train]
def train(strategy, rank, folder, seed, steps=40, dies=None):
    """Train on one worker's share, from the last checkpoint on."""
    with strategy.scope():
        model, optimizer = build(seed)
        done = tf.Variable(0)
    loss_of = keras.losses.SparseCategoricalCrossentropy(
        from_logits=True, reduction="sum"
    )

    def one(x, y):
        with tf.GradientTape() as tape:
            loss = loss_of(y, model(x)) / 64  # (1)!
        share = tape.gradient(loss, model.trainable_variables)
        optimizer.apply(share)  # (2)!
        return loss, *share

    @tf.function
    def step(x, y):
        shares = strategy.run(one, (x, y))
        return [strategy.reduce("SUM", s, axis=None) for s in shares]

    state = tf.train.Checkpoint(model=model, opt=optimizer, done=done)
    kept = tf.train.CheckpointManager(state, f"{folder}/{rank}", 2)
    state.restore(tf.train.latest_checkpoint(f"{folder}/0"))  # (3)!
    workers = strategy.num_replicas_in_sync
    for now in range(int(done.numpy()), steps):
        if now == dies:
            os.kill(os.getpid(), signal.SIGKILL)
        x, y = batch(seed, now)
        loss, *gradient = step(x[rank::workers], y[rank::workers])
        done.assign_add(1)
        if (now + 1) % 10 == 0:
            kept.save()
        if now == 0:
            np.savez(f"{folder}/gradient-{rank}.npz", *gradient)
        with open(f"{folder}/losses-{rank}.txt", "a") as file:
            print(now, float(loss), file=file)
    np.savez(f"{folder}/weights-{rank}.npz", *model.get_weights())


# --8<-- [end:train]


# --8<-- [start:worker]
def worker(folder, seed, dies=(None, None)):
    """Be one of the workers that TF_CONFIG names."""
    strategy = tf.distribute.MultiWorkerMirroredStrategy()
    rank = strategy.cluster_resolver.task_id
    train(strategy, rank, folder, seed, dies=dies[rank])


imports = """import json, os, signal, sys, time
import keras
import numpy as np
import tensorflow as tf
from keras import layers
from sklearn.datasets import load_digits"""
parts = map(inspect.getsource, (build, batch, train, worker))
call = """if __name__ == "__main__":
    worker(**json.loads(sys.argv[1]))
"""
Path("worker.py").write_text("\n\n\n".join([imports, *parts, call]))
# --8<-- [end:worker]


# --8<-- [start:launch]
def launch(script, folder, workers=2, **task):
    """Start the workers, wait, and return how each one ended."""
    Path(folder).mkdir(exist_ok=True)
    free = [
        socket.create_server(("localhost", 0)) for _ in range(workers)
    ]
    hosts = [f"localhost:{each.getsockname()[1]}" for each in free]
    for each in free:
        each.close()  # (1)!
    told = json.dumps({"folder": folder, **task})
    started = []
    for rank in range(workers):
        place = {"type": "worker", "index": rank}
        config = {"cluster": {"worker": hosts}, "task": place}
        own = {"TF_CONFIG": json.dumps(config), "no_proxy": "localhost"}
        with open(f"{folder}/{rank}.log", "w") as log:
            started.append(
                subprocess.Popen(
                    [sys.executable, script, told],
                    env=os.environ | own,
                    stdout=log,
                    stderr=log,
                )
            )
    try:
        return [each.wait(timeout=100) for each in started]  # (2)!
    finally:
        for each in started:
            each.kill()


def must(codes, folder):
    """Say which worker failed, and the end of what it wrote."""
    for rank, code in enumerate(codes):
        if code:
            last = Path(f"{folder}/{rank}.log").read_text()[-800:]
            raise RuntimeError(f"worker {rank}: code {code}\n{last}")


# --8<-- [end:launch]

# --8<-- [start:two]
for folder in ("one", "two", "killed", "clock"):
    shutil.rmtree(folder, ignore_errors=True)
must(launch("worker.py", "two", seed=seed), "two")
Path("one").mkdir()
train(tf.distribute.get_strategy(), 0, "one", seed)


def load(name):
    return np.concatenate([a.ravel() for a in np.load(name).values()])


def apart(name, other):
    """Return the largest difference between two results."""
    return float(np.abs(load(name) - load(other)).max())


between = apart("two/weights-0.npz", "two/weights-1.npz")
gradient_gap = apart("two/gradient-0.npz", "one/gradient-0.npz")
weight_gap = apart("two/weights-0.npz", "one/weights-0.npz")
print(f"{between:.0e} {gradient_gap:.1e} {weight_gap:.1e}")
# --8<-- [end:two]

# --8<-- [start:kill]
ended = launch("worker.py", "killed", seed=seed, dies=(None, 25))
noticed = "UnavailableError" in Path("killed/0.log").read_text()
print("worker 1:", signal.Signals(-ended[1]).name)
print("worker 0: UnavailableError" if noticed else ended[0])
# --8<-- [end:kill]

# --8<-- [start:resume]
must(launch("worker.py", "killed", seed=seed), "killed")
lost = apart("killed/weights-0.npz", "two/weights-0.npz")
print(f"{lost} apart")
# --8<-- [end:resume]

# --8<-- [start:losses]
smooth = np.loadtxt("two/losses-0.txt")
broken = np.loadtxt("killed/losses-1.txt")  # what worker 1 wrote
again = int(np.argmin(np.diff(broken[:, 0]))) + 1
back = int(broken[again, 0])
plt.figure(figsize=(6, 2.9))
plt.plot(*smooth.T, label="never interrupted")
plt.plot(*broken[:again].T, "o", label="until worker 1 is killed")
plt.plot(*broken[again:].T, "x", label="from the checkpoint on")
plt.xlabel("step")
plt.ylabel("loss")
plt.legend()
plt.show()
print(f"killed at step {again}, goes on at step {back}")
# --8<-- [end:losses]


# --8<-- [start:ring]
def ring_all_reduce(vectors):
    """Sum vectors, one a worker; count the bytes that each sends."""
    n = len(vectors)
    parts = [np.array_split(v.copy(), n) for v in vectors]
    sent = [0] * n
    for turn in range(2 * (n - 1)):
        moving = [parts[w][(w - turn) % n].copy() for w in range(n)]
        for w in range(n):
            right, k = (w + 1) % n, (w - turn) % n
            if turn < n - 1:
                parts[right][k] += moving[w]  # (1)!
            else:
                parts[right][k] = moving[w]  # (2)!
            sent[w] += moving[w].nbytes
    return [np.concatenate(p) for p in parts], sent


# --8<-- [end:ring]


# --8<-- [start:bytes]
def bytes_sent(S, N):
    """Return what a worker sends when N of them sum S bytes."""
    return 2 * (N - 1) / N * S


vectors = rng.normal(size=(8, 4000))
sums, sent = ring_all_reduce(vectors)
right = all(np.allclose(s, vectors.sum(0)) for s in sums)
by_formula = {str(n): bytes_sent(1, n) for n in (2, 8, 64, 1024)}
print(right, set(sent), bytes_sent(vectors[0].nbytes, 8))
# --8<-- [end:bytes]


# --8<-- [start:clock]
def clock(folder, sizes, repeats=10):
    """Write how long an all-reduce of so many bytes takes."""
    strategy = tf.distribute.MultiWorkerMirroredStrategy()

    def add(count):
        here = tf.distribute.get_replica_context()
        return here.all_reduce("SUM", tf.ones(count))

    @tf.function
    def once(count):
        return strategy.run(add, (count,))

    taken = []
    for size in sizes:
        times = []
        for _ in range(repeats):
            began = time.perf_counter()
            once(size // 4)
            times.append(time.perf_counter() - began)
        taken.append(float(np.median(times)))
    np.savetxt(
        f"{folder}/{strategy.cluster_resolver.task_id}.txt", taken
    )


def in_two(function, folder, **task):
    """Run a function in two workers; return what the first wrote."""
    main = call.replace("worker", function.__name__)
    text = [imports, inspect.getsource(function), main]
    Path(f"{folder}.py").write_text("\n\n\n".join(text))
    must(launch(f"{folder}.py", folder, **task), folder)
    return np.loadtxt(f"{folder}/0.txt")


sizes = [4**k for k in range(5, 13)]
taken = in_two(clock, "clock", sizes=sizes)  # measured: time
# --8<-- [end:clock]


# --8<-- [start:seconds]
def ring_seconds(S, N, alpha, B):
    """Return how long N workers need to sum S bytes in a ring."""
    return 2 * (N - 1) * (alpha + S / (N * B))


moved = np.array([[2, size] for size in sizes])  # N = 2
fit = np.linalg.lstsq(
    moved / taken[:, None], np.ones(len(sizes)), rcond=None
)[0]
alpha, B = float(fit[0]), 1 / float(fit[1])
print(f"{1e3 * alpha:.1f} ms a message, {B / 1e6:.0f} MB/s")
# --8<-- [end:seconds]

# --8<-- [start:line]
plt.figure(figsize=(6, 2.9))
guess = [ring_seconds(S, 2, alpha, B) for S in sizes]
plt.loglog(sizes, 1e3 * taken, "o", label="measured")
plt.loglog(sizes, 1e3 * np.array(guess), label="formula, fitted")
plt.xlabel("bytes summed")
plt.ylabel("milliseconds")
plt.legend()
plt.show()
# --8<-- [end:line]

# --8<-- [start:published]
resnet = 25e6 * 4  # bytes of its gradient
needed = bytes_sent(resnet, 256) / 0.125  # bytes a second
needed_gbit = 8 * needed / 1e9
print(f"{needed_gbit:.2f} Gbit/s")
# --8<-- [end:published]


# --8<-- [start:tensor]
def tensor_parallel(x, a, b):
    """Two layers; device d holds a[d] and b[d]."""
    partial = [np.maximum(x @ a_d, 0) @ b_d for a_d, b_d in zip(a, b)]
    return sum(partial)  # (1)!


x, a, b = (rng.normal(size=s) for s in ((16, 64), (64, 256), (256, 64)))
columns, rows = np.split(a, 4, axis=1), np.split(b, 4, axis=0)
unsplit = np.maximum(x @ a, 0) @ b
tensor_gap = float(
    np.abs(tensor_parallel(x, columns, rows) - unsplit).max()
)
wrong_cut = sum(
    np.maximum(x_d @ a_d, 0)
    for x_d, a_d in zip(np.split(x, 4, axis=1), np.split(a, 4, axis=0))
)
wrong_gap = float(np.abs(wrong_cut - np.maximum(x @ a, 0)).max())
print(f"{tensor_gap:.0e} and {wrong_gap:.1f}")
# --8<-- [end:tensor]


# --8<-- [start:bubble]
def bubble(p, m):
    """Return the idle share of p stages and m micro-batches."""
    return (p - 1) / (m + p - 1)


def schedule(p, m, forward=1, backward=2):
    """Return jobs: stage, micro-batch, start, length."""
    free, jobs = [0] * p, []
    directions = (forward, range(p)), (backward, range(p)[::-1])
    for length, stages in directions:
        for part in range(m):
            ready = 0
            for s in stages:
                start = max(free[s], ready)
                ready = free[s] = start + length
                jobs.append((s, part, start, length))
    return jobs


def idle(jobs):
    """Return the idle share of a schedule."""
    end = max(start + length for _, _, start, length in jobs)
    stages = 1 + max(s for s, *_ in jobs)
    return 1 - sum(length for *_, length in jobs) / (stages * end)


bubbles = {str(m): idle(schedule(4, m)) for m in (1, 4, 16)}
for m in (1, 4, 16):
    print(f"{m:2} {bubbles[str(m)]:.3f} {bubble(4, m):.3f}")
# --8<-- [end:bubble]

# --8<-- [start:gantt]
figure, axes = plt.subplots(2, 1, figsize=(6.4, 3.4), sharex=True)
for axis, m in zip(axes, (1, 4)):
    unit = 4 / m
    for s, part, start, length in schedule(4, m):
        color = "C0" if length == 1 else "C2"
        axis.barh(
            s,
            unit * length,
            left=unit * start,
            color=color,
            edgecolor="white",
        )
        if m > 1:
            middle = unit * (start + length / 2)
            axis.text(
                middle,
                s,
                part + 1,
                ha="center",
                va="center",
                color="white",
            )
    axis.set(yticks=range(4), yticklabels=range(1, 5), ylabel="stage")
    axis.invert_yaxis()
axes[1].set_xlabel("time")
plt.show()
# --8<-- [end:gantt]


# --8<-- [start:memory]
def memory(Psi, w, g, k, N_w, N_g, N_k):
    """Return bytes a device: weights, gradients, optimizer."""
    return Psi * (w / N_w + g / N_g + k / N_k)


N = 64
stages = {"0": (1, 1, 1), "1": (1, 1, N), "2": (1, N, N), "3": (N,) * 3}
paper = {
    s: memory(7.5e9, 2, 2, 12, *n) / 1e9 for s, n in stages.items()
}
print({
    stage: round(gigabytes, 1) for stage, gigabytes in paper.items()
})
# --8<-- [end:memory]

# --8<-- [start:zero]
N = 4
big = keras.Sequential([
    keras.Input((64,)),
    layers.Dense(512, activation="relu"),
    layers.Dense(512, activation="relu"),
    layers.Dense(10),
])
adam = keras.optimizers.Adam()
adam.build(big.trainable_variables)
Psi = big.count_params()


def split(arrays):
    """Lay arrays out as one vector, and cut that into N parts."""
    flat = np.concatenate([np.ravel(each) for each in arrays])
    return np.split(np.pad(flat, (0, -len(flat) % N)), N)


owned = [tf.Variable(part) for part in split(big.get_weights())]
adams = [keras.optimizers.Adam() for _ in owned]  # (1)!
for now in range(3):
    images, labels = batch(seed, now)
    with tf.GradientTape() as tape:
        losses = keras.losses.sparse_categorical_crossentropy(
            labels, big(images), from_logits=True
        )
    gradient = tape.gradient(losses, big.trainable_variables)
    for part, variable, own in zip(split(gradient), owned, adams):
        own.apply([tf.constant(part)], [variable])  # (2)!
    adam.apply(gradient)
zero_gap = max(
    float(np.abs(a - b).max())
    for a, b in zip(owned, split(big.get_weights()))
)
print(f"{Psi:,} parameters, {zero_gap} apart after 3 steps")
# --8<-- [end:zero]


# --8<-- [start:count]
def size(variables):
    return sum(np.asarray(v).nbytes for v in variables)


w_all, k_all = size(big.trainable_variables), size(adam.variables[2:])
w_part, k_part = size(owned[:1]), size(adams[0].variables[2:])
g_all, g_part = size(gradient), split(gradient)[0].nbytes
counted = {
    "0": w_all + g_all + k_all,
    "1": w_all + g_all + k_part,
    "2": w_all + g_part + k_part,
    "3": w_part + g_part + k_part,
}
print({stage: f"{b / 1e6:.2f} MB" for stage, b in counted.items()})
# --8<-- [end:count]


# --8<-- [start:traffic]
def traffic(N, h, layers, rows):
    """Return the bytes that a device sends in one training step."""
    weights = 4 * 8 * h**2 * layers  # (1)!
    passed = 4 * rows * h
    return {
        "data": bytes_sent(weights, N),
        "tensor": 2 * layers * bytes_sent(passed, N),
        "pipeline": 2 * passed,
        "zero": 1.5 * bytes_sent(weights, N),
    }


sends = traffic(4, 1024, 4, 64)
for way, b in sends.items():
    print(f"{way:9}{b / 1e6:6.1f} MB")
# --8<-- [end:traffic]
