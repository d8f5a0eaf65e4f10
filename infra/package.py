"""Makes what is deployed: `python -m infra.package OUT --stage dev`.

A copy of the application is prepared with one IAM policy per function, `chalice package` turns it
into a SAM template and a zip, and the definitions of this folder are merged in: tables, queues,
buckets, the distribution, gateway responses, settings, alarms. `--template-only` leaves the
libraries out, which is enough to check the template and takes seconds.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from infra import alarms, cabinet, definitions, policies

ROOT = definitions.FOLDER.parent
SECRETS = ("TOKEN_KEY", "STRIPE_SECRET_KEY", "STRIPE_WEBHOOK_SECRET", "TWILIO_AUTH_TOKEN")
PLAIN = {
    "MAIL_SENDER": "MailSender",
    "CENTRE_NAME_RU": "CentreNameRu",
    "CENTRE_NAME_EN": "CentreNameEn",
    "TWILIO_ACCOUNT_SID": "TwilioAccountSid",
    "TWILIO_SENDER": "TwilioSender",
    "PASSWORD_POLICY": "PasswordPolicy",
    "TRACING": "Tracing",
}
PARTS = ("Parameters", "Conditions", "Rules", "Outputs")
"""What is taken from `infra/*.json` as it stands; resources get something added."""
MANAGED = (
    "arn:${AWS::Partition}:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole",
    "arn:${AWS::Partition}:iam::aws:policy/AWSXRayDaemonWriteAccess",
)


def main() -> None:
    """Package the application for a stage."""
    parser = argparse.ArgumentParser(description="Package the application for AWS.")
    parser.add_argument("out", type=Path)
    parser.add_argument("--stage", default="dev")
    parser.add_argument("--template-only", action="store_true")
    asked = parser.parse_args()
    package(asked.out, asked.stage, template_only=asked.template_only)


def package(out: Path, stage: str, *, template_only: bool) -> Path:
    """Write `sam.json` and `deployment.zip` to `out`; answers the template's path."""
    project = out / "project"
    shutil.rmtree(project, ignore_errors=True)
    shutil.copytree(ROOT / "chalicelib", project / "chalicelib", ignore=_ignored)
    shutil.copy(ROOT / "app.py", project)
    requirements = "" if template_only else (ROOT / "requirements.txt").read_text()
    (project / "requirements.txt").write_text(requirements)
    _configure(project / ".chalice", stage)
    merge = out / "merge.json"
    _chalice(project, stage, out, None)
    sam = json.loads((out / "sam.json").read_text())
    merge.write_text(json.dumps(additions(sam), indent=1))
    _chalice(project, stage, out, merge)
    return out / "sam.json"


def _ignored(_: str, names: list[str]) -> set[str]:
    return {name for name in names if name == "__pycache__" or name.endswith(".po")}


def _configure(folder: Path, stage: str) -> None:
    """Chalice's configuration with one policy file per function."""
    (folder / "policies").mkdir(parents=True)
    config = json.loads((ROOT / ".chalice" / "config.json").read_text())
    template_stage = config["stages"].pop("template")
    functions = template_stage.setdefault("lambda_functions", {})
    for function in policies.grants():
        file = f"policies/{function}.json"
        (folder / file).write_text(json.dumps(policies.policy(function)))
        functions.setdefault(function, {})["iam_policy_file"] = file
    config["stages"] = {stage: template_stage}
    (folder / "config.json").write_text(json.dumps(config))


def _chalice(project: Path, stage: str, out: Path, merge: Path | None) -> None:
    command = [
        str(Path(sys.executable).with_name("chalice")),
        "--project-dir",
        str(project.resolve()),
    ]
    command += ["package", "--stage", stage]
    if merge is not None:
        command += ["--merge-template", str(merge.resolve())]
    subprocess.run([*command, str(out.resolve())], check=True, env=_environment(stage))  # noqa: S603


def _environment(stage: str) -> dict[str, str]:
    """Settings with which the application can be imported to be looked at; none reaches AWS."""
    placeholders = dict.fromkeys((*SECRETS, *PLAIN, *addresses()), "unset")
    placeholders |= {"PASSWORD_POLICY": "resident", "TRACING": "false"}
    return {
        **os.environ,
        "AWS_DEFAULT_REGION": os.environ.get("AWS_DEFAULT_REGION", "eu-central-1"),
        "STAGE": stage,
        **definitions.names(stage),
        **placeholders,
    }


def additions(sam: dict[str, Any]) -> dict[str, Any]:
    """What is merged into Chalice's template: our resources, settings, roles and alarms."""
    resources = json.loads(json.dumps(definitions.template()["Resources"]))
    functions = [k for k, v in sam["Resources"].items() if v["Type"] == "AWS::Serverless::Function"]
    for logical, resource in sam["Resources"].items():
        if resource["Type"] == "AWS::IAM::Role":
            managed = [{"Fn::Sub": arn} for arn in MANAGED]
            resources[logical] = {"Properties": {"ManagedPolicyArns": managed}}
    for logical in functions:
        mode = {"Fn::If": ["TracingOn", "Active", "PassThrough"]}
        resources.setdefault(logical, {"Properties": {}})["Properties"]["Tracing"] = mode
    # Chalice renames the API's function, but not in the name of its log group.
    api_logs = {"LogGroupName": {"Fn::Sub": "/aws/lambda/${APIHandler}"}}
    resources["ApiHandlerLogGroup"] = {"Properties": api_logs}
    # The distribution's word to the API: no other function hears requests.
    key = {"Variables": {"ORIGIN_KEY": {"Fn::Sub": "{{resolve:secretsmanager:${OriginKey}}}"}}}
    resources["APIHandler"]["Properties"]["Environment"] = key
    definitions.merge(resources, cabinet.computed())
    resources |= alarms.alarms(definitions.template()["Resources"], functions)
    return {
        **{part: definitions.template()[part] for part in PARTS},
        "Globals": {"Function": {"Environment": {"Variables": settings()}}},
        "Resources": resources,
    }


def addresses() -> dict[str, Any]:
    """Where residents find the cabinet and may be sent back to: the stage's domain."""
    own = definitions.template()["Outputs"]["PublicUrl"]["Value"]
    more = {"Fn::Join": [",", [own, {"Ref": "ReturnOrigins"}]]}
    return {"PUBLIC_URL": own, "RETURN_ORIGINS": {"Fn::If": ["MoreOrigins", more, own]}}


def settings() -> dict[str, Any]:
    """The environment of every function: names by reference, secrets by the name of a parameter."""
    resources = {
        name: {"Ref": logical} for name, logical in definitions.settings_of_resources().items()
    }
    # A queue's Ref is its URL; the application asks for it by name.
    for name, logical in definitions.settings_of_resources().items():
        if definitions.template()["Resources"][logical]["Type"] == "AWS::SQS::Queue":
            resources[name] = {"Fn::GetAtt": [logical, "QueueName"]}  # type: ignore[dict-item]
    secrets = {
        name: {"Fn::Sub": f"ssm:/lkk/${{Stage}}/{name.lower().replace('_', '-')}"}
        for name in SECRETS
    }
    return {
        "STAGE": {"Ref": "Stage"},
        **resources,
        **secrets,
        **addresses(),
        **{name: {"Ref": parameter} for name, parameter in PLAIN.items()},
        "MAIL_CONFIGURATION_SET": {"Ref": "MailConfigurationSet"},
    }


if __name__ == "__main__":
    main()
