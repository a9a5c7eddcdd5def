# --8<-- [start:odds]
factor = float(np.exp(w_gd[0]))
radii = np.array([[0.0, 0.0], [1.0, 0.0]])
at = [float(p) for p in predict(radii, w_gd, b_gd)]
before, after = (p / (1 - p) for p in at)
print(factor, after / before, at)
# --8<-- [end:odds]


# --8<-- [start:squared]
def squared_gradient(w, b, x, y):
    p = predict(x, w, b)
    error = 2 * (p - y) * p * (1 - p)
    return x.T @ error / len(y), error.mean()


accuracies = {}
for name, slope_of in [
    ("squared", squared_gradient),
    ("log", gradient),
]:
    w, b = np.array([-20.0, -20.0]), 0.0  # (1)!
    for _ in range(200):
        grad_w, grad_b = slope_of(w, b, x, y)
        w, b = w - grad_w, b - grad_b
    accuracies[name] = float(((predict(x, w, b) > 0.5) == y).mean())
squared_accuracy, log_accuracy = (
    accuracies["squared"],
    accuracies["log"],
)
print(squared_accuracy, log_accuracy)
# --8<-- [end:squared]

# --8<-- [start:softmax]
scores = np.random.normal(size=(1000, 2)) * 5
by_softmax = tf.nn.softmax(scores).numpy()[:, 1]
by_sigmoid = sigmoid(scores[:, 1] - scores[:, 0])
two_ways_gap = abs(by_softmax - by_sigmoid).max()
print(two_ways_gap)
# --8<-- [end:softmax]

# --8<-- [start:auc]
from sklearn.metrics import roc_auc_score

auc = right_order(p_test, y_test)
print(auc, roc_auc_score(y_test, p_test))
# --8<-- [end:auc]
