# --8<-- [start:load]
assert count >= 45 and len({row["id"] for row in models}) == count
marks = [row["verified"] for row in models]
assert set(marks) == {"opened", "abstract", "secondary"}
assert opened + abstracts + marks.count("secondary") == count
assert opened > count / 3 and abstracts < count / 4
dates = [row["date"] for row in models]
assert dates == sorted(dates)
# --8<-- [end:load]

# --8<-- [start:claim]
assert inside_names == ["AlexNet", "ResNet-152"]
assert recent_min > high and recent_median > 1000 * high
# --8<-- [end:claim]

# --8<-- [start:compare]
published = (kind == "published") & in_tokens
agreement = computed[published] / stated[published]
furthest = float(np.exp(abs(np.log(agreement)).max()))
assert published.sum() == 5
assert furthest < 1.3
# --8<-- [end:compare]

# --8<-- [start:grow]
b = 1.3
assert np.isclose(grow(5, doubling_time(b), doubling_time(b)), 10)
assert np.isclose(grow(1, 7.0, doubling_time(b)), np.exp(b * 7.0))
# --8<-- [end:grow]

# --8<-- [start:doubling]
t, z = years[deep], np.log(compute[deep])
line = stats.linregress(t, z)
assert np.isclose(slope(t, z), line.slope)
assert np.isclose(standard_error(t, z), line.stderr)
assert np.isclose(slope(t, z), np.polyfit(t, z, 1)[0])
# --8<-- [end:doubling]

# --8<-- [start:bootstrap]
assert boot_low < doubling < boot_high
assert abs(boot_low - shortest) < doubling - shortest
assert abs(boot_high - longest) < longest - doubling
# --8<-- [end:bootstrap]

# --8<-- [start:parts]
assert 0 < late_closed < late_count / 4
for name, part in parts.items():
    line = stats.linregress(years[part], np.log(compute[part]))
    assert np.isclose(months[name], 12 * doubling_time(line.slope))
# --8<-- [end:parts]

# --8<-- [start:band]
at = z.mean() + slope(t, z) * (t - t.mean())
reach = q * np.array([prediction_error(s, t, t_0) for t_0 in t])
covered = (abs(z - at) < reach).mean()
assert covered >= 0.9
# --8<-- [end:band]

# --8<-- [start:since]
active_high = float(yearly(years[since], active[since])[2])
parameters_low = float(yearly(years[since], parameters[since])[0])
tokens_low = float(yearly(years[since], tokens[since])[0])
assert growth["active"] < active_high < 1
assert 1 < parameters_low < growth["parameters"]
assert 2 < tokens_low < growth["tokens"]
for name, part in choices.items():
    line = stats.linregress(years[part], np.log(active[part]))
    assert np.isclose(spread[name], np.exp(line.slope))
# --8<-- [end:since]
