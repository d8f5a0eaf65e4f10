"""Long histories of one phone and one session, against plain models that remember everything.

INV-S1 to S5, S7 to S9: random sequences of asking, guessing, waiting, refreshing and replaying;
after every step the system answers as the model says.
"""

import re
from datetime import datetime, timedelta
from typing import Any, ClassVar

import httpx
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    precondition,
    rule,
    run_state_machine_as_test,
)

from local.inbox import Inbox
from tests.builders import fresh_phone
from tests.conftest import BASE, Travel

EXAMPLES = settings(
    max_examples=25,
    stateful_step_count=40,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
WAITS = st.sampled_from(
    [0, 1, 20, 44, 45, 46, 59, 60, 61, 300, 599, 600, 3000, 3600, 30_000, 86_400]
)


class Phone(RuleBasedStateMachine):
    """Remembers every send and every wrong try of a phone."""

    api: ClassVar[httpx.Client]
    inbox: ClassVar[Inbox]
    travel: ClassVar[Travel]

    def __init__(self) -> None:
        super().__init__()
        self.travel.to(BASE)
        self.phone = fresh_phone()
        self.sends: list[datetime] = []
        self.wrong: list[datetime] = []
        self.challenge: dict[str, Any] = {}
        self.replaced: list[tuple[str, str]] = []

    def recent(self, moments: list[datetime], **span: float) -> int:
        return sum(m > self.travel.now() - timedelta(**span) for m in moments)

    def verify(self, challenge_id: str, code: str) -> httpx.Response:
        return self.api.post(f"/v1/auth/otp/{challenge_id}/verify", json={"code": code})

    def expected(self) -> int | None:
        """How a try is refused before it is compared; None when it is compared."""
        alive = self.challenge and not self.challenge["used"]
        if not alive or self.challenge["ends"] <= self.travel.now() or self.challenge["wrong"] >= 5:
            return 410
        return 429 if self.recent(self.wrong, hours=1) >= 10 else None

    @rule(seconds=WAITS)
    def wait(self, seconds: int) -> None:
        self.travel.forward(seconds=seconds)

    @rule()
    def ask(self) -> None:
        early = self.recent(self.sends, seconds=45) >= 1
        many = self.recent(self.sends, hours=1) >= 5 or self.recent(self.sends, days=1) >= 10

        answer = self.api.post(
            "/v1/auth/otp", json={"phone": self.phone, "consents": ["personal_data"]}
        )

        assert answer.status_code == (429 if early or many else 202)
        if answer.status_code == 202:
            self.sends.append(self.travel.now())
            if self.challenge:
                self.replaced.append((self.challenge["id"], self.challenge["code"]))
            self.challenge = {
                "id": answer.json()["challenge_id"],
                "code": re.findall(r"\d{6}", self.inbox.sms(self.phone)[0].text)[0],
                "ends": self.travel.now() + timedelta(minutes=10),
                "wrong": 0,
                "used": False,
            }
        assert len(self.inbox.sms(self.phone)) == len(self.sends)

    @precondition(lambda self: self.challenge)
    @rule()
    def guess_wrong(self) -> None:
        expected = self.expected()

        answer = self.verify(
            self.challenge["id"], f"{(int(self.challenge['code']) + 7) % 1_000_000:06d}"
        )

        assert answer.status_code == (expected or 422)
        if expected is None:
            self.challenge["wrong"] += 1
            self.wrong.append(self.travel.now())
            assert answer.json()["attempts_left"] == 5 - self.challenge["wrong"]

    @precondition(lambda self: self.challenge)
    @rule()
    def guess_right(self) -> None:
        expected = self.expected()

        answer = self.verify(self.challenge["id"], self.challenge["code"])

        assert answer.status_code == (expected or 200)
        if expected is None:
            self.challenge["used"] = True

    @precondition(lambda self: self.replaced)
    @rule(data=st.data())
    def guess_an_old_one(self, data: st.DataObject) -> None:
        challenge_id, code = data.draw(st.sampled_from(self.replaced))

        assert self.verify(challenge_id, code).status_code == 410


class Family(RuleBasedStateMachine):
    """Remembers every token of one session."""

    api: ClassVar[httpx.Client]
    inbox: ClassVar[Inbox]
    travel: ClassVar[Travel]

    @initialize()
    def sign_in(self) -> None:
        self.travel.to(BASE)
        phone = fresh_phone()
        asked = self.api.post("/v1/auth/otp", json={"phone": phone, "consents": ["personal_data"]})
        code = re.findall(r"\d{6}", self.inbox.sms(phone)[0].text)[0]
        path = f"/v1/auth/otp/{asked.json()['challenge_id']}/verify"
        self.tokens = [self.api.post(path, json={"code": code}).json()["refresh_token"]]
        self.rotated_at = self.travel.now() - timedelta(days=1)
        self.ends = self.travel.now() + timedelta(days=180)
        self.dead = False

    def refresh(self, token: str) -> httpx.Response:
        return self.api.post("/v1/auth/refresh", json={"refresh_token": token})

    @rule(seconds=st.sampled_from([0, 1, 30, 60, 61, 86_400, 86_400 * 100]))
    def wait(self, seconds: int) -> None:
        self.travel.forward(seconds=seconds)

    @rule()
    def use_the_live_one(self) -> None:
        over = self.dead or self.travel.now() >= self.ends

        answer = self.refresh(self.tokens[-1])

        assert answer.status_code == (401 if over else 200)
        if not over:
            self.tokens.append(answer.json()["refresh_token"])
            assert len(set(self.tokens)) == len(self.tokens)
            self.rotated_at = self.travel.now()
            self.ends = self.travel.now() + timedelta(days=180)

    @precondition(lambda self: len(self.tokens) > 1)
    @rule()
    def lose_the_answer_and_try_again(self) -> None:
        in_time = self.travel.now() - self.rotated_at <= timedelta(seconds=60)

        answer = self.refresh(self.tokens[-2])

        if self.dead or not in_time:
            assert answer.status_code == 401
            self.dead = True
        else:
            assert answer.json()["refresh_token"] == self.tokens[-1]

    @precondition(lambda self: len(self.tokens) > 2)
    @rule(data=st.data())
    def replay_an_older_one(self, data: st.DataObject) -> None:
        token = data.draw(st.sampled_from(self.tokens[:-2]))

        assert self.refresh(token).status_code == 401
        self.dead = True

    @rule()
    def log_out(self) -> None:
        answer = self.api.post("/v1/auth/logout", json={"refresh_token": self.tokens[0]})

        assert answer.status_code == 204
        self.dead = True


@pytest.mark.parametrize("history", [Phone, Family], ids=["phone", "refresh family"])
def test_it_behaves_as_its_whole_history_says(
    history: type[RuleBasedStateMachine], api: httpx.Client, inbox: Inbox, travel: Travel
) -> None:
    here = type(history.__name__, (history,), {"api": api, "inbox": inbox, "travel": travel})

    run_state_machine_as_test(here, settings=EXAMPLES)
