"""From bytes to text with places: encoding, size, and what Git may have put there instead of the file."""

import codecs
import re
from bisect import bisect_right
from dataclasses import dataclass
from functools import cached_property

from reviewbot.spec.problems import START, Place, Report

_LINE_END = re.compile(r"\r\n|\r|\n")
_LFS = "version https://git-lfs.github.com/spec/"


@dataclass(frozen=True)
class Source:
    """The text of a file, which can say where an offset is."""

    text: str

    def place(self, offset: int) -> Place:
        """Line and column of an offset."""
        line = bisect_right(self._starts, offset)
        return Place(line, offset - self._starts[line - 1] + 1)

    def lines(self) -> list[str]:
        """The lines without their ends, whichever convention those follow."""
        return _LINE_END.split(self.text)

    @cached_property
    def _starts(self) -> list[int]:
        return [0, *(end.end() for end in _LINE_END.finditer(self.text))]


def read_source(data: bytes, limit_kb: int, report: Report) -> Source:
    """Decode a file, or stop with the reason why it cannot be one."""
    if len(data) > limit_kb * 1024:
        report.stop(START, f"the file is larger than {limit_kb} KB")
    data = data.removeprefix(codecs.BOM_UTF8)
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        before = data[: error.start].decode()
        report.stop(Source(before).place(len(before)), "the file is not UTF-8 text")
    if text.startswith(_LFS):
        report.stop(START, "this is a Git LFS pointer, not the file; commit the file itself")
    return Source(text)
