"""The command line: ``python -m book COMMAND``. Every error is one message with its place and its remedy."""

import argparse
import gc
import json
import os
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from book.core.findings import BookError, Finding, error
from book.core.page import Block, Page, read
from book.core.page import pages as every_page
from book.core.site import Book
from book.core.store import DISK_FAULTS, disk_error
from book.core.unforeseen import as_error
from book.equations.records import Placed
from book.evidence.record import DEVICES, Result
from book.evidence.repeated import KINDS

KINDS_OF_DOWNLOADS = ("code", "offline", "epub", "pdf")
console = Console(stderr=True, highlight=False, soft_wrap=True, emoji=False)  # line 100 is no picture of a hundred


def main(arguments: Sequence[str] | None = None, book: Book | None = None) -> int:
    """Run one command; return the exit status: 0, or 1 after a message."""
    book, doing = book or Book(), "python -m book"
    if arguments is None:  # which Python takes for ASCII where the system names no language
        arguments = [os.fsencode(each).decode("utf-8", "replace") for each in sys.argv[1:]]
    try:
        options = _parser(book).parse_args(arguments)
        if getattr(options, "records", None):
            book = replace(book, records=options.records.resolve())
        doing = f"python -m book {options.name_of_command}"
        return int(options.command(book, options) or 0)
    except KeyboardInterrupt:
        console.print("stopped; what was recorded before is still there")
        return 130
    except Exception as problem:
        if isinstance(problem, OSError) and problem.errno in DISK_FAULTS:
            where = problem.filename if isinstance(problem.filename, str | Path) else "."
            message = disk_error(problem, book.shown(Path(where)))
        else:
            message = as_error(book, problem, doing)
        console.print(str(message), style="red", markup=False)
        return 1


def _whole(least: int, most: int | None = None) -> Callable[[str], int]:
    """Return what reads a whole number of the command line."""

    def read_number(text: str) -> int:
        if text.isdecimal() and least <= int(text) <= (most or int(text)):
            return int(text)
        span = f"from {least} to {most}" if most else f"of at least {least}"
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number {span}")

    return read_number


def _parser(book: Book) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m book", description="Make the book: run, record, check, build.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND", dest="name_of_command")

    def add(name: str, command: Callable[[Book, argparse.Namespace], int | None], text: str) -> argparse.ArgumentParser:
        added = commands.add_parser(name, help=text)
        added.set_defaults(command=command)
        return added

    run = add("run", _run, "run the pages whose records are stale and record them")
    run.add_argument("--all", action="store_true", help="run every page, stale or not")
    run.add_argument("--page", action="append", default=[], help="run this page, stale or not (may be repeated)")
    run.add_argument("--watch", metavar="PAGE", help="run this page again whenever it is saved, from what changed on")
    run.add_argument("--twice", action="store_true", help="run each page once more, and name what differs")
    run.add_argument("--device", choices=DEVICES, default="cpu", help="device class to record (default: cpu)")
    run.add_argument("--cluster", metavar="ADDRESS", help="spread the pages over this Ray cluster (host:port)")
    long = add("long", _long, "run the long runs whose code changed and keep their results")
    long.add_argument("--all", action="store_true", help="run every one, stale or not")
    long.add_argument("--script", action="append", default=[], help="run this one, such as concepts/sizes_long.py")
    long.add_argument("--reduced", action="store_true", help="run less of every one, to its end, and keep nothing")
    shards = add("shards", _shards, "split the pages into shards of about equal recorded seconds (JSON)")
    shards.add_argument("count", type=_whole(1), help="number of shards")
    add("check", _check, "list everything that forbids publishing")
    build = add("build", _build, "build both sites, strictly")
    build.add_argument("--target", type=Path, default=Path("site"), help="folder to build into (default: site)")
    for each, what in ((run, "write"), (build, "build of")):
        each.add_argument("--records", type=Path, help=f"folder of the records to {what} (default: records)")
    finish = add("finish", _finish, "complete the site of a language whose pages another program has drawn")
    finish.add_argument("language", choices=book.languages)
    finish.add_argument("site", type=Path, help="its folder")
    finish.add_argument("--address", help="where it will be published")
    downloads = add("downloads", _downloads, "make PDF, EPUB, offline copy and archive of code of the built site")
    downloads.add_argument("--site", type=Path, default=Path("site"), help="the built site (default: site)")
    downloads.add_argument("--only", action="append", default=[], choices=KINDS_OF_DOWNLOADS, help="these alone")
    downloads.add_argument("--pages", type=_whole(1), help="so many pages of each language alone, to try it")
    serve = add("serve", _serve, "show both sites and reload on change; runs no block")
    serve.add_argument("--port", type=_whole(1, 65535), default=8000, help="port of this machine (default: 8000)")
    sweep = add("sweep", _sweep, "run a page with several seeds and record the spread of its results")
    sweep.add_argument("page")
    sweep.add_argument("--seeds", type=_whole(1), default=10, help="number of seeds (default: 10)")
    repeat = add("repeat", _repeat, "repeat in full what no build repeats, and compare it with what is committed")
    repeat.add_argument("kind", nargs="*", default=KINDS, help=f"of {', '.join(KINDS)} these alone (default: all)")
    new = add("new", _new, "start a page in both languages, with its snippet and its places in the menu")
    new.add_argument("name", help="part/name, such as algorithms/training-loop")
    for language in book.languages:
        new.add_argument(f"--{language}-title", default="", help=f"title of the page in {book.docs(language).name}")
    renamed = add("rename", _rename, "give a page another name, in all languages, with a redirect")
    renamed.add_argument("old", help="its name")
    renamed.add_argument("new", help="part/name")
    equations = add("equations", _equations, "check the equations whose records are stale and record them")
    equations.add_argument("--page", action="append", default=[], help="the equations of this page (may be repeated)")
    equations.add_argument("--all", action="store_true", help="check all of them, stale or not")
    equations.add_argument("--list", action="store_true", help="list the equalities within lines; checks nothing")
    confirm = add("confirm", _confirm, "note that rows of a table of sources have been read again as they stand")
    confirm.add_argument("table", help="such as models.csv")
    confirm.add_argument("row", nargs="+", help="id of a row whose source you have just read")
    add("data", _data, "fetch and verify the data sets, and say where they came from")
    return parser


