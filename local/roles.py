"""IAM, locally: each function may make the calls that `infra/permissions.json` grants it, no other.

The same grants become the deployed roles, so a call that is missing there fails here first, in
every test and in every run. Calls of the local code itself are not held to anything.
"""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import Any

import boto3
from botocore.exceptions import ClientError

from infra import definitions, policies

API_FUNCTION = "api_handler"
"""Chalice's name of the one function behind the HTTP API."""

_acting: ContextVar[str | None] = ContextVar("acting", default=None)
_TRANSACTIONS = {
    "Put": "PutItem",
    "Update": "UpdateItem",
    "Delete": "DeleteItem",
    "ConditionCheck": "ConditionCheckItem",
}


@contextmanager
def acting_as(function: str) -> Iterator[None]:
    """Calls inside are made by this function."""
    token = _acting.set(function)
    try:
        yield
    finally:
        _acting.reset(token)


def enforce() -> None:
    """Hold every AWS client of this process to the grants. Before any client is made."""
    if boto3.DEFAULT_SESSION is None:  # a second one would forget who watches the first
        boto3.setup_default_session()
    session = boto3.DEFAULT_SESSION
    assert session is not None
    session.events.register("before-parameter-build", _check)
    from chalicelib.models.base import connection

    connection().client.meta.events.register("before-parameter-build.dynamodb", _check)


def _check(params: dict[str, Any], model: Any, **_: Any) -> None:
    function = _acting.get()
    if function is None:
        return
    service = str(model.service_model.service_name)
    for resource, call in set(_calls(service, model.name, params)):
        _note(function, resource, call)
        if (resource, call) not in _granted(function):
            said = f"{function} is not allowed {service}:{call} on {resource}"
            error: Any = {
                "Code": "AccessDeniedException",
                "Message": f"{said}: infra/permissions.json",
            }
            raise ClientError({"Error": error}, call)


def _note(function: str, resource: str, call: str) -> None:
    """With LKK_RECORD_CALLS set, write down what is called, so that grants can be compared with it."""
    record = os.environ.get("LKK_RECORD_CALLS")
    if record and (function, resource, call) not in _noted:
        _noted.add((function, resource, call))
        with Path(record).open("a") as lines:
            lines.write(json.dumps([function, resource, call]) + "\n")


def _calls(service: str, name: str, params: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """The resources (by name) that one call touches, and the permission that each needs."""
    if service == "dynamodb":
        yield from _table_calls(name, params)
    elif service == "sqs":
        queue = params.get("QueueName") or str(params["QueueUrl"]).rsplit("/", 1)[-1]
        yield queue, name.removesuffix("Batch")
    elif service == "s3":
        yield params["Bucket"], _S3.get(name, name)
    elif service == "sesv2":
        yield "mail", name


def _table_calls(name: str, params: dict[str, Any]) -> Iterator[tuple[str, str]]:
    if name == "TransactWriteItems":
        for part in params["TransactItems"]:
            for kind, body in part.items():
                yield body["TableName"], _TRANSACTIONS[kind]
    elif name == "TransactGetItems":
        for part in params["TransactItems"]:
            yield part["Get"]["TableName"], "GetItem"
    elif "RequestItems" in params:
        for table in params["RequestItems"]:
            yield table, name
    else:
        index = params.get("IndexName")
        yield params["TableName"] + (f"/index/{index}" if index else ""), name


# https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-with-s3-policy-actions.html
_S3 = {
    "HeadObject": "GetObject",
    "CreateMultipartUpload": "PutObject",
    "UploadPart": "PutObject",
    "CompleteMultipartUpload": "PutObject",
    "ListObjectsV2": "ListBucket",
}
_cache: dict[str, set[tuple[str, str]]] = {}
_noted: set[tuple[str, str, str]] = set()


def _granted(function: str) -> set[tuple[str, str]]:
    if function not in _cache:
        names = {
            logical: definitions.names("local")[setting]
            for setting, logical in definitions.settings_of_resources().items()
        }
        granted = set()
        for grant in policies.grants().get(function, []):
            calls = grant.get("calls", [])
            if "mail" in grant:
                granted |= {("mail", call) for call in calls}
            elif "on" in grant:
                places = [names[grant["on"]]]
                places += [f"{places[0]}/index/{index}" for index in grant.get("indexes", [])]
                granted |= {(place, call) for place in places for call in calls}
        _cache[function] = granted
    return _cache[function]
