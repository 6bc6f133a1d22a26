# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rows in the server's own text form (that of COPY), and as Parquet. Pure.

https://www.postgresql.org/docs/current/sql-copy.html#id-1.9.3.55.9.2
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import DamagedError, RefusedError
from ansible_collections.chatbot.ops.plugins.module_utils._logs.table import Column

if TYPE_CHECKING:
    from typing import IO

COPY, PARQUET = "copy", "parquet"
FORMATS = (COPY, PARQUET)
#: The payloads.
NAMES = {COPY: "rows.copy", PARQUET: "rows.parquet"}

_ESCAPES = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_SPECIAL = {"\\": r"\\", "\n": r"\n", "\r": r"\r", "\t": r"\t"}
_TO_ESCAPE = re.compile(r"[\\\n\r\t]")
_NULL = r"\N"


@dataclass(frozen=True)
class Lines:
    """Some rows: the text of each, its hash, and the fields of the first and the last one (None: NULL)."""

    lines: Sequence[bytes]
    hashes: tuple[int, ...]
    first: Sequence[str | None]
    last: Sequence[str | None]


def split_hashes(content: bytes) -> Lines | None:
    """Return the rows in ``content``, each of which has its hash behind its last tabulator; None for none."""
    if not content:
        return None
    pairs = [line.rpartition(b"\t") for line in content[:-1].split(b"\n")]
    lines = [line for line, _tab, _hash in pairs]
    return Lines(lines, tuple(int(number) for _line, _tab, number in pairs), fields(lines[0]), fields(lines[-1]))


def fields(line: bytes) -> list[str | None]:
    """Return the fields of a row; None for NULL."""
    return [None if each == _NULL else unescaped(each) for each in line.decode("utf-8").split("\t")]


def unescaped(text: str) -> str:
    """Return the value that stands as ``text`` in a row."""
    return _ESCAPE.sub(lambda match: _ESCAPES.get(match[1], match[1]), text) if "\\" in text else text


def escaped(value: str | None) -> str:
    """Return what stands for ``value`` in a row."""
    return _NULL if value is None else _TO_ESCAPE.sub(lambda match: _SPECIAL[match[0]], value)


def require_parquet() -> tuple[Any, Any]:
    """Return the modules pyarrow and pyarrow.parquet.

    :raises RefusedError: if this Python has none.
    """
    try:
        # Not above: they take a third of a second to import, and start threads, for nothing where nobody wants Parquet.
        import pyarrow
        from pyarrow import parquet
    except ImportError as error:
        raise RefusedError(
            f"Parquet needs the Python library pyarrow on this host ({error}). Install it for the interpreter that runs this "
            "module (/opt/chatbot-ops/venv/bin/pip install pyarrow), or use format: copy."
        ) from error
    return pyarrow, parquet


def as_copy(batches: Iterable[Sequence[bytes]]) -> Iterator[bytes]:
    """Yield the rows as they are."""
    for lines in batches:
        yield b"\n".join(lines) + b"\n"


class _Sink(io.RawIOBase):
    """Keeps what is written until it is taken."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []
        self._size = 0

    def writable(self) -> bool:
        return True

    def write(self, chunk: Any) -> int:
        self._parts.append(bytes(chunk))
        self._size += len(self._parts[-1])
        return len(self._parts[-1])

    def tell(self) -> int:
        return self._size

    def take(self) -> bytes:
        parts, self._parts = self._parts, []
        return b"".join(parts)


def as_parquet(columns: Sequence[Column], batches: Iterable[Sequence[bytes]]) -> Iterator[bytes]:
    """Yield the rows as one Parquet file: numbers, booleans and times as such, all else as the server spells it.

    :raises RefusedError: if a value has no place in its type there, such as a time that is infinite.
    """
    pyarrow, parquet = require_parquet()
    schema = pyarrow.schema([(each.name, _arrow_type(pyarrow, each.type)) for each in columns])
    sink = _Sink()
    with parquet.ParquetWriter(sink, schema, compression="zstd") as writer:
        for lines in batches:
            values: list[Sequence[str | None]] = list(zip(*map(fields, lines)))
            writer.write_table(_arrow_table(pyarrow, schema, values))
            yield sink.take()
    yield sink.take()


def from_parquet(stream: IO[bytes], batch: int = 10_000) -> Iterator[bytes]:
    """Yield the rows in the server's text form.

    :raises DamagedError: if it is no Parquet file.
    """
    pyarrow, parquet = require_parquet()
    try:
        for each in parquet.ParquetFile(stream).iter_batches(batch):
            columns = [column.cast(pyarrow.string()).to_pylist() for column in each.columns]
            yield "".join("\t".join(map(escaped, row)) + "\n" for row in zip(*columns)).encode("utf-8")
    except pyarrow.ArrowInvalid as error:
        raise DamagedError(f"The rows are no Parquet file: {error}.") from error


def _arrow_type(pyarrow: Any, name: str) -> Any:
    kinds: Mapping[str, Any] = {
        "smallint": pyarrow.int16(),
        "integer": pyarrow.int32(),
        "bigint": pyarrow.int64(),
        "boolean": pyarrow.bool_(),
        "timestamp with time zone": pyarrow.timestamp("us", tz="UTC"),
        "timestamp without time zone": pyarrow.timestamp("us"),
        "date": pyarrow.date32(),
    }
    return kinds.get(name, pyarrow.string())


def _arrow_table(pyarrow: Any, schema: Any, values: Sequence[Sequence[str | None]]) -> Any:
    columns = []
    for field, column in zip(schema, values):
        if pyarrow.types.is_boolean(field.type):
            column = [None if each is None else {"t": "true", "f": "false"}[each] for each in column]
        try:
            columns.append(pyarrow.array(column, pyarrow.string()).cast(field.type))
        except pyarrow.ArrowInvalid as error:
            raise RefusedError(
                f"Failed to write column {field.name} as Parquet: {error}. Use format: copy, which holds every value."
            ) from error
    return pyarrow.table(columns, schema=schema)
