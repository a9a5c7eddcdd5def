# --8<-- [start:iou]
from contextlib import redirect_stdout

import pycocotools.mask as coco_mask

rng = np.random.default_rng(seed)
corners = rng.uniform(0, 50, (2, 40, 2))
some, others = (
    np.hstack([c, c + rng.uniform(1, 50, c.shape)]) for c in corners
)


def as_coco(boxes):
    return np.hstack([boxes[:, :2], boxes[:, 2:] - boxes[:, :2]])


ours = np.array([overlap(box, others) for box in some])
theirs = coco_mask.iou(
    as_coco(some), as_coco(others), np.zeros(len(others))
)
assert np.allclose(ours, theirs)
# --8<-- [end:iou]


# --8<-- [start:ap]
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval


def coco_score(found, truth, n_classes, limit=0.5):
    """The same by the program of the COCO data set itself."""
    with redirect_stdout(None):
        data, answers = COCO(), []
        n = len(truth)
        data.dataset = {
            "images": [{"id": i} for i in range(n)],
            "categories": [{"id": k} for k in range(n_classes)],
            "annotations": [],
        }
        for i, (boxes, labels) in enumerate(truth):
            for b, k in zip(as_coco(boxes), labels, strict=True):
                data.dataset["annotations"].append({
                    "id": len(data.dataset["annotations"]) + 1,
                    "image_id": i,
                    "category_id": int(k),
                    "bbox": b.tolist(),
                    "area": float(b[2] * b[3]),
                    "iscrowd": 0,
                })
        data.createIndex()
        for i, (boxes, s, labels) in enumerate(found):
            answers += [
                {
                    "image_id": i,
                    "category_id": int(k),
                    "bbox": b.tolist(),
                    "score": float(p),
                }
                for b, p, k in zip(
                    as_coco(boxes), s, labels, strict=True
                )
            ]
        judge = COCOeval(data, data.loadRes(answers), "bbox")
        judge.params.iouThrs = np.array([limit])
        judge.params.maxDets = [10_000]
        judge.evaluate()
        judge.accumulate()
    precision = judge.eval["precision"][0, :, :, 0, 0]
    return float(precision.mean())


def invented():
    """Five pictures with boxes found more or less well."""
    truth, found = [], []
    for _ in range(5):
        corner = rng.uniform(0, 100, (30, 2))
        boxes = np.hstack([
            corner,
            corner + rng.uniform(5, 40, (30, 2)),
        ])
        labels = rng.integers(0, 3, 30)
        near = boxes + rng.normal(0, 3, boxes.shape)
        near[:, 2:] = np.maximum(near[:, 2:], near[:, :2] + 1)
        truth.append((boxes[:20], labels[:20]))
        found.append((near, rng.random(30), labels))
    return found, truth


for limit in (0.3, 0.5, 0.75):
    found, truth = invented()
    ours = score(found, truth, 3, limit)
    assert np.isclose(ours, coco_score(found, truth, 3, limit))
# --8<-- [end:ap]

# --8<-- [start:digits]
found = detect(model, np.array([p for p, _, _ in test]))
assert np.isclose(digits_ap, coco_score(found, truth_of(test), 10))
assert np.isclose(gain_digits, digits_ap - templates_ap)
# --8<-- [end:digits]

# --8<-- [start:centers]
assert np.isclose(gain_centers, digits_ap - whole_ap)
# --8<-- [end:centers]

# --8<-- [start:counts]
assert n_trees == {
    "Yellowstone A": 574,
    "Yellowstone B": 279,
    "Florida": 61,
    "California": 37,
}
# --8<-- [end:counts]

# --8<-- [start:trees]
for place, (_, boxes) in parts.items():
    truth = boxes, np.zeros(len(boxes), int)
    theirs = coco_score([seen[place]], [truth], 1)
    assert np.isclose(detector_ap[place], theirs)
assert home_ap == detector_ap["held-out strip"]
assert near_ap == detector_ap["Yellowstone B"]
assert florida_ap == detector_ap["Florida"]
assert california_ap == detector_ap["California"]
assert np.isclose(gain_home, home_ap - blobs_ap["held-out strip"])
assert np.isclose(gain_florida, florida_ap - blobs_ap["Florida"])
assert np.isclose(shift, home_ap - florida_ap)
assert digits_ap > 0.5
assert whole_ap > 0.3
assert home_ap > 0.15
# --8<-- [end:trees]
