"""The first page of welcome."""


def test_it_works(zhou):
    assert "2026 年秋季迎新" in zhou.get("/m/welcome/").text
