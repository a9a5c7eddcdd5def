"""Figures keep their text as text: in the face, the language and the color of the page, found and read aloud."""

from __future__ import annotations

import html
import re
from dataclasses import replace
from pathlib import Path

import pytest

from book.check import lint
from book.core import store
from book.core.site import Book
from book.draw import figures
from book.evidence import record
from book.run import environment
from tests.unit.draw.test_render import draw
from tests.unit.miniature import SmallBook, run_once

DRAWN = """
import matplotlib.pyplot as plt
plt.semilogy([1, 20], label="5 steps")
plt.semilogy([2, 30], label="BERT-2")
plt.semilogy([3, 40], label=r"loss, $-\\log p$")
plt.xlabel("learning rate")
plt.ylabel("n & m")
plt.legend()
plt.show()
""".strip()
WORDS = "label,zh\n{} steps,{} 步\nlearning rate,学习率\n"


@pytest.fixture
def drawn(book: SmallBook) -> SmallBook:
    book.edit(book.snippet, "share = total / 4\nshare", DRAWN)
    for page, alt in ((book.zh, "三条线"), (book.en, "Three lines")):
        book.edit(page, 'second"\n```', f'second"\n```\n\n![{alt}](figure:1 "{alt}")')
    book.edit(book.zh, "title: 小页", "title: 小页\nfigures: translated")
    file = figures.words_file(book)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(WORDS, encoding="utf-8")
    record.save(book, run_once(book, book.page()))
    return book


def files(book: SmallBook, language: str) -> list[str]:
    shown = record.shown(book, book.page().blocks[1].name)
    assert shown
    (name,) = shown.result.figures
    return [content.decode() for content in figures.files(book, language, shown.name, name).values()]


def texts(svg: str) -> list[str]:
    return [html.unescape(text) for text in re.findall(r"<text[^>]*>([^<]+)</text>", svg) if not text.isspace()]


def test_labels_are_those_of_the_code(drawn: SmallBook):
    (light, _) = files(drawn, "en")
    found = figures.labels(light)
    assert {"5 steps", "BERT-2", r"loss, $-\log p$", "learning rate", "n & m"} <= set(found)
    assert len(found) == len(set(found))


def test_each_language_has_its_words_and_its_face(drawn: SmallBook):
    for language, words in (("zh", {"5 步", "学习率"}), ("en", {"5 steps", "learning rate"})):
        for svg in files(drawn, language):
            assert {*words, "BERT-2", "n & m"} <= set(texts(svg))
            assert f"<style>text{{font-family:{drawn.words(language, 'figure')['face']}}}" in svg
            assert "DejaVu" not in svg


def test_a_label_with_a_formula_can_be_translated(drawn: SmallBook):
    with figures.words_file(drawn).open("a", encoding="utf-8") as table:
        table.write('"loss, $-\\log p$",损失 −log p\n')
    assert "损失 −log p" in texts(files(drawn, "zh")[0]) and "损失" not in files(drawn, "en")[0]
    (size,) = re.findall(r'<text style="font-size: ([\d.]+)px">损失', files(drawn, "zh")[0])
    assert f"font-size: {size}px" in files(drawn, "en")[0]  # as large as it was


def test_light_and_dark_differ_in_their_ink_alone(drawn: SmallBook):
    light, dark = files(drawn, "zh")
    assert figures.LIGHT_INK in light and dark == light.replace(figures.LIGHT_INK, figures.DARK_INK)


def test_a_color_that_code_names_is_that_of_the_book(drawn: SmallBook):
    settings = (Path(environment.__file__).parent / "matplotlibrc").read_text(encoding="utf-8")
    assert all(color.lstrip("#") in settings for color in figures.COLORS.values())
    shown = record.shown(drawn, drawn.page().blocks[1].name)
    assert shown
    (name,) = shown.result.figures
    named = "".join(f'<path style="stroke: {color}"/>' for color in figures.COLORS)
    old = f'<svg width="9pt" height="9pt">{named}</svg>'
    record.save(drawn, [replace(shown, result=replace(shown.result, figures={name: old.encode()}))])
    found = re.findall("#[0-9a-f]{6}", files(drawn, "zh")[0])
    assert found == list(figures.COLORS.values())


def test_search_and_screen_readers_find_the_words(drawn: SmallBook):
    (told,) = re.findall(r'<span class="figure-words">(.*?)</span>', draw(drawn))
    assert told.startswith("图中文字：") and "学习率" in told and "5 步" in told and "n &amp; m" not in told
    assert "mathdefault" not in told and "10" not in told, "numbers need not be read aloud"
    assert "Text in the figure: " in draw(drawn, "en") and "loss, -log p" in draw(drawn, "en")


