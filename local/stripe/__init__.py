"""A stand-in for Stripe on the own machine, for `make run` and for tests.

It answers the official SDK with what this product uses of the API: customers, cards, set-up and
payment intents, Checkout with a hosted page, refunds, disputes, events, idempotency keys and signed
webhooks. It knows the public test cards and takes no real ones.

    stripe = LocalStripe(Path("data/stripe.db"), clock.now, "sk_test_local",
                         "http://localhost:8000/_stripe",
                         "http://localhost:8000/v1/webhooks/stripe", "whsec_local")
    Starlette(routes=[Mount("/_stripe", stripe.asgi), ...])
    stripe.start()

Where things are: `api.py` a request's way, `resources/` one file per resource, `paying.py` how a
payment goes, `cards.py` the test cards, `hosted.py` and `page.py` the page, `webhooks.py` delivery,
`store.py` the file. To add an operation, write a function and a shape in a file of `resources/` and
list it in OPERATIONS there.
"""

from local.stripe.errors import CardRefused, Refused
from local.stripe.stand_in import LocalStripe

__all__ = ["CardRefused", "LocalStripe", "Refused"]
