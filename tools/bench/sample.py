"""The content that every generator gets: pages of prose, formulas and small blocks that print, made from a seed."""

from __future__ import annotations

import io
import random
import re
from collections.abc import Callable, Mapping
from contextlib import redirect_stdout
from dataclasses import dataclass
from typing import Any

PAGES_IN_PART = 10
SECTIONS = 5
WORDS_ON_PAGE = 8
EDITABLE = {"zh": "这句话会被修改", "en": "This sentence will be edited"}
"""What ``edit`` looks for on a page; it stands on each page once."""

TERMS: Mapping[str, tuple[tuple[str, str], ...]] = {
    "卷积": (
        (
            "卷积用一个小窗口扫过输入，在每个位置上做一次加权求和，所以同一种图样出现在哪里都认得出来。",
            "A convolution slides a small window over its input and takes a weighted sum at every place, so that it "
            "recognizes a pattern wherever it appears.",
        ),
        (
            "窗口边长为 $k$ 时，卷积在每个位置只做 $k^2$ 次乘法，比全连接少得多。",
            "With a window of side $k$ a convolution multiplies only $k^2$ times at each place, far less than a dense "
            "layer does.",
        ),
    ),
    "验证": (
        (
            "做选择时只看验证的结果，测试集留到最后，而且只用一次。",
            "Decide by what validation shows; keep the test set for the end, and use it once.",
        ),
    ),
    "训练": (
        (
            "训练就是反复做同一件事：算出错了多少，再朝着错得更少的方向挪一小步。",
            "Training repeats one thing: find out how wrong the answer is, then take a small step toward less wrong.",
        ),
        (
            "训练久了并不总是更好，什么时候停下来本身就是一个选择。",
            "More training is not always better, and when to stop is itself a choice.",
        ),
    ),
    "过拟合": (
        (
            "背下来的题都对、没见过的题都错，这就是过拟合。",
            "Right on everything memorized and wrong on everything new: that is overfitting.",
        ),
    ),
    "参数": (
        (
            "这一层有 $n(m+1)$ 个参数，其中 $n$ 个是偏置。",
            "This layer has $n(m+1)$ parameters, $n$ of which are biases.",
        ),
        (
            "参数多意味着能记住的东西多，也意味着要看过的东西多。",
            "More parameters can remember more, and need to have seen more.",
        ),
    ),
    "准确率": (
        (
            "准确率把所有的错误一视同仁，可有些错误的代价比别的大得多。",
            "Accuracy treats all mistakes alike, although some cost far more than others.",
        ),
    ),
    "数据集": (
        (
            "换一份数据集，结论就可能反过来，所以报告里要写清楚用的是哪一份、哪一版。",
            "Another data set may reverse the conclusion, so a report names the one it used, and which version of it.",
        ),
    ),
    "图像": (
        (
            "一张图像不过是一张数表，每个格子里是 $0$ 到 $255$ 之间的一个整数。",
            "An image is nothing but a table of numbers, each cell an integer from $0$ to $255$.",
        ),
    ),
    "神经网络": (
        (
            "神经网络由许多简单的步骤叠成，每一步都能用纸和笔验算。",
            "A neural network is a stack of simple steps, each of which can be checked with pencil and paper.",
        ),
        (
            "去掉中间的非线性，再深的神经网络也只相当于一次矩阵乘法。",
            "Take away what is not linear in between, and the deepest neural network amounts to one matrix product.",
        ),
    ),
    "模型": (
        (
            "同一个模型换一个随机种子，结果也会不同，只报一次就是只抽了一次签。",
            "The same model with another seed gives another result; to report one run is to draw one lot.",
        ),
    ),
    "权重": (
        (
            "权重 $w_i$ 为正，说明第 $i$ 个输入越大，分数越高。",
            "A positive weight $w_i$ says that the score rises with input number $i$.",
        ),
    ),
    "损失": (
        (
            "损失是一个数，它把“错得有多远”变成了可以求导的东西。",
            "The loss is one number, which turns how wrong an answer is into something with a derivative.",
        ),
        (
            "一开始什么也不知道，损失应当在 $\\log C$ 附近，这里 $C$ 是类别的个数。",
            "At the start nothing is known, and the loss should be near $\\log C$, where $C$ is the number of classes.",
        ),
    ),
    "学习率": (
        (
            "学习率 $\\eta$ 太小，走得慢；太大，来回跳，甚至越跳越远。",
            "With a learning rate $\\eta$ that is too small progress is slow; with one too large it jumps back and "
            "forth, or even away.",
        ),
    ),
    "梯度": (
        (
            "梯度指向上升最快的方向，所以要沿着它的反方向走。",
            "The gradient points where the ascent is steepest, so we go the other way.",
        ),
        (
            "用有限差分可以验算梯度：把自变量挪动 $h$，看看结果变了多少。",
            "Finite differences check a gradient: move the argument by $h$ and see how much the result changes.",
        ),
    ),
}
"""The Chinese words that are searched for, each with what is said of it, in Chinese and in English."""

