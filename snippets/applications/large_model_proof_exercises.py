# --8<-- [start:later]
def later(x, places):
    return kept(x, places + 100)


kept, rotate = rotate, later
shifted = gap(ours()[:256], exact)
rotate = kept
print(f"{shifted:.5f}")
# --8<-- [end:later]

# --8<-- [start:stages]
one = encode("The capital of France is")
whole = theirs.model.layers
errors = []
for layers in (1, 10, 20, 30):
    theirs.model.layers = whole[:layers]
    with torch.no_grad():
        wanted = theirs(torch.tensor([one])).logits[0].numpy()
    mine, _ = model(tf.constant(one), layers=layers)
    errors.append(gap(mine.numpy(), wanted))
print([f"{error:.5f}" for error in errors])
# --8<-- [end:stages]
