# --8<-- [start:search]
searched_8 = cost_of(search(features[2], 8))
print(f"{searched_8:.2f} bits")
# --8<-- [end:search]

# --8<-- [start:moon]
is_moon = token == number_of["月"]
j = strong[is_moon].mean(0).argmax()
at_moon = float(np.mean(strong[is_moon, j] > 0))
of_moon = float(np.mean(is_moon[strong[:, j] > 0]))
top_moon = float(np.mean(is_moon[np.argsort(strong[:, j])[-50:]]))
rest = np.bincount(token[(strong[:, j] > 0) & ~is_moon])
print("elsewhere:", *[names[i] for i in np.argsort(-rest)[:8]])
print(f"used at {at_moon:.0%} of the places with a moon")
print(
    f"{top_moon:.0%} of its 50 strongest places, {of_moon:.0%} of all"
)
# --8<-- [end:moon]
