"""What is wrong with a repository's file, and where."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Problem:
    """One thing for the author to know; line and column are counted from 1, the column in characters."""

    file: str
    line: int
    column: int
    message: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}: {self.message}"
