# --8<-- [start:years]
parameters = 175_000_000_000
seconds_per_year = 365.25 * 24 * 60 * 60
years = parameters / seconds_per_year
print(f"{years:,.0f} years")
# --8<-- [end:years]
