"""The opening rush: 10,000 freshmen look for dorm and roommates within a minute, 500 of them in the first second.

Sixty in a hundred come from fifty addresses (a hall's Wi-Fi, carriers). Each reads the answer that is about nobody
else: the room's number is the freshman's own, and so is the number of beds. An enumerator tries claims meanwhile.
"""

import asyncio
import hmac
import random
import re
import secrets
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from benchmarks import load
from benchmarks.report import heading, line
from tests.chaos.stage import Stage, session_headers

FRESHMEN = 10_000
SECONDS = 60
AT_ONCE = 500
BEDS = 4
OPENIDS, CLAIMS = 40, 10
SHARED, ADDRESSES = 0.6, 50
CONNECTIONS = 64
PAGE = "/m/welcome/dorm/"
CLAIM = "/m/welcome/claim/"
TRIES = 200
SLOWEST = 1500
STATUS = re.compile(rb"^HTTP/1\.1 (\d{3})")
LENGTH = re.compile(rb"content-length: (\d+)", re.IGNORECASE)


@dataclass
class Answers:
    """Seconds from the moment that was planned, statuses, and answers that spoke of somebody else's room."""

    waits: list[float] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)
    strange: int = 0

    def percentile(self, share: float) -> float:
        """In milliseconds."""
        return sorted(self.waits)[int(len(self.waits) * share)] * 1000


def main() -> bool:
    heading(f"Opening rush: {FRESHMEN:,} freshmen in {SECONDS} s, {AT_ONCE} of them in the first second")
    with Stage() as stage:
        stage.seed("1", "1")
        fill(stage)
        stage.web(workers=2)
        requests = prepared(stage)
        load.run(stage.port, [one for _, one in requests[:200]], connections=8).expect(200)
        answers, tries = asyncio.run(rush(stage, requests))
        print(f"answers by status: {dict(answers.statuses)}; median {answers.percentile(0.5):.0f} ms")
        print(f"enumerator: {sum(tries.values())} tries, answered {dict(tries)}")
        sustained = load.run(stage.port, [one for _, one in requests[:3000]], connections=16).expect(200)
        errors = sum(count for status, count in answers.statuses.items() if status >= 500)
        alarms = stage.one("SELECT count(*) FROM welcome_claim_alarms")
        looked_at = stage.one(
            "SELECT max(n) FROM (SELECT count(*) AS n FROM welcome_claim_tries WHERE NOT is_refused"
            " GROUP BY number_index) of_claim"
        )
        return all(
            [
                line("Answers 5xx", errors, "", most=0),
                line("Answers about another person", answers.strange, "", most=0),
                line("p99 from the planned moment", answers.percentile(0.99), "ms", most=SLOWEST),
                line("Sustainable rate, 16 at a time", sustained.rate, "pages/s"),
                line("Tries at one claim that were looked at", looked_at, "", least=1, most=5),
                line(f"Alarms within {TRIES} tries", alarms, "", least=1),
            ]
        )


