"""The marker file of a network folder: what made it, its address and its channel.

`reset` removes only a folder that holds one.
"""

import json
import re
from dataclasses import dataclass

from network.errors import NetworkError
from network.files import canonical_json
from network.layout import Layout
from network.site import COMPOSE

VERSION = "archive-ledger network v1"
_ADDRESS = re.compile(rf"127(\.\d{{1,3}}){{3}}|{COMPOSE}")
_CHANNEL = re.compile(r"archive-[0-9a-f]{8}")


@dataclass(frozen=True)
class Marker:
    """`address` is 127.x.y.z, or `compose` (site.py)."""

    address: str
    channel: str


def encode_marker(marker: Marker) -> bytes:
    return canonical_json({"version": VERSION, "address": marker.address, "channel": marker.channel})


def read_marker(layout: Layout) -> Marker | None:
    """None when there is no network; raises NetworkError when the marker is not one of ours."""
    try:
        tree = json.loads(layout.marker.read_bytes())
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise _strange(layout, str(error)) from error
    if not isinstance(tree, dict) or tree.get("version") != VERSION:
        raise _strange(layout, "version")
    address, channel = tree.get("address"), tree.get("channel")
    if not isinstance(address, str) or not _ADDRESS.fullmatch(address):
        raise _strange(layout, "address")
    if not isinstance(channel, str) or not _CHANNEL.fullmatch(channel):
        raise _strange(layout, "channel")
    return Marker(address, channel)


def _strange(layout: Layout, what: str) -> NetworkError:
    return NetworkError(
        f"{layout.marker} 不是本程序认识的网络标记({what})。请从备份恢复它;本程序不会动这个目录。",
        f"{layout.marker} is not a network marker that this program knows ({what}). "
        "Restore it from a back-up; this program leaves the folder alone.",
    )
