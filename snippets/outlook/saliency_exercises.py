# --8<-- [start:blank]
gone = x_mark.copy()
gone[:, :4, :4] = 0
cheat_gone = right(cheat, gone)
blank_digit, _ = aims(grad_cam(cheat, gone, answers(cheat, gone)))
print(f"{cheat_gone:.1%} right; map in the digit: {blank_digit:.0%}")
# --8<-- [end:blank]

# --8<-- [start:one]
one_step = integrated(honest, few, answer, steps=1)
kept_one = kept_after(one_step)
print(f"one step: {kept_one:.0%}, twelve: {kept_path:.0%}")
# --8<-- [end:one]
