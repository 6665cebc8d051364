"""Electronic receipts: asked for by payers, taken back before a refund goes out."""

from app.payments.service.receipts.asking import ask_receipt, ask_receipt_again
from app.payments.service.receipts.reversing import reverse_again

__all__ = ["ask_receipt", "ask_receipt_again", "reverse_again"]
