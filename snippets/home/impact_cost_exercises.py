# --8<-- [start:window]
window = 2000
asked = ("English", "Chinese", "Burmese")
share_of_text = {n: window / by_english[n] for n in asked}
chinese_part = share_of_text["Chinese"] / share_of_text["English"]
burmese_part = share_of_text["Burmese"] / share_of_text["English"]
print({n: f"{share:.0%}" for n, share in share_of_text.items()})
print(f"{chinese_part:.1%} {burmese_part:.1%}")
# --8<-- [end:window]
