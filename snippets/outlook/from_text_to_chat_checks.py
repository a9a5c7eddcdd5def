# --8<-- [start:seeds]
assert n_parameters == 103_441
assert base_right < 0.1 and unread_right < 0.3
assert 0.02 < tuned_right < 0.9 and rewarded_right > 0.1
assert pretrain_gain > -0.1 and reward_gain > -0.1
assert hacked_right < 0.1 and hacked_reward > 0.5
assert think_right > 0.1 and excuse_right < 0.7
assert think_gain > -0.1 and order_gain > -0.1
assert tool_right > 0.5 and tool_gain > 0.05
# --8<-- [end:seeds]
