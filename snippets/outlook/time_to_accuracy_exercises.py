# --8<-- [start:large]
batch = 512
steps = passes * n // batch
rise = 3 * steps // 10
model = keras.models.clone_model(model)
weights = model.trainable_variables
adam = keras.optimizers.Adam(
    keras.optimizers.schedules.CosineDecay(
        peak / 25, steps - rise, warmup_target=peak, warmup_steps=rise
    )
)
adam.build(weights)
large_pass = tf.function(one_pass.python_function)
began = time.perf_counter()  # measured: time
for _ in range(passes):
    large_pass(tf.random.shuffle(tf.range(len(x)))[:n])
large_took = time.perf_counter() - began  # measured: time
large_expected = time_of(steps, batch, c, s)
logits = [np.asarray(model(part)) for part in np.split(shown, 10)]
large_accuracy = float(
    (np.concatenate(logits).argmax(axis=1) == y_test).mean()
)
print(f"{large_expected:.1f} s expected, {large_took:.1f} s taken")
print(f"{large_accuracy:.2%}")
# --8<-- [end:large]

# --8<-- [start:whole]
whole_number = 1
while int(tf.cast(float(whole_number), "bfloat16")) == whole_number:
    whole_number += 1
becomes = int(tf.cast(float(whole_number), "bfloat16"))
print(whole_number, "becomes", becomes)
# --8<-- [end:whole]
