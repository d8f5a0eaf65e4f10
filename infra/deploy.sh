#!/bin/sh
# Packages the application and puts one stage into the AWS account that the credentials name.
# Needs the AWS CLI. The stage's parameters stand in infra/stages/<stage>.json (see docs/deploy.md).
set -eu
cd "$(dirname "$0")/.."
STAGE=$1
PARAMETERS=infra/stages/$STAGE.json

fail() { printf 'Cannot deploy: %s\n' "$1"; exit 1; }
command -v aws >/dev/null 2>&1 || fail "the AWS CLI is missing: see docs.aws.amazon.com/cli"
[ -f "$PARAMETERS" ] || fail "$PARAMETERS is missing: copy infra/stages/example.json and fill it in"
ACCOUNT=$(aws sts get-caller-identity --query Account --output text) || fail "no AWS credentials"
CODE_BUCKET=lkk-$STAGE-code-$ACCOUNT

aws s3api head-bucket --bucket "$CODE_BUCKET" 2>/dev/null || aws s3 mb "s3://$CODE_BUCKET"
.venv/bin/python -m infra.package build/package --stage "$STAGE"
aws cloudformation package --template-file build/package/sam.json --s3-bucket "$CODE_BUCKET" \
    --use-json --output-template-file build/package/deployed.json
aws cloudformation deploy --template-file build/package/deployed.json --stack-name "lkk-$STAGE" \
    --s3-bucket "$CODE_BUCKET" --capabilities CAPABILITY_IAM CAPABILITY_AUTO_EXPAND \
    --parameter-overrides "file://$PARAMETERS"
aws cloudformation describe-stacks --stack-name "lkk-$STAGE" --query 'Stacks[0].Outputs' --output table
