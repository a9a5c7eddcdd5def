# --8<-- [start:fits]
card = 24e9
trainable = card / (2 + 2 + 12)
readable_16 = card / 2
readable_4 = card / 0.5
print(trainable / 1e9, readable_16 / 1e9, readable_4 / 1e9)
# --8<-- [end:fits]

# --8<-- [start:threshold]
tokens_each = 1.4e12 / 70e9
threshold_size = math.sqrt(1e25 / (6 * tokens_each))
threshold_tokens = tokens_each * threshold_size
small_tokens = 1e25 / (6 * 8e9)
times_llama = small_tokens / 15.6e12
print(threshold_size / 1e9, threshold_tokens / 1e12)
print(small_tokens / 1e12, times_llama)
# --8<-- [end:threshold]
