"""Tries an endpoint: can it be reached, which models does it list, how long does it take."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime

import msgspec

from xlam_backend.llm.endpoint import Endpoint, open_client, without_key

CHECK_SECONDS = 10.0
MOST_MODELS = 500


class EndpointCheck(msgspec.Struct, frozen=True):
    """What came of it; `missing` are the models set for the endpoint that it does not list."""

    is_reachable: bool
    seconds: float
    models: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    what: str = ""
    way_out: str = ""


def check_endpoint(endpoint: Endpoint, *, timeout_seconds: float = CHECK_SECONDS) -> EndpointCheck:
    """Ask an endpoint for its models; costs nothing."""
    return asyncio.run(_check(endpoint, timeout_seconds))


async def _check(endpoint: Endpoint, timeout_seconds: float) -> EndpointCheck:
    from xlam_backend.llm.failure import CALL_ERRORS, failure_of  # brings the openai package

    began = time.monotonic()
    async with open_client(endpoint, timeout_seconds=timeout_seconds) as client:
        try:
            async with asyncio.timeout(timeout_seconds):
                page = await client.models.list()
            models = tuple(sorted(str(model.id) for model in page.data))[:MOST_MODELS]
        except CALL_ERRORS as error:
            failure = failure_of(error, now=datetime.now(UTC))
            return _failed(endpoint, began, failure.reason, failure.way_out)
        except (AttributeError, TypeError, ValueError):  # 200, and something else than a list of models
            return _failed(
                endpoint,
                began,
                "It answers, but with no list of models.",
                "Check the path of the address (often /v1).",
            )
    missing = tuple(name for name in endpoint.models if name not in models)
    return EndpointCheck(True, time.monotonic() - began, models, missing)


def _failed(endpoint: Endpoint, began: float, what: str, way_out: str) -> EndpointCheck:
    return EndpointCheck(False, time.monotonic() - began, what=without_key(endpoint, what), way_out=way_out)