FILL = f"""
CREATE TABLE freshmen AS SELECT n, now() AS at,
  left(replace(gen_random_uuid()::text || gen_random_uuid()::text, '-', ''), 43) AS token,
  'B' || lpad((1 + (n - 1) / {BEDS})::text, 5, '0') AS room FROM generate_series(1, {FRESHMEN}) n;
INSERT INTO directory_org_units (code, name, kind, is_active) VALUES ('RUSH', '信息学院', 'college', true);
INSERT INTO directory_buildings (campus_id, code, name, kind, is_dorm, is_active)
  SELECT min(id), 'RUSH', '9号楼', 'dorm', true, true FROM directory_campuses;
INSERT INTO directory_floors (building_id, number) SELECT id, 1 FROM directory_buildings WHERE code = 'RUSH';
INSERT INTO directory_rooms (building_id, floor, number, is_private, is_active)
  SELECT DISTINCT b.id, 1, f.room, true, true FROM freshmen f, directory_buildings b WHERE b.code = 'RUSH';
INSERT INTO directory_beds (room_id, code)
  SELECT r.id, bed::text FROM directory_rooms r, generate_series(1, {BEDS}) bed WHERE r.number LIKE 'B_____';
INSERT INTO directory_people (public_id, name, gender, created_at, updated_at)
  SELECT 'per_rush_' || n, '新生' || n, 'female', at, at FROM freshmen;
INSERT INTO directory_affiliations (person_id, kind, org_unit_id, starts_on)
  SELECT p.id, 'freshman', u.id, current_date - 1 FROM directory_people p, directory_org_units u
  WHERE p.public_id LIKE 'per_rush_%' AND u.code = 'RUSH';
INSERT INTO directory_bed_occupancies (bed_id, person_id, starts_on)
  SELECT b.id, p.id, current_date - 1 FROM freshmen f JOIN directory_people p ON p.public_id = 'per_rush_' || f.n
  JOIN directory_rooms r ON r.number = f.room
  JOIN directory_beds b ON b.room_id = r.id AND b.code = (1 + (f.n - 1) % {BEDS})::text;
INSERT INTO welcome_seasons (code, name, opens_on, dorms_on, arrives_on, arrival_ends_on, closes_on)
  VALUES ('rush', '迎新', current_date - 20, current_date - 10, current_date + 9, current_date + 10, current_date + 40);
INSERT INTO welcome_admissions (public_id, season_id, person_id, profile, number_index, number_tail, document_index,
  claim_index, letter_index, college_id, major, level, region, status, claimed_at, imported_at, updated_at)
  SELECT 'adm_rush_' || f.n, s.id, p.id, 'undergraduate', md5('n' || f.n), '0000', md5('d' || f.n), md5('c' || f.n),
    md5('l' || f.n), u.id, '软件工程', '本科', '440100', 'admitted', f.at, f.at, f.at
  FROM freshmen f JOIN directory_people p ON p.public_id = 'per_rush_' || f.n, welcome_seasons s, directory_org_units u
  WHERE s.code = 'rush' AND u.code = 'RUSH';
INSERT INTO identity_sessions (token_hash, person_id, surface, created_at, seen_at, expires_at, must_change, device,
  network)
  SELECT encode(sha256(f.token::bytea), 'hex'), p.id, 'phone', f.at, f.at, f.at + interval '7 days', false, '', ''
  FROM freshmen f JOIN directory_people p ON p.public_id = 'per_rush_' || f.n;
CREATE TABLE visitors AS SELECT n, left(replace(gen_random_uuid()::text || gen_random_uuid()::text, '-', ''), 43)
  AS token FROM generate_series(1, {OPENIDS}) n;
INSERT INTO directory_people (public_id, name, created_at, updated_at)
  SELECT 'per_visitor_' || n, '', now(), now() FROM visitors;
INSERT INTO identity_wechat_links (appid, openid, person_id, is_following, linked_at)
  SELECT 'wx1234567890abcdef', 'oRush' || lpad(v.n::text, 23, '0'), p.id, false, now()
  FROM visitors v JOIN directory_people p ON p.public_id = 'per_visitor_' || v.n;
INSERT INTO identity_sessions (token_hash, person_id, surface, wechat_link_id, created_at, seen_at, expires_at,
  must_change, device, network)
  SELECT encode(sha256(v.token::bytea), 'hex'), l.person_id, 'phone', l.id, now(), now(), now() + interval '7 days',
    false, '', ''
  FROM visitors v JOIN identity_wechat_links l ON l.openid = 'oRush' || lpad(v.n::text, 23, '0')"""


def fill(stage: Stage) -> None:
    """Ten thousand who have claimed, each with a bed and a session on the phone."""
    with stage.connection() as connection:
        for statement in FILL.split(";\n"):
            connection.execute(statement)
        connection.execute("VACUUM ANALYZE")


