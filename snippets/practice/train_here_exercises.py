# --8<-- [start:flat]
flat = build(depth=0)
flat_parameters = flat.count_params()
flat_accuracy = train(flat, rate=0.003, epochs=10)["val_accuracy"][-1]
print(f"{flat_parameters:,} parameters, {flat_accuracy:.1%} right")
# --8<-- [end:flat]

# --8<-- [start:start]
same = build()
same.set_weights([np.full_like(w, 0.1) for w in same.get_weights()])
train(same, rate=0.003, epochs=1)
kernel = same.get_weights()[0].reshape(9, 8)
different_filters = len(np.unique(kernel.round(4), axis=1).T)
print(f"different filters: {different_filters} of {kernel.shape[1]}")
# --8<-- [end:start]

# --8<-- [start:noise]
scores = model.predict(x_fresh, verbose=0)
costs = keras.losses.sparse_categorical_crossentropy(
    y_fresh, scores, from_logits=True
).numpy()
spread_8, spread_32 = (
    float(costs[:992].reshape(-1, batch).mean(axis=1).std())
    for batch in (8, 32)
)
print(f"{spread_8:.3f} {spread_32:.3f}")
# --8<-- [end:noise]
