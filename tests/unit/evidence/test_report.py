"""The run report says of every block what its record says, and adds it up."""

from __future__ import annotations

import html
import re
from dataclasses import replace

import pytest

from book.draw import run_report, tables
from book.evidence import record
from tests.unit.draw.test_render import draw as draw_page
from tests.unit.miniature import SmallBook, make, run_once

STALE = "import numpy\nseed = 0"


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> SmallBook:
    """The miniature with records; the tests of this module only look at it."""
    book = make(tmp_path_factory.mktemp("ran"))
    record.save(book, run_once(book, book.page()))
    return book


def table(book: SmallBook, part: str, language: str = "zh") -> list[list[str]]:
    """Return the texts of a drawn table, line by line, its header first."""
    drawn = run_report.draw(book, language, "../", part)
    return [
        [html.unescape(re.sub(r"<[^>]+>", "", cell)).strip() for cell in re.findall(r"<t[hd].*?</t[hd]>", line)]
        for line in re.findall(r"<tr>.*?</tr>", drawn, re.DOTALL)
    ]


def test_each_block_is_listed_with_what_its_record_says(ran: SmallBook):
    header, first, second = table(ran, "blocks")
    assert header == ["代码块", "页面", "状态", "秒", "内存峰值（MB）", "设备", "日期"]
    for line, block, heading in zip((first, second), ran.page().blocks, ("小页", "算法"), strict=True):
        kept = record.load(ran, block.name)
        assert kept
        took = kept.result.seconds
        seconds, memory = f"{took:.{1 if took >= 0.95 else 2}f}", f"{kept.result.peak_memory / 1e6:,.0f}"
        assert line == [
            f"{block.index + 1} · {heading}",
            "小页",
            "✓ 有效",
            seconds,
            memory,
            "CPU",
            kept.circumstances.date,
        ]


def test_the_words_are_those_of_the_language(ran: SmallBook):
    for part in run_report.PARTS:
        assert not re.search(r"[一-鿿]", run_report.draw(ran, "en", "../", part))
    assert table(ran, "blocks", "en")[1][:3] == ["1 · Small", "Small", "✓ Fresh"]


def test_each_line_links_to_its_block(ran: SmallBook):
    drawn = run_report.draw(ran, "zh", "../", "blocks")
    addresses = re.findall(r'<a href="([^"]+)"', drawn)
    assert addresses == ["../part/page/#block-1", "../part/page/#block-2"]
    page = draw_page(ran)
    for address, block in zip(addresses, ran.page().blocks, strict=True):
        (element,) = re.findall(rf'<[^>]* id="{address.partition("#")[2]}"[^>]*>', page)
        assert f'data-block="{block.name}"' in element


def test_without_a_place_nothing_is_linked(ran: SmallBook):
    drawn = run_report.draw(ran, "zh", "", "blocks")
    assert "href" not in drawn and "src" not in drawn


def test_the_totals_are_the_sums_of_the_blocks(ran: SmallBook):
    kept = [one for block in ran.page().blocks if (one := record.load(ran, block.name))]
    _, page, book = table(ran, "pages")
    seconds = f"{sum(one.result.seconds for one in kept):.1f}"
    memory = f"{max(one.result.peak_memory for one in kept) / 1e6:,.0f}"
    assert page == ["小页", "2", "2", "0", "0", "0", seconds, memory, kept[0].circumstances.date]
    assert book == ["全书", *page[1:]]


def test_the_machine_is_named(ran: SmallBook):
    kept = record.load(ran, ran.page().blocks[0].name)
    assert kept
    c = kept.circumstances
    assert table(ran, "machines")[1:] == [[c.machine, c.system, str(c.threads), f"Python {c.python}", "2"]]


def test_a_block_without_a_record_is_missing(book: SmallBook):
    assert [line[2] for line in table(book, "blocks")[1:]] == ["✗ 缺失"] * 2
    assert table(book, "blocks")[1][3:] == ["–"] * 4
    assert table(book, "pages")[1][1:] == ["2", "0", "0", "0", "2", "–", "–", "–"]


def test_a_damaged_record_is_as_good_as_none(book: SmallBook):
    folder = book.records / book.page().blocks[0].name
    folder.mkdir()
    (folder / "cpu.json").write_text("{", encoding="utf-8")
    assert table(book, "blocks")[1][2] == "✗ 缺失"


def test_a_record_made_with_another_library_is_outdated(book: SmallBook):
    book.edit(book.snippet, "seed = 0", STALE)
    record.save(book, run_once(book, book.page()))
    assert table(book, "pages")[1][1:6] == ["2", "2", "0", "0", "0"]
    book.edit(book.root / "requirements.txt", "numpy==", "numpy==9.")
    assert table(book, "pages")[1][1:6] == ["2", "0", "0", "2", "0"]
    assert [line[2] for line in table(book, "blocks")[1:]] == ["⚠ 过时"] * 2


def test_a_block_run_on_two_devices_gives_both_times(book: SmallBook):
    records = run_once(book, book.page())
    record.save(book, [replace(one, result=replace(one.result, seconds=20.0)) for one in records])
    gpu = [replace(one, device="gpu", result=replace(one.result, seconds=0.5)) for one in records]
    record.save(book, gpu)
    assert table(book, "blocks")[1][3:6:2] == ["CPU 20.0; GPU 0.50", "CPU, GPU"]
    assert table(book, "pages")[1][6] == "CPU 40.0; GPU 1.0"
    assert 'data-sort="20.0"' in run_report.draw(book, "zh", "", "blocks")


def test_a_table_is_searched_and_laid_out_in_groups(book: SmallBook, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(tables, "GROUP", 1)
    drawn = run_report.draw(book, "zh", "../", "blocks")
    assert drawn.count("<tbody>") == drawn.count("</tbody>") == len(book.page().blocks) == 2
    assert f'data-find="{book.words("zh", "report")["find"]}"' in drawn


def test_a_block_stands_under_the_heading_above_it(book: SmallBook):
    book.edit(book.zh, "总和是", "## 用 `x` 来**算** {#more}\n\n总和是")
    assert [line[0] for line in table(book, "blocks")[1:]] == ["1 · 小页", "2 · 用 x 来算"]


def test_a_page_that_cannot_be_read_is_loud(book: SmallBook):
    book.edit(book.zh, "small.py:second", "small.py:none")
    drawn = run_report.draw(book, "zh", "../", "blocks")
    assert "block-warning" in drawn and "part/page" in drawn


def test_the_directive_is_drawn_and_a_slip_in_it_is_loud(book: SmallBook):
    book.edit(book.zh, "总和是", "<!-- report: pages -->\n\n<!-- report: page -->\n\n总和是")
    drawn = draw_page(book)
    assert drawn.count("<table") == 1 and "report-pages" in drawn
    (warning,) = [text for text in re.findall(r'<p class="block-warning">(.*?)</p>', drawn) if "page" in text]
    assert "pages, blocks, machines" in warning
