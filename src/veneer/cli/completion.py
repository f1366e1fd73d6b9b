"""The subcommand `veneer completion`: what a shell runs to complete names and options, by click."""

from __future__ import annotations

import sys

import click
from click.shell_completion import get_completion_class

from veneer.cli.failure import FileFailure
from veneer.cli.messages import say_failure


@click.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def completion(ctx: click.Context, shell: str) -> None:
    """Prints the script that makes a shell complete this command.

    \b
    bash   echo 'eval "$(veneer completion bash)"' >> ~/.bashrc
    zsh    echo 'eval "$(veneer completion zsh)"' >> ~/.zshrc
    fish   veneer completion fish > ~/.config/fish/completions/veneer.fish
    """  # noqa: D301 - click takes the control character as a sign not to wrap
    kind = get_completion_class(shell)
    if kind is None:
        say_failure("completion", FileFailure(f"this version of click knows no {shell}", "install a newer click"))
        sys.exit(1)
    click.echo(kind(ctx.find_root().command, {}, "veneer", "_VENEER_COMPLETE").source())
