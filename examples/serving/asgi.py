"""Serves the .vnr files of a folder by ASGI, with any server of that kind.

PICTURES=photos/ PICTURES_CACHE=/var/cache/pictures uvicorn --app-dir examples/serving asgi:application
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from fallbacks import Fallbacks
from pictures import Pictures

Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]
_PIECE = 1 << 18  # bytes


def make_application(pictures: Pictures) -> Callable[[dict[str, Any], Receive, Send], Awaitable[None]]:
    """An ASGI application (version 3.0). Files are decoded and read in threads, so that other requests go on."""

    async def application(scope: dict[str, Any], receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await _live(receive, send)
            return
        if scope["type"] != "http":
            raise ValueError(f"{scope['type']} is not served here")
        headers = {name.lower(): value.decode("latin-1") for name, value in scope["headers"]}
        answer = await asyncio.to_thread(
            pictures.answer, scope["method"], scope["path"], headers.get(b"accept"), headers.get(b"if-none-match")
        )
        sent = [(name.lower().encode(), value.encode("latin-1")) for name, value in answer.headers]
        await send({"type": "http.response.start", "status": answer.status, "headers": sent})
        if answer.file is not None:
            with await asyncio.to_thread(open, answer.file, "rb") as file:
                while piece := await asyncio.to_thread(file.read, _PIECE):
                    await send({"type": "http.response.body", "body": piece, "more_body": True})
        body = b"" if scope["method"] == "HEAD" else answer.body
        await send({"type": "http.response.body", "body": body})

    return application


async def _live(receive: Receive, send: Send) -> None:
    """Start and end of the server, which need nothing here."""
    while True:
        message = await receive()
        await send({"type": f"{message['type']}.complete"})
        if message["type"] == "lifespan.shutdown":
            return


if "PICTURES" in os.environ:
    application = make_application(
        Pictures(Path(os.environ["PICTURES"]), Fallbacks(Path(os.environ["PICTURES_CACHE"])))
    )
