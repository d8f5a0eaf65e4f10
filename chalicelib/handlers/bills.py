"""Doors of bills and of the suppliers who stand behind them."""

from typing import Any

from chalice.app import Blueprint

from chalicelib import clock
from chalicelib.handlers.edge import Request, operation
from chalicelib.rules.service_history import ServiceHistory
from chalicelib.services import bills as service
from chalicelib.shapes.accounts import SupplierContactsOut, SupplierOut, SuppliersOut
from chalicelib.shapes.base import Money, roubles
from chalicelib.shapes.bills import (
    BillLineOut,
    BillOut,
    BillsOut,
    BillsQuery,
    ServiceMonthOut,
    ServiceOut,
    ServicesOut,
    ServicesQuery,
    WholeBillOut,
)

bills = Blueprint(__name__)


@operation(
    bills,
    "GET",
    "/v1/accounts/{account_number}/bills",
    query=BillsQuery,
    answers={200: BillsOut},
    refusals=(403,),
)
def list_bills(request: Request[None, BillsQuery], account_number: str) -> BillsOut:
    """The account's bills, newest first: totals of each month."""
    query = request.query
    page = service.list_bills(
        request.caller.client_id,
        account_number,
        service.Months(query.from_, query.to),
        query.limit,
        query.cursor,
    )
    return BillsOut(
        items=[BillOut(**_totals(view)) for view in page.items], next_cursor=page.next_cursor
    )


@operation(
    bills,
    "GET",
    "/v1/accounts/{account_number}/bills/{period}",
    answers={200: WholeBillOut},
    refusals=(403,),
)
def see_bill(request: Request[None, None], account_number: str, period: str) -> WholeBillOut:
    """One month's bill with its lines."""
    view, lines = service.see_bill(request.caller.client_id, account_number, period)
    return WholeBillOut(**_totals(view), lines=[_line(line) for line in lines])


@operation(
    bills,
    "GET",
    "/v1/accounts/{account_number}/services",
    query=ServicesQuery,
    answers={200: ServicesOut},
    refusals=(403,),
)
def list_services(request: Request[None, ServicesQuery], account_number: str) -> ServicesOut:
    """What each service cost and how much of it was used, month by month."""
    months = service.Months(request.query.from_, request.query.to)
    found = service.list_services(request.caller.client_id, account_number, months, clock.today())
    return ServicesOut(items=[_service(each) for each in found])


@operation(
    bills,
    "GET",
    "/v1/accounts/{account_number}/suppliers",
    answers={200: SuppliersOut},
    refusals=(403,),
)
def list_suppliers(request: Request[None, None], account_number: str) -> SuppliersOut:
    """Who supplies the account's services, and how to reach them."""
    found = service.list_suppliers(request.caller.client_id, account_number)
    return SuppliersOut(items=[_supplier(each) for each in found])


def _totals(view: service.BillView) -> dict[str, Any]:
    return {
        "period": view.period,
        "to_pay": roubles(view.to_pay),
        "to_pay_without_insurance": roubles(view.to_pay_without_insurance),
        "debt_at_start": roubles(view.debt_at_start),
        "charged": roubles(view.charged),
        "paid": roubles(view.paid),
        "due_on": view.due_on,
        "as_of": view.as_of,
    }


def _line(line: dict[str, Any]) -> BillLineOut:
    return BillLineOut(
        service=line["service"],
        supplier=line.get("supplier"),
        volume=line.get("volume"),
        unit=line.get("unit"),
        tariff=line.get("tariff"),
        charged=roubles(line["charged"]),
        individual=_money(line.get("individual")),
        common=_money(line.get("common")),
        benefit=roubles(line.get("benefit") or 0),
        recalculation=roubles(line.get("recalculation") or 0),
        penalty=roubles(line.get("penalty") or 0),
        total=roubles(line["total"]),
        insurance=bool(line.get("insurance")),
    )


def _service(history: ServiceHistory) -> ServiceOut:
    return ServiceOut(
        service=history.service,
        supplier=history.supplier,
        unit=history.unit,
        insurance=history.insurance,
        months=[
            ServiceMonthOut(period=m.period, volume=m.volume, total=roubles(m.total))
            for m in history.months
        ],
    )


def _money(kopecks: int | None) -> Money | None:
    return None if kopecks is None else roubles(kopecks)


def _supplier(supplier: dict[str, Any]) -> SupplierOut:
    contacts = supplier.get("contacts") or {}
    return SupplierOut(
        number=supplier["number"],
        name=supplier["name"],
        services=supplier.get("services") or [],
        contacts=SupplierContactsOut(
            address=contacts.get("address"),
            phones=contacts.get("phones") or [],
            site=contacts.get("site"),
            bank_details=contacts.get("bank_details"),
        ),
    )
