"""The same of a PostgreSQL database: every relation, column, constraint and index as the tables say, and no
view, trigger, rule, function or policy beside them.

What it should be is derived from `ledger.store.tables`, so that nothing need be created to compare with.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Column, Connection, Constraint, Dialect, ForeignKeyConstraint, Index, Table, text
from sqlalchemy.schema import ColumnCollectionConstraint

from ledger.store.tables import metadata

# (what, name, definition) of everything in the schema that our tables are in.
_FOUND = {
    "column": """
        SELECT c.relname || '.' || a.attname,
            format_type(a.atttypid, a.atttypmod) || CASE WHEN a.attnotnull THEN ' not null' ELSE '' END
            || coalesce(' collate ' || l.collname, '')
            || coalesce(' default ' || pg_get_expr(d.adbin, d.adrelid), '')
            || CASE WHEN a.attgenerated <> '' THEN ' generated' ELSE '' END
        FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
        LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
        LEFT JOIN pg_collation l ON l.oid = a.attcollation
        WHERE c.relnamespace = {schema} AND c.relkind = 'r'""",
    "relation": """
        SELECT c.relname,
            CASE c.relkind WHEN 'r' THEN 'table' WHEN 'S' THEN 'sequence' ELSE c.relkind::text END
            || CASE WHEN c.relrowsecurity THEN ' row security' ELSE '' END
            || CASE WHEN c.relpersistence <> 'p' THEN ' not lasting' ELSE '' END
        FROM pg_class c WHERE c.relnamespace = {schema} AND c.relkind NOT IN ('i', 'c')""",
    "constraint": """
        SELECT o.conname, c.relname || ' ' || pg_get_constraintdef(o.oid)
            || CASE WHEN o.convalidated THEN '' ELSE ' not valid' END
        FROM pg_constraint o JOIN pg_class c ON c.oid = o.conrelid
        WHERE c.relnamespace = {schema} AND o.contype <> 'n'""",
    "index": """
        SELECT c.relname, pg_get_indexdef(c.oid) || CASE WHEN i.indisvalid THEN '' ELSE ' not valid' END
        FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid WHERE c.relnamespace = {schema}""",
    # Foreign keys are kept by triggers of the server's own, which can be switched off.
    "trigger": """
        SELECT CASE WHEN t.tgisinternal THEN c.relname ELSE t.tgname END,
            CASE WHEN t.tgisinternal THEN 'of a foreign key, off' ELSE pg_get_triggerdef(t.oid) END
        FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
        WHERE c.relnamespace = {schema} AND (NOT t.tgisinternal OR t.tgenabled <> 'O')""",
    "rule": """
        SELECT r.rulename, pg_get_ruledef(r.oid) FROM pg_rewrite r JOIN pg_class c ON c.oid = r.ev_class
        WHERE c.relnamespace = {schema} AND r.rulename <> '_RETURN'""",
    "function": "SELECT p.proname, p.prosrc FROM pg_proc p WHERE p.pronamespace = {schema}",
    "policy": """
        SELECT p.polname, c.relname FROM pg_policy p JOIN pg_class c ON c.oid = p.polrelid
        WHERE c.relnamespace = {schema}""",
    "event trigger": "SELECT e.evtname, e.evtevent FROM pg_event_trigger e",
}
_SCHEMA = "(SELECT oid FROM pg_namespace WHERE nspname = current_schema())"
_TYPES = {
    "VARCHAR": "character varying",
    "BYTEA": "bytea",
    "BIGINT": "bigint",
    "INTEGER": "integer",
    "TEXT": "text",
}


def found_parts(connection: Connection) -> dict[str, str]:
    return {
        f"{what} {name}": _plain(definition) if what == "index" else definition
        for what, query in _FOUND.items()
        for name, definition in connection.execute(text(query.format(schema=_SCHEMA)))
    }


def made_parts(connection: Connection) -> dict[str, str]:
    schema = connection.execute(text("SELECT quote_ident(current_schema())")).scalar_one()
    parts = {
        "relation alembic_version": "table",
        "column alembic_version.version_num": "character varying(32) not null collate default",
        "constraint alembic_version_pkc": "alembic_version PRIMARY KEY (version_num)",
        "index alembic_version_pkc": _index(
            "alembic_version_pkc", f"{schema}.alembic_version", ["version_num"], True
        ),
    }
    for table in metadata.sorted_tables:
        parts |= _table(table, schema, connection.dialect)
    return parts


def _table(table: Table, schema: str, dialect: Dialect) -> dict[str, str]:
    parts = {f"relation {table.name}": "table"}
    for column in table.c:
        parts[f"column {table.name}.{column.name}"] = _column(table, column, dialect)
    if table.autoincrement_column is not None:
        parts[f"relation {_sequence(table)}"] = "sequence"
    for constraint in table.constraints:
        name, columns = str(constraint.name), [column.name for column in _columns(constraint)]
        kind = "PRIMARY KEY" if constraint is table.primary_key else "UNIQUE"
        if isinstance(constraint, ForeignKeyConstraint):
            referred = constraint.elements[0].column
            target = f"REFERENCES {referred.table.name}({referred.name})"
            parts[f"constraint {name}"] = f"{table.name} FOREIGN KEY ({', '.join(columns)}) {target}"
            continue
        parts[f"constraint {name}"] = f"{table.name} {kind} ({', '.join(columns)})"
        parts[f"index {name}"] = _index(name, f"{schema}.{table.name}", columns, unique=True)
    for index in table.indexes:
        columns = [column.name for column in index.columns]
        plain = _index(str(index.name), f"{schema}.{table.name}", columns, unique=False)
        parts[f"index {index.name}"] = plain + _condition(index)
    return parts


def _column(table: Table, column: Column[Any], dialect: Dialect) -> str:
    kind, _, collation = column.type.compile(dialect).partition(" COLLATE ")
    name, bracket, length = kind.partition("(")
    parts = [_TYPES[name] + (bracket + length if name == "VARCHAR" else "")]
    parts += [] if column.nullable else ["not null"]
    parts += [f"collate {collation.strip(chr(34))}"] if collation else []
    if column is table.autoincrement_column:
        parts.append(f"default nextval('{_sequence(table)}'::regclass)")
    return " ".join(parts)


def _sequence(table: Table) -> str:
    column = table.autoincrement_column
    return f"{table.name}_{column.name if column is not None else ''}_seq"


# How the server writes "x IN (…)" of a text, but for the casts and brackets that it adds.
_IN = re.compile(r"(\w+) IN \((.*)\)\Z")
_ADDED = re.compile(r"::[a-z ]+(\[\])?|[()\s]")


def _plain(index: str) -> str:
    """An index's definition with its condition, if it has one, in one form whoever wrote it."""
    head, where, condition = index.partition(" WHERE ")
    return head + where + _ADDED.sub("", condition)


def _condition(index: Index) -> str:
    where = index.dialect_options["postgresql"]["where"]
    if where is None:
        return ""
    named = _IN.match(str(where))
    if named is None:
        raise ValueError(f"a condition of another form: {where}")
    return f" WHERE {_ADDED.sub('', f'{named[1]} = ANY ARRAY[{named[2]}]')}"


def _columns(constraint: Constraint) -> Sequence[Column[Any]]:
    if not isinstance(constraint, ColumnCollectionConstraint):
        raise TypeError(f"no columns: {constraint!r}")
    return list(constraint.columns)


def _index(name: str, table: str, columns: Iterable[str], unique: bool) -> str:
    return f"CREATE {'UNIQUE ' if unique else ''}INDEX {name} ON {table} USING btree ({', '.join(columns)})"
