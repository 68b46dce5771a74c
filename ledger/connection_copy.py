"""The connection to the network, kept so that it works wherever it is put back.

A connection.json names the client's key and the genesis block by path. In a back-up the three lie side by
side, and the paths are relative to the file's own folder.
"""

from __future__ import annotations

from pathlib import Path

from ledger.durable import write_durably
from ledger.fabric.connection import MEMBERS, read_connection
from verifier.canonical import Json, encode, parse
from verifier.errors import CallerError
from verifier.shape import members

# Under the data folder, and under a back-up's.
FOLDER = "connection"
FILE = "connection.json"
_KEY, _GENESIS = "client.key", "genesis.block"


def keep_connection(source: Path, folder: Path) -> None:
    """Write `source` (a connection.json), with its key and genesis block, into `folder`.

    Raises CallerError CONNECTION_MISSING, CONNECTION_FORM, CLIENT_KEY; OSError when writing fails.
    """
    connection = read_connection(source)
    try:
        key = connection.key.read_bytes()
    except OSError as error:
        raise CallerError(
            "CLIENT_KEY", str(connection.key), "the client's key", error.strerror or ""
        ) from None
    m = members(parse(source.read_bytes(), source.name), source.name, MEMBERS)
    client: Json = {"certificate": connection.certificate.decode(), "key": _KEY}
    named = {**m.value, "client": client, "genesis": _GENESIS}
    folder.mkdir(parents=True, mode=0o700)
    write_durably(folder / _KEY, key, 0o600)
    if connection.genesis.is_file():
        write_durably(folder / _GENESIS, connection.genesis.read_bytes())
    write_durably(folder / FILE, encode(named), 0o600)
