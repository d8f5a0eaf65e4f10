"""What cannot be repeated safely is not sent on a connection that the other side may be closing."""

from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest

from chalicelib.clients import ses, twilio

ANSWER = b'{"MessageId": "1", "sid": "SM1"}'


class ClosesWhenAskedAgain(BaseHTTPRequestHandler):
    """Answers the first request of a connection; a second one meets a connection that ends."""

    protocol_version = "HTTP/1.1"
    has_answered = False

    def do_POST(self) -> None:
        """One message."""
        self.rfile.read(int(self.headers["Content-Length"]))
        if self.has_answered:
            self.close_connection = True
            return
        self.has_answered = True
        self.send_response(201)
        self.send_header("Content-Length", str(len(ANSWER)))
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(ANSWER)

    def log_message(self, *args: Any) -> None:
        """Nothing is said."""


@pytest.fixture
def provider(configured: Callable[..., None]) -> Iterator[None]:
    """Twilio's and SES's address for this test."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), ClosesWhenAskedAgain)
    Thread(target=server.serve_forever, daemon=True).start()
    url = f"http://127.0.0.1:{server.server_port}"
    configured(TWILIO_API_BASE=url, AWS_ENDPOINT_URL_SESV2=url)
    for client in (ses._client, twilio._client):
        client.cache_clear()
    yield
    for client in (ses._client, twilio._client):
        client.cache_clear()
    server.shutdown()
    server.server_close()


@pytest.mark.usefixtures("provider")
def test_a_second_text_gets_a_connection_of_its_own() -> None:
    twilio.send_sms("+79001234567", "первое")
    twilio.send_sms("+79001234567", "второе")


@pytest.mark.usefixtures("provider")
def test_a_second_letter_gets_a_connection_of_its_own() -> None:
    ses.send_letter(b"Subject: 1\r\n\r\n", "resident@home.example", "msg_1")
    ses.send_letter(b"Subject: 2\r\n\r\n", "resident@home.example", "msg_2")
