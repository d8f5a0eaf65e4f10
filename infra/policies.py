"""One policy per function, made from `permissions.json`: which calls on which table, queue or bucket.

A grant names a resource of `infra/` and the calls that the function makes on it; the policy names
their ARNs. No grant has a wildcard, but for the objects of a bucket under a prefix. Writing logs
and traces comes from AWS's own managed policies (see `package.py`).
"""

import json
from typing import Any

from infra.definitions import FOLDER, template

_SERVICE = {
    "AWS::DynamoDB::Table": "dynamodb",
    "AWS::SQS::Queue": "sqs",
    "AWS::S3::Bucket": "s3",
}
_ACCOUNT_ARN = "arn:${AWS::Partition}:%s:${AWS::Region}:${AWS::AccountId}:%s"

Grant = dict[str, Any]


def grants() -> dict[str, list[Grant]]:
    """Function name to its grants, as written in `permissions.json`."""
    loaded: dict[str, list[Grant]] = json.loads((FOLDER / "permissions.json").read_text())
    return loaded


def policy(function: str) -> dict[str, Any]:
    """The IAM policy document of one function, with CloudFormation references."""
    statements = [_statement(grant) for grant in grants()[function]]
    return {"Version": "2012-10-17", "Statement": statements}


def _statement(grant: Grant) -> dict[str, Any]:
    if "secret" in grant:
        name = grant["secret"].lower().replace("_", "-")
        arn = {"Fn::Sub": _ACCOUNT_ARN % ("ssm", f"parameter/lkk/${{Stage}}/{name}")}
        return _allow(["ssm:GetParameter"], [arn])
    if "mail" in grant:
        identity = {"Fn::Sub": _ACCOUNT_ARN % ("ses", "identity/${MailSender}")}
        events = {"Fn::Sub": _ACCOUNT_ARN % ("ses", "configuration-set/${MailConfigurationSet}")}
        return _allow([f"ses:{call}" for call in grant["calls"]], [identity, events])
    logical = grant["on"]
    service = _SERVICE[template()["Resources"][logical]["Type"]]
    arns: list[Any] = [{"Fn::GetAtt": [logical, "Arn"]}]
    if "indexes" in grant:
        arns += [_below(logical, f"/index/{index}") for index in grant["indexes"]]
    if service == "s3":
        arns = [_below(logical, "/*")]
    return _allow([f"{service}:{call}" for call in grant["calls"]], arns)


def _below(logical: str, path: str) -> dict[str, Any]:
    return {"Fn::Sub": f"${{{logical}.Arn}}{path}"}


def _allow(actions: list[str], arns: list[Any]) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": actions, "Resource": arns}
