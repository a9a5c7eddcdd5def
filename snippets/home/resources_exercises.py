# --8<-- [start:sell]
permissive = {"MIT", "Apache-2.0", "BSD-3-Clause", "CC BY 4.0"}
books = [row for row in resources if row["kind"] == "book"]
sellable = [row for row in books if row["license"] in permissive]
print(len(sellable), "of", len(books))
print([row["id"] for row in sellable])
# --8<-- [end:sell]

# --8<-- [start:bias]
chinese = [row for row in resources if row["language"] != "en"]
english = [row for row in resources if row["language"] == "en"]


def documented(rows):
    return sum(row["reach"] != "unknown" for row in rows) / len(rows)


documented_zh, documented_en = documented(chinese), documented(english)
print(f"{documented_zh:.0%} {documented_en:.0%}")
# --8<-- [end:bias]
