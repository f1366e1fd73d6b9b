"""What is wrong with a file, in a list that a file of very many faults cannot make long.

Source: docs/format.md, "Damaged and cut files".
"""

from __future__ import annotations

import collections
from collections.abc import Iterable

from veneer import limits
from veneer.errors import ErrorCode, VeneerError


class ProblemLog:
    """Keeps the first problems of each code, and counts the others.

    Args:
        problems: to begin with.

    Attributes:
        kept: the problems that are kept, in the order in which they came.
    """

    def __init__(self, problems: Iterable[VeneerError] = ()) -> None:
        self.kept: list[VeneerError] = []
        self._counts: collections.Counter[ErrorCode] = collections.Counter()
        self.extend(problems)

    def add(self, problem: VeneerError) -> bool:
        """Takes a problem; says whether it is kept."""
        self._counts[problem.code] += 1
        is_kept = self._counts[problem.code] <= limits.MAX_PROBLEMS
        if is_kept:
            self.kept.append(problem)
        return is_kept

    def extend(self, problems: Iterable[VeneerError]) -> None:
        """Takes several."""
        for problem in problems:
            self.add(problem)

    def entries(self) -> list[VeneerError]:
        """The problems that were kept and, where there were more, a last one that counts those."""
        more = {code: count - limits.MAX_PROBLEMS for code, count in self._counts.items()}
        more = {code: count for code, count in more.items() if count > 0}
        if not more:
            return self.kept[:]
        counts = ", ".join(f"{count} {code.name}" for code, count in more.items())
        text = f"... and {sum(more.values())} more problems: {counts}"
        return [*self.kept, VeneerError(ErrorCode.MORE_PROBLEMS, text)]

    def copy(self) -> ProblemLog:
        """Another one with the same problems."""
        other = ProblemLog()
        other.kept, other._counts = self.kept[:], self._counts.copy()
        return other

    def __len__(self) -> int:
        return sum(self._counts.values())
