"""The application: every door, registered. Each Lambda function imports this same file."""

from chalice.app import Chalice

from chalicelib.handlers.accounts import accounts
from chalicelib.handlers.bills import bills
from chalicelib.handlers.edge import refuse_other_methods
from chalicelib.handlers.service import service
from chalicelib.handlers.signin import signin

app = Chalice(app_name="lkk")
app.register_blueprint(service)
app.register_blueprint(signin)
app.register_blueprint(accounts)
app.register_blueprint(bills)

refuse_other_methods(app)
