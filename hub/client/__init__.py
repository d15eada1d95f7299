"""A client of the hub: calls, and watches that survive any break.

    async with Connection("http://127.0.0.1:8000") as hub:
        async for update in hub.watch("60000001"):
            print(update.state.seq, update.event)

    Connection(url, token=Path("key").read_text().strip(), uid="mia")   # where the hub asks who is there

The twin of static/js/connection.js; docs/clients.md says what both promise. It needs `websockets` and nothing else of
the hub.
"""

from hub.client.conference import Event, GapError, Row, State, apply, from_snapshot, nothing
from hub.client.connection import Connection
from hub.client.credential import Token
from hub.client.errors import ClientError, ConnectionLost, Offline, Refused, RpcError
from hub.client.status import Status
from hub.client.watch import Update, Watch

__all__ = [
    "ClientError",
    "Connection",
    "ConnectionLost",
    "Event",
    "GapError",
    "Offline",
    "Refused",
    "Row",
    "RpcError",
    "State",
    "Status",
    "Token",
    "Update",
    "Watch",
    "apply",
    "from_snapshot",
    "nothing",
]
