# --8<-- [start:causal]
by_mask = order_right(places=False, causal=True)
print(f"{by_mask:.1%} without positions, without the future")
# --8<-- [end:causal]

# --8<-- [start:scrambled]
slots = rng.permutation(16)
scrambled = transformer(
    keras.Input((16, 49)), layers.Dense(32), classes=10
)
learn(scrambled, patches(digits)[:, slots], y, epochs=5)
scrambled_accuracy = accuracy(
    scrambled, patches(digits_test)[:, slots], y_test
)
scrambled_loss = digit_accuracy - scrambled_accuracy
print(f"{scrambled_accuracy:.1%} with the squares in another order")
# --8<-- [end:scrambled]

# --8<-- [start:balance]
balance = next(
    n for n in range(1, 9999) if 2 * n**2 * 768 >= 4 * n * 768**2
)
print(f"from {balance:,} tokens on")
# --8<-- [end:balance]
