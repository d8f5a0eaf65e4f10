"""The hosted page, as a browser meets it."""

import httpx
import stripe

from local.stripe import LocalStripe
from tests.local.stripe.support import Clock, address, payment_session, setup_session

CARD = {"number": "4242 4242 4242 4242", "expiry": "12 / 34", "cvc": "123"}


def test_the_page_shows_what_is_paid_in_the_language_of_the_session(
    client: stripe.StripeClient, browser: httpx.Client
) -> None:
    russian = browser.get(address(payment_session(client, 1_234_50)))
    english = browser.get(address(payment_session(client, 1_234_50, locale="en")))
    by_browser = browser.get(
        address(payment_session(client, locale="auto")), headers={"Accept-Language": "ru-RU"}
    )

    assert russian.status_code == 200
    assert "Лицевой счёт 77-1" in russian.text
    assert "1\N{NO-BREAK SPACE}234,50\N{NO-BREAK SPACE}₽" in russian.text
    assert "RUB 1,234.50" in english.text
    assert 'lang="ru"' in by_browser.text
    policy = russian.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "<script" not in russian.text
    style = browser.get(httpx.URL(address(payment_session(client))).join("../style.css"))
    assert style.headers["content-type"].startswith("text/css")


def test_paying_leads_to_the_success_address(
    client: stripe.StripeClient, browser: httpx.Client
) -> None:
    session = payment_session(client)

    answer = browser.post(address(session), data=CARD)

    assert answer.status_code == 303
    assert answer.headers["location"] == f"https://shop.example/done?session={session.id}"
    assert client.v1.checkout.sessions.retrieve(session.id).payment_status == "paid"
    assert browser.get(address(session)).status_code == 410


def test_a_declined_card_is_told_on_the_page_and_another_may_be_tried(
    client: stripe.StripeClient, browser: httpx.Client
) -> None:
    session = payment_session(client)

    poor = browser.post(address(session), data={**CARD, "number": "4000000000009995"})
    wrong = browser.post(address(session), data={**CARD, "number": "1234"})
    undated = browser.post(address(session), data={**CARD, "expiry": "soon"})
    paid = browser.post(address(session), data=CARD)

    assert (poor.status_code, paid.status_code) == (402, 303)
    assert "На карте недостаточно средств." in poor.text
    assert "Неверный номер карты." in wrong.text
    assert "Укажите срок действия" in undated.text


def test_back_leads_to_the_cancel_address_and_leaves_the_session_open(
    client: stripe.StripeClient, browser: httpx.Client
) -> None:
    session = payment_session(client)

    answer = browser.get(f"{address(session)}/back")

    assert (answer.status_code, answer.headers["location"]) == (303, "https://shop.example/back")
    assert client.v1.checkout.sessions.retrieve(session.id).status == "open"


def test_three_d_secure_is_failed_then_completed(
    client: stripe.StripeClient, browser: httpx.Client
) -> None:
    session = payment_session(client)
    secure = {**CARD, "number": "4000002760003184"}
    step = browser.post(address(session), data=secure)
    question = httpx.URL(address(session)).join(step.headers["location"])
    assert "Подтвердить" in browser.get(question).text

    failed = browser.post(question, data={"answer": "fail"})
    again = browser.get(question.join(failed.headers["location"]))
    step = browser.post(address(session), data=secure)
    question = httpx.URL(address(session)).join(step.headers["location"])
    done = browser.post(question, data={"answer": "complete"})

    assert again.status_code == 402
    assert "Не удалось подтвердить операцию." in again.text
    assert done.headers["location"] == f"https://shop.example/done?session={session.id}"
    assert browser.post(question, data={"answer": "complete"}).status_code == 404


def test_a_card_is_saved_on_the_page(client: stripe.StripeClient, browser: httpx.Client) -> None:
    customer = client.v1.customers.create().id
    session = setup_session(client, customer, locale="en")
    shown = browser.get(address(session))

    answer = browser.post(address(session), data=CARD)

    assert "Nothing is charged now" in shown.text
    assert answer.headers["location"] == "https://shop.example/saved"
    assert len(client.v1.customers.payment_methods.list(customer).data) == 1


def test_an_expired_page_says_so(
    client: stripe.StripeClient, browser: httpx.Client, clock: Clock
) -> None:
    session = payment_session(client)
    clock.move(days=1)

    shown = browser.get(address(session))
    late = browser.post(address(session), data=CARD)

    assert shown.status_code == late.status_code == 410
    assert "Срок этой страницы истёк" in shown.text
    assert client.v1.charges.list().data == []
    assert browser.get(f"{address(session)}x").status_code == 404


def test_what_the_merchant_wrote_is_text_on_the_page(
    client: stripe.StripeClient, browser: httpx.Client
) -> None:
    session = payment_session(
        client,
        line_items=[
            {
                "price_data": {
                    "currency": "rub",
                    "unit_amount": 100,
                    "product_data": {"name": "<b>bold</b>", "description": "<i>"},
                },
                "quantity": 2,
            }
        ],
    )

    shown = browser.get(address(session)).text

    assert "&lt;b&gt;bold&lt;/b&gt;" in shown
    assert "<b>" not in shown
    assert "<i>" not in shown


def test_a_payment_outside_checkout_is_authenticated_and_returns(
    client: stripe.StripeClient, browser: httpx.Client
) -> None:
    intent = client.v1.payment_intents.create(
        {
            "amount": 100_00,
            "currency": "rub",
            "payment_method": "pm_card_authenticationRequired",
            "confirm": True,
            "return_url": "https://shop.example/returned?a=1",
        }
    )
    assert intent.next_action is not None
    assert intent.next_action.redirect_to_url is not None
    question = intent.next_action.redirect_to_url.url
    assert question is not None

    answer = browser.post(question, data={"answer": "complete"})

    location = httpx.URL(answer.headers["location"])
    assert location.params["payment_intent"] == intent.id
    assert location.params["redirect_status"] == "succeeded"
    assert client.v1.payment_intents.retrieve(intent.id).status == "succeeded"


def test_a_charge_has_a_receipt(
    client: stripe.StripeClient, stand_in: LocalStripe, browser: httpx.Client
) -> None:
    stand_in.pay(address(payment_session(client)), "4242424242424242")
    (charge,) = client.v1.charges.list().data
    assert charge.receipt_url is not None

    shown = browser.get(charge.receipt_url)

    assert "RUB 150.00" in shown.text
    assert "4242" in shown.text
