# --8<-- [start:double]
middle = middle_size, middle_data
now = law(*middle, E_all, A_all, B_all, *p_all[3:])
double_n = now - law(
    2 * middle[0], middle[1], E_all, A_all, B_all, *p_all[3:]
)
double_d = now - law(
    middle[0], 2 * middle[1], E_all, A_all, B_all, *p_all[3:]
)
print(f"parameters {double_n:.3f}, characters {double_d:.3f}")
# --8<-- [end:double]

# --8<-- [start:fewer]
early = (N < sizes[-2]) & (D < budgets[-2])
p_early = fit(N[early], D[early], L[early], starts)
by_early = law(N[-1], D[-1], *np.exp(p_early[:3]), *p_early[3:])
early_missed, n_early = abs(by_early - L[-1]), int(sum(early))
print(f"{by_early:.3f} from {n_early} cells, {far_guess:.3f} before")
# --8<-- [end:fewer]

# --8<-- [start:limit]
limit = E_all + A_all / sizes[0] ** alpha_all
expected = law(sizes[0], budgets[2:], E_all, A_all, B_all, *p_all[3:])
law_gain = expected[0] - expected[1]
true_gain = table[0, 2] - table[0, 3]
print(f"never below {limit:.2f}; {law_gain:.3f} expected", end=", ")
print(f"{true_gain:.3f} measured")
# --8<-- [end:limit]
