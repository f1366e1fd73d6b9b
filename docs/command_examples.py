"""Hook of mkdocs: examples in help texts stay lines of their own on the page "Command".

click keeps the lines of a paragraph that begins with a backspace apart; Markdown, into which the page turns help texts,
does not know that sign. Such paragraphs become blocks of code here.
"""

from __future__ import annotations

import inspect
from typing import Any

from veneer.cli.main import main

KEPT_LINES = "\b\n"


def with_code_blocks(text: str) -> str:
    """A help text whose paragraphs of kept lines are fenced as code."""
    paragraphs = inspect.cleandoc(text).split("\n\n")
    return "\n\n".join(
        f"```text\n{part.removeprefix(KEPT_LINES)}\n```" if part.startswith(KEPT_LINES) else part for part in paragraphs
    )


def on_config(config: Any) -> Any:
    """Changes the help texts of all commands, once, before pages are made."""
    for command in (main, *main.commands.values()):
        if command.help and KEPT_LINES in command.help:
            command.help = with_code_blocks(command.help)
    return config
