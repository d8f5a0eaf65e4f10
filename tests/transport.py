"""The HTTP API without a socket."""

import httpx

from local.gateway import Gateway


class GatewayTransport(httpx.BaseTransport):
    """Lets an `httpx.Client` talk to the application in this process, without a socket."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """One request through the gateway."""
        answer = self._gateway.answer(
            request.method,
            request.url.raw_path.decode(),
            {k: v for k, v in request.headers.items() if k != "accept-encoding"},
            request.read(),
        )
        return httpx.Response(answer.status, headers=answer.headers, content=answer.body)
