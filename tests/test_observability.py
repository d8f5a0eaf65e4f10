"""What may be seen from outside of a running system: lines, metrics and traces without people in them."""

import ast
import io
import json
import logging
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest

from chalicelib import clock, ids, observability, tracing
from chalicelib.log_format import OWN_FIELDS, WITHHELD, LogFormat
from chalicelib.models.outbox import OutboxMessage
from chalicelib.observability import count, invocation, log
from chalicelib.services.messages import Message, MessageKind, dispatch, intend_alone
from local.world import World
from tests.builders import Person

LIB = Path(observability.__file__).parent
Lines = list[dict[str, Any]]


class Record:
    def to_dict(self) -> dict[str, Any]:
        sent = int(clock.now().timestamp() * 1000) - 2_500
        return {"attributes": {"SentTimestamp": str(sent), "ApproximateReceiveCount": "2"}}


@pytest.fixture
def lines(capsys: pytest.CaptureFixture[str], world: World) -> Iterator[Callable[[], Lines]]:
    world.stripe.pause_webhooks()  # an earlier test's event would write lines among ours
    capsys.readouterr()
    written = io.StringIO()
    handler = next(h for h in log.handlers if isinstance(h.formatter, LogFormat))
    assert isinstance(handler, logging.StreamHandler)
    before, level = handler.setStream(written), log.log_level
    log.setLevel(logging.INFO)

    def read() -> Lines:
        """Lines of the log, then metrics."""
        text = written.getvalue() + capsys.readouterr().out
        return [json.loads(line) for line in text.splitlines() if line]

    yield read
    log.setLevel(level)
    if before is not None:
        handler.setStream(before)
    world.stripe.resume_webhooks()


def test_fields_that_are_not_on_the_list_are_left_out(lines: Callable[[], Lines]) -> None:
    log.info("something", extra={"payment_id": "pay_1", "phone": "+79000000001", "ms": 1.5})

    (line,) = lines()

    assert (line["payment_id"], line["ms"], line["message"]) == ("pay_1", 1.5, "something")
    assert "phone" not in line
    assert "+7900" not in json.dumps(line)


@pytest.mark.parametrize(
    "value", ["a@home.example", "Иванова", "two words", "+79000000001", "x" * 101]
)
def test_a_listed_field_carries_ids_and_codes_only(lines: Callable[[], Lines], value: str) -> None:
    log.info("something", extra={"outcome": value, "message_ids": [value]})

    (line,) = lines()

    assert (line["outcome"], line["message_ids"]) == (WITHHELD, [WITHHELD])


def test_of_an_error_only_its_kind_and_places_are_written(lines: Callable[[], Lines]) -> None:
    def fail() -> None:
        try:
            int("a@home.example")
        except ValueError as exc:
            raise RuntimeError("Иванова") from exc

    try:
        fail()
    except RuntimeError:
        log.exception("unexpected error")

    (line,) = lines()
    assert "ValueError at tests/test_observability.py" in line["exception"]
    assert "RuntimeError at" in line["exception"]
    assert "home.example" not in json.dumps(line)
    assert "Иванова" not in json.dumps(line, ensure_ascii=False)


def test_a_worker_writes_one_line_and_how_long_its_message_waited(
    lines: Callable[[], Lines],
) -> None:
    with invocation("send_messages", Record(), message_id="msg_1") as line:
        line["outcome"] = "sent"

    written, metric = lines()
    assert (metric["queue_age"], metric["operation"]) == ([2500.0], "send_messages")
    assert metric["_aws"]["CloudWatchMetrics"] == [
        {
            "Namespace": "LKK",
            "Dimensions": [["operation"]],
            "Metrics": [{"Name": "queue_age", "Unit": "Milliseconds"}],
        }
    ]
    assert {key: written[key] for key in ("operation", "message_id", "outcome", "tries")} == {
        "operation": "send_messages",
        "message_id": "msg_1",
        "outcome": "sent",
        "tries": 2,
    }


def test_a_failing_worker_says_so_and_fails_without_quoting(lines: Callable[[], Lines]) -> None:
    with pytest.raises(observability.InvocationFailed) as failed, invocation("send_messages"):
        raise ValueError("a@home.example")

    assert "home.example" not in str(failed.value)
    written, metric = lines()
    assert (written["outcome"], "home.example" in json.dumps(written)) == ("failed", False)
    assert metric["invocations_failed"] == [1.0]


