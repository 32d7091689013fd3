"""Leaves a reply that is longer than any answer can be, before it fills the memory."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx2

from xlam_backend.llm.failure import ReplyUnusableError

LARGEST_REPLY = 8 * 2**20
# We ask for nothing packed; what comes packed all the same may be a thousand times as long unpacked.
LARGEST_PACKED = 64 * 2**10


async def limit_reply(response: httpx2.Response) -> None:
    """Put a limit on what is read of a response; a hook of the HTTP client."""
    is_packed = response.headers.get("content-encoding", "identity").strip().lower() != "identity"
    if isinstance(response.stream, httpx2.AsyncByteStream):
        response.stream = _Limited(response.stream, LARGEST_PACKED if is_packed else LARGEST_REPLY)


class _Limited(httpx2.AsyncByteStream):
    def __init__(self, stream: httpx2.AsyncByteStream, most: int) -> None:
        self._stream = stream
        self._most = most

    async def __aiter__(self) -> AsyncIterator[bytes]:
        left = self._most
        async for piece in self._stream:
            left -= len(piece)
            if left < 0:
                raise ReplyUnusableError(f"The reply is longer than {LARGEST_REPLY:,} bytes.")
            yield piece

    async def aclose(self) -> None:
        await self._stream.aclose()
