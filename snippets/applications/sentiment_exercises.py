# --8<-- [start:pairs]
by_length = {}
for longest in (1, 2, 3):
    grams = TfidfVectorizer(
        analyzer="char", ngram_range=(1, longest), sublinear_tf=True
    )
    fitted = LogisticRegression(C=3, solver="liblinear").fit(
        grams.fit_transform(texts[train]), labels[train]
    )
    by_length[f"up to {longest}"] = fitted.score(
        grams.transform(texts[valid]), labels[valid]
    )
print(by_length)
# --8<-- [end:pairs]

# --8<-- [start:negation]
phrases = ["好", "不好", "不是不好", "本以为很好"]
linear_says = model.predict_proba(tfidf.transform(phrases))[:, 1]
network_says = keras.ops.sigmoid(
    network.predict(numbers(phrases), verbose=0)[:, 0]
)
for phrase, a, b in zip(phrases, linear_says, network_says):
    print(phrase, f"{a:.0%} {float(b):.0%}")
# --8<-- [end:negation]

# --8<-- [start:abstain]
p, truth = chances["linear"], labels[test]
surest_half = np.argsort(-np.abs(p - 0.5))[:1000]
half_right = np.mean((p > 0.5)[surest_half] == truth[surest_half])
print(f"{half_right:.1%}")
# --8<-- [end:abstain]
