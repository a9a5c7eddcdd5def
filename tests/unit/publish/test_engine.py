"""The engine of the live pictures, run by Node: its gradients are right, and it learns as Keras does."""

from __future__ import annotations

import base64
import json
import subprocess
from typing import Any

import numpy as np
import pytest

from book.core.page import read as read_page
from book.core.site import Book
from book.evidence import record
from tests.unit.publish.test_widgets import MATH, ask, page

FILE = Book().long / "train_here_long.json"
MOST_BYTES = 15 * 1024
"""Of the whole engine, which readers are to read."""


def node(script: str, *values: Any) -> Any:
    """Return what a script puts out as JSON; it finds the folder of the engine and its values in `asked`."""
    start = 'import { readFileSync } from "node:fs";\nconst [folder, ...asked] = JSON.parse(readFileSync(0, "utf8"));\n'
    command = ["node", "--input-type=module", "--eval", start + script]
    asked = json.dumps([MATH.as_uri(), *values])
    done = subprocess.run(command, input=asked, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


SLOPES = """
const e = await import(`${folder}/engine.js`);
const { randomFrom } = await import(`${folder}/network.js`);
const random = randomFrom(7);
const draw = (n) => Float32Array.from({ length: n }, () => 2 * random() - 1);
const maps = (values, n, h, w, c) => ({ n, h, w, c, values });
const [x, w, b] = [draw(2 * 5 * 6 * 3), draw(9 * 3 * 4), draw(4)];
const [rows, columns, out] = [{ rows: 4, columns: 5 }, { rows: 5, columns: 3 }, { rows: 4, columns: 3 }];
const image = (values) => maps(values, 2, 5, 6, 3);
const of = (shape, values) => ({ ...shape, values });
const ways = {
    multiply: [[draw(20), draw(15), draw(3)],
        (x, w, b) => e.multiply(of(rows, x), of(columns, w), b).values,
        (slope, x, w) => Object.values(e.multiplyBack(of(rows, x), of(columns, w), of(out, slope)))],
    convolve: [[x, w, b],
        (x, w, b) => e.convolve(image(x), w, b).values,
        (slope, x, w) => Object.values(e.convolveBack(image(x), w, maps(slope, 2, 3, 4, 4)))],
    pool: [[x],
        (x) => e.pool(image(x)).values,
        (slope, x) => [e.poolBack(image(x), e.pool(image(x)).from, slope)]],
    relu: [[x], (x) => e.relu(image(x)).values, (slope, x) => [e.reluBack(image(x), slope)]],
    attend: [[draw(6), draw(24), draw(24)].map((values) => values.map((value) => 3 * value)),
        (q, k, v) => e.attend(q, k, v, 4, 2).mixed,
        (slope, q, k, v) => Object.values(e.attendBack(q, k, v, e.attend(q, k, v, 4, 2).shares, slope))],
    normalize: [[draw(6), draw(12)],
        (x, g) => e.normalize(x, g),
        (slope, x, g) => Object.values(e.normalizeBack(x, g, slope))],
    crossEntropy: [[draw(15)],
        (z) => [e.crossEntropy(of(columns, z), [0, 1, 2, 1, 0]).loss],
        ([slope], z) => [e.crossEntropy(of(columns, z), [0, 1, 2, 1, 0]).slope.values.map((s) => s * slope)]],
};
const found = {};
for (const [name, [inputs, forward, back]] of Object.entries(ways)) {
    const pull = draw(forward(...inputs).length); // a loss that is a sum of all that comes out, with these weights
    const loss = () => forward(...inputs).reduce((sum, value, i) => sum + value * pull[i], 0);
    const slopes = back(pull, ...inputs);
    found[name] = inputs.map((input, at) => Array.from(input, (value, i) => {
        const [up, down] = [1, -1].map((sign) => ((input[i] = value + sign * 1e-3), loss()));
        input[i] = value;
        return [slopes[at][i], (up - down) / 2e-3];
    }));
}
console.log(JSON.stringify(found));
"""


def test_gradients_are_those_of_the_functions() -> None:
    """Each slope is what a small change of each input does, one after another."""
    found = node(SLOPES)
    assert len(found) == 7
    for name, inputs in found.items():
        for at, pairs in enumerate(inputs):
            ours, measured = np.array(pairs).T
            assert np.abs(ours - measured).max() < 3e-3 < np.abs(ours).max() / 15, (
                name,
                at,
            )  # of sums in single precision


LEARN = """
const { forward, gradients, start, weights } = await import(`${folder}/convnet.js`);
const { Adam } = await import(`${folder}/adam.js`);
const { randomFrom } = await import(`${folder}/network.js`);
const [depth, filters, values, labels, rate] = asked;
const net = start(depth, filters, randomFrom(1));
const images = { n: labels.length, h: 14, w: 14, c: 1, values: Float32Array.from(values) };
const all = () => weights(net).map((array) => Array.from(array));
const before = all();
const { scores } = forward(net, images);
const { loss, right, slopes } = gradients(net, images, labels);
new Adam().step(weights(net), slopes, rate);
console.log(JSON.stringify([before, Array.from(scores.values), loss, right, slopes.map((s) => Array.from(s)), all()]));
"""


@pytest.mark.parametrize(("depth", "filters"), [(0, 8), (1, 4), (2, 8)])
def test_a_step_is_that_of_keras(depth: int, filters: int) -> None:
    """From the same weights: scores, loss, gradients, and the weights after one step of Adam."""
    import keras  # type: ignore[import-untyped]
    import tensorflow as tf  # type: ignore[import-untyped]

    functions = page("practice/train_here")
    functions.build.__globals__.update(keras=keras, layers=keras.layers, base64=base64)
    x, y = functions.unpack(json.loads(FILE.read_text(encoding="utf-8"))["learned"])
    x, y = x[:32], y[:32]
    before, scores, loss, right, slopes, after = node(LEARN, depth, filters, x.ravel().tolist(), y.tolist(), 0.003)
    model = functions.build(depth, filters)
    model.set_weights([np.reshape(ours, w.shape) for ours, w in zip(before, model.get_weights(), strict=True)])
    with tf.GradientTape() as tape:
        z = model(x)
        theirs = tf.reduce_mean(keras.losses.sparse_categorical_crossentropy(y, z, from_logits=True))
    gradient = tape.gradient(theirs, model.trainable_variables)
    keras.optimizers.Adam(0.003).apply(gradient, model.trainable_variables)
    assert np.abs(np.reshape(scores, z.shape) - z).max() < 1e-4
    assert loss == pytest.approx(float(theirs), abs=1e-4) and right == int((np.argmax(z, 1) == y).sum())
    for ours, theirs in zip(slopes, gradient, strict=True):
        assert np.abs(np.ravel(theirs) - ours).max() < 1e-4 and np.abs(ours).max() > 1e-3
    for ours, theirs in zip(after, model.get_weights(), strict=True):
        assert np.abs(np.ravel(theirs) - ours).max() < 1e-4


WHOLE = """
const { Training, read, test, verdict } = await import(`${folder}/convnet.js`);
const file = JSON.parse(readFileSync(asked[0], "utf8"));
const [learned, fresh] = [read(file.learned), read(file.fresh)];
const settings = { depth: 2, filters: 8, batch: 32, seed: 0 };
const training = new Training(learned.images, learned.labels, settings);
const losses = Array.from({ length: asked[1] * training.perEpoch }, () => training.step(asked[2]));
const { accuracy, answers } = test(training.net, fresh.images, fresh.labels);
const right = answers.filter((answer, i) => answer === fresh.labels[i]).length / answers.length;
console.log(JSON.stringify([accuracy, right, training.perEpoch, verdict(losses), losses.slice(0, 3)]));
"""


def test_a_training_ends_where_keras_does() -> None:
    """Ten epochs give an accuracy near that of Keras on the page; a rate far too high ends with guessing."""
    accuracy, right, steps, verdict, losses = node(WHOLE, str(FILE), 10, 0.003)
    book = Book()
    kept = record.load(book, read_page(book, "zh", "practice/train-here").blocks[-1].name)
    assert kept
    assert accuracy == pytest.approx(right) and steps == 94 and verdict == ""
    assert losses[0] == pytest.approx(np.log(10), abs=0.3)
    assert abs(accuracy - kept.result.variables["accuracy"]) < 0.03
    assert node(WHOLE, str(FILE), 2, 0.3)[3] == "collapsed"


def test_what_goes_wrong_is_told() -> None:
    """A loss that is no number, one worse than guessing, one that stays there; images that are damaged."""
    cases = [
        ([2.3] * 100, "guesses"),
        ([2.3] * 99, ""),
        ([9.0] * 5, "grows"),
        ([9.0] * 50 + [0.5] * 50, ""),
        ([9.0] + [2.3] * 99, "collapsed"),
        ([], ""),
    ]
    assert ask(*(["convnet", "verdict", losses] for losses, _ in cases)) == [verdict for _, verdict in cases]
    assert ask(["convnet", "verdict", [0.1, None]])[0] == ""  # JSON has no NaN; null counts as zero
    assert node("console.log(JSON.stringify((await import(`${folder}/convnet.js`)).verdict([1, NaN])))") == "broken"
    packed = base64.b64encode(bytes(98)).decode()
    good = {"count": 1, "labels": "7", "base64": packed}
    assert ask(["convnet", "read", good])[0]["images"]["n"] == 1
    for damage in ({"base64": packed[:-8]}, {"labels": ""}, {"labels": "x"}, {"count": 0, "labels": "", "base64": ""}):
        with pytest.raises(AssertionError, match="damaged"):
            ask(["convnet", "read", good | damage])


@pytest.mark.parametrize("language", Book().languages)
def test_the_engine_can_be_read(language: str) -> None:
    """It is short, and its page shows every line of it, each once, in order."""
    shown = read_page(Book(), language, "practice/engine").lines
    for name in ("engine.js", "adam.js"):
        lines = [line for line in (MATH / name).read_text(encoding="utf-8").splitlines() if "--8<--" not in line]
        found = [line.text for line in shown if line.file == name]
        assert [line for line in found if line] == [line for line in lines if line]
    assert sum((MATH / name).stat().st_size for name in ("engine.js", "adam.js")) <= MOST_BYTES


MEMORY = """
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
const { forward, read } = await import(`${folder}/digit.js`);
const net = read(JSON.parse(readFileSync(asked[0], "utf8")));
const image = Float32Array.from({ length: 784 }, (_, i) => (i % 28 > 12 && i % 28 < 16 ? 1 : 0));
setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc");
const used = (times) => {
    for (let i = 0; i < times; i++) forward(net, image);
    collect();
    const { heapUsed, arrayBuffers } = process.memoryUsage();
    return heapUsed + arrayBuffers;
};
const kept = [1000, 1000, 1000, 1000].map(used);
const grown = kept.slice(1).map((after, i) => after - kept[i]);
console.log(JSON.stringify([Math.min(...grown), forward(net, image).maps.map(({ values }) => values.length)]));
"""


def test_memory_stays_over_a_thousand_digits() -> None:
    """What is computed for a digit is given back: after a thousand more, the maps of ten could not remain.

    The least of three thousands: in any one of them Node may just have kept what its compiler made.
    """
    more, maps = node(MEMORY, str(Book().long / "draw_a_digit_long.json"))
    assert maps == [26 * 26 * 16, 11 * 11 * 32]
    assert more < 4 * sum(maps) * 10  # bytes of the maps of ten digits
