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
const { worker, docs, terms, queries } = JSON.parse(readFileSync(0, "utf8"));
const said = [];
let tell;
globalThis.location = { href: worker };
globalThis.fetch = async ({ pathname }) => {
  const content = pathname.endsWith("/glossary.json") ? terms : docs && { docs };
  if (!content) throw new TypeError("not there");
  return { json: async () => content };
};
globalThis.postMessage = (message) => said.push(message);
globalThis.addEventListener = (_, listener) => (tell = listener);
await import(worker);
await new Promise((resolve) => setTimeout(resolve));
for (const query of queries) tell({ data: { type: 2, data: query } });
console.log(JSON.stringify(said));
"""


def say(docs: list[dict[str, str]] | None, *queries: str, terms: list[list[str]] | None = None) -> list[dict[str, Any]]:
    """Return what the worker says: first that it is ready, then an answer to each query."""
    asked = json.dumps({"worker": WORKER.as_uri(), "docs": docs, "terms": terms, "queries": queries})
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


BOOK = [
    {"location": "loss/", "title": "交叉熵损失函数", "text": "<p>交叉熵衡量预测有多离谱。学习率太大就发散。</p>"},
    {"location": "gate/", "title": "激活函数", "text": "<p>ReLU 把负数变成零；softmax 给出概率。</p>"},
    {"location": "gate/#code", "title": "代码", "text": "<p>画出来。</p><pre><code>softmax(x) # gradient</code></pre>"},
    {
        "location": "gate/#script",
        "title": "完整脚本",
        "text": "<p>下载</p><pre><code>relu relu gradient learning_rate tokenizer\nlearning rate</code></pre>",
    },
    {"location": "gate/#loss", "title": "交叉熵", "text": "<p>交叉熵的一页在别处。</p>"},
    {"location": "token/", "title": "词元", "text": "<p>tokenizer 把 gradient 也切开。</p>"},
]
TERMS = [["learning rate", "学习率"], ["rate", "比率"], ["交叉墒", "交叉熵"]]


def hits(query: str) -> list[dict[str, Any]]:
    """Return the places found, best first, without those that only name the page."""
    answer = say(BOOK, query, terms=TERMS)[1]
    return [part for page in answer["data"]["items"] for part in page if part["score"]]


@pytest.mark.parametrize(
    ("query", "place", "marked"),
    [
        ("sofmax", "gate/", "<mark>softmax</mark>"),  # a letter is missing
        ("tokenzier", "token/", "<mark>tokenizer</mark>"),  # two have changed places
        ("softmaxx", "gate/", "<mark>softmax</mark>"),  # one too many
        ("sovtmax", "gate/", "<mark>softmax</mark>"),  # a wrong one
        ("交差熵", "loss/", "<mark>交叉熵</mark>"),  # the page of it comes before a section elsewhere
        ("交熵叉", "loss/", "<mark>交叉熵</mark>"),
        ("learning rate", "loss/", "<mark>学习率</mark>"),  # the other language
        ("Learning Rates", "loss/", "<mark>学习率</mark>"),
        ("交叉墒", "loss/", "<mark>交叉熵</mark>"),  # a word that the book avoids
    ],
)
def test_what_is_meant_is_found(query: str, place: str, marked: str):
    """One wrong letter or character, and a term in another language; what is found is marked, there and on its page."""
    best = hits(query)[0]
    assert best["location"] == place and marked in best["title"] + best["text"]
    word = marked.removeprefix("<mark>").removesuffix("</mark>")
    assert any(there and word.startswith(form) for form, there in best["terms"].items())


def test_right_words_are_not_corrected():
    """What is written somewhere finds only itself, and a word too short to be mistyped finds nothing."""
    assert [hit["location"] for hit in hits("token")] == ["token/", "gate/#script"]
    assert not hits("rel1") and not hits("焦差")


@pytest.mark.parametrize(("query", "first"), [("ReLU", "gate/"), ("gradient", "token/"), ("softmax", "gate/")])
def test_prose_comes_before_code(query: str, first: str):
    """Whole scripts are last, however often they have the word; code is shown only where no prose has it."""
    found = hits(query)
    assert found[0]["location"] == first and "relu relu" not in found[0]["text"]
    assert len(found) > 1 and all("#" in hit["location"] for hit in found[1:])


def test_without_the_glossary_one_language_is_searched():
    ready, answer = say(BOOK, "学习率")
    assert ready == {"type": 1} and answer["data"]["items"]


def test_an_index_that_does_not_come_is_told():
    assert say(None) == [{"isFailure": True}]
