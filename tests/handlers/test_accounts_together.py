"""Several requests about the same accounts at the same moment."""

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor

import httpx

from chalicelib.models.holder import Holder, held_by, holders_of
from chalicelib.models.outbox import OutboxMessage
from tests.builders import Centre, MadeAccount, Person

People = Callable[..., Person]


def together(calls: Iterable[Callable[[], httpx.Response]]) -> list[int]:
    with ThreadPoolExecutor(6) as pool:
        return [done.result().status_code for done in [pool.submit(call) for call in calls]]


def proof_of(api: httpx.Client, who: Person, account: MadeAccount) -> str:
    answer = api.post(
        "/v1/account-proofs",
        json={
            "account_number": account.number,
            "period": account.bills[0].period,
            "amount": account.to_pay,
        },
        headers=who.headers,
    )
    return str(answer.json()["proof_id"])


def linking(api: httpx.Client, who: Person, proof: str) -> Callable[[], httpx.Response]:
    return lambda: api.post("/v1/accounts", json={"proof_id": proof}, headers=who.headers)


def unlinking(api: httpx.Client, who: Person, number: str) -> Callable[[], httpx.Response]:
    return lambda: api.delete(f"/v1/accounts/{number}", headers=who.headers)


def primaries(who: Person) -> list[str]:
    held, holdings = held_by(who.client_id)
    assert holdings is not None
    return [h.account_number for h in held if h.account_number == holdings.primary]


def test_of_accounts_linked_together_exactly_one_is_primary(
    api: httpx.Client, centre: Centre, person: People
) -> None:
    owner = person()
    proofs = [proof_of(api, owner, centre.account()) for _ in range(6)]

    statuses = together(linking(api, owner, proof) for proof in proofs)

    assert statuses == [201] * 6
    held, _ = held_by(owner.client_id)
    assert len(held) == 6
    assert len(primaries(owner)) == 1


def test_while_accounts_come_and_go_one_of_those_left_is_primary(
    api: httpx.Client, centre: Centre, person: People
) -> None:
    owner = person()
    gone = [centre.account() for _ in range(3)]
    for account in gone:
        owner.holds(account)
    proofs = [proof_of(api, owner, centre.account()) for _ in range(3)]

    together(
        call
        for account, proof in zip(gone, proofs, strict=True)
        for call in (unlinking(api, owner, account.number), linking(api, owner, proof))
    )

    held, _ = held_by(owner.client_id)
    assert len(held) == 3
    assert len(primaries(owner)) == 1


def test_both_sides_of_a_link_go_together(
    api: httpx.Client, centre: Centre, person: People
) -> None:
    account = centre.account()
    owner = person().holds(account)

    statuses = together(unlinking(api, owner, account.number) for _ in range(4))

    assert sorted(statuses) == [204, 404, 404, 404]
    assert not holders_of(account.number)
    held, holdings = held_by(owner.client_id)
    assert not held
    assert holdings is not None
    assert holdings.primary is None


def test_one_proof_used_many_times_at_once_links_once_and_tells_once(
    api: httpx.Client, centre: Centre, person: People
) -> None:
    account = centre.account()
    family, owner = person().holds(account), person()
    proof = proof_of(api, owner, account)

    statuses = together(linking(api, owner, proof) for _ in range(5))

    assert statuses == [201] * 5
    rights: list[Holder] = holders_of(account.number)
    assert {h.client_id for h in rights} == {family.client_id, owner.client_id}
    told = [m for m in OutboxMessage.scan() if m.client_id == family.client_id]
    assert len(told) == 1