def test_a_label_without_translation_is_a_finding_where_the_figure_stands(drawn: SmallBook):
    (finding,) = figures.untranslated(drawn, drawn.page())
    line = drawn.zh.read_text(encoding="utf-8").split("\n").index('![三条线](figure:1 "三条线")') + 1
    assert (finding.file, finding.line) == ("docs/zh/part/page.md", line)
    assert "loss, $" in finding.problem and "docs/data/figure_words.csv" in finding.remedy
    assert not list(figures.untranslated(drawn, drawn.page("en"))), "the page did not ask for it"
    figures.words_file(drawn).unlink()
    assert len(list(figures.untranslated(drawn, drawn.page()))) == 3


def test_a_page_in_the_language_of_the_labels_has_them_as_they_are(drawn: SmallBook):
    drawn.edit(drawn.en, "title: ", "figures: translated\ntitle: ")
    (finding,) = figures.untranslated(drawn, drawn.page("en"))
    assert (finding.file, finding.line) == ("docs/en/part/page.md", 2)
    assert "no column en" in finding.problem and finding.remedy == "delete figures: translated"


@pytest.mark.parametrize(
    "label", ["10%", "−0.5", "$10^{4}$", r"$\mathdefault{10^{4}}$", "T = 0.25", "GPT-3", "x", "6ND", "MB"]
)
def test_numbers_symbols_and_names_need_no_translation(label: str):
    assert not figures.needs_translation(label)


@pytest.mark.parametrize("label", ["loss", "English only", "6ND / counted", "p(malignant)", "n steps"])
def test_words_do(label: str):
    assert figures.needs_translation(label)


def test_a_figure_recorded_with_letters_as_outlines_is_shown_as_it_is(drawn: SmallBook):
    shown = record.shown(drawn, drawn.page().blocks[1].name)
    assert shown
    (name,) = shown.result.figures
    old = f'<svg width="9pt" height="9pt"><!-- learning rate --><g style="fill: {figures.LIGHT_INK}"><path/></g></svg>'
    record.save(drawn, [replace(shown, result=replace(shown.result, figures={name: old.encode()}))])
    assert files(drawn, "zh") == [old, old.replace(figures.LIGHT_INK, figures.DARK_INK)]


def test_the_face_is_that_of_the_page():
    css = (Book().root / "theme" / "assets" / "stylesheets" / "book.css").read_text(encoding="utf-8")
    stacks = {name: re.sub(r"\s+", " ", value) for name, value in re.findall(r"(--book-\w+): ([^;]*);", css)}
    frames = re.findall(r"--book-frame: ([^;]*);", css)
    for language, frame in zip(("zh", "en"), frames, strict=True):
        whole = re.sub(r"var\((--book-\w+)\)", lambda match: stacks[match[1]], frame)
        fonts = [font.strip(' "') for font in whole.split(",")]
        assert [font.strip('"') for font in Book().words(language, "figure")["face"].split(",")] == fonts


def test_a_drawn_page_depends_on_the_table_of_words(drawn: SmallBook):
    for _ in range(2):
        with store.noted() as reads:
            draw(drawn)
        assert figures.words_file(drawn) in reads


@pytest.mark.parametrize(
    ("label", "told"), [(" ", " "), ("x", "甲"), ("text", "文字"), ("a &amp; b", "a &amp; b")], ids=repr
)
def test_a_label_is_replaced_and_not_the_same_letters_in_its_mark(
    book: SmallBook, label: str, told: str, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(
        figures, "translation", lambda book, language, label: {"x": "甲", "text": "文字"}.get(label, label)
    )
    svg = f'<svg><defs></defs><text style="font-size: 8px" x="1" y="2">{label}</text></svg>'
    drawn = figures._on_page(book, "zh", svg, "#000")
    assert f'<text style="font-size: 8px" x="1" y="2">{told}</text>' in drawn


def test_a_page_can_show_a_figure_of_another(drawn: SmallBook):
    for page, language in ((drawn.zh, "zh"), (drawn.en, "en")):
        block, name = figures.elsewhere(drawn, language, "part/page#below")
        assert block == drawn.page().blocks[1].name
        shown = record.shown(drawn, block)
        assert shown and [name] == list(shown.result.figures)
        drawn.edit(page, "## ", "<!-- picture: part/page#below -->\n\n## ")
    with_picture = draw(drawn)
    assert with_picture.count('class="book-picture"') == 1
    assert with_picture.count("figure-words") == 1, "beside its own caption, not beside the adornment"


@pytest.mark.parametrize(
    ("argument", "problem"),
    [
        ("part/none#below", "no page 'part/none'"),
        ("part/page#none", "no heading 'none'"),
        ("part/page#below 2", "no figure 2 below"),
        ("part/page#below two", "no figure two below"),
    ],
)
def test_a_figure_of_another_page_that_is_not_there_is_named(drawn: SmallBook, argument: str, problem: str):
    drawn.edit(drawn.zh, "## ", f"<!-- picture: {argument} -->\n\n## ")
    assert problem in html.unescape(draw(drawn))
    assert any(problem in finding.problem for finding in lint.findings(drawn, drawn.page()))
