# --8<-- [start:others]
import csv

import matplotlib.pyplot as plt

NAMES = ("lenet-5", "alexnet", "gpt-2", "gpt-3", "deepseek-v3")
with open("models.csv") as file:
    rows = {row["id"]: row for row in csv.DictReader(file)}
seconds_per_year = 365.25 * 24 * 60 * 60
times = [float(rows[name]["parameters"]) for name in NAMES]

plt.figure(figsize=(6.4, 2))
for place, seconds in enumerate(times):
    years_aloud = seconds / seconds_per_year
    told = f"{years_aloud:,.0f} years"
    if years_aloud < 1:
        told = f"{seconds / 3600:.0f} hours"
    plt.barh(place, years_aloud, color="C0")
    plt.text(1.4 * years_aloud, place, told, va="center")
labels = [
    f"{rows[name]['model']}, {rows[name]['date'][:4]}" for name in NAMES
]
plt.yticks(range(len(NAMES)), labels)
plt.xscale("log")
plt.xlim(3e-4, 1e6)
plt.xticks([])
plt.minorticks_off()
plt.gca().spines[:].set_visible(False)
plt.gca().tick_params(length=0)
plt.gca().invert_yaxis()
plt.show()
# --8<-- [end:others]


# --8<-- [start:years]
parameters = 175_000_000_000
years = parameters / seconds_per_year
print(f"{years:,.0f} years")
# --8<-- [end:years]
