"""A school that runs repairs alone: `MICRO_APPS=repairs`."""

from tests.chaos.clients import ask, report
from tests.chaos.stage import Stage, session_headers


def test_what_is_left_out_has_no_pages_and_the_rest_works():
    with Stage() as stage:
        seeded = stage.seed("2", "1")
        stage.environment["MICRO_APPS"] = "repairs"
        stage.sandbox()
        stage.web()
        stage.sweeper()
        student = session_headers(seeded.students[0])
        shelf = ask(stage.base, "GET", "/m/", student).raw.decode()
        assert "/m/open/repairs" in shelf
        assert "/m/open/leave" not in shelf
        assert ask(stage.base, "GET", "/m/leave/", student).status == 404
        desk = session_headers(seeded.dispatchers[0], "desk")
        assert ask(stage.base, "GET", "/desk/repairs/", desk).status == 200
        assert report(stage.base, seeded.students[0], "lamp", room=seeded.room).is_done
        stage.wait_until_delivered(60)
        assert stage.one("SELECT count(*) FROM outbox_deliveries WHERE status = 'done'") > 0

        assert ask(stage.base, "GET", "/readyz", {}).body["checks"]["micro_apps"] == "ok"
        with stage.connection() as connection:
            connection.execute(
                "INSERT INTO leave_guardians (person_id, relation, given_at, withdrawn_at)"
                " SELECT min(id), 'mother', now(), now() FROM directory_people"
            )
        unfit = ask(stage.base, "GET", "/readyz", {})
        assert unfit.status == 503
        assert unfit.body["checks"]["micro_apps"].endswith(": leave")

        stage.stop("web")
        del stage.environment["MICRO_APPS"]
        stage.web()
        assert "/m/open/leave" in ask(stage.base, "GET", "/m/", student).raw.decode()
        assert ask(stage.base, "GET", "/m/leave/", student).status == 200
