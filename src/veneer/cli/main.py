"""The command `veneer`: its subcommands, each loaded when it is asked for."""

from __future__ import annotations

import contextlib
import importlib
import os
import signal
import sys
import types
from collections.abc import Iterator, Sequence
from typing import Any

import click
from click.shell_completion import CompletionItem

import veneer
from veneer.cli.options import EXIT_CODES, EXIT_FAILED, EXIT_INTERRUPTED

# Where each subcommand is, and what the list of them says. The modules take most of a second to load, which neither
# --help nor --version should.
SUBCOMMANDS = {
    "batch": ("batch.command:batch", "Encodes whole archives, and goes on after a stop."),
    "bench": ("bench:bench", "Measures Veneer beside other codecs; writes a report."),
    "compare": ("compare:compare", "Measures how far picture B is from its original A."),
    "completion": ("completion:completion", "Prints the script that makes a shell complete this command."),
    "conformance": ("conformance:conformance", "Holds decoders to the conformance vectors."),
    "decode": ("decode:decode", "Decodes .vnr files to PNG, JPEG, WebP, AVIF and others."),
    "desktop": ("desktop:desktop", "Makes file managers and other programs know .vnr files."),
    "doctor": ("doctor:doctor", "Says what this installation has, and tests it."),
    "dump": ("inspection:dump_command", "Shows every field of .vnr files with its place in the bytes."),
    "encode": ("encode:encode", "Encodes pictures of any common format."),
    "info": ("inspection:info", "Says what .vnr files are, and whether they are whole."),
    "restore": ("decode:restore", "Takes the artefacts of JPEG away."),
    "score": ("score:score", "How real a picture looks; metrics."),
    "thumbnail": ("thumbnail:thumbnail", "Makes a small PNG of a .vnr file, as file managers want it."),
    "train": ("train:train", "Trains enhancement networks."),
    "view": ("view:view", "Shows .vnr files in the browser."),
}


class Subcommands(click.Group):
    """The subcommands, and what goes wrong in any of them: interrupts, wrong usage, output that nobody takes."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        return sorted(SUBCOMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - click's signature
        if cmd_name not in SUBCOMMANDS:
            return None
        module, name = SUBCOMMANDS[cmd_name][0].split(":")
        command: click.Command = getattr(importlib.import_module(f"veneer.cli.{module}"), name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, SUBCOMMANDS[name][1]) for name in self.list_commands(ctx)])

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        names = [name for name in self.list_commands(ctx) if name.startswith(incomplete)]
        found = [CompletionItem(name, help=SUBCOMMANDS[name][1]) for name in names]
        return found + click.Command.shell_complete(self, ctx, incomplete)

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        with printable_usage_errors():
            return super().parse_args(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        from veneer.cli import messages

        try:
            with printable_usage_errors():
                return super().invoke(ctx)
        except messages.OutputLost as lost:
            if lost.failure is not None:
                messages.say_failure("standard output", lost.failure)
            ctx.exit(EXIT_FAILED)
        except KeyboardInterrupt:
            messages.say("veneer: interrupted")
            ctx.exit(EXIT_INTERRUPTED)


@contextlib.contextmanager
def printable_usage_errors() -> Iterator[None]:
    """Makes messages about wrong usage, which may quote what was typed, fit for a terminal."""
    try:
        yield
    except click.MissingParameter:  # which quotes nothing, and may take several lines
        raise
    except click.UsageError as error:
        from veneer.cli.messages import printable

        raise click.UsageError(printable(error.format_message()), error.ctx) from None


@click.group(cls=Subcommands, context_settings={"help_option_names": ["-h", "--help"]}, epilog=EXIT_CODES)
@click.version_option(veneer.__version__, prog_name="veneer")
def main() -> None:
    """The Veneer image codec.

    \b
    veneer encode photo.jpg                 makes photo.vnr
    veneer decode photo.vnr photo.png       and back
    veneer encode photos/ -o small/ -q 60   a whole folder
    veneer batch archive/ s3://bucket/vnr   thousands, resumable, here or on a cluster
    veneer info photo.vnr                   what it is, and whether it is whole
    veneer restore photo.jpg                makes photo.png, without the artefacts of JPEG

    veneer COMMAND --help says more; veneer completion makes the shell complete names and options.
    """  # noqa: D301 - click takes the control character as a sign not to wrap


def run(arguments: Sequence[str] | None = None) -> None:
    """Entry point of the command."""
    stand_in_for_closed_streams()
    interrupt_on_signals()
    try:
        main(arguments, prog_name="veneer")
    except OSError as error:  # of click's own lines, such as those of --help
        from veneer.cli import messages
        from veneer.cli.failure import FileFailure, from_os_error

        if _folder_is_gone():
            messages.say_failure(".", FileFailure("the current folder is not there any more", "change to another"))
            sys.exit(EXIT_FAILED)
        messages.silence(sys.stdout)
        messages.say_failure(error.filename or "standard output", from_os_error(error))
        sys.exit(EXIT_FAILED)


def _folder_is_gone() -> bool:
    """Whether names relative to the current folder lead nowhere."""
    try:
        os.getcwd()
    except OSError:
        return True
    return False


def stand_in_for_closed_streams() -> None:
    """Opens the standard streams that were closed, as by `>&-`, in a way that fails when they are used.

    Else the first file that is opened would take the number of a closed stream, and get what is written to that stream.
    Only standard error accepts what is written to it and drops it: the user has closed it on purpose.
    """
    for number, flags in enumerate((os.O_WRONLY, os.O_RDONLY, os.O_WRONLY)):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, flags)  # it gets the least number that is free, which is this one
    sys.stdin = sys.stdin or open(0, closefd=False)  # noqa: SIM115 - for as long as the process lives
    sys.stdout = sys.stdout or open(1, "w", closefd=False)  # noqa: SIM115
    sys.stderr = sys.stderr or open(2, "w", closefd=False)  # noqa: SIM115


def interrupt_on_signals() -> None:
    """Makes a request to end (SIGTERM, SIGHUP) do what Ctrl-C does."""
    for name in ("SIGTERM", "SIGHUP"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), _raise_interrupt)


def _raise_interrupt(_number: int, _frame: types.FrameType | None) -> None:
    raise KeyboardInterrupt
