# --8<-- [start:load]
# --8<-- [start:import]
import csv
from datetime import date

import matplotlib.pyplot as plt
import numpy as np
from IPython.display import HTML, display
from scipy import stats

seed = 0
rng = np.random.default_rng(seed)
plt.rc("figure", figsize=(7, 4.2))
plt.rc("font", size=12)
# --8<-- [end:import]
with open("models.csv", encoding="utf-8", newline="") as file:  # (1)!
    models = list(csv.DictReader(file))
count = len(models)
opened = sum(row["verified"] == "opened" for row in models)
abstracts = sum(row["verified"] == "abstract" for row in models)
print(count, "models,", models[0]["date"], "to", models[-1]["date"])
print(list(models[0]))
# --8<-- [end:load]


# --8<-- [start:columns]
def column(name):
    return np.array([float(row[name] or "nan") for row in models])


def year(text):
    day = date.fromisoformat(text)
    return day.year + (day.timetuple().tm_yday - 1) / 365.25


# --8<-- [end:columns]


# --8<-- [start:arrays]
years = np.array([year(row["date"]) for row in models])
domain = np.array([row["domain"] for row in models])
kind = np.array([row["compute_kind"] for row in models])
parameters = column("parameters")
active = column("active_parameters")
active = np.where(active > 0, active, parameters)
names, counts = np.unique(domain, return_counts=True)
print(dict(zip(names.tolist(), counts.tolist())))
# --8<-- [end:arrays]


# --8<-- [start:scatter]
styles = {
    "vision": ("tab:blue", "s"),
    "language": ("tab:orange", "o"),
    "speech": ("tab:green", "^"),
    "multimodal": ("tab:red", "D"),
    "recommendation": ("tab:purple", "v"),
}


def scatter(values, label):
    for name, (color, marker) in styles.items():
        here = domain == name
        x, y = years[here], values[here]
        plt.plot(x, y, marker, color=color, alpha=0.8, label=name)
    plt.yscale("log")
    plt.xlabel("year")
    plt.ylabel(label)
    plt.legend(fontsize=10)


# --8<-- [end:scatter]


# --8<-- [start:claim_picture]
low, high = 1e6, 1e8
scatter(parameters, "parameters")
plt.axhspan(low, high, color="tab:gray", alpha=0.25, lw=0)
plt.show()
# --8<-- [end:claim_picture]


# --8<-- [start:claim]
inside = np.flatnonzero((parameters >= low) & (parameters < high))
inside_names = [models[i]["model"] for i in inside]
inside_last = int(years[inside].max())
recent = parameters[(years >= 2020) & (parameters > 0)]
recent_count, recent_min = len(recent), float(recent.min())
recent_median = float(np.median(recent))
print(inside_names, inside_last)
print(recent_count, recent_min, recent_median)
# --8<-- [end:claim]


# --8<-- [start:flops]
def training_flops(parameters, tokens):
    return 6 * parameters * tokens


# --8<-- [end:flops]


# --8<-- [start:compare]
in_tokens = np.array([row["data_unit"] == "tokens" for row in models])
tokens = np.where(in_tokens, column("training_data"), np.nan)
computed = training_flops(active, tokens)
stated = column("training_compute")
for i in np.flatnonzero((kind == "published") & in_tokens):
    ratio = computed[i] / stated[i]
    print(f"{models[i]['model']:15}{stated[i]:8.2e} {ratio:.3f}")
# --8<-- [end:compare]


# --8<-- [start:compute]
compute = np.where(kind == "computed", computed, stated)
from_paper = (kind == "published").sum()
from_others = (kind == "estimate").sum()
from_6nd = (kind == "computed").sum()
known = compute > 0
most_tokens = np.nanmax(tokens)
print(from_paper, from_others, from_6nd)
print(f"{np.nanmax(compute) / compute[0]:.1e} {most_tokens:.1e}")
# --8<-- [end:compute]


# --8<-- [start:short]
def short(number):
    for unit, size in zip("TBMk", (1e12, 1e9, 1e6, 1e3)):
        if number >= size:
            return f"{number / size:.3g}{unit}"
    return "-"


# --8<-- [end:short]


# --8<-- [start:cells]
def cells(i):
    row, sign = models[i], {"estimate": "≈", "computed": "="}
    size = short(parameters[i])
    if active[i] < parameters[i]:
        size += f" ({short(active[i])})"
    flops = sign.get(kind[i], "") + f"{compute[i]:.1e}"
    data = f"{short(float(row['training_data'] or 0))}"
    data += f" {row['data_unit']}"
    link = row["parameters_source"] or row["compute_source"]
    source = f'<a href="{link}">{row["verified"]}</a>'
    flops = flops if known[i] else "-"
    return row["date"][:7], row["model"], size, flops, data, source


