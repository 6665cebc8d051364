"""A run: the bills of a day against the ledger, in one transaction. `reconcile` is the only way in."""

from app.payments.service.reconciling.figures import Account
from app.payments.service.reconciling.run import BY_NET, Report, reconcile

__all__ = ["BY_NET", "Account", "Report", "reconcile"]
