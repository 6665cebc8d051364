"""The school's unified payment platform (统一支付平台): a cashier in front of the banks, one merchant at a time.

No vendor publishes the wire of such a platform. This one is ours, spoken by the sandbox; it has the parts that
schools' platforms have in common. An adapter for a real one keeps `UniPay`'s methods and changes what is below.

- **Signature**: every message is a set of names and texts. `sign` is HMAC-SHA256 in lower-case hex, with the
  merchant's key, over all other members sorted by name, `name=value` joined by `&`, both percent-encoded in UTF-8
  (RFC 3986; nothing but letters, digits and `-._~` stays), so that no value can pretend to be two members. Each
  message has `merchant_no`, `timestamp` (seconds since 1970, five minutes of grace) and a `nonce`.
- **Cashier**: `GET /cashier?…` with `order_no subject total_fen payer expires_at notify_url return_url`. The order
  comes into being when the payer opens it and can be paid until `expires_at`; the same number with other contents
  is refused. The address itself is good until then as well.
- **Calls**: `POST /gateway/<call>` as a form; the answer is HTTP 200 with a flat JSON object of texts: `code`
  (SUCCESS or one of `errors.KINDS`), `message`, the request's `nonce`, and what was asked for. `query`: `order_no`
  → `state total_fen transaction_id paid_at`. `close`: `order_no`; one that the cashier has not seen yet is barred.
  `refund`: `refund_no order_no refund_fen total_fen reason` → `refund_id status`; a number is refunded once.
  `query_refund`: `refund_no`. `day_file`: `day` → `file` (base64, as in `app.clients.statement`).
- **Notice**: `POST` of a form to `notify_url` with `order_no transaction_id state total_fen paid_at`, repeated
  until the answer is the word `success`. Refunds are not told of; they are asked about.
"""

from app.clients.unipay.client import UniPay
from app.clients.unipay.errors import BadNotice
from app.clients.unipay.settings import UniPaySettings
from app.clients.unipay.trades import Notice, RefundState, Trade

__all__ = ["BadNotice", "Notice", "RefundState", "Trade", "UniPay", "UniPaySettings"]
