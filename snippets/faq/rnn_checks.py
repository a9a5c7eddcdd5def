# --8<-- [start:whole]
assert sizes == [1440, 1344]
assert open_far == recall["LSTM, open"][-1].mean()
assert open_far > simple_far
assert np.isclose(gain, open_far - simple_far)
assert np.isclose(gain_default, lstm_far - simple_far)
assert lstm_far < open_far
# --8<-- [end:whole]

# --8<-- [start:compare]
assert same == [True, True]
# --8<-- [end:compare]

# --8<-- [start:fading]
assert left_far["LSTM, open"] > left_far["ReLU, identity"]
assert left_far["ReLU, identity"] > left_far["simple"]
assert left_far["simple"] > left_far["LSTM"] > left_far["LSTM, shut"]
gate = 1 / (1 + np.exp(-np.array([0.0, 1, 4])))
assert np.allclose(list(kept.values()), gate**40, rtol=1e-4, atol=0)
# --8<-- [end:fading]

# --8<-- [start:identity]
assert identity_far == recall_identity[-1].mean()
assert np.isclose(gain_identity, identity_far - simple_far)
# --8<-- [end:identity]

# --8<-- [start:linear]
assert flat_far == 1
# --8<-- [end:linear]

# --8<-- [start:digits]
guess = np.bincount(labels[1300:]).max() / 497
assert read > 5 * guess and flat_read > 5 * guess
assert np.isclose(gain_read, read - flat_read)
# --8<-- [end:digits]
