"""Alarms: what a person on duty must hear of. All of them go to one topic, by e-mail."""

from typing import Any, Final

TOPIC: Final = "AlarmTopic"
API_NAME: Final = {"Fn::Sub": "lkk-${Stage}"}
"""The API's name on its stage; CloudWatch counts by it, for every stage of an account apart."""
GATEWAY_STAGE: Final = "live"
"""API Gateway's own stage, as `.chalice/config.json` names it."""
OLDEST_SECONDS: Final = 900
"""A message that waits longer than this in a working queue is late."""

OWN_METRICS: Final = {
    "messages_given_up": "A letter or an SMS was given up: see docs/runbooks/given-up-messages.md",
    "payments_unresolved": "A payment's outcome is unknown for a week: "
    "see docs/runbooks/payment-unresolved.md",
    "books_differ": "Our books and the provider's differ: see docs/runbooks/books-differ.md",
}
"""The application's own counters that must stay at zero, and what to do when they do not."""

Resources = dict[str, Any]


def alarms(resources: Resources, functions: list[str]) -> Resources:
    """The topic and every alarm: queues, functions, the API and the application's own counters."""
    topic = {
        "Type": "AWS::SNS::Topic",
        "Properties": {"Subscription": [{"Protocol": "email", "Endpoint": {"Ref": "AlertEmail"}}]},
    }
    made: Resources = {TOPIC: topic}
    for logical, resource in resources.items():
        if resource.get("Type") == "AWS::SQS::Queue":
            made |= _of_queue(logical)
    for function in functions:
        by = {"FunctionName": {"Ref": function}}
        why = "A function failed: its log says why"
        made[f"{function}ErrorAlarm"] = _alarm("AWS/Lambda", "Errors", by, why)
    for metric, why in OWN_METRICS.items():
        made[_logical(metric)] = _alarm("LKK", metric, {}, why)
    api: dict[str, Any] = {"ApiName": API_NAME, "Stage": GATEWAY_STAGE}
    made["ApiErrorAlarm"] = _alarm("AWS/ApiGateway", "5XXError", api, "The API answered 5xx")
    return made


def _of_queue(logical: str) -> Resources:
    by = {"QueueName": {"Fn::GetAtt": [logical, "QueueName"]}}
    if "DeadLetter" in logical:
        metric = "ApproximateNumberOfMessagesVisible"
        why = "A message could not be handled: see docs/runbooks/dead-letters.md"
        return {f"{logical}Alarm": _alarm("AWS/SQS", metric, by, why)}
    metric = "ApproximateAgeOfOldestMessage"
    why = "Messages wait too long: see docs/runbooks/late-queue.md"
    return {f"{logical}LateAlarm": _alarm("AWS/SQS", metric, by, why, above=OLDEST_SECONDS)}


def _logical(metric: str) -> str:
    return "".join(word.title() for word in metric.split("_")) + "Alarm"


def _alarm(
    namespace: str, metric: str, by: dict[str, Any], why: str, *, above: int = 0
) -> Resources:
    return {
        "Type": "AWS::CloudWatch::Alarm",
        "Properties": {
            "AlarmDescription": why,
            "Namespace": namespace,
            "MetricName": metric,
            "Dimensions": [{"Name": name, "Value": value} for name, value in by.items()],
            "Statistic": "Maximum" if namespace == "AWS/SQS" else "Sum",
            "Period": 300,
            "EvaluationPeriods": 1,
            "ComparisonOperator": "GreaterThanThreshold",
            "Threshold": above,
            "TreatMissingData": "notBreaching",
            "AlarmActions": [{"Ref": TOPIC}],
            "OKActions": [{"Ref": TOPIC}],
        },
    }
