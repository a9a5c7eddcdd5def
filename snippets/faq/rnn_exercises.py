# --8<-- [start:shut]
net = train("LSTM", start("LSTM", forget=0.0))
shut = accuracy("LSTM", net)[-1]
shut_far = shut.mean()
print(f"{shut_far:.1%}")
# --8<-- [end:shut]

# --8<-- [start:clip]
net = train("tanh", start("tanh"), clip=1.0)
clipped_far = accuracy("tanh", net)[-1].mean()
print(f"{clipped_far:.1%}")
# --8<-- [end:clip]

# --8<-- [start:relu]
rotated_left = float(flow("ReLU", start("ReLU"))[-1])
print(f"{rotated_left:.1e}")
# --8<-- [end:relu]
