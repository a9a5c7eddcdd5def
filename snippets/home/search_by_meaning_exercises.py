# --8<-- [start:grams]
scores_of = {}
for analyzer in ("char", "char_wb"):
    for longest_gram in (2, 3, 4):
        other = TfidfVectorizer(
            analyzer=analyzer,
            ngram_range=(1, longest_gram),
            sublinear_tf=True,
        )
        table_of = other.fit_transform(passages)
        near = nearer((other.transform(texts) @ table_of.T).toarray())
        key = f"{analyzer} {longest_gram}"
        scores_of[key] = float(mrr(rank(near)[meant]))
        print(f"{key:10} {scores_of[key]:.2f}")
# --8<-- [end:grams]


# --8<-- [start:both]
def place(similarity):
    return 1 + (-nearer(similarity)).argsort(1).argsort(1)


fused = rank(1 / (60 + place(cosines)) + 1 / (60 + place(overlaps)))
mrr_fused = [mrr(fused[~meant]), mrr(fused[meant])]
print("word {:.2f}, meaning {:.2f}".format(*mrr_fused))
# --8<-- [end:both]

# --8<-- [start:nameless]
nameless = [re.split("：|: ", text, maxsplit=1)[1] for text in passages]
near = asked_vectors @ embed(nameless, "passage: ").T
mrr_nameless = [mrr(rank(nearer(near))[k]) for k in (~meant, meant)]
print("word {:.2f}, meaning {:.2f}".format(*mrr_nameless))
# --8<-- [end:nameless]
