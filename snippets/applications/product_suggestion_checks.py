# --8<-- [start:whole]
star_wars, lion_king = map(
    titles.index, ("Star Wars", "Lion King, The")
)
audience = seen.sum(0)
assert both[now, lion_king] > audience[lion_king] / 2
assert both[now, lion_king] < both[now, star_wars]
assert both[now, star_wars] < audience[star_wars] / 2
# --8<-- [end:whole]

# --8<-- [start:data]
assert n_ratings == 100_000  # as GroupLens counts them
assert n_people == 943 and n_films == 1682
assert np.isclose(same_second, np.mean(later == seconds))
assert same_second < within_minute < 1
assert n_test == len(test) - len(set(person[test]))
# --8<-- [end:data]

# --8<-- [start:metric]
from sklearn.metrics import top_k_accuracy_score
from sklearn.metrics.pairwise import cosine_similarity

random = np.random.default_rng(0).random((n_films, n_films))
at, to = np.random.default_rng(1).integers(0, n_films, (2, 4000))
at, to = at[at != to], to[at != to]
np.fill_diagonal(random, -1)
theirs = top_k_accuracy_score(
    to, random[at], k=10, labels=np.arange(n_films)
)
assert np.isclose(hits(lists(random), at, to).mean(), theirs)
known_films = viewers > 0
n_safe = np.maximum(viewers, 1)
ours = people / np.sqrt(np.outer(n_safe, n_safe))
there = np.outer(known_films, known_films) & ~np.eye(
    n_films, dtype=bool
)
assert np.allclose(
    ours[there], cosine_similarity(seen.T)[there], atol=1e-4
)
share_of = people / n_safe[:, None]  # conditional probability
agreement = (lists(share_of) == lists(people)).mean()
assert agreement > 0.999
assert np.isclose(popularity.max(), viewers.max())
assert same_for_all < by_counts - 0.03
# --8<-- [end:metric]

# --8<-- [start:alpha]
assert losses[0] > losses[50] + 0.05
assert abs(losses[50] - losses[-1]) < 0.005
assert set(best) == set(partner)
at = {name: round(10 * a) for name, a in best.items()}
for name, place in at.items():
    assert np.isclose(curves[name][place], max(curves[name]))
assert (
    curves["people, counted"][4] > curves["people, counted"][0] + 0.01
)
assert share["people, counted"][7] < share["people, counted"][4] / 1.5
assert curves["people, counted"][10] < 0.01
shuffled_gain = partner["nearby, counted"] - partner["people, counted"]
assert abs(shuffled_gain) < 0.01
# --8<-- [end:alpha]

# --8<-- [start:large]
assert n_parameters == 22_713_216
assert np.allclose((meanings**2).sum(1), 1, atol=1e-4)
# what transformers 5 computes from the same file
theirs = {
    "This is an example sentence": [0.067657, 0.063496, 0.048713],
    said[0]: [-0.075079, 0.020103, 0.028026],
}
for text, expected in theirs.items():
    ours = bert(np.array([pieces(text)]))[0, :3]
    assert np.allclose(ours, expected, atol=1e-5)
assert read[0] == [
    *(101, 9121, 2466, 1006, 2786, 1007, 1024),
    *(7284, 2336, 1005, 1055, 4038, 102),
]
assert len(by_meaning) == n_films
# --8<-- [end:large]

# --8<-- [start:test]
assert test_hits["popular"] < test_hits["counts"] - 0.02
assert test_hits["lift"] < 0.01
assert test_hits["title and genres"] < test_hits["popular"]
assert np.isclose(
    gain_corrected, test_hits["counts, corrected"] - test_hits["counts"]
)
assert corrected_range[0] < gain_corrected < corrected_range[1]
corrected_low = corrected_range[0]
assert corrected_low > 0.01
assert people_range[0] < gain_people < people_range[1]
assert gain_range[0] < gain < gain_range[1]
assert gain_people < 0
assert large_range[0] < gain_large < large_range[1]
large_high = large_range[1]
assert large_high < 0
assert n_tested == len(set(who))
# --8<-- [end:test]

# --8<-- [start:bias]
assert popular_share["popular"] == 1
assert (
    popular_share["counts"] > popular_share["counts, corrected"] + 0.2
)
assert distinct["counts"] < distinct["counts, corrected"] / 3
assert typical["lift"] < typical["title and genres"]
assert typical["title and genres"] < typical["counts, corrected"]
assert min(different, key=different.get) == "title and genres"
assert sum(sizes.values()) == n_test
assert rare["nearby, learned"]["none"] == 0
assert (
    rare["title and genres"]["none"] > rare["nearby, learned"]["none"]
)
# --8<-- [end:bias]

# --8<-- [start:map]
from sklearn.neighbors import NearestNeighbors

theirs = NearestNeighbors(n_neighbors=10).fit(space).kneighbors()[0]
between = space[nearest(space)] - space[:, None]
ours = np.linalg.norm(between, axis=2)
assert np.allclose(ours, theirs, atol=1e-3)
assert kept_chance < kept_flat < kept_curved
assert by_chance < same_age - 0.2
# --8<-- [end:map]

# --8<-- [start:search]
assert recall["50000"] > compared["50000"] / 50_000 > 0
assert compared["1682"] < compared["10000"] < compared["50000"]
assert micro["50000"][0] > micro["50000"][1]
# --8<-- [end:search]

# --8<-- [start:films]
with open("films.csv", encoding="utf-8", newline="") as file:
    table_rows = list(csv.DictReader(file))


def numbers(text):
    return np.array(text.split(), int)


def agree(column, method):
    """What share of the ten in the table is suggested in this run."""
    in_table = [
        [names[k] for k in other[numbers(row[column])]]
        for row, other in zip(table_rows, others_there)
    ]
    here = np.array(titles)[chosen[method][fame[:n_known]]]
    same = np.array(in_table)[:, :, None] == here[:, None]
    return same.any(2).mean()


names = [row["film"] for row in table_rows]
there = np.array([int(row["viewers"]) for row in table_rows])
assert names[:n_known] == [titles[i] for i in fame[:n_known]]
assert (there[:n_known] == viewers[fame[:n_known]]).all()
assert not any(row["others"] for row in table_rows[n_known:])
others_there = [
    np.cumsum(numbers(row["others"])) for row in table_rows[:n_known]
]
for a in grid:  # the ten highest scores; ties may be broken otherwise
    scores = corrected(c[:n_known], n[fame], a)
    for i, other in enumerate(others_there):
        both_there = numbers(table_rows[i]["both"])
        score = corrected(both_there, np.maximum(there[other], 1), a)
        ten_there = np.sort(score)[-10:]
        assert np.allclose(ten_there, np.sort(scores[i])[-10:])
assert np.isclose(agree("read", "title and genres"), 1, atol=0.01)
shared = chosen["learned"][:, :, None] == chosen["counts"][:, None]
of_counts = float(shared.any(2).mean())
assert agree("learned", "learned") > of_counts
place_there = np.array(
    [numbers(row["place"]) for row in table_rows[:n_known]], float
)
in_order = space[np.searchsorted(known, fame[:n_known])]
assert kept(in_order, place_there) > kept_flat
assert listed["0.0"] < listed["0.4"] / 2
assert seldom["0.0"] > 10 * seldom["1.0"]
# --8<-- [end:films]
