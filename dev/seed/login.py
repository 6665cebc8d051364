"""How to sign in to the demo's console. Light to import."""

PASSWORD = "weilife-demo"
DEMO_LOGIN = ("T0001", PASSWORD)
