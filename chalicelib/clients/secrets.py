"""Secrets by reference: `ssm:/lkk/dev/token-key` is read from Parameter Store once per process."""

from functools import lru_cache


@lru_cache(maxsize=16)
def secret(reference: str) -> str:
    """The secret behind a setting: itself, or the decrypted parameter that `ssm:` names."""
    if not reference.startswith("ssm:"):
        return reference
    import boto3

    client = boto3.client("ssm")
    parameter = client.get_parameter(Name=reference.removeprefix("ssm:"), WithDecryption=True)
    return str(parameter["Parameter"]["Value"])
