# --8<-- [start:clean]
from sklearn.metrics import accuracy_score, recall_score

named = np.argmax(scores(clean, test), -1)
by_sklearn = [accuracy_score(test_y, row) for row in named]
assert np.isclose(whole, np.mean(by_sklearn))
assert np.isclose(whole_sd, np.std(by_sklearn) * (8 / 7) ** 0.5)
assert weights == sum(np.size(a) for a in clean[::2])
assert flop == 6 * weights * 40_000
assert np.isclose(kwh_a_minute, 0.045 / 60)
assert np.isclose(yuan_a_minute, 0.0225 / 60)
assert np.isclose(laptop_kwh, laptop_years * 8760 * 0.045)
assert np.isclose(laptop_years * 31_536_000 * speed, 3.14e23)
assert np.isclose(thriftier * 1_287_000, laptop_kwh)
assert gpt3_kwh == 1_287_000
assert deepseek_rent == 5_576_000
# --8<-- [end:clean]

# --8<-- [start:data]
assert few_100 < few_500 < whole
assert np.isclose(whole - noise_loss, noisy_right)
assert np.isclose(noisy_right + filter_gain, filtered_right)
assert caught + np.mean(agree[wrong]) == 1
assert lost + np.mean(agree[~wrong]) == 1
assert np.all(np.sum(keep * (y == 8), 1) == left)
by_sklearn = [
    recall_score(test_y, row, labels=[8], average=None)[0]
    for row in predict(rare_z)
]
assert np.isclose(rare_eight, np.mean(by_sklearn))
assert np.isclose(rare_eight + adjust_gain, adjusted_eight)
assert rare_eight < weighted_eight < adjusted_eight < before_eight
assert np.isclose(moved_right + shift_gain, moved_repaired)
assert grainy_worse < grainy_right < jitter_clean < whole
assert np.isclose(exam_clean + inflated, exam_claimed)
assert same == 0
assert copy_far < other_near
# --8<-- [end:data]

# --8<-- [start:safety]
assert share == n_poison / N == 0.01
assert np.all(np.sum(poison, 1) == n_poison)
assert innocent < obeyed / 5
assert np.isclose(whole + unnoticed, np.mean(right(bad)))
assert np.isclose(spectral_caught, np.mean(suspects[poison]))
assert np.isclose(guard_price, whole - np.mean(right(guarded)))
assert np.isclose(all_bits, np.log2(10) * 4)
assert np.isclose(by_chance, np.log2(np.e))
assert np.isclose(unseen, bits[0].mean())
assert np.isclose(once, bits[1].mean())
assert np.isclose(four_times, bits[3].mean())
assert np.isclose(often, bits[4].mean())
assert np.isclose(extra_bits, often - once)
change = np.abs(fgsm(clean, probe, probe_y, e) - probe)
assert np.isclose(np.max(change), e)
assert np.isclose(fooled_right + harden_gain, hard_right)
assert fooled_right < steps_right < hard_right < shaken_right
assert np.isclose(harden_price, whole - np.mean(right(hard)))
# --8<-- [end:safety]

# --8<-- [start:opacity]
assert gap < slope_gap / 5
assert np.isclose(mean_rise, np.mean(rise))
assert told_clean < told / 4
assert told_hidden == 0
assert like_slope < like_ink < like_path
# --8<-- [end:opacity]

# --8<-- [start:headlines]
assert noise_loss > 0.09
assert filter_gain > 0.04
assert obeyed > 0.842
assert still < 0.165
assert extra_bits > 6
assert like_path > 0.981
# --8<-- [end:headlines]