REMARKS = (
    (
        "先猜一个答案，再往下看；猜错的那一次往往记得最牢。",
        "Guess before you read on; a wrong guess is what one remembers best.",
    ),
    (
        "这一步看上去多余，但少了它，后面的每一行都要多写一个特例。",
        "This step looks superfluous, yet without it every later line would need a special case.",
    ),
    (
        "公式里的每个符号都能在下面的代码里找到，名字也尽量一样。",
        "Every symbol of the formula is found in the code below, under the same name where possible.",
    ),
    (
        "把数字改一改再运行一遍，比读三遍更有用。",
        "Changing a number and running it again is worth more than reading it three times.",
    ),
    (
        "这里的记号沿用教科书：小写是标量或向量，大写是矩阵。",
        "The notation is that of the textbooks: lower case for scalars and vectors, upper case for matrices.",
    ),
    (
        "如果输出和这里不一样，先看版本，再看线程数。",
        "If your output differs from this one, look at the versions first, and then at the number of threads.",
    ),
    (
        "换句话说，左边是我们想要的，右边是我们算得出的。",
        "In other words, on the left is what we want and on the right is what we can compute.",
    ),
    (
        "当 $n$ 很大时，这个近似几乎没有误差；$n$ 很小时要当心。",
        "For large $n$ the approximation is nearly exact; for small $n$, take care.",
    ),
    (
        "不妨停下来想一想：如果把两项对调，结果还一样吗？",
        "Stop and think for a moment: if the two terms changed places, would the result be the same?",
    ),
    (
        "历史上人们走过弯路，今天的写法是许多次失败之后剩下来的。",
        "History took detours here, and today's form is what many failures have left.",
    ),
    (
        "为了看得清楚，例子故意取得很小，手算几分钟就能核对。",
        "The example is small on purpose, so that a few minutes by hand suffice to check it.",
    ),
    (
        "注意 $\\epsilon$ 的作用：它只防止除以零，不改变别的。",
        "Note what $\\epsilon$ is for: it prevents a division by zero and changes nothing else.",
    ),
)

HEADINGS = (
    ("从一个问题开始", "It starts with a question"),
    ("把想法写成式子", "The idea as a formula"),
    ("最少的几行代码", "The fewest lines of code"),
    ("结果说明了什么", "What the result means"),
    ("再往前走一步", "One step further"),
)

FORMULAS: tuple[Callable[[random.Random], str], ...] = (
    lambda r: rf"\hat{{y}} = \sum_{{i=1}}^{{{r.randint(3, 99)}}} w_i x_i + b",
    lambda r: rf"L = -\frac{{1}}{{{r.randint(2, 512)}}} \sum_{{n}} \log \frac{{e^{{z_{{y_n}}}}}}{{\sum_j e^{{z_j}}}}",
    lambda r: rf"\theta_{{t+1}} = \theta_t - 10^{{-{r.randint(1, 9)}}} \, \nabla_\theta L(\theta_t)",
    lambda r: rf"\operatorname{{softmax}}(z)_i = \frac{{e^{{z_i / {r.randint(1, 40)}}}}}{{\sum_j e^{{z_j}}}}",
    lambda r: rf"\frac{{\partial L}}{{\partial W}} = X^{{\top}} (P - Y) + {r.randint(1, 99)} \lambda W",
    lambda r: rf"A = \operatorname{{softmax}}\left(\frac{{Q K^{{\top}}}}{{\sqrt{{{r.randint(2, 256)}}}}}\right) V",
    lambda r: rf"\sigma^2 = \frac{{1}}{{n - {r.randint(1, 9)}}} \sum_{{i=1}}^{{n}} (x_i - \bar{{x}})^2",
    lambda r: rf"C(N) \approx \left(\frac{{N_c}}{{N}}\right)^{{\alpha}}, \quad \alpha = 0.{r.randint(10, 99)}",
)


def _weighted_sum(r: random.Random) -> str:
    weights, inputs = ([round(r.uniform(-1, 1), 2) for _ in range(4)] for _ in range(2))
    return f"""\
weights = {weights}
inputs = {inputs}
score = sum(w * x for w, x in zip(weights, inputs, strict=True))
print("score", round(score, 4))"""


def _softmax(r: random.Random) -> str:
    return f"""\
logits = {[round(r.uniform(-3, 3), 1) for _ in range(5)]}
exponentials = [math.exp(logit) for logit in logits]
probabilities = [e / sum(exponentials) for e in exponentials]
for logit, probability in zip(logits, probabilities, strict=True):
    print(f"{{logit:5.1f}} -> {{probability:.4f}}")"""


def _descent(r: random.Random) -> str:
    return f"""\
x, learning_rate = {r.uniform(2, 9):.2f}, {r.uniform(0.05, 0.4):.2f}
for step in range(6):
    gradient = 2 * (x - {r.randint(-3, 3)})
    x = x - learning_rate * gradient
    print(step, round(x, 5))"""


