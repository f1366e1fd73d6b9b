"""Plans a batch by the journal, by the files that have the names of results, and by the content of those files."""

from __future__ import annotations

import concurrent.futures
import dataclasses
import hashlib
import json
import os
import re
from collections.abc import Callable, Iterable, Mapping

import veneer
from veneer.cli import pictures
from veneer.cli.batch import places
from veneer.cli.batch.journal import Record
from veneer.cli.batch.names import ANYTHING, NOTHING, Entry, Present, TakenFailure, is_local
from veneer.cli.batch.work import INCOMPLETE, Job, Recipe
from veneer.cli.failure import FileFailure
from veneer.cli.same_names import place_of

# Devices, with any ending; streams; names whose ends are cut off.
_RESERVED = re.compile(r"(?i:(con|prn|aux|nul|conin\$|conout\$|(com|lpt)[0-9\u00b9\u00b2\u00b3])(\..*)?)|.*:.*|.*[. ]")

_READERS = 4  # results read at a time; reading waits for the disk, and for SHA-256, which lets other threads run


@dataclasses.dataclass(frozen=True)
class Item:
    """A file that was found, what is to become of it, and where that goes below the destination."""

    entry: Entry
    job: Job
    relative: str


@dataclasses.dataclass
class Plan:
    """The files of a batch: those to do, those done before, and those that must not be done, with the reason.

    Attributes:
        todo: with what each may replace.
        finished: results that are in their place.
        refused: with the reason.
        damaged: those of `todo` whose results were damaged since.
        stamps: new stamps of results that are as they were made, by target.
        incomplete: how many of those finished lack pictures of their sources.
    """

    todo: list[Item] = dataclasses.field(default_factory=list)
    finished: list[Item] = dataclasses.field(default_factory=list)
    refused: list[tuple[Item, FileFailure]] = dataclasses.field(default_factory=list)
    damaged: list[Item] = dataclasses.field(default_factory=list)
    stamps: dict[str, str] = dataclasses.field(default_factory=dict)
    incomplete: int = 0

    def do(self, item: Item, may_replace: str) -> None:
        """Adds a file that is to be done."""
        self.todo.append(dataclasses.replace(item, job=dataclasses.replace(item.job, may_replace=may_replace)))

    def finish(self, item: Item, record: Record) -> None:
        """Adds a file whose result is in its place."""
        self.finished.append(item)
        self.incomplete += record.message.startswith(INCOMPLETE)

    def refuse(self, item: Item, failure: FileFailure) -> None:
        """Adds a file that must not be done."""
        self.refused.append((item, failure))


@dataclasses.dataclass(frozen=True)
class Rules:
    """Rules for a plan.

    Attributes:
        recipe: for all files.
        force: whatever stands in the place of a result may be replaced.
        reread: results of earlier runs are read, even where their stamps are as they were.
        adopt: results that the journal does not know may be its own, and are made to compare.
    """

    recipe: Recipe
    force: bool
    reread: bool
    adopt: bool


def make_plan(
    items: Iterable[Item],
    records: Mapping[str, Record],
    destination: str,
    rules: Rules,
    progress: Callable[[int, int], None] = lambda _done, _of: None,
) -> Plan:
    """Tells what is to be done.

    Args:
        items: all files.
        records: what the journal knows, by target.
        destination: where results go.
        rules: how.
        progress: told how many results have been read, of how many.
    """
    plan = Plan()
    fit = _refuse_unfit(items, destination, plan)
    present = places.look(destination, [item.job.target for item in fit])
    to_read: list[tuple[Item, Record, Present]] = []
    for item in fit:
        there, record = present.get(item.job.target), records.get(item.job.target)
        if isinstance(there, FileFailure):
            plan.refuse(item, there)
        elif there is None:
            plan.do(item, ANYTHING if rules.force else NOTHING)
        elif record is not None and record.sha256:
            if rules.reread or record.stamp != there.stamp:
                to_read.append((item, record, there))
            else:
                _take_own(plan, item, record, there, rules)
        elif rules.force:
            plan.do(item, ANYTHING)
        elif record is not None or rules.adopt:  # it may be ours, from a run that was killed before it was entered
            plan.do(item, NOTHING)
        else:
            plan.refuse(item, TakenFailure(item.job.target))
    _read_results(plan, to_read, rules, progress)
    return plan


def _take_own(plan: Plan, item: Item, record: Record, there: Present, rules: Rules) -> None:
    """Plans an item with an unchanged result of an earlier run: finished, if that is the result wanted now."""
    recipe = rules.recipe
    same_source = record.source == item.job.source and _is_same_version(record.version, item.entry.version)
    same_recipe = (record.state, record.settings) == ("done", recipe.fingerprint)
    unnoted = not (recipe.strict and record.message)  # something was noted: whether it is a loss is looked at anew
    if same_source and same_recipe and unnoted:
        plan.finish(item, record)
    else:
        plan.do(item, ANYTHING if rules.force else there.stamp)


