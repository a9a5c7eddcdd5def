# --8<-- [start:budget]
training_steps = long["epochs"] * long["n_train"] // long["batch_size"]
training_flops = training_steps * flops[-1]
accelerator_seconds = training_flops / 1e15  # 10^15 FLOP/s, all used
gpt3_flops = 6 * 175e9 * 300e9
gpt3_ratio = gpt3_flops / training_flops
print(f"{training_flops:.2e} FLOPs, GPT-3 {gpt3_ratio:.1e} times that")
# --8<-- [end:budget]

# --8<-- [start:extrapolate]
slope, intercept, reach = fits[-1]
target = 0.001
needed = np.exp((np.log(target) - intercept) / slope)
needed_low, needed_high = (
    float(np.exp((np.log(target) - intercept) / (slope + side * reach)))
    for side in (-1, 1)
)
print(f"{needed:.2e} examples ({needed_low:.1e} to {needed_high:.1e})")
# --8<-- [end:extrapolate]


# --8<-- [start:prune]
def without(model, gone):
    """The spiral network without some units of its second layer."""
    weights = model.get_weights()
    weights[4][gone] = 0
    cut = keras.models.clone_model(model)
    cut.set_weights(weights)
    return float(((cut(points)[:, 0].numpy() > 0) == arms).mean())


big = spiral_models[-1]
inputs = keras.Model(big.inputs[0], big.layers[1].output)(
    points
).numpy()
weight = np.abs(big.get_weights()[4][:, 0]) * inputs.std(axis=0)
order = np.argsort(weight)  # least important first
half = len(order) // 2
random_half = np.random.default_rng(seed).permutation(len(order))[:half]
accuracy_without_random = without(big, random_half)
accuracy_without_least = without(big, order[:half])
accuracy_without_most = without(big, order[half:])
print(
    accuracy_without_random,
    accuracy_without_least,
    accuracy_without_most,
)
# --8<-- [end:prune]
