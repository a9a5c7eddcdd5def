# --8<-- [start:filter]
true_effect, noise = -10.0, s[0]
cut = -1.96 * noise
found_share = stats.norm.cdf(cut, true_effect, noise)
z = (cut - true_effect) / noise
published = true_effect - noise * stats.norm.pdf(z) / stats.norm.cdf(z)
print(f"{noise:.1f} {found_share:.1%} {published:.1f}%")
# --8<-- [end:filter]

# --8<-- [start:filter_check]
grid = np.linspace(cut - 300, cut, 200_001)
density = stats.norm.pdf(grid, true_effect, noise)
assert abs((grid * density).sum() / density.sum() - published) < 0.01
# --8<-- [end:filter_check]

# --8<-- [start:seven]
needed = 0.07 / (0.27 * 0.535)
exposed_at = needed / 0.23
print(f"{needed:.1%} of the economy; exposed: {exposed_at:.0%}")
# --8<-- [end:seven]