def test_a_metric_bears_many_dimensions_and_an_empty_one(lines: Callable[[], Lines]) -> None:
    count("payments", status="", **{f"d{n}": n for n in range(12)})

    (metric,) = lines()
    assert (metric["status"], metric["d11"], metric["payments"]) == ("none", "11", [1.0])


def test_ids_of_one_request_do_not_stand_in_the_next_one(lines: Callable[[], Lines]) -> None:
    with invocation("first", message_id="msg_1"):
        pass
    with invocation("second"):
        pass

    first, second = lines()
    assert (first["message_id"], second.get("message_id")) == ("msg_1", None)


def _log_calls() -> Iterator[tuple[Path, ast.Call]]:
    for path in LIB.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and isinstance(node.func.value, ast.Name)
                and node.func.value.id in ("log", "logger", "logging")
                and node.func.attr in ("debug", "info", "warning", "error", "exception")
            ):
                yield path, node


def test_every_field_that_the_code_logs_is_on_the_list() -> None:
    for path, call in _log_calls():
        for keyword in call.keywords:
            if keyword.arg == "extra" and isinstance(keyword.value, ast.Dict):
                names = {k.value for k in keyword.value.keys if isinstance(k, ast.Constant)}
                assert names <= OWN_FIELDS, (path, names - OWN_FIELDS)


def test_every_field_that_a_worker_notes_is_on_the_list() -> None:
    for path in (LIB / "handlers").glob("*.py"):
        noted = set(re.findall(r'\bline\["(\w+)"\] =', path.read_text()))
        assert noted <= OWN_FIELDS, (path, noted - OWN_FIELDS)


def test_the_code_logs_constant_messages() -> None:
    for path, call in _log_calls():
        assert isinstance(call.args[0], ast.Constant), (path, call.lineno)
        assert len(call.args) == 1, (path, call.lineno)


def test_a_message_leaves_no_trace_of_its_reader_in_logs_and_queues(
    person: Callable[..., Person],
    world: World,
    drain: Callable[[], None],
    lines: Callable[[], Lines],
) -> None:
    sent: list[str] = []
    canaries = ["Канарейкина", "canary-mail", "7099999999", "canary-token"]
    client = person(last_name=canaries[0], email=f"canary-mail{ids.new_id('x')}@home.example")
    message = Message(
        MessageKind.EMAIL_CONFIRMATION,
        client.client_id,
        ids.new_id("k"),
        {"link": "https://lkk.example/confirm-email?token=canary-token"},
    )
    assert boto3.DEFAULT_SESSION is not None
    boto3.DEFAULT_SESSION.events.register(
        "provide-client-params.sqs", lambda params, **_: sent.append(json.dumps(params))
    )

    world.ses.faults = [(500, "InternalServiceErrorException")]
    message_id = intend_alone(message, clock.now())
    dispatch([message_id])
    drain()

    seen = json.dumps(lines(), ensure_ascii=False) + "".join(sent)
    assert message_id in seen
    for canary in [*canaries, client.phone]:
        assert canary not in seen
    assert OutboxMessage.get(message_id).params


def test_tracing_that_is_off_loads_and_costs_nothing() -> None:
    first, second = tracing.span("a"), tracing.span("b", message_id="msg_1")

    assert first is second
    assert "aws_xray_sdk" not in sys.modules


def test_tracing_that_is_on_tells_names_and_ids_but_not_what_went_wrong() -> None:
    asked = """
import json, os
os.environ["TRACING"] = "true"
from aws_xray_sdk.core import xray_recorder
from chalicelib import tracing

class Kept:
    def send_entity(self, entity): print(entity.serialize())
    def set_daemon_address(self, address): pass

tracing.start()
xray_recorder.configure(emitter=Kept(), sampling=False, context_missing="IGNORE_ERROR")
with xray_recorder.in_segment("invocation"):
    try:
        with tracing.span("send_messages", message_id="msg_1"):
            raise ValueError("a@home.example")
    except ValueError:
        pass
with tracing.span("outside_of_an_invocation"):
    pass
"""
    done = subprocess.run(
        [sys.executable, "-c", asked], capture_output=True, text=True, check=True, env=os.environ
    )

    (segment,) = [json.loads(line) for line in done.stdout.splitlines()]
    (inner,) = segment["subsegments"]
    assert (inner["name"], inner["fault"]) == ("send_messages", True)
    assert inner["annotations"] == {"message_id": "msg_1", "error": "ValueError"}
    assert "home.example" not in done.stdout
