"""Linking, naming and unlinking in any order, beside a model that fits on one screen."""

from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from chalicelib.models.holder import held_by, holders_of
from tests.builders import Centre, MadeAccount, Person

WHO = st.integers(0, 1)
WHICH = st.integers(0, 2)
NAMES = st.sampled_from([None, "Дом", "Дача"])


@dataclass
class Link:
    verified: bool
    name: str | None


@dataclass
class Model:
    """What one client should see: links in order of making, and the primary number."""

    links: dict[str, Link] = field(default_factory=dict)
    primary: str | None = None


class Accounts(RuleBasedStateMachine):
    """Two clients, two accounts of the centre and one number that it does not know."""

    api: httpx.Client

    def __init__(self) -> None:
        super().__init__()
        self.people = [Person().registers() for _ in range(2)]
        self.models = [Model(), Model()]
        made = [Centre().account(bills=1), Centre().account(bills=1)]
        self.accounts: list[MadeAccount] = made
        self.numbers = [*(account.number for account in made), f"99{made[0].number}"]

    def ask(self, who: int, method: str, path: str, body: Any = None) -> httpx.Response:
        return self.api.request(method, path, json=body, headers=self.people[who].headers)

    def linked(self, who: int, number: str, name: str | None, *, verified: bool) -> None:
        model = self.models[who]
        link = model.links.setdefault(number, Link(verified=False, name=None))
        link.verified |= verified
        link.name = name or link.name
        model.primary = model.primary or number

    @rule(who=WHO, which=WHICH, name=NAMES)
    def link_by_number(self, who: int, which: int, name: str | None) -> None:
        number = self.numbers[which]

        answer = self.ask(who, "POST", "/v1/accounts", {"account_number": number, "name": name})

        assert answer.status_code == 201
        self.linked(who, number, name, verified=False)

    @rule(who=WHO, which=st.integers(0, 1), name=NAMES)
    def link_by_proof(self, who: int, which: int, name: str | None) -> None:
        account = self.accounts[which]
        proof = {
            "account_number": account.number,
            "period": account.bills[0].period,
            "amount": account.to_pay,
        }
        proof_id = self.ask(who, "POST", "/v1/account-proofs", proof).json()["proof_id"]

        answer = self.ask(who, "POST", "/v1/accounts", {"proof_id": proof_id, "name": name})

        assert answer.status_code == 201
        self.linked(who, account.number, name, verified=True)

    @rule(who=WHO, which=WHICH, name=NAMES, primary=st.booleans())
    def change(self, who: int, which: int, name: str | None, primary: bool) -> None:
        number, model = self.numbers[which], self.models[who]
        body = {"name": name} | ({"primary": True} if primary else {})

        answer = self.ask(who, "PATCH", f"/v1/accounts/{number}", body)

        assert answer.status_code == (200 if number in model.links else 404)
        if number in model.links:
            model.links[number].name = name
            model.primary = number if primary else model.primary

    @rule(who=WHO, which=WHICH)
    def unlink(self, who: int, which: int) -> None:
        number, model = self.numbers[which], self.models[who]

        answer = self.ask(who, "DELETE", f"/v1/accounts/{number}")

        assert answer.status_code == (204 if number in model.links else 404)
        if model.links.pop(number, None) and model.primary == number:
            held, _ = held_by(self.people[who].client_id)
            # All links of a test are made at one moment, so any of the rest may follow.
            model.primary = self.primary_of(who) if held else None
            assert model.primary in model.links or not held

    def primary_of(self, who: int) -> str:
        items = self.ask(who, "GET", "/v1/accounts").json()["items"]
        return next(str(item["account_number"]) for item in items if item["primary"])

    @invariant()
    def everybody_sees_what_the_model_says(self) -> None:
        for who, model in enumerate(self.models):
            items = self.ask(who, "GET", "/v1/accounts").json()["items"]
            seen = {i["account_number"]: Link(i["verified"], i["name"]) for i in items}
            assert seen == model.links
            assert [i["account_number"] for i in items if i["primary"]] == (
                [model.primary] if model.primary else []
            )

    @invariant()
    def rights_and_lists_are_mirrors(self) -> None:
        for number in self.numbers:
            rights = {h.client_id: h.verified for h in holders_of(number)}
            assert rights == {
                person.client_id: model.links[number].verified
                for person, model in zip(self.people, self.models, strict=True)
                if number in model.links
            }


@pytest.mark.usefixtures("world")
def test_any_order_of_links_and_unlinks_ends_as_the_model(api: httpx.Client) -> None:
    class WithApi(Accounts):
        pass

    WithApi.api = api
    run_state_machine_as_test(
        WithApi,
        settings=settings(
            max_examples=12,
            stateful_step_count=14,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
