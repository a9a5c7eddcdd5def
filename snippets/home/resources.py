# --8<-- [start:import]
import csv

import matplotlib.pyplot as plt
import numpy as np

plt.rc("figure", figsize=(7, 3.2))
plt.rc("font", size=12)
# --8<-- [end:import]


# --8<-- [start:load]
with open("resources.csv", encoding="utf-8", newline="") as file:
    resources = list(csv.DictReader(file))
count = len(resources)
print(count, "resources;", ", ".join(resources[0]))
# --8<-- [end:load]


# --8<-- [start:tally]
def tally(column):
    cells = [row[column] for row in resources]
    return {cell: cells.count(cell) for cell in dict.fromkeys(cells)}


kinds, languages = tally("kind"), tally("language")
print(kinds)
print(languages)
# --8<-- [end:tally]

# --8<-- [start:chart]
names = {"zh": "Chinese", "both": "both", "en": "English"}
left = np.zeros(len(kinds))
for language, name in names.items():
    width = np.array([
        sum(
            row["kind"] == kind and row["language"] == language
            for row in resources
        )
        for kind in kinds
    ])
    plt.barh(list(kinds), width, left=left, label=name)
    left += width
plt.gca().invert_yaxis()
plt.xlabel("resources")
plt.legend()
plt.show()
# --8<-- [end:chart]

# --8<-- [start:known]
reach, verified = tally("reach"), tally("verified")
licenses = tally("license")
closed = licenses["none"] + licenses["own"]
unsought = licenses["unknown"]
noncommercial = sum("NC" in row["license"] for row in resources)
print(reach, verified)
print(closed, noncommercial, unsought)
# --8<-- [end:known]

# --8<-- [start:pick]
for row in resources:
    beginner = row["level"] == "start" and row["language"] != "en"
    if beginner and row["reach"] == "mainland":
        print(f"{row['id']:14} {row['license']:15} {row['link']}")
# --8<-- [end:pick]
