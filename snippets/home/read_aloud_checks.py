# --8<-- [start:years]
from datetime import timedelta

reading = timedelta(days=365.25 * years)
assert abs(reading - timedelta(seconds=parameters)) < timedelta(days=1)
# --8<-- [end:years]

# --8<-- [start:others]
assert rows["gpt-3"]["parameters"] == "1.75e11"
assert times == sorted(times)
# --8<-- [end:others]
