"""The table of models that the page on the background draws: its shape, and that no number lacks a source."""

from __future__ import annotations

import csv
import math
from datetime import date
from pathlib import Path

import pytest

TABLE = Path(__file__).parents[2] / "docs" / "data" / "models.csv"
COLUMNS = (
    "id", "model", "date", "organization", "domain", "open",
    "parameters", "active_parameters", "parameters_source", "parameters_place",
    "training_compute", "compute_kind", "compute_source", "compute_place",
    "training_data", "data_unit", "data_source", "data_place", "verified", "note",
)  # fmt: skip
DOMAINS = {"vision", "speech", "language", "multimodal", "recommendation"}
NUMBERS = {
    "parameters": "parameters", "active_parameters": "parameters", "training_compute": "compute",
    "training_data": "data",
}  # fmt: skip
"""Columns of numbers, and the beginning of the names of the columns that say where each comes from."""

with TABLE.open(encoding="utf-8", newline="") as file:
    ROWS = list(csv.DictReader(file))


def test_table_has_the_promised_columns_and_range() -> None:
    assert tuple(ROWS[0]) == COLUMNS
    assert len(ROWS) >= 45
    assert len({row["id"] for row in ROWS}) == len(ROWS)
    days = [date.fromisoformat(row["date"]) for row in ROWS]
    assert days == sorted(days)
    assert days[0].year == 1998
    assert days[-1].year == 2026


def test_every_domain_and_open_and_chinese_models_are_there() -> None:
    assert {row["domain"] for row in ROWS} == DOMAINS
    assert {row["open"] for row in ROWS} == {"yes", "no"}
    chinese = ("Baidu", "Huawei", "Tsinghua", "Alibaba", "Tencent", "DeepSeek", "Moonshot", "Zhipu", "MiniMax")
    assert all(any(maker in row["organization"] for row in ROWS) for maker in chinese)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["id"])
def test_every_number_has_a_source_and_a_place(row: dict[str, str]) -> None:
    assert row["model"]
    assert row["organization"]
    assert row["verified"] in ("opened", "secondary")
    for column, kind in NUMBERS.items():
        if row[column]:
            assert math.isfinite(float(row[column]))
            assert float(row[column]) > 0
            assert row[f"{kind}_source"].startswith(("https://", "http://"))
            assert row[f"{kind}_place"]
    assert bool(row["training_data"]) == bool(row["data_unit"])
    if row["active_parameters"]:
        assert float(row["active_parameters"]) < float(row["parameters"])


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["id"])
def test_compute_says_whose_number_it_is(row: dict[str, str]) -> None:
    kind = row["compute_kind"]
    assert kind in ("", "published", "computed", "estimate")
    assert bool(row["training_compute"]) == (kind in ("published", "estimate"))
    if kind == "computed":
        assert row["parameters"]
        assert row["training_data"]
        assert row["data_unit"] == "tokens"
        assert row["compute_source"] == "6ND"
    if kind == "estimate":
        assert row["compute_place"].startswith(("Epoch AI, row ", "Brown et al., "))
