"""The stand-in's parameters against the SDK's own types: it takes nothing that Stripe does not."""

import inspect
import re
from types import ModuleType
from typing import Any

import pytest
from stripe import params as sdk_params
from stripe.params import checkout as sdk_checkout

from local.stripe.app import OPERATIONS
from local.stripe.operation import Operation
from local.stripe.shapes import no_longer_supported

TYPES = {
    ("POST", "/v1/customers"): "CustomerCreateParams",
    ("GET", "/v1/customers"): "CustomerListParams",
    ("POST", "/v1/customers/{}"): "CustomerUpdateParams",
    ("POST", "/v1/payment_methods"): "PaymentMethodCreateParams",
    ("GET", "/v1/payment_methods"): "PaymentMethodListParams",
    ("POST", "/v1/payment_methods/{}"): "PaymentMethodUpdateParams",
    ("POST", "/v1/payment_methods/{}/attach"): "PaymentMethodAttachParams",
    ("GET", "/v1/customers/{}/payment_methods"): "CustomerPaymentMethodListParams",
    ("POST", "/v1/setup_intents"): "SetupIntentCreateParams",
    ("GET", "/v1/setup_intents"): "SetupIntentListParams",
    ("POST", "/v1/setup_intents/{}"): "SetupIntentUpdateParams",
    ("POST", "/v1/setup_intents/{}/confirm"): "SetupIntentConfirmParams",
    ("POST", "/v1/setup_intents/{}/cancel"): "SetupIntentCancelParams",
    ("POST", "/v1/payment_intents"): "PaymentIntentCreateParams",
    ("GET", "/v1/payment_intents"): "PaymentIntentListParams",
    ("POST", "/v1/payment_intents/{}"): "PaymentIntentUpdateParams",
    ("POST", "/v1/payment_intents/{}/confirm"): "PaymentIntentConfirmParams",
    ("POST", "/v1/payment_intents/{}/cancel"): "PaymentIntentCancelParams",
    ("POST", "/v1/checkout/sessions"): "SessionCreateParams",
    ("GET", "/v1/checkout/sessions"): "SessionListParams",
    ("POST", "/v1/checkout/sessions/{}"): "SessionUpdateParams",
    ("GET", "/v1/checkout/sessions/{}/line_items"): "SessionLineItemListParams",
    ("GET", "/v1/charges"): "ChargeListParams",
    ("POST", "/v1/charges/{}"): "ChargeUpdateParams",
    ("POST", "/v1/refunds"): "RefundCreateParams",
    ("GET", "/v1/refunds"): "RefundListParams",
    ("POST", "/v1/refunds/{}"): "RefundUpdateParams",
    ("GET", "/v1/disputes"): "DisputeListParams",
    ("POST", "/v1/disputes/{}"): "DisputeUpdateParams",
    ("GET", "/v1/events"): "EventListParams",
}


def place(operation: Operation) -> tuple[str, str]:
    return operation.method, re.sub(r"{[^}]*}", "{}", operation.path)


def type_named(name: str) -> Any:
    module: ModuleType = sdk_checkout if name.startswith("Session") else sdk_params
    return getattr(module, name)


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda one: f"{one.method} {one.path}")
def test_every_parameter_is_one_of_the_sdk(operation: Operation) -> None:
    taken = {
        name for name, kind in operation.shape.fields.items() if kind is not no_longer_supported
    }
    if place(operation) not in TYPES:
        assert taken <= {"expand", "client_secret"}
        return

    known = inspect.get_annotations(type_named(TYPES[place(operation)]))

    assert taken <= known.keys()


def test_every_type_belongs_to_an_operation() -> None:
    assert TYPES.keys() <= {place(operation) for operation in OPERATIONS}
