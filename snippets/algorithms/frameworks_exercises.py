# --8<-- [start:epsilon]
gradient = 1e-7
keras_move = gradient / (gradient + keras_epsilon)
torch_move = gradient / (gradient + torch_epsilon)
print(keras_move, torch_move)
# --8<-- [end:epsilon]

# --8<-- [start:twice]
grads = torch.tensor(weights[3], requires_grad=True)
for _ in range(2):  # no zeroing in between
    (grads**2).sum().backward()
accumulated = bool(torch.allclose(grads.grad, 4 * grads.detach()))
print(accumulated)
# --8<-- [end:twice]

# --8<-- [start:trace]
calls = []


@tf.function
def double(value):
    calls.append(1)  # runs while tracing, not while running
    return 2 * value


for value in (tf.constant(1.0), tf.constant(2.0), 3.0, 4.0):
    double(value)
traces = len(calls)
print(traces)
# --8<-- [end:trace]
