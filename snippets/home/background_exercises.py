# --8<-- [start:thousand]
thousandfold = doubling / 12 * np.log2(1000)
print(f"x{per_year:.2f} a year; x1000 in {thousandfold:.1f} years")
# --8<-- [end:thousand]

# --8<-- [start:passes]
off = {}
for name in ("bert-large", "t5-11b"):
    i = ids.index(name)
    data = float(models[i]["training_data"])
    off[name] = float(stated[i] / training_flops(parameters[i], data))
    print(name, data, models[i]["data_unit"], f"{off[name]:.2f}")
# --8<-- [end:passes]

# --8<-- [start:recommendation]
no_tables = sized & (domain != "recommendation")
without_tables = trend(years[no_tables], parameters[no_tables])[1]
print(f"{size_months['all']:.1f} to {without_tables:.1f} months")
# --8<-- [end:recommendation]

# --8<-- [start:coverage]
t, hits, from_best = years[deep], 0, []
for _ in range(1000):
    z = np.log(grow(1, t - 2010, 0.5)) + rng.normal(0, s, len(t))
    short_end, _, long_end = trend(t, np.exp(z))
    hits += short_end < 6 < long_end
    top = z == np.maximum.accumulate(z)
    from_best.append(trend(t[top], np.exp(z[top]))[1])
hit_share = hits / 1000
best_months = np.median(from_best)
print(f"{hit_share:.1%} hits; records only: {best_months:.2f} months")
# --8<-- [end:coverage]
