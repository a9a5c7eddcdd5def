# --8<-- [start:load]
import csv

import matplotlib.pyplot as plt
import numpy as np
from scipy import stats

plt.rc("figure", figsize=(7, 4.2))
plt.rc("font", size=12)
with open("productivity.csv", encoding="utf-8", newline="") as file:
    studies = list(csv.DictReader(file))
for row in studies:
    print(f"{row['study']}, {row['kind']}: {row['who']}")
    print(f"    {row['outcome']} {row['percent']}%")
# --8<-- [end:load]


# --8<-- [start:time_change]
def time_change(g):
    """Change of the time for a task if output an hour grows by g."""
    return 1 / (1 + g) - 1


# --8<-- [end:time_change]


# --8<-- [start:convert]
def interval(row):
    value = float(row["percent"])
    half = 1.96 * float(row["standard_error"] or "nan")
    low = float(row["low"] or value - half)
    high = float(row["high"] or value + half)
    numbers = np.array([value, low, high]) / 100
    if row["outcome"] == "output":
        numbers = time_change(numbers)[[0, 2, 1]]  # (1)!
    return 100 * numbers


effects = np.array([interval(row) for row in studies])
print(effects.round(1))
# --8<-- [end:convert]

# --8<-- [start:forest]
value, low, high = effects.T
places = np.arange(len(studies))[::-1]
certain = ~np.isnan(low)
fig, ax = plt.subplots(layout="constrained")
bars = [(value - low)[certain], (high - value)[certain]]
ax.errorbar(value[certain], places[certain], xerr=bars, fmt="o")
ax.plot(value[~certain], places[~certain], "o", mfc="none")
ax.axvline(0, color="gray", linewidth=1)
names = [f"{row['study']} ({row['year']})" for row in studies]
ax.set_yticks(places, names)
ax.set_xlabel("change of time per task, % (left: faster)")
plt.show()
# --8<-- [end:forest]


# --8<-- [start:weighted_mean]
def weighted_mean(y, s):
    return (y / s**2).sum() / (1 / s**2).sum()


def cochran_q(y, s):
    return ((y - weighted_mean(y, s)) ** 2 / s**2).sum()


# --8<-- [end:weighted_mean]

# --8<-- [start:heterogeneity]
error = (high - low) / (2 * 1.96)
y, s = value[certain], error[certain]
mean_effect = weighted_mean(y, s)
q = cochran_q(y, s)
p_value = stats.chi2.sf(q, len(y) - 1)
not_chance = 1 - (len(y) - 1) / q
print(f"mean {mean_effect:.1f}%, Q {q:.1f}, p {p_value:.4f}")
print(f"share of the scatter beyond chance: {not_chance:.0%}")
# --8<-- [end:heterogeneity]

# --8<-- [start:without]
first = certain & ["metr2026" not in row["id"] for row in studies]
q_first = cochran_q(value[first], error[first])
p_first = stats.chi2.sf(q_first, first.sum() - 1)
print(f"without METR's later trial: Q {q_first:.1f}, p {p_first:.4f}")
# --8<-- [end:without]


# --8<-- [start:economy_gain]
def economy_gain(e, f, c, w):
    """Productivity gain of a whole economy, as a share."""
    return e * f * c * w


# --8<-- [end:economy_gain]

# --8<-- [start:economy]
acemoglu = economy_gain(0.20, 0.23, 0.27, 0.535)
all_pay = economy_gain(0.20, 1.00, 0.27, 0.535)
half_exposed = economy_gain(0.50, 1.00, 0.27, 0.535)
for gain in (acemoglu, all_pay, half_exposed):
    print(f"{gain:.2%} in ten years, {gain / 10:.2%} a year")
# --8<-- [end:economy]
