"""The issuer of electronic receipts: issues, takes back by the rules of each kind, shows them."""
