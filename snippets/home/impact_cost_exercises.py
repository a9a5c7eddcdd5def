# --8<-- [start:window]
window = 2000
fits = {
    n: window * characters[n] / by_english[n]
    for n in ("English", "Chinese", "Burmese")
}
rows_chinese = fits["Chinese"]
share_of_text = {n: window / by_english[n] for n in fits}
chinese_part = share_of_text["Chinese"] / share_of_text["English"]
burmese_part = share_of_text["Burmese"] / share_of_text["English"]
print(fits, f"{chinese_part:.1%} {burmese_part:.1%}")
# --8<-- [end:window]
