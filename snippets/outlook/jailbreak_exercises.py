# --8<-- [start:ask-again]
asked = [[*question("guest", box), "it"] for box in apart]
said_it = chances(tuned, asked)[:, 0].mean()
asked = [[*question("guest", box), "sure"] for box in apart]
yields = float(said_it + chances(tuned, asked)[:, 0].mean())
times_asked = 1 / yields
print(f"{yields:.2%} of the answers, one in {times_asked:,.0f}")
# --8<-- [end:ask-again]

# --8<-- [start:few]
few_refusals = [refusals[i] for i in range(5 * 8)] * 10
few = train(first, owners + few_refusals, 100, 2e-3)
leaks_few = tells(few, "guest")
print(f"codes given away {leaks_few:.0%}")
# --8<-- [end:few]

# --8<-- [start:unlock]
unlocked = train(deep, owners + guests[: 5 * 8] * 20, 50, 1e-3)
leaks_unlocked, helps_unlocked = (
    tells(unlocked, "guest"),
    tells(unlocked, "owner"),
)
print(f"guests {leaks_unlocked:.0%}, owners {helps_unlocked:.0%}")
# --8<-- [end:unlock]
