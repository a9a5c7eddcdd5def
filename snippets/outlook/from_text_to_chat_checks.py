# --8<-- [start:seeds]
sizes = {"test": 500, "labelled": 200, "unlabelled": 7000}
assert [len(test), len(labelled), len(unlabelled)] == [*sizes.values()]
a, b, no_carry, tens, ones, total = 36, 27, 53, 50, 13, 63
assert steps_first(a, b) == f"{tens}+{ones}={total}"
assert answer_first(a, b) == f"{total}={tens}+{ones}"
assert total == no_carry + 10
assert calculate(call(a, b)) == str(total)
assert n_parameters == 103_441
assert tool_right > 0.9 and think_right > 0.05
assert unread_right < 0.19 and base_right < 0.05
assert hacked_right < 0.014 and hacked_reward > 0.81
assert tool_right > rewarded_right > base_right
assert tool_right > think_right > base_right
assert np.isclose(pretrain_gain + unread_right, tuned_right)
assert np.isclose(reward_gain + tuned_right, rewarded_right)
assert np.isclose(think_gain + tuned_right, think_right)
assert np.isclose(order_gain + excuse_right, think_right)
assert np.isclose(tool_gain + tuned_right, tool_right)
# --8<-- [end:seeds]