def _is_same_version(noted: str, now: str) -> bool:
    """Whether a source is as it was, by all that an older version of this program noted of it."""
    try:
        old, new = json.loads(noted), json.loads(now)
    except (ValueError, RecursionError):
        return noted == now
    return isinstance(old, dict) and bool(old) and all(new.get(name) == value for name, value in old.items())


def _read_results(
    plan: Plan, to_read: list[tuple[Item, Record, Present]], rules: Rules, progress: Callable[[int, int], None]
) -> None:
    """Compares results with what the journal says of their bytes."""

    def look(one: tuple[Item, Record, Present]) -> str | FileFailure:
        item, record, _ = one
        try:
            data = places.read(item.job.target)
        except FileFailure as failure:
            return FileFailure(f"{item.job.target}: {failure.what}", failure.remedy)
        if hashlib.sha256(data).hexdigest() == record.sha256:
            return "same"
        return "whole" if _is_whole(data, rules.recipe) else "damaged"

    readers = concurrent.futures.ThreadPoolExecutor(_READERS)
    try:
        for count, (one, found) in enumerate(zip(to_read, readers.map(look, to_read), strict=True), 1):
            progress(count, len(to_read))
            _settle(plan, one, found, rules)
    finally:
        readers.shutdown(cancel_futures=True)  # on an interrupt, what is not begun is left


def _settle(plan: Plan, one: tuple[Item, Record, Present], found: str | FileFailure, rules: Rules) -> None:
    """Plans an item by what was found in its result."""
    item, record, there = one
    if isinstance(found, FileFailure):
        plan.refuse(item, found)
    elif found == "same":
        if record.stamp != there.stamp:
            plan.stamps[item.job.target] = there.stamp
        _take_own(plan, item, record, there, rules)
    elif found == "whole" and not rules.force and record.state == "planned":
        plan.do(item, NOTHING)  # a run that was killed may have put it there: it is made to compare
    elif found == "whole" and not rules.force:
        what = f"{item.job.target} is another whole picture than this batch put there"
        plan.refuse(item, FileFailure(what, "move it away, or replace it with --force"))
    else:
        plan.do(item, ANYTHING if rules.force else there.stamp)
        plan.damaged.append(item)


def _is_whole(data: bytes, recipe: Recipe) -> bool:
    """Whether a file that is not as the batch made it is a whole picture, and so somebody's work."""
    try:
        if recipe.encodes:
            return not veneer.read_info(data, verify=True).problems
        pictures.load_picture(data, max_pixels=recipe.max_pixels, strip=False)
    except (veneer.VeneerError, FileFailure):
        return False
    return True


def _refuse_unfit(items: Iterable[Item], destination: str, plan: Plan) -> list[Item]:
    """Takes out what cannot be done whatever stands there: names, and results that are one and the same file."""
    items = list(items)
    sources = {_place(item.job.source): item.job.source for item in items if _is_local_file(item.entry)}
    taken: dict[str, str] = {}
    fit = []
    for item in items:
        failure = item.entry.failure or _unfit_name(item, destination)
        if failure is None:
            target, place = item.job.target, _place(item.job.target)
            if place in sources:
                failure = FileFailure(f"its result {target} is the source {sources[place]}", "choose another folder")
            elif place in taken:
                what = f"its result {target} would overwrite that of {taken[place]}"
                failure = FileFailure(what, "use --keep-suffix")
            taken.setdefault(place, item.job.source)
        if failure is None:
            fit.append(item)
        else:
            plan.refuse(item, failure)
    return fit


def _is_local_file(entry: Entry) -> bool:
    return is_local(entry.url) and entry.failure is None


def _place(url: str) -> str:
    """The same text for names of the same file."""
    try:
        return place_of(url) if is_local(url) else url
    except ValueError:  # a NUL in it
        return url


def _unfit_name(item: Item, destination: str) -> FileFailure | None:
    """Why a file cannot be done under its name, which within an archive can be anything."""
    parts = item.relative.replace("\\", "/").split("/") if os.name == "nt" else item.relative.split("/")
    if ".." in parts:
        return FileFailure("its path leads out of the folder", "do it alone")
    if "\0" in item.relative:
        return FileFailure("there is a NUL in its name", "do it alone")
    if os.name == "nt" and is_reserved(item.relative):
        return FileFailure("its name is one that Windows keeps for itself", "do it alone")
    try:
        (item.job.source + item.job.target).encode()
    except UnicodeEncodeError:
        return FileFailure("its name is not UTF-8, which the journal needs", "rename it")
    return places.unfit_target(destination, item.relative)


def is_reserved(relative: str) -> bool:
    """Whether Windows takes a part of a path for a device, a stream or another name."""
    return any(_RESERVED.fullmatch(part) for part in relative.replace("\\", "/").split("/"))
