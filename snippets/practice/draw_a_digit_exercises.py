# --8<-- [start:thick]
pens = (0.5, 1, 1.5, 2)
right_with = {}
for times in pens:
    thick = [
        paint(each["strokes"], round(times * each["pen"]), side)
        for each in digits
    ]
    right_with[str(times)] = count([prepare(paper) for paper in thick])
print(right_with)
# --8<-- [end:thick]

# --8<-- [start:nothing]
blank = np.ones((1, 28, 28))
powers = np.exp(logits(blank)[0])
blank_digit = int(powers.argmax())
blank_share = float(powers.max() / powers.sum())
print(f"{blank_digit}: {blank_share:.1%}")
# --8<-- [end:nothing]
