"""Text messages through a real HTTP gateway."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from shared.delivery import TryLater, Undeliverable
from shared.sms import HttpSms, Sms, open_sms, phone_number


class Gateway(BaseHTTPRequestHandler):
    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.got.append((self.path, body, self.headers["Idempotency-Key"], self.headers["Authorization"]))
        if self.server.status == 0:
            self.server.hold.wait(5)
            return
        self.send_response(self.server.status)
        self.send_header("Location", "/elsewhere")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


@pytest.fixture
def gateway():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Gateway)
    server.got, server.status, server.hold = [], 202, threading.Event()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    server.hold.set()
    server.shutdown()
    thread.join()
    server.server_close()


def sender(gateway, **more):
    return HttpSms(f"http://maru:key@127.0.0.1:{gateway.server_port}/send?account=1", **more)


SMS = Sms("booking-7", "01012345678", "예약했습니다")


def test_a_text_is_handed_over_once_with_its_key(gateway):
    sender(gateway).send(SMS)
    ((path, body, key, authorization),) = gateway.got
    assert path == "/send?account=1"
    assert body == {"id": "booking-7", "to": "01012345678", "text": "예약했습니다"}
    assert key == "booking-7"
    assert authorization.startswith("Basic ")


@pytest.mark.parametrize(
    ("status", "refused"),
    [(400, Undeliverable), (422, Undeliverable), (401, TryLater), (429, TryLater), (500, TryLater), (302, TryLater)],
)
def test_what_the_gateways_no_means(gateway, status, refused):
    gateway.status = status
    with pytest.raises(refused, match=f"HTTP {status}"):
        sender(gateway).send(SMS)
    assert len(gateway.got) == 1


def test_a_gateway_that_is_silent_or_away_is_tried_later(gateway):
    gateway.status = 0
    with pytest.raises(TryLater) as late:
        sender(gateway, timeout=(0.2, 0.2)).send(SMS)
    assert "key" not in str(late.value)
    with pytest.raises(TryLater):
        HttpSms("http://127.0.0.1:9/").send(SMS)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("010-1234-5678", "01012345678"),
        ("+82 10 1234 5678", "01012345678"),
        ("02) 123-4567", "021234567"),
        ("+49 30 123456", "+4930123456"),
        ("12345", None),
        ("010-1234-567a", None),
        ("０１０１２３４５６７８", None),
        ("01012345678\nBcc", None),
    ],
)
def test_phone_numbers(typed, kept):
    assert phone_number(typed) == kept


def test_nothing_is_sent_without_a_gateway(house):
    assert open_sms(house.settings) is None
