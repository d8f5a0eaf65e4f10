#!/bin/sh
# Packages the application, puts one stage into the AWS account that the credentials name, and the web
# cabinet into its bucket. Needs the AWS CLI. The stage's parameters stand in infra/stages/<stage>.json
# (see docs/deploy.md).
set -eu
cd "$(dirname "$0")/.."
STAGE=$1
STACK=lkk-$STAGE
PARAMETERS=infra/stages/$STAGE.json

fail() { printf 'Cannot deploy: %s\n' "$1"; exit 1; }
command -v aws >/dev/null 2>&1 || fail "the AWS CLI is missing: see docs.aws.amazon.com/cli"
[ -f "$PARAMETERS" ] || fail "$PARAMETERS is missing: copy infra/stages/example.json and fill it in"
ACCOUNT=$(aws sts get-caller-identity --query Account --output text) || fail "no AWS credentials"
CODE_BUCKET=lkk-$STAGE-code-$ACCOUNT

deploy() { # parameters...
    aws cloudformation deploy --template-file build/package/deployed.json --stack-name "$STACK" \
        --s3-bucket "$CODE_BUCKET" --capabilities CAPABILITY_IAM CAPABILITY_AUTO_EXPAND \
        --no-fail-on-empty-changeset --parameter-overrides "$@"
}

output() { # key
    aws cloudformation describe-stacks --stack-name "$STACK" \
        --query "Stacks[0].Outputs[?OutputKey=='$1'].OutputValue" --output text
}

npm --prefix web run build
aws s3api head-bucket --bucket "$CODE_BUCKET" 2>/dev/null || aws s3 mb "s3://$CODE_BUCKET"
.venv/bin/python -m infra.package build/package --stage "$STAGE"
aws cloudformation package --template-file build/package/sam.json --s3-bucket "$CODE_BUCKET" \
    --use-json --output-template-file build/package/deployed.json
deploy "file://$PARAMETERS"

# Without a domain of its own a stage learns its address from CloudFront, and the functions have to know it.
DOMAIN=$(output DistributionDomain)
case $(output PublicUrl) in
    "https://$DOMAIN") ;;
    *.invalid | *.cloudfront.net) deploy "CloudFrontDomain=$DOMAIN" ;;
esac

.venv/bin/python -m infra.upload web/dist "$(output CabinetBucketName)"
aws cloudfront create-invalidation --distribution-id "$(output DistributionId)" --paths /index.html \
    --query Invalidation.Id --output text
aws cloudformation describe-stacks --stack-name "$STACK" --query 'Stacks[0].Outputs' --output table
