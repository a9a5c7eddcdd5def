# --8<-- [start:declaration]
import csv

import matplotlib.pyplot as plt
import numpy as np

with open("udhr.csv", encoding="utf-8", newline="") as file:
    articles = list(csv.DictReader(file))


def text_of(language, odd):
    return " ".join(
        row["text"]
        for row in articles
        if row["language"] == language
        and int(row["article"]) % 2 == odd
    )


languages = list(dict.fromkeys(row["language"] for row in articles))
print(languages)
print(text_of("Chinese", odd=1)[:43])
# --8<-- [end:declaration]

# --8<-- [start:sizes]
characters = {name: len(text_of(name, 0)) for name in languages}
in_bytes = {name: len(text_of(name, 0).encode()) for name in languages}
byte_ratio = {n: in_bytes[n] / in_bytes["English"] for n in languages}
for n, ratio in byte_ratio.items():
    print(f"{n:8} {characters[n]:5} {in_bytes[n]:6} {ratio:5.2f}")
# --8<-- [end:sizes]


# --8<-- [start:merge]
def merge(codes, left, right, new):
    """Replace each pair (left, right) by the code new."""
    hits = np.flatnonzero((codes[:-1] == left) & (codes[1:] == right))
    runs = hits - np.arange(len(hits))  # in aaa, aa is found twice
    _, first, run = np.unique(runs, True, True)
    hits = hits[(hits - hits[first][run]) % 2 == 0]
    codes = codes.copy()
    codes[hits] = new
    return np.delete(codes, hits + 1)


def to_codes(text):
    return np.frombuffer(text.encode(), np.uint8).astype(int)


# --8<-- [end:merge]


# --8<-- [start:train]
def train(text, merges):
    codes, pairs = to_codes(text), []
    spaced = [code == ord(" ") for code in range(256)]
    for new in range(256, 256 + merges):
        counts = np.bincount(codes[:-1] * new + codes[1:], None, new**2)
        counts = counts.reshape(new, new)
        counts[:, spaced] = 0  # (1)!
        left, right = divmod(int(counts.argmax()), new)
        codes = merge(codes, left, right, new)
        pairs.append((left, right))
        spaced.append(spaced[left])
    return pairs


# --8<-- [end:train]


# --8<-- [start:encode]
def tokens(text, pairs):
    codes = to_codes(text)
    for i, (left, right) in enumerate(pairs):
        codes = merge(codes, left, right, 256 + i)
    return len(codes)


# --8<-- [end:encode]

# --8<-- [start:two]
merges = 1000
english_only = train(text_of("English", odd=1), merges)
everyone = " ".join(text_of(name, odd=1) for name in languages)
shared = train(everyone, merges)
by_english = {n: tokens(text_of(n, 0), english_only) for n in languages}
by_shared = {n: tokens(text_of(n, 0), shared) for n in languages}
# --8<-- [end:two]

# --8<-- [start:ratios]
premium = {n: by_english[n] / by_english["English"] for n in languages}
premium_shared = {
    n: by_shared[n] / by_shared["English"] for n in languages
}
for n in languages:
    print(f"{n:8} {by_english[n]:6} {premium[n]:5.1f}", end="")
    print(f" {by_shared[n]:6} {premium_shared[n]:5.1f}")
# --8<-- [end:ratios]

# --8<-- [start:bars]
fig, ax = plt.subplots(figsize=(7, 4.2), layout="constrained")
places = np.arange(len(languages))[::-1]
ax.barh(places + 0.2, premium.values(), 0.4, label="English only")
ax.barh(places - 0.2, premium_shared.values(), 0.4, label="all eleven")
ax.axvline(1, color="gray", linewidth=1)
ax.set_yticks(places, languages)
ax.set_xlabel("tokens, relative to English")
ax.legend(title="tokenizer trained on")
plt.show()
# --8<-- [end:bars]


# --8<-- [start:energy]
def energy(h, p, u):
    """Energy of a training run in the unit of p times hours."""
    return h * p * u


# --8<-- [end:energy]

# --8<-- [start:bloom]
bloom_gpus = float(energy(1_082_990, 0.4, 1.0)) / 1000  # MWh
bloom_all = bloom_gpus + 256.646
bloom_overhead = bloom_all / bloom_gpus
print(f"{bloom_gpus:.0f}, {bloom_all:.0f} MWh, {bloom_overhead:.2f}")
# --8<-- [end:bloom]

# --8<-- [start:runs]
gpu_hours = {
    "BLOOM, 2022": (1_082_990, 0.4),
    "DeepSeek-V3, 2024": (2_788_000, 0.7),  # (1)!
    "Llama 3.1 405B, 2024": (30_840_000, 0.7),
}
overheads = np.array([0.8, 1.0, 1.6])
runs = {
    name: energy(hours, power, overheads) / 1000
    for name, (hours, power) in gpu_hours.items()
}
for name, megawatt_hours in runs.items():
    print(f"{name:22}", megawatt_hours.round(0))
# --8<-- [end:runs]

# --8<-- [start:homes]
person_kwh = 14_942e8 / 1.40828e9  # China 2024, at home
home_kwh = 10_715  # a customer in the United States, 2020
low_run, llama_run, high_run = runs["Llama 3.1 405B, 2024"]
llama_people = llama_run * 1000 / person_kwh
llama_homes = llama_run * 1000 / home_kwh
deepseek_run = runs["DeepSeek-V3, 2024"][1]
print(f"{person_kwh:.0f} kWh, {llama_people:.0f}, {llama_homes:.0f}")
# --8<-- [end:homes]

# --8<-- [start:answers]
prompt_wh, prompts_a_day = 0.24, 2.5e9
year_gwh = prompt_wh * prompts_a_day * 365 / 1e9
person_year_kwh = 20 * 365 * prompt_wh / 1000
equal_prompts = llama_run * 1e6 / prompt_wh
times_training = year_gwh * 1000 / llama_run
world_share = year_gwh / 485_000
print(f"{year_gwh:.0f} GWh a year, {person_year_kwh:.2f} kWh a person")
print(f"{equal_prompts:.1e} prompts, {world_share:.3%}")
# --8<-- [end:answers]

# --8<-- [start:scale]
amounts = {
    "20 prompts a day, a year": person_year_kwh / 1e6,
    "a person's home, China, a year": person_kwh / 1e6,
    "training GPT-3 (estimate)": 1.287,
    "training DeepSeek-V3": deepseek_run / 1000,
    "training Llama 3.1 405B": float(llama_run) / 1000,
    "2.5 billion prompts a day, a year": year_gwh,
    "all data centers, 2025": 485_000,
}
fig, ax = plt.subplots(figsize=(7, 4.2), layout="constrained")
ax.plot(list(amounts.values())[::-1], list(amounts)[::-1], "o")
ax.set_xscale("log")
ax.grid(axis="x", alpha=0.3)
ax.set_xlabel("GWh (each mark is a hundred times the last)")
ax.set_xticks([10.0**k for k in range(-6, 7, 2)])
plt.show()
# --8<-- [end:scale]

# --8<-- [start:water]
responses_a_bottle = np.array([50, 10])
ratio_low, ratio_high = 500 / responses_a_bottle / 0.26
print(f"{ratio_low:.0f} to {ratio_high:.0f} times the water")
# --8<-- [end:water]

# --8<-- [start:rent]
rent = 2_788_000 * 2 / 1e6  # hours, $ an hour
print(f"${rent:.3f} million")
# --8<-- [end:rent]
