"""The cast is the same everywhere."""

from pathlib import Path

import requests

from sandbox.cast import BY_OPENID, CAST, as_json


def test_the_file_of_the_samples_is_up_to_date(sandbox) -> None:
    samples = Path(__file__).parents[2] / "samples" / "cast.json"
    assert samples.read_text(encoding="utf-8") == as_json(), "run: python -m sandbox.cast"
    assert [each["number"] for each in sandbox.get("/_sim/cast")] == [person.number for person in CAST]


def test_openids_are_stable_and_well_formed() -> None:
    assert len(BY_OPENID) == len(CAST)
    assert {len(openid) for openid in BY_OPENID} == {28}
    assert all(openid.startswith("o") for openid in BY_OPENID)


def test_strangers_may_not_work_the_switches(sandbox) -> None:
    foreign = {"Origin": "https://evil.example"}
    assert requests.post(f"{sandbox.url}/_sim/reset", headers=foreign, timeout=5).status_code == 403
    assert (
        requests.get(f"{sandbox.url}/healthz", headers={"Host": "evil.example"}, timeout=5).status_code == 403
    )
    assert requests.get(f"{sandbox.url}/healthz", timeout=5).json() == {"status": "ok"}