def _spread(r: random.Random) -> str:
    return f"""\
sample = [random.gauss({r.randint(0, 9)}, {r.randint(1, 5)}) for _ in range({r.randint(200, 900)})]
mean = sum(sample) / len(sample)
variance = sum((value - mean) ** 2 for value in sample) / (len(sample) - 1)
print("mean", round(mean, 3), "standard deviation", round(math.sqrt(variance), 3))"""


def _count(r: random.Random) -> str:
    return f"""\
layers = [({r.randint(64, 784)}, {r.randint(16, 128)}), ({r.randint(16, 128)}, {r.randint(2, 10)})]
for inputs, outputs in layers:
    print(f"{{inputs:>4}} x {{outputs:<4}} {{inputs * outputs + outputs:>8,}} parameters")"""


CODE = (_weighted_sum, _softmax, _descent, _spread, _count)
FIRST_LINES = "import math\nimport random\n\nseed = 0\nrandom.seed(seed)\n\n"


@dataclass(frozen=True)
class Section:
    """A heading, text, a formula, a block that prints, and text; the texts by language.

    Attributes:
        value: what the block below ends with, quoted in the prose: an expression over its variables.
        quoted: what ``value`` gives.
    """

    heading: Mapping[str, str]
    before: Mapping[str, str]
    formula: str
    code: str
    output: str
    after: Mapping[str, str]
    value: str
    quoted: str


@dataclass(frozen=True)
class SamplePage:
    """A page in both languages."""

    name: str
    title: Mapping[str, str]
    description: Mapping[str, str]
    sections: tuple[Section, ...]

    def text(self, language: str) -> str:
        """Return everything in which a reader would expect a search to look."""
        parts = [self.title[language]]
        for section in self.sections:
            parts += [section.heading[language], section.before[language], section.after[language]]
        return "\n".join(parts)


def make(pages: int, seed: int = 0) -> list[SamplePage]:
    """Return pages, the same ones for the same seed; ten form a part."""
    return [_page(number, random.Random(f"{seed} {number}")) for number in range(pages)]


def _page(number: int, r: random.Random) -> SamplePage:
    name = f"part-{number // PAGES_IN_PART + 1:02}/page-{number % PAGES_IN_PART + 1:02}"
    words = r.sample(sorted(TERMS), WORDS_ON_PAGE)
    sentences = [pair for word in words for pair in TERMS[word]] + list(REMARKS)
    r.shuffle(sentences)
    formulas = r.sample(FORMULAS, SECTIONS)
    codes = r.sample(CODE, SECTIONS)
    names: dict[str, Any] = {}
    sections = []
    for i in range(SECTIONS):
        code = (FIRST_LINES if i == 0 else "") + codes[i](r)
        printed = io.StringIO()
        with redirect_stdout(printed):
            exec(code, names)
        mine = sentences[i::SECTIONS]
        half = (len(mine) + 1) // 2
        first, second = ({"zh": _join(part, 0), "en": _join(part, 1)} for part in (mine[:half], mine[half:]))
        if i == 0:
            first = {language: f"{EDITABLE[language]}{end}{first[language]}" for language, end in ENDS.items()}
        value = _quotable(code)
        quoted = str(eval(value, names))
        heading = dict(zip(("zh", "en"), HEADINGS[i], strict=True))
        sections.append(Section(heading, first, formulas[i](r), code, printed.getvalue(), second, value, quoted))
    title = {"zh": f"第 {number + 1} 课：{words[0]}", "en": f"Lesson {number + 1}"}
    description = {
        "zh": f"第 {number + 1} 课，谈{'、'.join(words)}；文字、公式和会运行的代码。",
        "en": f"Lesson {number + 1} of a sample book: prose, formulas, and code that runs.",
    }
    return SamplePage(name, title, description, tuple(sections))


ENDS = {"zh": "。", "en": ". "}
"""What ends a sentence that another follows."""


def _join(pairs: list[tuple[str, str]], language: int) -> str:
    return ("" if language == 0 else " ").join(pair[language] for pair in pairs)


def _quotable(code: str) -> str:
    """Return an expression over the variables of a block, for the prose to quote."""
    if "score =" in code:
        return "round(score, 3)"
    if "probabilities =" in code:
        return "round(max(probabilities), 3)"
    if "learning_rate =" in code:
        return "round(x, 3)"
    if "mean =" in code:
        return "round(mean, 2)"
    return "outputs"


def edit(source: str, mark: str) -> str:
    """Return the source of a page with a mark (letters and digits) put into one sentence of its prose.

    Raises:
        ValueError: it holds no such sentence.
    """
    for sentence in EDITABLE.values():
        changed, found = re.subn(rf"{sentence}( [a-z]+[0-9]+)?", f"{sentence} {mark}", source)
        if found == 1:
            return changed
    raise ValueError("this page has no sentence to edit")
