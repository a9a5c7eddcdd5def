# --8<-- [start:worse]
worse_share = 0.8
each_wrong = worse_share / 9
mostly_wrong = rng.random(y.shape) < worse_share
worse_y = (y + mostly_wrong * rng.integers(1, 10, y.shape)) % 10
worse_right, worse_sd = spread(right(train(x, worse_y, steps=400)))
print(f"{worse_right:.1%} ± {worse_sd:.1%}")
# --8<-- [end:worse]

# --8<-- [start:harder]
double = fgsm(hard, probe, probe_y, 2 * e)
double_right, double_sd = spread(right(hard, double, probe_y))
print(f"{double_right:.1%} ± {double_sd:.1%}")
# --8<-- [end:harder]

# --8<-- [start:longer]
once_only = np.s_[len(secrets) : 2 * len(secrets)]
patient = reader(read[once_only], next_letter[once_only], steps=2400)
patient_bits = float(np.mean(exposures(patient, secrets)))
print(f"{patient_bits:.1f} bits instead of {once:.1f}")
# --8<-- [end:longer]
