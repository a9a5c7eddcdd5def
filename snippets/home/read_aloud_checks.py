# --8<-- [start:years]
from datetime import timedelta

reading = timedelta(days=365.25 * years)
assert abs(reading - timedelta(seconds=parameters)) < timedelta(days=1)
# --8<-- [end:years]
