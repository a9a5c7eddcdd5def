# --8<-- [start:weights]
assert differ == 0 and n_read == n_tensors
assert cut_otherwise == []
assert counts["English"] > 1024 and counts["Chinese"] > 2048
# --8<-- [end:weights]

# --8<-- [start:scores]
assert n_scores == 1024 * 49_152
assert agree == 1.0
assert largest < 1e-3 and 30 < highest < 50
# --8<-- [end:scores]

# --8<-- [start:rounding]
assert 2e-5 < our_error < 5e-4
assert 0.5 < their_error / our_error < 2
# --8<-- [end:rounding]

# --8<-- [start:faults]
assert same["none"] == 1.0
assert all(
    share < 0.99 for fault, share in same.items() if fault != "none"
)
assert paris["none"] < paris["mean subtracted"] < 0.9
assert 0.7 < paris["GELU for SiLU"] < 0.8
assert 0.2 < paris["no rotation"] < 0.35
assert 0.01 > paris["ReLU for SiLU"]
assert perplexity["none"] < perplexity["larger epsilon"] < 10.4
assert perplexity["mean subtracted"] < 10.8 < perplexity["usual base"]
assert (
    50 < perplexity["GELU for SiLU"] < perplexity["no rotation"] < 200
)
assert [fault for fault in first if first[fault] != " Paris"] == [
    "ReLU for SiLU"
]
# --8<-- [end:faults]
