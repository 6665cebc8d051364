"""Two phones that bind to one person at the same instant."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from app.kit import db
from app.kit.caller import Caller
from app.platform.identity import errors, queries, service
from tests.visit import APPID


def caller_behind(openid):
    with db.unit_of_work() as session:
        person_id = service.person_for_openid(session, APPID, openid)
        link_id = queries.link_id_of_openid(session, APPID, openid)
        new = service.open_session(session, person_id=person_id, surface="phone", wechat_link_id=link_id)
    return Caller(person_id, session_id=new.id, surface="phone")


def test_one_wins_and_the_other_is_asked(campus):
    for round_number in range(5):
        callers = [caller_behind(f"o{round_number}-{n}") for n in range(2)]
        gate = Barrier(2)

        def bind(by, gate=gate):
            gate.wait()
            try:
                with db.unit_of_work() as session:
                    return service.bind(session, by=by, person_id=campus.li)
            except errors.OtherWeChatBound:
                return None

        with ThreadPoolExecutor(2) as pool:
            links = [future.result() for future in [pool.submit(bind, by) for by in callers]]
        assert sum(link is not None for link in links) == (1 if round_number == 0 else 0)


def test_replacing_at_once_leaves_one_account(campus):
    callers = [caller_behind(f"o{n}") for n in range(4)]
    gate = Barrier(4)

    def bind(by):
        gate.wait()
        with db.unit_of_work() as session:
            return service.bind(session, by=by, person_id=campus.li, may_replace=True)

    with ThreadPoolExecutor(4) as pool:
        links = [future.result() for future in [pool.submit(bind, by) for by in callers]]
    assert len(set(links)) == 4
    with db.unit_of_work() as session:
        found = [queries.person_of_openid(session, APPID, f"o{n}") for n in range(4)]
    assert found.count(campus.li) == 1 and len(set(found)) == 4
