"""Notes for the user on a picture that was coded, but of which something was not kept."""

from __future__ import annotations

from collections.abc import Iterable

from veneer.cli.failure import FileFailure


class Note(str):
    """One line about a picture. A plain string in a list of notes counts as one that tells of a loss.

    Attributes:
        loses: something of the picture is left out or changed for good; `--strict` refuses that.
        incomplete: whole pictures of the file are left out; the exit code is 1 then.
    """

    loses: bool
    incomplete: bool

    def __new__(cls, text: str, *, loses: bool = True, incomplete: bool = False) -> Note:
        note = super().__new__(cls, text)
        note.loses = loses or incomplete
        note.incomplete = incomplete
        return note


def is_incomplete(notes: Iterable[str]) -> bool:
    """Whether pictures of the file were left out."""
    return any(isinstance(note, Note) and note.incomplete for note in notes)


def refuse_losses(notes: Iterable[str]) -> None:
    """Raises FileFailure where a note tells of a loss: what `--strict` is for."""
    losses = [note for note in notes if not isinstance(note, Note) or note.loses]
    if losses:
        raise FileFailure(f"would lose something: {'; '.join(losses)}", "accept that by leaving --strict out")
