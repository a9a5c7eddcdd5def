# --8<-- [start:seeds]
assert n_parameters == 103_825
assert base_right < 0.1
# --8<-- [end:seeds]
