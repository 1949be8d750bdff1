"""The floor: a bare Starlette handler, python -m tests.bench.floor FOLDER, at PORT of the environment.

It checks nothing, shows ready pages (FOLDER/form.html, receipt.html) and saves what was posted as one JSON row in
FOLDER/floor.db, as durably as we do.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from threading import Lock
from urllib.parse import parse_qs

import uvicorn
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from service.database import Database


def create(folder: Path) -> Starlette:
    form, receipt = ((folder / name).read_text("utf-8") for name in ("form.html", "receipt.html"))
    connection = Database(f"sqlite:///{folder}/floor.db").engine.raw_connection()
    cursor = connection.cursor()
    cursor.execute("CREATE TABLE answer (id INTEGER PRIMARY KEY, answers JSON)")
    alone = Lock()

    def save(body: bytes) -> None:
        answers = json.dumps(parse_qs(body.decode()), ensure_ascii=False)
        with alone:
            cursor.execute("BEGIN IMMEDIATE")
            cursor.execute("INSERT INTO answer (answers) VALUES (?)", (answers,))
            cursor.execute("COMMIT")

    async def show(request: Request) -> Response:
        return HTMLResponse(form)

    async def submit(request: Request) -> Response:
        await run_in_threadpool(save, await request.body())
        return RedirectResponse(f"/q/{request.path_params['token']}/receipt", 303)

    async def thank(request: Request) -> Response:
        return HTMLResponse(receipt)

    return Starlette(
        routes=[
            Route("/q/{token}/answers", show),
            Route("/q/{token}/answers", submit, methods=["POST"]),
            Route("/q/{token}/receipt", thank),
        ]
    )


if __name__ == "__main__":
    uvicorn.run(
        create(Path(sys.argv[1])),
        port=int(os.environ["PORT"]),
        log_config=None,
        access_log=False,
        server_header=False,
    )
