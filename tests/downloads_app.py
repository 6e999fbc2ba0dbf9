"""The smallest server of files, which tests of downloads start: FOLDER PATIENCE.

It prints its port. POST / pins the folder anew.
"""

from __future__ import annotations

import asyncio
import logging
import signal
import socket
import sys
from pathlib import Path
from typing import Any

import uvicorn

from kg.server.compressed import Compressed
from kg.server.connection import TRANSPORT, Connection
from kg.server.files import respond
from kg.server.messages import Request, plain
from kg.server.paths import decoded
from kg.server.pinned import Pinned
from kg.server.sending import send_response


class App:
    """Serves a folder."""

    def __init__(self, folder: Path, patience: float) -> None:
        self.folder, self.patience = folder, patience
        self.pin()

    def pin(self) -> None:
        self.pinned = Pinned(self.folder)
        self.compressed = Compressed(self.pinned)
        self.compressed.wait()

    def let_go(self) -> None:
        self.compressed.close()
        self.pinned.close()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        request = Request.of(scope)
        if request.method == "POST":
            await asyncio.to_thread(self.let_go)
            await asyncio.to_thread(self.pin)
            response = plain(200, "pinned")
        else:
            response = respond(self.pinned, decoded(request.path) or "", request)
        await send_response(
            send,
            response,
            scope["extensions"][TRANSPORT],
            head=request.method == "HEAD",
            patience=self.patience,
        )


def main() -> None:
    logging.basicConfig()
    signal.signal(signal.SIGTERM, lambda *_: None)  # uvicorn raises it again once it has ended
    app = App(Path(sys.argv[1]), float(sys.argv[2]))
    with socket.create_server(("127.0.0.1", 0), backlog=200) as listening:
        config = uvicorn.Config(
            app, http=Connection, lifespan="off", interface="asgi3", log_level="warning"
        )
        print(listening.getsockname()[1], flush=True)
        asyncio.run(uvicorn.Server(config).serve([listening]))
    app.let_go()


if __name__ == "__main__":
    main()
