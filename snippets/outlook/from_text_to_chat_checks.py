# --8<-- [start:seeds]
sizes = {"test": 500, "labelled": 200, "unlabelled": 7000}
assert [len(test), len(labelled), len(unlabelled)] == [*sizes.values()]
a, b, no_carry, tens, ones, total = 36, 27, 53, 50, 13, 63
assert steps_first(a, b) == f"{tens}+{ones}={total}"
assert answer_first(a, b) == f"{total}={tens}+{ones}"
assert total == no_carry + 10
assert calculate(call(a, b)) == str(total)
assert n_parameters == 103_441
assert base_right < 0.1 and unread_right < 0.3
assert 0.02 < tuned_right < 0.9 and rewarded_right > 0.1
assert pretrain_gain > -0.1 and reward_gain > -0.1
assert hacked_right < 0.1 and hacked_reward > 0.5
assert think_right > 0.1 and excuse_right < 0.7
assert think_gain > -0.1 and order_gain > -0.1
assert tool_right > 0.5 and tool_gain > 0.05
# --8<-- [end:seeds]
