"""Statements of the school's bank accounts, as the bank's own site exports them: CSV or xlsx, under a mapping."""

from app.clients.bank.mapping import BankMapping
from app.clients.bank.statement import BankStatement

__all__ = ["BankMapping", "BankStatement"]
