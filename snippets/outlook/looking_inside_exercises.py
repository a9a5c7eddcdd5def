# --8<-- [start:first]
first_cost = bits(without((0, 0), (0, 1), (0, 2), (0, 3))) - whole
single_costs = float(cost[0].sum())
print(f"{first_cost:.2f} bits; one by one {single_costs:.2f}")
# --8<-- [end:first]

# --8<-- [start:previous]
previous = np.diagonal(looks, -1, 2, 3).mean(-1)
most_previous = float(previous.max())
previous_cost = float(cost.ravel()[previous.argmax()])
print(f"{most_previous:.0%}, {previous_cost:.2f} bits")
# --8<-- [end:previous]
