# --8<-- [start:exact]
for name in ("BLEU", "chrF", "exact"):
    lead = np.array([
        [
            part["scores"]["Transformer"][name]
            - part["scores"]["nearest"][name]
            for part in run["nearness"]
        ]
        for run in runs
    ])
    print(f"{name:6}", *(f"{value:+6.1f}" for value in lead.mean(0)))
# --8<-- [end:exact]
