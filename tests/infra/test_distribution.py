"""The distribution in front of the cabinet's bucket and the API, as the package has it."""

import json
from typing import Any

import httpx
import pytest

from chalicelib.handlers.edge import ORIGIN_KEY_HEADER, SECURITY_HEADERS
from infra import alarms
from infra.cabinet import PAGES
from local.cabinet import DIST
from local.world import World
from tests.infra.conftest import Template

BROWSER = {"Accept": "text/html"}


@pytest.fixture
def distribution(template: Template) -> dict[str, Any]:
    config: dict[str, Any] = template["Resources"]["Distribution"]["Properties"][
        "DistributionConfig"
    ]
    return config


def _origin(distribution: dict[str, Any], behavior: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = next(
        each for each in distribution["Origins"] if each["Id"] == behavior["TargetOriginId"]
    )
    return found


def test_it_sends_the_headers_that_the_local_run_sends_and_hsts(
    template: Template, world: World
) -> None:
    config = template["Resources"]["CabinetHeaders"]["Properties"]["ResponseHeadersPolicyConfig"]
    security = config["SecurityHeadersConfig"]
    hsts = security["StrictTransportSecurity"]
    policy = {each["Header"]: each["Value"] for each in config["CustomHeadersConfig"]["Items"]} | {
        "Content-Security-Policy": security["ContentSecurityPolicy"]["ContentSecurityPolicy"],
        "Referrer-Policy": security["ReferrerPolicy"]["ReferrerPolicy"],
        "X-Content-Type-Options": "nosniff" if security["ContentTypeOptions"] else "",
    }
    local = httpx.get(world.url, headers=BROWSER).headers
    own_to_the_file = {"cache-control", "content-length", "content-type", "content-encoding"}
    own_to_the_file |= {"date", "etag", "last-modified", "vary", "accept-ranges"}

    assert {name.lower(): value for name, value in policy.items()} == {
        name: value for name, value in local.items() if name not in own_to_the_file
    }
    assert SECURITY_HEADERS["Strict-Transport-Security"] == (
        f"max-age={hsts['AccessControlMaxAgeSec']}; includeSubDomains"
    )
    assert all(each["Override"] for each in security.values())


def test_the_function_in_front_of_the_bucket_knows_every_page(
    template: Template, distribution: dict[str, Any]
) -> None:
    code = template["Resources"]["PagesFunction"]["Properties"]["FunctionCode"]
    around = {
        each["EventType"]: each["FunctionARN"]["Fn::GetAtt"][0]
        for each in distribution["DefaultCacheBehavior"]["FunctionAssociations"]
    }

    assert f"var PAGES = {json.dumps(PAGES)};" in code
    assert around == dict.fromkeys(("viewer-request", "viewer-response"), "PagesFunction")
    assert len(code) < 10_000  # CloudFront takes no longer one


def test_the_api_gets_every_request_whole_and_no_answer_of_it_is_kept(
    distribution: dict[str, Any],
) -> None:
    (behavior,) = distribution["CacheBehaviors"]
    origin = _origin(distribution, behavior)

    assert behavior["PathPattern"] == "/v1/*"
    assert {"POST", "PUT", "PATCH", "DELETE"} <= set(behavior["AllowedMethods"])
    assert behavior["CachePolicyId"] == "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"  # CachingDisabled
    # AllViewerExceptHostHeader: API Gateway knows itself by its own name alone
    assert behavior["OriginRequestPolicyId"] == "b689b0a8-53d0-40ab-baf2-68738e2966ac"
    assert "FunctionAssociations" not in behavior
    assert origin["OriginPath"] == f"/{alarms.GATEWAY_STAGE}"
    assert origin["CustomOriginConfig"]["OriginProtocolPolicy"] == "https-only"


def test_refusals_and_failures_pass_as_they_are_and_are_asked_for_anew(
    distribution: dict[str, Any],
) -> None:
    errors = distribution["CustomErrorResponses"]

    # Those that CloudFront would keep for ten seconds, whoever asks, and no page for any of them.
    assert {404, 405, 414, 500, 501, 502, 503, 504} <= {each["ErrorCode"] for each in errors}
    assert all(set(each) == {"ErrorCode", "ErrorCachingMinTTL"} for each in errors)
    assert not any(each["ErrorCachingMinTTL"] for each in errors)


def test_the_api_alone_knows_the_word_of_the_distribution(
    template: Template, distribution: dict[str, Any]
) -> None:
    origin = _origin(distribution, distribution["CacheBehaviors"][0])
    (header,) = origin["OriginCustomHeaders"]
    knowing = [
        logical
        for logical, resource in template["Resources"].items()
        if "ORIGIN_KEY" in json.dumps(resource)
    ]

    assert header["HeaderName"].lower() == ORIGIN_KEY_HEADER
    assert knowing == ["APIHandler"]
    variables = template["Resources"]["APIHandler"]["Properties"]["Environment"]["Variables"]
    assert variables["ORIGIN_KEY"] == header["HeaderValue"]
    assert "ORIGIN_KEY" not in template["Globals"]["Function"]["Environment"]["Variables"]


def test_the_bucket_is_read_by_this_distribution_alone(
    template: Template, distribution: dict[str, Any]
) -> None:
    policy = template["Resources"]["CabinetBucketPolicy"]["Properties"]
    (statement,) = policy["PolicyDocument"]["Statement"]
    origin = _origin(distribution, distribution["DefaultCacheBehavior"])

    assert policy["Bucket"] == {"Ref": "CabinetBucket"}
    assert statement["Principal"] == {"Service": "cloudfront.amazonaws.com"}
    assert set(statement["Action"]) == {"s3:GetObject", "s3:ListBucket"}
    assert "${Distribution}" in json.dumps(statement["Condition"]["ArnEquals"]["aws:SourceArn"])
    assert origin["DomainName"] == {"Fn::GetAtt": ["CabinetBucket", "RegionalDomainName"]}
    assert origin["OriginAccessControlId"] == {"Fn::GetAtt": ["CabinetAccess", "Id"]}


def test_connections_are_encrypted_compressed_and_new(distribution: dict[str, Any]) -> None:
    certificate = distribution["ViewerCertificate"]["Fn::If"][1]

    assert certificate["MinimumProtocolVersion"] == "TLSv1.2_2021"
    assert distribution["DefaultCacheBehavior"]["ViewerProtocolPolicy"] == "redirect-to-https"
    assert distribution["CacheBehaviors"][0]["ViewerProtocolPolicy"] == "https-only"
    assert distribution["DefaultCacheBehavior"]["Compress"]
    assert distribution["HttpVersion"] == "http2and3"


def test_the_addresses_that_the_application_knows_are_those_of_the_domain(
    template: Template,
) -> None:
    variables = template["Globals"]["Function"]["Environment"]["Variables"]
    own = template["Outputs"]["PublicUrl"]["Value"]

    assert variables["PUBLIC_URL"] == own
    assert own["Fn::If"] == [
        "OwnDomain",
        {"Fn::Sub": "https://${Domain}"},
        {"Fn::Sub": "https://${CloudFrontDomain}"},
    ]
    assert variables["RETURN_ORIGINS"]["Fn::If"][2] == own


def test_every_file_outside_of_assets_is_one_that_may_change_under_its_name() -> None:
    kept = {file.relative_to(DIST).parts[0] for file in DIST.rglob("*.woff2")}

    assert kept == {"assets"}
