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

# --8<-- [start:water]
assert np.isclose(ratio_low * 0.26 * 50, 500)
assert np.isclose(ratio_high * 0.26 * 10, 500)
# --8<-- [end:water]

# --8<-- [start:rent]
assert round(rent, 3) == 5.576  # as the report has it
# --8<-- [end:rent]
