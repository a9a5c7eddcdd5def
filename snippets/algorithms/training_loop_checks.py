# --8<-- [start:whole]
guessed = float(loss_of(labels[batch], np.zeros((32, 10))))
assert loss < guessed and step == 400
# --8<-- [end:whole]

# --8<-- [start:data]
assert missing == duplicates == 0
assert not set(train) & set(val) and not set(train) & set(test)
assert x_train.min() == 0 and x_train.max() == 1
# --8<-- [end:data]

# --8<-- [start:update]
assert parameters == (64 + 1) * 32 + (32 + 1) * 10
assert outputs == 32 + 10
assert moved_by == 0 and second_loss < first_loss
assert abs(first_loss - np.log(10)) < first_loss - second_loss
# --8<-- [end:update]

# --8<-- [start:same]
assert fit_gap == max(gaps) < 1e-4
assert test_accuracy > 0.93
# --8<-- [end:same]
