"""A real HTTP server that speaks the chat protocol, for as long as a test needs it."""

from __future__ import annotations

import os
import socket
import threading
import time
from contextlib import contextmanager

import uvicorn

from xlam_backend.llm.endpoint import Endpoint
from xlam_backend.llm.scripted_behaviour import Behaviour
from xlam_backend.llm.scripted_process import CARD, SCRIPTED_MODELS, ServerCard, write_card
from xlam_backend.llm.scripted_server import ScriptedServer

START_SECONDS = 30


@contextmanager
def serving(app):
    """Serve an ASGI app on a free loopback port; gives the address."""
    server = uvicorn.Server(
        uvicorn.Config(app, log_level="critical", timeout_graceful_shutdown=0, lifespan="off")
    )
    with socket.create_server(("127.0.0.1", 0), backlog=128) as listener:
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        give_up_at = time.monotonic() + START_SECONDS
        while not server.started and time.monotonic() < give_up_at:
            time.sleep(0.005)
        assert server.started
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join()


@contextmanager
def scripted_endpoint(**behaviour):
    """Run the scripted server; gives it and an endpoint with prices."""
    server = ScriptedServer(Behaviour(**behaviour))
    with serving(server.app) as address:
        yield server, endpoint_at(f"{address}/v1")


@contextmanager
def scripted_server_of(folder, **behaviour):
    """Run the scripted server as that of a data folder: its runs and pages know it as "scripted"."""
    server = ScriptedServer(Behaviour(**behaviour))
    with serving(server.app) as address:
        port = int(address.rpartition(":")[2])
        write_card(folder / CARD, ServerCard(os.getpid(), port, server.identity))
        yield server
    (folder / CARD).unlink(missing_ok=True)


def endpoint_at(base_url, **settings):
    """An endpoint of one's own at an address."""
    given = {
        "name": "scripted",
        "models": SCRIPTED_MODELS,
        "origin": "scripted server",
        "price_input": 1.0,
        "price_output": 2.0,
        "honours_idempotency": True,
        **settings,
    }
    return Endpoint(base_url=base_url, **given)