def prepared(stage: Stage) -> list[tuple[str, bytes]]:
    """(own room, request), in a random order; the addresses are what a proxy would say."""
    dice = random.Random(5)
    shared = [f"10.9.0.{n}" for n in range(ADDRESSES)]
    made = []
    for row in stage.rows("SELECT n, room, token FROM freshmen ORDER BY n"):
        own = f"10.{row['n'] >> 16 & 255}.{row['n'] >> 8 & 255}.{row['n'] & 255}"
        address = dice.choice(shared) if dice.random() < SHARED else own
        who = {"cookie": f"wl_m_{stage.port}", "token": row["token"], "csrf": ""}
        headers = session_headers(who) | {"X-Forwarded-For": address}
        made.append((row["room"], load.prepare("GET", PAGE, headers)))
    dice.shuffle(made)
    return made


async def rush(stage: Stage, requests: list[tuple[str, bytes]]) -> tuple[Answers, Counter[int]]:
    """Open loop: a request is sent at its moment, or as soon after it as a connection is free."""
    answers = Answers()
    waiting: asyncio.Queue[tuple[float, str, bytes]] = asyncio.Queue()
    rest = (SECONDS - 1) / (len(requests) - AT_ONCE)
    moments = [n / AT_ONCE if n < AT_ONCE else 1 + (n - AT_ONCE) * rest for n in range(len(requests))]
    started = time.perf_counter()

    async def plan() -> None:
        for moment, (room, request) in zip(moments, requests, strict=True):
            await asyncio.sleep(max(0, started + moment - time.perf_counter()))
            waiting.put_nowait((started + moment, room, request))
        for _ in range(CONNECTIONS):
            waiting.put_nowait((0, "", b""))

    browsers = [browse(stage.port, waiting, answers) for _ in range(CONNECTIONS)]
    tries: Counter[int] = Counter()
    await asyncio.gather(plan(), *browsers, enumerate_claims(stage, tries))
    return answers, tries


async def browse(port: int, waiting: asyncio.Queue[Any], answers: Answers) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    while (one := await waiting.get())[2]:
        planned, room, request = one
        writer.write(request)
        status, body = await answer_of(reader)
        answers.waits.append(time.perf_counter() - planned)
        answers.statuses[status] += 1
        rooms = set(re.findall(rb"B\d{5}", body))
        answers.strange += rooms != {room.encode()}
    writer.close()


async def answer_of(reader: asyncio.StreamReader) -> tuple[int, bytes]:
    head = await reader.readuntil(b"\r\n\r\n")
    status, length = STATUS.match(head), LENGTH.search(head)
    assert status is not None
    return int(status[1]), await reader.readexactly(int(length[1]) if length else 0)


async def enumerate_claims(stage: Stage, tries: Counter[int]) -> None:
    """Somebody with many WeChat accounts guesses letter numbers of ten known claims, as fast as is answered."""
    visitors = stage.rows("SELECT token FROM visitors ORDER BY n")
    key = hmac.digest(stage.environment["SECRET_KEY"].encode(), b"csrf", "sha256")
    reader, writer = await asyncio.open_connection("127.0.0.1", stage.port)
    for n in range(TRIES):
        token = visitors[n % OPENIDS]["token"]
        csrf = hmac.digest(key, token.encode(), "sha256").hex()
        headers = session_headers({"cookie": f"wl_m_{stage.port}", "token": token, "csrf": csrf})
        headers["Content-Type"] = "application/x-www-form-urlencoded"
        fields = {
            "profile": "undergraduate",
            "name": f"新生{n % CLAIMS}",
            "number": f"26440100{n % CLAIMS:06}",
            "last_six": f"{secrets.randbelow(10**6):06}",
            "way": "letter",
            "letter": f"L{secrets.randbelow(10**6):06}",
        }
        writer.write(load.prepare("POST", CLAIM, headers, urlencode(fields).encode()))
        status, _ = await answer_of(reader)
        tries[status] += 1
        await asyncio.sleep(SECONDS / TRIES / 2)
    writer.close()
