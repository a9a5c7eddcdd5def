"""The search's worker, run by Node with an index of its own."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

WORKER = Path(__file__).resolve().parents[3] / "theme" / "assets" / "javascripts" / "workers" / "search.js"
DRIVER = """
import { readFileSync } from "node:fs";
const { worker, docs, queries } = JSON.parse(readFileSync(0, "utf8"));
const said = [];
let tell;
globalThis.location = { href: worker };
globalThis.fetch = async () => {
  if (!docs) throw new TypeError("not there");
  return { json: async () => ({ docs }) };
};
globalThis.postMessage = (message) => said.push(message);
globalThis.addEventListener = (_, listener) => (tell = listener);
await import(worker);
await new Promise((resolve) => setTimeout(resolve));
for (const query of queries) tell({ data: { type: 2, data: query } });
console.log(JSON.stringify(said));
"""


def say(docs: list[dict[str, str]] | None, *queries: str) -> list[dict[str, Any]]:
    """Return what the worker says: first that it is ready, then an answer to each query."""
    asked = json.dumps({"worker": WORKER.as_uri(), "docs": docs, "queries": queries})
    command = ["node", "--input-type=module", "--eval", DRIVER]
    done = subprocess.run(command, input=asked, capture_output=True, text=True, timeout=60, check=True)
    said: list[dict[str, Any]] = json.loads(done.stdout)
    return said


DOCS = [
    {"location": "a/", "title": "Page A", "text": "<p>It took 10²³ operations, a &lt;b&gt; of ＡＩ.</p>"},
    {"location": "a/#eos", "title": "The token &lt;eos&gt;", "text": "<p>Ends a text; 1.5 ㎏.</p>"},
    {"location": "b/", "title": "大模型", "text": "<p>参数１２个，神经网络。</p>"},
]


@pytest.mark.parametrize(
    ("query", "place", "marked"),
    [
        ("10²³", "a/", "<mark>10²³</mark> operations"),
        ("1023", "a/", "<mark>10²³</mark> operations"),
        ("ai", "a/", "<mark>ＡＩ</mark>."),
        ("ＡＩ", "a/", "<mark>ＡＩ</mark>."),
        ("<b>", "a/", "a <mark>&lt;b&gt;</mark> of"),
        ("kg", "a/#eos", "1.5 <mark>㎏</mark>."),
        ("<eos>", "a/#eos", "The token <mark>&lt;eos&gt;</mark>"),
        ("12", "b/", "参数<mark>１２</mark>个"),
        ("网络", "b/", "神经<mark>网络</mark>"),
    ],
)
def test_what_is_written_is_found_however_it_is_typed(query: str, place: str, marked: str):
    """As it is written, in plain digits and letters, or in full width; what is shown stays as it is written."""
    ready, answer = say(DOCS, query)
    assert ready == {"type": 1} and answer["type"] == 3
    found = [part for page in answer["data"]["items"] for part in page if part["terms"]]
    assert [part["location"] for part in found] == [place]
    assert marked in found[0]["title"] + found[0]["text"]


def test_an_index_that_does_not_come_is_told():
    assert say(None) == [{"isFailure": True}]