def _run(book: Book, options: argparse.Namespace) -> None:
    from book.check import publishable, values
    from book.equations import records
    from book.evidence import record
    from book.notebook import twin
    from book.run.session import lacking, only_run

    if options.watch:
        return _watch(book, book.find_page(options.watch))
    names = [book.find_page(name) for name in options.page] or book.page_names(book.languages[0])
    pages = [page for name in names if (page := read(book, book.languages[0], name)).blocks]
    if not (options.all or options.page):
        pages = [page for page in pages if not _has_fresh(book, page, options.device)]
    for page in list(pages):
        if why := lacking(page):
            if options.page:
                raise error(f"{page.name} cannot run: {why}", "run: make frameworks", book.shown(page.file))
            console.print(f"{page.name}: left out, {why}", markup=False)
            pages.remove(page)
    if wrong := [found for page in pages for found in values.unfounded(book, page)]:
        raise BookError(*wrong)
    with only_run(book):
        if failed := _run_and_record(book, pages, options):
            raise BookError(*failed)
        everything = every_page(book)
        in_use = {block.name for page in everything for block in page.blocks}
        gone = record.prune(book, in_use)
        for name in in_use:
            record.drop_loose_files(book, name)
        twin.write_copies(book)
        console.print(f"{len(pages)} pages run, {len(gone)} records of former blocks removed")
        if options.device == "cpu":
            marked = records.placed(book, pages if options.page else None)
            _check_equations(book, marked if options.all else records.stale(book, marked))
    stale = [page.name for page in everything if not publishable.is_fresh(book, page)]
    if stale and options.device == "cpu":
        raise error(f"still stale: {', '.join(stale)}", "run: make run")


def _watch(book: Book, name: str) -> None:
    """Run a page whenever it is saved, until it is interrupted, and record each run."""
    from book.evidence import record
    from book.run import session, watch

    def tell(block: Block, result: Result | None) -> None:
        if result:
            console.print(f"  block {block.index + 1}, line {block.line}: {result.seconds:.1f} s", markup=False)

    def ran(outcome: Sequence[record.Record] | BookError) -> None:
        if isinstance(outcome, BookError):
            console.print(str(outcome), style="red", markup=False)
        else:
            record.save(book, outcome)
            console.print(f"{name}: {len(outcome)} blocks recorded", markup=False)
        console.print(f"waiting for the next change of {name}   (Ctrl+C stops; then: make run)", markup=False)

    with session.only_run(book):
        folders = [folder for folder in (book.docs(book.languages[0]), book.snippets, book.data) if folder.is_dir()]
        watch.watch(book, name, watch.saves(folders), tell, ran)


