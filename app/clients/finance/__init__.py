"""The finance system (财务核算系统), as far as it takes vouchers from us.

No vendor publishes this wire; schools get an interface of their own. This one is ours, spoken by the sandbox; an
adapter for a real one keeps `Finance`'s methods and changes what is below.

- `POST <url>/vouchers` with `Authorization: Bearer <token>` and `Idempotency-Key: <our voucher number>`; a JSON object
  of `number period voucher_on lines`, each line with `side account debit_fen credit_fen summary` and, where there are
  any, `department project partner`. The same number with the same contents is booked once and answered the same.
- `GET <url>/vouchers/<number>`: what became of it.
- An answer is HTTP 200 with a JSON object: `code` (OK or one of `errors.KINDS`), `message`, and of a voucher that is
  booked `number`, `finance_no` (theirs) and `debit_fen` (the sum of its financial side).
"""

from app.clients.finance.client import Booked, Finance
from app.clients.finance.settings import FinanceSettings

__all__ = ["Booked", "Finance", "FinanceSettings"]
