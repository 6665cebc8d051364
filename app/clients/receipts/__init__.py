"""The issuer of electronic receipts (电子票据): 财政电子票据 of the fiscal platform, 数电发票 of the tax platform.

Public interfaces of fiscal platforms are an HTTPS POST with an application's id, a signature and a message in base64;
the rest differs by province. This wire is ours, spoken by the sandbox; an adapter for a real one keeps `Receipts`'
methods and changes what is below.

- `POST <url>/<call>` with a JSON object of texts: `app_id timestamp nonce data sign`; `data` is the message as base64
  of JSON, `sign` HMAC-SHA256 in hex, with the application's key, over `app_id`, `timestamp`, `nonce` and `data` joined
  by line feeds. The answer is HTTP 200 with `nonce` (the request's), `data` and `sign` of the same make; its message
  has `code` (OK or one of `errors.KINDS`) and `message`.
- `issue`: `number kind title fen item_code item_title paid_at` → `receipt_code receipt_no check_code url`. A number is
  issued once. `query`: `number` → the same.
- `red`: `number of_number fen reason` → `status receipt_no`. DONE: reversed. CONFIRMING: the buyer, who has booked it,
  has to agree first. DECLINED: the buyer did not. `query_red`: `number` → the same.

**Reversal differs.** 财政电子票据 is reversed as a whole, by the issuer alone, unless the payer's accountants have booked
it (已入账): then it is refused until they take that back. 数电发票 is reversed in part or as a whole; one that the buyer
has booked needs the buyer's consent.
"""

from app.clients.receipts.client import Issued, Receipts, RedState
from app.clients.receipts.settings import ReceiptSettings

__all__ = ["Issued", "ReceiptSettings", "Receipts", "RedState"]
