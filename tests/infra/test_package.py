"""What is deployed: the template that `make package` makes, held to the rules of the house."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from chalicelib.handlers.edge import SECURITY_HEADERS
from infra import definitions, policies
from local.world import World
from tests.infra.conftest import Template


def _of(template: Template, kind: str) -> dict[str, Template]:
    return {k: v for k, v in template["Resources"].items() if v["Type"] == kind}


def _queues_of(function: dict[str, Any]) -> list[str]:
    """Logical ids of the queues that a function listens to (Chalice names them by ARN)."""
    found = []
    queues = {
        logical: resource["Properties"]["QueueName"]["Fn::Sub"].removeprefix("lkk-${Stage}-")
        for logical, resource in definitions.template()["Resources"].items()
        if resource.get("Type") == "AWS::SQS::Queue"
    }
    for event in function["Properties"].get("Events", {}).values():
        if event["Type"] == "SQS":
            arn = json.dumps(event["Properties"]["Queue"])
            found += [logical for logical, name in queues.items() if f'-{name}"' in arn]
    return found


def test_the_template_has_nothing_that_cfn_lint_finds(path: Path) -> None:
    command = [str(Path(sys.executable).with_name("cfn-lint")), str(path)]

    found = subprocess.run(command, capture_output=True, text=True, check=False)

    assert found.stdout == ""
    assert found.returncode == 0


def test_every_function_has_its_grants_and_no_grant_lacks_a_function(
    template: Template, world: World
) -> None:
    functions = {source.name for source in world.app.event_sources} | {"api_handler"}

    assert set(policies.grants()) == functions
    assert len(_of(template, "AWS::Serverless::Function")) == len(functions)


def test_every_function_has_a_role_of_its_own(template: Template) -> None:
    roles = [
        function["Properties"]["Role"]["Fn::GetAtt"][0]
        for function in _of(template, "AWS::Serverless::Function").values()
    ]

    assert len(set(roles)) == len(roles)
    assert set(roles) <= set(_of(template, "AWS::IAM::Role"))


@pytest.mark.parametrize("function", sorted(policies.grants()))
def test_no_policy_has_a_wildcard_but_for_the_objects_of_a_bucket(function: str) -> None:
    for statement in policies.policy(function)["Statement"]:
        assert all("*" not in action for action in statement["Action"])
        for arn in statement["Resource"]:
            text = json.dumps(arn)
            assert "*" not in text or "Bucket.Arn}/*" in text


def test_tables_are_on_demand_recoverable_encrypted_and_kept(template: Template) -> None:
    tables = _of(template, "AWS::DynamoDB::Table")

    assert len(tables) == 7
    for table in tables.values():
        properties = table["Properties"]
        assert properties["BillingMode"] == "PAY_PER_REQUEST"
        assert properties["PointInTimeRecoverySpecification"]["PointInTimeRecoveryEnabled"]
        assert properties["SSESpecification"]["SSEEnabled"]
        assert properties["TimeToLiveSpecification"]["Enabled"]
        assert table["DeletionPolicy"] == "Retain"


def test_every_queue_gives_up_to_a_dead_letter_queue_and_both_raise_alarms(
    template: Template,
) -> None:
    queues = _of(template, "AWS::SQS::Queue")
    watched = {
        alarm["Properties"]["Dimensions"][0]["Value"]["Fn::GetAtt"][0]
        for alarm in _of(template, "AWS::CloudWatch::Alarm").values()
        if alarm["Properties"]["Namespace"] == "AWS/SQS"
    }

    assert watched == set(queues)
    for logical, queue in queues.items():
        if "DeadLetter" not in logical:
            dead = queue["Properties"]["RedrivePolicy"]["deadLetterTargetArn"]["Fn::GetAtt"][0]
            assert dead in queues


def test_a_message_stays_hidden_six_times_as_long_as_its_function_may_run(
    template: Template,
) -> None:
    for function in _of(template, "AWS::Serverless::Function").values():
        for queue in _queues_of(function):
            hidden = template["Resources"][queue]["Properties"]["VisibilityTimeout"]

            assert hidden >= 6 * function["Properties"]["Timeout"]


def test_every_setting_without_a_default_reaches_the_functions(template: Template) -> None:
    from chalicelib.config import Settings

    variables = template["Globals"]["Function"]["Environment"]["Variables"]
    needed = {name for name, field in Settings.model_fields.items() if field.is_required()}

    assert needed <= set(variables)
    assert set(variables) <= set(Settings.model_fields)


def test_what_the_gateway_answers_itself_carries_the_headers_of_every_answer(
    template: Template,
) -> None:
    found = template["Resources"]["RestAPI"]["Properties"]["GatewayResponses"]

    for name, response in found.items():
        sent = response["ResponseParameters"]["Headers"]
        for header, value in {"Cache-Control": "no-store", **SECURITY_HEADERS}.items():
            assert sent.get(header) == f"'{value}'", name


def test_buckets_are_closed_to_the_public_encrypted_and_keep_versions(template: Template) -> None:
    buckets = _of(template, "AWS::S3::Bucket")

    assert len(buckets) == 3
    for bucket in buckets.values():
        assert all(bucket["Properties"]["PublicAccessBlockConfiguration"].values())
        assert "BucketEncryption" in bucket["Properties"]
        assert bucket["Properties"]["VersioningConfiguration"]["Status"] == "Enabled"
        assert bucket["DeletionPolicy"] == "Retain"
