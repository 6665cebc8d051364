"""`python -m tests.chaos.money.books`: what does not add up, as JSON."""

import json

from app.factory import create_app
from app.kit import db
from app.payments.queries import ledger

if __name__ == "__main__":
    create_app()
    with db.unit_of_work() as session:
        print(json.dumps(ledger.violations(session)))