# --8<-- [end:cells]


# --8<-- [start:table]
chosen = """lenet-5 alexnet resnet-152 transformer-big bert-large gpt-3
dlrm-12t gopher chinchilla palm glm-130b whisper gpt-4 dinov2 qwen-72b
llama-3-405b deepseek-v3 qwen3-235b kimi-k2 glm-5 deepseek-v4-pro
kimi-k3"""
heads = (
    "date",
    "model",
    "parameters (active)",
    "FLOPs",
    "data",
    "source",
)
table = "<tr>" + "".join(f"<th>{head}</th>" for head in heads) + "</tr>"
for i, row in enumerate(models):
    if row["id"] in chosen.split():
        line = "".join(f"<td>{cell}</td>" for cell in cells(i))
        table += f"<tr>{line}</tr>"
display(HTML(f"<table>{table}</table>"))  # (1)!
# --8<-- [end:table]


# --8<-- [start:grow]
def grow(y_0, t, T):
    return y_0 * 2 ** (t / T)


def doubling_time(b):
    return np.log(2) / b


# --8<-- [end:grow]


# --8<-- [start:slope]
def slope(t, z):
    t_mean, z_mean = t.mean(), z.mean()
    spread = ((t - t_mean) ** 2).sum()
    return ((t - t_mean) * (z - z_mean)).sum() / spread


# --8<-- [end:slope]


# --8<-- [start:standard_error]
def residual_error(t, z):
    b = slope(t, z)
    residuals = z - z.mean() - b * (t - t.mean())
    return np.sqrt((residuals**2).sum() / (len(t) - 2))


def standard_error(t, z):
    spread = ((t - t.mean()) ** 2).sum()
    return residual_error(t, z) / np.sqrt(spread)


# --8<-- [end:standard_error]


# --8<-- [start:trend]
def trend(t, y, level=0.95):
    z, n = np.log(y), len(t)
    b, error = slope(t, z), standard_error(t, z)
    q = stats.t.ppf((1 + level) / 2, n - 2)
    ends = b + q * error, b, b - q * error
    return [
        12 * doubling_time(end) if end > 0 else np.inf for end in ends
    ]


# --8<-- [end:trend]


# --8<-- [start:doubling]
deep = known & (years >= 2010)
deep_count = deep.sum()
shortest, doubling, longest = trend(years[deep], compute[deep])
per_year = 2 ** (12 / doubling)
print(f"{deep_count} models, x{per_year:.1f} a year")
print(f"{shortest:.1f} < {doubling:.1f} < {longest:.1f} months")
# --8<-- [end:doubling]


# --8<-- [start:bootstrap]
points, resampled = np.flatnonzero(deep), []
for _ in range(5000):
    pick = rng.choice(points, deep_count)
    b = slope(years[pick], np.log(compute[pick]))
    resampled.append(12 * doubling_time(b))
boot_low, boot_high = map(float, np.quantile(resampled, [0.025, 0.975]))
print(f"{boot_low:.1f} to {boot_high:.1f} months")
# --8<-- [end:bootstrap]


# --8<-- [start:published]
epoch = [12 * doubling_time(np.log(x)) for x in (5.2, 4.7, 4.3)]
ours = trend(years[deep], compute[deep], 0.9)
print("Epoch AI  {:.1f} < {:.1f} < {:.1f}".format(*epoch))
print("this page {:.1f} < {:.1f} < {:.1f}".format(*ours))
# --8<-- [end:published]


# --8<-- [start:prediction_error]
def prediction_error(s, t, t_0):
    spread = ((t - t.mean()) ** 2).sum()
    return s * np.sqrt(1 + 1 / len(t) + (t_0 - t.mean()) ** 2 / spread)


# --8<-- [end:prediction_error]


# --8<-- [start:band]
t, z = years[deep], np.log(compute[deep])
q = stats.t.ppf(0.975, deep_count - 2)
grid = np.linspace(2010, 2027, 100)
middle = z.mean() + slope(t, z) * (grid - t.mean())
s = residual_error(t, z)
band = q * np.array([prediction_error(s, t, t_0) for t_0 in grid])
factor = np.exp(band[-1])
print(f"2027: within a factor of {factor:.0f}")
# --8<-- [end:band]


# --8<-- [start:chart]
scatter(compute, "training compute (FLOPs)")
plt.plot(grid, np.exp(middle), color="tab:gray")
upper, lower = np.exp(middle + band), np.exp(middle - band)
plt.fill_between(grid, lower, upper, color="tab:gray", alpha=0.2, lw=0)
plt.show()
# --8<-- [end:chart]


