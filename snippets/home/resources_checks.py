# --8<-- [start:tally]
assert count == len({row["link"] for row in resources}) >= 60
assert kinds == {
    kind: len([row for row in resources if row["kind"] == kind])
    for kind in {row["kind"] for row in resources}
}
assert languages == {
    each: len([row for row in resources if row["language"] == each])
    for each in ("zh", "en", "both")
}
# --8<-- [end:tally]

# --8<-- [start:known]
told = [row["reach_source"] != "" for row in resources]
assert reach["unknown"] == told.count(False)
assert reach["mainland"] + reach["mirror"] == told.count(True)
assert verified["opened"] + verified["secondary"] == count
free = (
    "MIT",
    "Apache-2.0",
    "BSD-3-Clause",
    "CC BY 4.0",
    "CC BY-SA 4.0",
)
open_ones = sum(row["license"] in free for row in resources)
assert closed + noncommercial + open_ones + unsought == count
# --8<-- [end:known]