def _run_and_record(book: Book, pages: Sequence[Page], options: argparse.Namespace) -> list[Finding]:
    """Run pages here or on a cluster, record each as soon as it ends, and return what is wrong with those that fail."""
    from book.evidence import record
    from book.run import cluster, repeat, session

    failed: list[Finding] = []
    with _progress() as progress:
        blocks = progress.add_task("blocks", total=sum(len(page.blocks) for page in pages))

        def tell(block: Block, result: Result | None) -> None:
            if result is None:
                progress.update(blocks, description=f"{block.page} line {block.line}")
            else:
                progress.advance(blocks)

        if options.cluster:
            outcomes = cluster.run_pages(book, pages, options.device, options.cluster, tell)
        else:
            outcomes = session.run_pages(book, pages, options.device, tell)
        for page, outcome in outcomes:
            if isinstance(outcome, BookError):
                progress.console.print(f"{page.name}: failed", style="red", markup=False)
                failed += outcome.findings
                continue
            if options.twice and (differ := repeat.differing(book, page, outcome)):
                progress.console.print(f"{page.name}: a second run says otherwise", style="red", markup=False)
                failed += differ
                continue
            written = outcome if options.all or options.device != "cpu" else session.news(book, page, outcome)
            record.save(book, written)
            seconds = sum(each.result.seconds for each in outcome)
            kept = f", of which {len(outcome) - len(written)} gave what is recorded" if written != outcome else ""
            progress.console.print(f"{page.name}: {len(outcome)} blocks, {seconds:.1f} s{kept}", markup=False)
    return failed


def _has_fresh(book: Book, page: Page, device: str) -> bool:
    from book.check import publishable
    from book.evidence import record

    if device == "cpu":
        return publishable.is_fresh(book, page)
    recorded = [record.load(book, block.name, device) for block in page.blocks]
    return all(each is not None and record.outdated(book, each) is None for each in recorded)


