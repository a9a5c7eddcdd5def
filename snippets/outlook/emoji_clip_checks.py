# --8<-- [start:test]
assert by_chance * n_held == by_chance_known * n_known == 1
assert by_chance_5 < held_pixels_5 < held_borrowed_5
assert known_pixels < known_borrowed
# --8<-- [end:test]

# --8<-- [start:nearest]
assert near_known_pixels < near_known_borrowed
assert known_borrowed < near_known_borrowed
# --8<-- [end:nearest]

# --8<-- [start:gaps]
assert held_borrowed < own
assert held_borrowed_5 < own_5
assert new_zh < new_en
# --8<-- [end:gaps]