# --8<-- [start:parts]
best = np.fmax.accumulate(np.where(deep, compute, 0))
parts = {
    "2010 to 2017": deep & (years < 2018),
    "2018 to 2021": deep & (years >= 2018) & (years < 2022),
    "2022 to 2026": deep & (years >= 2022),
    "language": deep & (domain == "language"),
    "records only": deep & (compute == best),
    "no estimates": deep & (kind != "estimate"),
}
early_count = parts["2010 to 2017"].sum()
stated_count = parts["no estimates"].sum()
first_stated = int(years[parts["no estimates"]].min())
closed = np.array([row["open"] == "no" for row in models])
late = deep & (years >= 2024)
late_count, late_closed = late.sum(), (late & closed).sum()
# --8<-- [end:parts]


# --8<-- [start:part_trends]
def compare(parts, values):
    months = {}
    for name, part in parts.items():
        low, middle, high = trend(years[part], values[part])
        months[name] = float(middle)
        ends = f"{low:5.1f} < {middle:4.1f} < {high:4.1f}"
        print(f"{name:14}{part.sum():3}  {ends}")
    return months


months = compare(parts, compute)
# --8<-- [end:part_trends]


# --8<-- [start:sizes]
sized = (parameters > 0) & (years >= 2010)
sizes = {"all": sized, "language": sized & (domain == "language")}
size_months = compare(sizes, parameters)
# --8<-- [end:sizes]


# --8<-- [start:leave_one_out]
without = {}
for i in points:
    rest = points[points != i]
    _, left, _ = trend(years[rest], compute[rest])
    without[models[i]["model"]] = float(left)
least = min(without, key=without.get)
most = max(without, key=without.get)
without_least, without_most = without[least], without[most]
print(f"without {least}: {without_least:.2f} months")
print(f"without {most}: {without_most:.2f} months")
# --8<-- [end:leave_one_out]


# --8<-- [start:backtest]
past, later = deep & (years < 2020), deep & (years >= 2022)
past_count = past.sum()
past_trend = trend(years[past], compute[past])
past_low, past_doubling, past_high = past_trend
t, z = years[past], np.log(compute[past])
expected = np.exp(z.mean() + slope(t, z) * (years - t.mean()))
misses = (compute / expected)[later]
tenths = np.quantile(misses, [0.1, 0.5, 0.9])
tenth, median, ninetieth = map(float, tenths)
print(f"{past_low:.1f} < {past_doubling:.1f} < {past_high:.1f} months")
print(f"{tenth:.2f} {median:.2f} {ninetieth:.1f} times the line")
# --8<-- [end:backtest]


# --8<-- [start:ratio]
ids = [row["id"] for row in models]
per_parameter = tokens / active
ratios = {}
for name in """gpt-3 gopher chinchilla llama-65b llama-3-70b
deepseek-v3 qwen3-235b""".split():
    ratios[name] = float(per_parameter[ids.index(name)])
    print(f"{name:12}{ratios[name]:8.1f}")
# --8<-- [end:ratio]


# --8<-- [start:sparse]
sparse = active < parameters
share = np.median(active[sparse] / parameters[sparse])
print(int(sparse.sum()), f"{share:.1%}")
# --8<-- [end:sparse]


# --8<-- [start:yearly]
def yearly(t, y):
    z, n = np.log(y), len(t)
    reach = stats.t.ppf(0.975, n - 2) * standard_error(t, z)
    return np.exp(slope(t, z) + reach * np.array([-1, 0, 1]))


# --8<-- [end:yearly]


# --8<-- [start:since]
since = (years >= 2022) & (tokens > 0) & (kind != "estimate")
since_count = since.sum()
sets = {"tokens": tokens, "parameters": parameters, "active": active}
growth = {}
for name, values in sets.items():
    lower, middle, upper = yearly(years[since], values[since])
    growth[name] = float(middle)
    print(f"{name:11}{lower:.2f} < {middle:.2f} < {upper:.2f}")
# --8<-- [end:since]


# --8<-- [start:choices]
mixed = sparse & (years >= 2022)
choices = {
    "without 2022": since & (years >= 2023),
    "mixtures": since & sparse,
    "mixtures, tokens or not": mixed,
    "the same to June 2026": mixed & (years < 2026.5),
}
spread = {}
for name, those in choices.items():
    lower, middle, upper = yearly(years[those], active[those])
    spread[name] = float(middle)
    print(f"{name:24}{those.sum():3}", end=" ")
    print(f"{lower:.2f} < {middle:.2f} < {upper:.2f}")
# --8<-- [end:choices]
