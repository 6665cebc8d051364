"""The controller of the school's own gates (门禁、闸机): it keeps a list of who may pass, and tells who did.

No vendor publishes this wire; schools get an interface of their own. This one is ours, spoken by the sandbox; an
adapter for a real one keeps `Gates`' methods and changes what is below. Of a person nothing is told but the number.

- An answer is HTTP 200 with a JSON object: `code` (OK or one of `errors.KINDS`) and `message`. Every request has
  `Authorization: Bearer <token>`. Times are ISO 8601 with their offset, in whole seconds.
- `POST <url>/allow-list` with `Idempotency-Key`: `version`, `base` (null: `entries` is the whole list; else the
  version that the gates hold, and this is what differs from it), `entries` with `id number from until direction`, and
  `gone`, the ids of those that are no more. `direction` is `out` (may go out, and come back), `both` (as often as he
  likes) or `in` (may come in only); `until` is null where that ends with the entry. The answer is what the gates hold
  now. A list of a lower version than theirs is STALE, one that starts from another than theirs BASE_MISMATCH.
- `GET <url>/allow-list`: what the gates hold: `version count digest`. `digest` is SHA-256 in hex over a line
  `id|number|from|until|direction` (UTC, `2026-11-16T01:00:00Z`; an empty `until`) for each entry, by id, each ended by
  a line feed; version 0 is a list that was never given.
- `GET <url>/passings?after=<no>&limit=<n>`: who passed, under numbers without gaps: `series` (changes when they count
  from 1 again), `last` (the highest number there is), `count` and `rows` with `no gate number direction time`.
"""

from app.clients.gates.client import Gates, Held, Passing, PassingPage
from app.clients.gates.settings import GateSettings

__all__ = ["GateSettings", "Gates", "Held", "Passing", "PassingPage"]
