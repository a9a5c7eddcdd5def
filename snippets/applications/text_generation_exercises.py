# --8<-- [start:temperature]
for temperature in (0.5, 0.8, 1.1):
    some = write("七绝", 100, temperature=temperature)  # measured: seed
    plain = [re.sub("[，。]", "", poem) for poem in some]
    run = longest_runs(plain, everything).mean()
    variety = len(set("".join(plain)))
    print(f"{temperature}: rhyme {rhyme_rate(some):.0%}", end=", ")
    print(f"run {run:.1f}, {variety} characters")
    print(some[0])
# --8<-- [end:temperature]

# --8<-- [start:halves]
from sklearn.metrics import adjusted_rand_score

first, second = (rhyme_groups(song_poems[i::2], 10) for i in (0, 1))
both = [c for c in first if c in second]
agreement = adjusted_rand_score(
    [first[c] for c in both], [second[c] for c in both]
)
print(len(set(first.values())), len(set(second.values())))
print(f"{len(both):,} characters, agreement {agreement:.2f}")
# --8<-- [end:halves]

# --8<-- [start:four]
four = follow(map(masked, train), 4)
four_cost = ngram_bits(valid, four).sum() / n_valid
three_cost = ngram_bits(valid, ngrams[3]).sum() / n_valid
fours = {t[i : i + 4] for t in everything for i in range(len(t) - 3)}
seen = [
    plain[i : i + 4] in fours
    for poem in valid
    for plain in [re.sub("[，。]", "", poem)]
    for i in range(len(plain) - 3)
]
seen_share = np.mean(seen)
print(f"trigram {three_cost:.2f}, four characters {four_cost:.2f}")
print(f"{seen_share:.0%} of the fours occur in the training poems")
# --8<-- [end:four]
