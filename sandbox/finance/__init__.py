"""The finance system: takes vouchers over HTTP, books each number once, refuses closed periods."""
