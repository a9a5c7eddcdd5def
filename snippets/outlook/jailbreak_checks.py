# --8<-- [start:refuse]
assert leaks_tuned < leaks_first
assert leaks_tuned < leaks_is
assert leaks_tuned < leaks_sure
assert leaks_tuned < helps_tuned
# --8<-- [end:refuse]

# --8<-- [start:depth]
assert it_tuned < it_first / 10
assert it_tuned < later_tuned / 10
assert later_tuned == p_tuned[1:].min()
# --8<-- [end:depth]

# --8<-- [start:search]
assert risk_tuned < risk_search
assert risk_any < risk_search
# --8<-- [end:search]

# --8<-- [start:again]
assert leaks_deep_is < leaks_more_is
assert leaks_deep_sure < leaks_more_sure
assert leaks_deep < helps_deep
assert leaks_more < helps_more
assert leaks_deep_search < leaks_more_is
# --8<-- [end:again]
