"""The demo centre's clients sign in and prove their accounts as people do: over HTTP, by SMS and bill."""

import re
import secrets
from typing import Any

import httpx

from local.inbox import Inbox


class Newcomer:
    """One demo client of a run at `url`, whose SMS end in `inbox`."""

    def __init__(self, url: str, inbox: Inbox, phone: str) -> None:
        self._http = httpx.Client(base_url=url, timeout=30)
        self._inbox = inbox
        self._phone = phone

    def settle_in(self, accounts: list[dict[str, Any]]) -> None:
        """Sign in, and prove each account (`account_number`, `period`, `amount`). Safe to repeat."""
        with self._http:
            asked = {"phone": self._phone, "consents": ["personal_data"]}
            challenge = self._post("/v1/auth/otp", asked)["challenge_id"]
            code = re.search(r"(?<!\d)\d{6}(?!\d)", self._inbox.sms(self._phone)[0].text)
            assert code is not None
            session = self._post(f"/v1/auth/otp/{challenge}/verify", {"code": code[0]})
            self._http.headers["Authorization"] = f"Bearer {session['access_token']}"
            held = self._http.get("/v1/accounts").raise_for_status().json()["items"]
            known = {account["account_number"] for account in held}
            for account in accounts:
                if account["account_number"] not in known:
                    figures = {k: account[k] for k in ("account_number", "period", "amount")}
                    proof = self._post("/v1/account-proofs", figures)
                    self._post("/v1/accounts", {"proof_id": proof["proof_id"]})

    def _post(self, path: str, body: dict[str, Any]) -> Any:
        key = {"Idempotency-Key": secrets.token_hex(16)}
        return self._http.post(path, json=body, headers=key).raise_for_status().json()
