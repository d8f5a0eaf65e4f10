"""Alarms: what a person on duty must hear of. All of them go to one topic, by e-mail."""

from typing import Any

TOPIC = "AlarmTopic"
OLDEST_SECONDS = 900
"""A message that waits longer than this in a working queue is late."""


def alarms(resources: dict[str, Any], functions: list[str]) -> dict[str, Any]:
    """The topic, an alarm per dead-letter queue, per late queue and per failing function."""
    made: dict[str, Any] = {
        TOPIC: {
            "Type": "AWS::SNS::Topic",
            "Properties": {
                "Subscription": [{"Protocol": "email", "Endpoint": {"Ref": "AlertEmail"}}]
            },
        }
    }
    for logical, resource in resources.items():
        if resource.get("Type") != "AWS::SQS::Queue":
            continue
        dimension = [{"Name": "QueueName", "Value": {"Fn::GetAtt": [logical, "QueueName"]}}]
        if "DeadLetter" in logical:
            made[f"{logical}Alarm"] = _alarm(
                "AWS/SQS",
                "ApproximateNumberOfMessagesVisible",
                dimension,
                0,
                "A message could not be handled: see docs/runbooks/dead-letters.md",
            )
        else:
            made[f"{logical}LateAlarm"] = _alarm(
                "AWS/SQS",
                "ApproximateAgeOfOldestMessage",
                dimension,
                OLDEST_SECONDS,
                "Messages wait too long: see docs/runbooks/late-queue.md",
            )
    for function in functions:
        made[f"{function}ErrorAlarm"] = _alarm(
            "AWS/Lambda",
            "Errors",
            [{"Name": "FunctionName", "Value": {"Ref": function}}],
            0,
            "A function failed: its log says why",
        )
    made["MessagesGivenUpAlarm"] = _alarm(
        "LKK",
        "messages_given_up",
        [],
        0,
        "A letter or an SMS was given up: see docs/runbooks/given-up-messages.md",
    )
    made["PaymentsUnresolvedAlarm"] = _alarm(
        "LKK",
        "payments_unresolved",
        [],
        0,
        "A payment's outcome is unknown for a week: see docs/runbooks/payment-unresolved.md",
    )
    made["BooksDifferAlarm"] = _alarm(
        "LKK",
        "books_differ",
        [],
        0,
        "Our books and the provider's differ: see docs/runbooks/books-differ.md",
    )
    made["ApiErrorAlarm"] = _alarm(
        "AWS/ApiGateway",
        "5XXError",
        [{"Name": "ApiName", "Value": "lkk"}, {"Name": "Stage", "Value": {"Ref": "Stage"}}],
        0,
        "The API answered 5xx",
    )
    return made


def _alarm(
    namespace: str, metric: str, dimensions: list[dict[str, Any]], threshold: int, why: str
) -> dict[str, Any]:
    return {
        "Type": "AWS::CloudWatch::Alarm",
        "Properties": {
            "AlarmDescription": why,
            "Namespace": namespace,
            "MetricName": metric,
            "Dimensions": dimensions,
            "Statistic": "Maximum" if namespace == "AWS/SQS" else "Sum",
            "Period": 300,
            "EvaluationPeriods": 1,
            "ComparisonOperator": "GreaterThanThreshold",
            "Threshold": threshold,
            "TreatMissingData": "notBreaching",
            "AlarmActions": [{"Ref": TOPIC}],
            "OKActions": [{"Ref": TOPIC}],
        },
    }
