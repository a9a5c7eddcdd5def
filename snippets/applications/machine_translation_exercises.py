# --8<-- [start:february]
odd = [split("February 31, 2001"), split("March 45, 2001")]
rows = numbered(odd, small_words[0])
for asked, said in zip(
    odd, translate(small, rows, small_words[1], 14)[0]
):
    print(asked, said.replace(" ", ""))
# --8<-- [end:february]

# --8<-- [start:together]
known_words = set(words[0])
mixed = [
    by_word(a) if set(a.split()) - known_words else b
    for a, b in zip(valid, by_model(valid))
]
together = scores(mixed, valid)
show("both", together)
# --8<-- [end:together]

# --8<-- [start:fewer]
by_size = {}
for n in (1000, 4000, len(train)):
    few = learn(train[:n])
    said = ["".join(few.get(w, w) for w in a.split()) for a in valid]
    by_size[f"{n:,} pairs"] = scores(said, valid)["exact"]
print({n: round(share, 1) for n, share in by_size.items()})
# --8<-- [end:fewer]