def _progress() -> Progress:
    columns = (TextColumn("{task.description}", markup=False), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    return Progress(*columns, console=console)


def _check(book: Book, options: argparse.Namespace) -> int:
    from book.check.publishable import check

    gc.disable()  # what is read stays until the end: to look for garbage again and again takes an eighth of the time
    try:
        findings = check(book)
    finally:
        gc.enable()
    for finding in findings:
        console.print(str(finding), markup=False)
    pages = len(book.page_names(book.languages[0]))
    console.print(f"{len(findings)} findings on {pages} pages in {len(book.languages)} languages")
    return 1 if findings else 0


def _confirm(book: Book, options: argparse.Namespace) -> None:
    from book.check import readings

    readings.confirm(book, options.table, options.row)


def _build(book: Book, options: argparse.Namespace) -> int:
    from book.publish.build import build

    if _check(book, options):
        return 1
    build(book, options.target.resolve())
    console.print(f"built {book.shown(options.target)}")
    return 0


def _finish(book: Book, options: argparse.Namespace) -> None:
    from book.publish.files import finish

    pages = finish(book, options.language, options.site, options.address)
    console.print(f"{book.shown(options.site)}: {pages} pages, and what lies beside them", markup=False)


def _downloads(book: Book, options: argparse.Namespace) -> None:
    from book.publish.downloads import make

    for file in make(book, options.site.resolve(), tuple(options.only), options.pages):
        console.print(f"{book.shown(file)}: {file.stat().st_size / 1e6:.1f} MB", markup=False)


def _serve(book: Book, options: argparse.Namespace) -> None:
    from book.publish.preview import serve

    serve(book, options.port)


def _sweep(book: Book, options: argparse.Namespace) -> None:
    from book.notebook import twin
    from book.run.session import only_run
    from book.run.sweep import sweep

    page = read(book, book.languages[0], book.find_page(options.page))
    with only_run(book):
        sweep(book, page, options.seeds, lambda text: console.print(text, markup=False))
        twin.write_copies(book)  # they may quote it


def _long(book: Book, options: argparse.Namespace) -> None:
    from book.evidence.long_run import scripts as scripts_of
    from book.evidence.long_run import stale
    from book.run import long_run
    from book.run.session import only_run

    scripts = {script.relative_to(book.snippets).as_posix(): script for script in scripts_of(book)}
    if unknown := set(options.script) - scripts.keys():
        raise error(f"there is no long run {unknown.pop()!r}", f"name one of: {', '.join(scripts)}")
    everything = options.all or options.reduced
    chosen = [scripts[name] for name in options.script] or [
        script for script in scripts.values() if everything or stale(book, script)
    ]

    left_out = long_run.too_slow(book) if options.reduced else {}

    def run(script: Path) -> None:
        if why := left_out.get(script):
            console.print(f"{book.shown(script)}: not run, {why}", markup=False)
            return
        console.print(f"{book.shown(script)}: begins", markup=False)
        done = long_run.run(book, script, reduced=options.reduced)
        console.print(f"{book.shown(script)}: {done.seconds:.0f} s", markup=False)

    alone, processes = (nullcontext(), 2) if options.reduced else (only_run(book), 1)  # where seconds are kept
    with alone, ThreadPoolExecutor(processes) as at_once:
        list(at_once.map(run, chosen))
    console.print(f"{len(chosen)} long runs" + (", reduced" if options.reduced else ""))


def _repeat(book: Book, options: argparse.Namespace) -> None:
    from book.run.repeat import repeat

    if unknown := {*options.kind} - {*KINDS}:
        raise error(f"there is no kind {unknown.pop()!r}", f"name one of: {', '.join(KINDS)}")
    if findings := repeat(book, options.kind, lambda text: console.print(text, markup=False)):
        raise BookError(*findings)


def _shards(book: Book, options: argparse.Namespace) -> None:
    from book.run.shards import split

    shards = split(book, options.count)
    listing = [
        {"shard": f"{i}/{len(shards)}", "seconds": round(shard.seconds, 1), "pages": shard.pages}
        for i, shard in enumerate(shards, start=1)
    ]
    print(json.dumps(listing, ensure_ascii=False, indent=1))


def _new(book: Book, options: argparse.Namespace) -> None:
    from book import scaffold

    titles = {language: getattr(options, f"{language}_title") for language in book.languages}
    for file in scaffold.new(book, options.name, titles):
        console.print(f"wrote {book.shown(file)}", markup=False)
    console.print(f"next: do what the notes say, then: python -m book run --page {options.name}", markup=False)
    console.print("what is left to do: python -m book check", markup=False)


def _rename(book: Book, options: argparse.Namespace) -> None:
    from book.rename import rename

    still = rename(book, options.old, options.new)
    console.print(f"{options.old} is {options.new} now, and its former address leads there", markup=False)
    for place in still:
        console.print(f"  still names it: {place}", markup=False)
    console.print("next: python -m book check", markup=False)


def _equations(book: Book, options: argparse.Namespace) -> None:
    from book.equations import marks, records

    pages = [read(book, book.languages[0], book.find_page(name)) for name in options.page] or None
    if options.list:
        for each in marks.every(book):
            if not options.page or each.page in {page.name for page in pages or ()}:
                console.print(f"{each.page}:{each.line}: {each.tex}: {each.state}", markup=False)
        return
    marked = records.placed(book, pages)
    _check_equations(book, marked if options.all else records.stale(book, marked))


def _check_equations(book: Book, chosen: Sequence[Placed]) -> None:
    """Check equations, record those that hold, and bring their report up to date."""
    from book.equations import records, report

    failed: list[Finding] = []
    if chosen:
        from book.equations.verify import verify
        from book.run import environment

        environment.enter(book)
        with _progress() as progress:
            task = progress.add_task("equations", total=len(chosen))
            for equation in chosen:
                place = f"{equation.page.name} line {equation.line}: {equation.declaration.id}"
                progress.update(task, description=place)
                try:
                    checked = verify(book, equation)
                except Exception as problem:
                    progress.console.print(f"{place}: failed", style="red", markup=False)
                    failed += as_error(book, problem, f"the check of {place}").findings
                else:
                    records.save(book, checked)
                    text = f"{place}: {checked.killed} of {checked.mutants} mutants killed"
                    unexplained = [f"\n    survives: {s.mutant}" for s in checked.survivors if not s.reason]
                    progress.console.print(text + "".join(unexplained), markup=False)
                progress.advance(task)
    gone = records.prune(book)
    report.write(book)
    if failed:
        raise BookError(*failed)
    console.print(f"{len(chosen)} equations checked, {len(gone)} records of former ones removed", markup=False)


def _data(book: Book, options: argparse.Namespace) -> None:
    from book.core.inputs import archives
    from book.run.archives import fetch
    from book.run.providers import report

    print(report(book))
    for archive in archives(book).values():
        print(f"{archive.origin}: {archive.holds}\n    {book.shown(fetch(book, archive))}, {archive.license}")
