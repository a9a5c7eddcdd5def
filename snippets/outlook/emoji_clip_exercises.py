# --8<-- [start:translate]
zh, en = words["borrowed"]["zh"], words["borrowed"]["en"]
translated_known = right(zh[known] @ en[known].T)
translated = right(zh[held] @ en[held].T)
print(f"known {translated_known:.1%}, held out {translated:.1%}")
# --8<-- [end:translate]

# --8<-- [start:alike]
by_trained, by_features, by_pixels = (
    right(each["twitter"][held] @ each["google"][held].T)
    for each in (
        seen["borrowed"],
        vectors["borrowed"],
        vectors["pixels"],
    )
)
print(f"trained {by_trained:.1%}, features {by_features:.1%}", end=", ")
print(f"pixels {by_pixels:.1%}")
# --8<-- [end:alike]
