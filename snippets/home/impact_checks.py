# --8<-- [start:heterogeneity]
assert np.isclose(mean_effect, np.average(y, weights=1 / s**2))
assert value.min() < -50 and value.max() > 15
assert p_value < 0.01
scatter = stats.chi2.isf(p_value, len(y) - 1)
assert np.isclose(not_chance, 1 - (len(y) - 1) / scatter)
assert ((low < 0) & (high > 0))[certain].sum() == 2
# --8<-- [end:heterogeneity]

# --8<-- [start:economy]
assert round(acemoglu, 4) == 0.0066  # as the paper has it
assert np.isclose(all_pay / acemoglu, 1 / 0.23)
# --8<-- [end:economy]


# --8<-- [start:languages]
def decode(code, pairs):
    if code < 256:
        return bytes([code])
    left, right = pairs[code - 256]
    return decode(left, pairs) + decode(right, pairs)


for pairs in (english_only, shared):
    codes = to_codes("born free and equal 人人生而自由")
    for i, (left, right) in enumerate(pairs):
        codes = merge(codes, left, right, 256 + i)
    text = b"".join(decode(code, pairs) for code in codes)
    assert text == "born free and equal 人人生而自由".encode()
assert max(premium_shared.values()) < max(premium.values())
assert max(premium, key=premium.get) == "Burmese"
assert by_shared["English"] > by_english["English"]
# --8<-- [end:languages]

# --8<-- [start:energy]
assert round(bloom_gpus) == 433  # as the paper has it
assert overheads[0] < 1 < bloom_overhead < overheads[2]
assert low_run < llama_run < high_run
assert np.isclose(llama_people * person_kwh, 1000 * llama_run)
assert np.isclose(equal_prompts * prompt_wh / 1e6, llama_run)
# --8<-- [end:energy]
