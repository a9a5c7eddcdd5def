# --8<-- [start:read]
import keras
from keras import layers


class Place(layers.Layer):
    def build(self, shape):
        self.place = self.add_weight(net["place"].shape)

    def call(self, x):
        places = self.place[: keras.ops.shape(x)[1]]
        return (x + places) * self.place.shape[1] ** 0.5


width = net["token"].shape[1]
tokens_in = keras.Input((None,), dtype="int32")
embedding = layers.ReversibleEmbedding(len(names), width)
x = Place()(embedding(tokens_in))
weights = [net["token"], net["place"]]
for i in range(depth):
    y = layers.LayerNormalization()(x)
    layer = layers.MultiHeadAttention(
        heads, width // heads, use_bias=False
    )
    x += layer(y, y, use_causal_mask=True)
    y = layers.LayerNormalization()(x)
    x += layers.Dense(width)(layers.Dense(4 * width, "relu")(y))
    weights += np.split(net[f"{i}.norm1"], 2)
    for part in "qkv":
        weights.append(net[f"{i}.{part}"].T.reshape(width, heads, -1))
    weights.append(net[f"{i}.mix"].T.reshape(heads, -1, width))
    weights += np.split(net[f"{i}.norm2"], 2)
    for part in ("up", "down"):
        weights += [net[f"{i}.{part}"].T, net[f"{i}.{part}_bias"]]
x = layers.LayerNormalization()(x)
model = keras.Model(tokens_in, embedding(x, reverse=True))
model.set_weights([*weights, *np.split(net["norm"], 2)])
batch = np.random.default_rng(1).integers(len(names), size=(20, 32))
theirs = model.predict(batch, verbose=0)
assert np.abs(theirs - read(batch, net)[0]).max() < 1e-3
assert n_parameters == model.count_params()
assert n_parameters < 1.2e6 and most == np.iinfo("int8").max
# --8<-- [end:read]

# --8<-- [start:cost]
assert n_test == 300 and len(float_bits) == n_test
assert as_int8 < 1.2 < 3.9 < as_float < 4.2
assert 5 < float_cost < 9
assert abs(int8_cost - float_cost) < 0.01
assert abs(gap) < 0.01 and 0 < gap_error < 0.01
assert costs["8"] < costs["6"] < costs["5"] < costs["4"] < costs["3"]
# --8<-- [end:cost]

# --8<-- [start:cache]
row = [encode(test[0])]
whole, _, _ = read(row, net)
past, one_by_one = None, []
for token in row[0]:
    scores, past, _ = read([[token]], net, past)
    one_by_one.append(scores[0, 0])
assert np.abs(whole[0] - one_by_one).max() < 1e-3
assert len(shown) == len(acrostic) == 32
assert acrostic[::8] == "机器写诗"
assert speed > 20 and faster > 1
# --8<-- [end:cache]
