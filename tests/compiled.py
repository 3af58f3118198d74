"""What is compiled once for all tests of a process, though each has an application anew."""

from collections.abc import Callable
from typing import Any

import pytest
from jinja2.bccache import Bucket, BytecodeCache
from sqlalchemy import Connection, Engine, event
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.util import LRUCache
from werkzeug.routing import Rule


class Templates(BytecodeCache):
    """What each template was compiled to, by its words."""

    def __init__(self) -> None:
        self._code: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """Give back what a template was compiled to, if it still has the same words."""
        if bucket.key in self._code:
            bucket.bytecode_from_string(self._code[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep what a template was compiled to."""
        self._code[bucket.key] = bucket.bytecode_to_string()


def share_statements(patch: pytest.MonkeyPatch) -> None:
    """Let all engines of a kind share what they compiled; each would compile every query anew."""
    for kind in (SQLiteDialect_pysqlite, PGDialect_psycopg):
        # The dialect is part of the key under which a compiled query is kept.
        patch.setattr(kind, "__eq__", lambda one, other: type(one) is type(other))
        patch.setattr(kind, "__hash__", lambda one: hash(type(one)))
    kept: LRUCache[Any, Any] = LRUCache(5000)

    @event.listens_for(Engine, "engine_connect")
    def _share(connection: Connection) -> None:
        connection.execution_options(compiled_cache=kept)


def share_addresses(patch: pytest.MonkeyPatch) -> None:
    """Let all applications share the functions that make addresses; each compiles hundreds."""
    compile_anew = Rule._compile_builder  # noqa: SLF001 - it tells nowhere else what it compiles
    kept: dict[Any, Callable[..., tuple[str, str]]] = {}

    def compile_once(rule: Rule, *how: Any) -> Callable[..., tuple[str, str]]:  # noqa: ANN401 - whatever it is told
        # Its parts and its defaults are all that is compiled.
        key = (*rule._trace, *(rule.defaults or {}).items(), *how)  # noqa: SLF001
        if key not in kept:
            kept[key] = compile_anew(rule, *how)
        return kept[key]

    patch.setattr(Rule, "_compile_builder", compile_once)
