"""The stage itself: whoever stood on it finds the machine as it was."""

import pytest

from dev import places
from tests.chaos.stage import Stage


@pytest.mark.parametrize("durable", [False, True])
def test_it_leaves_nothing_behind(durable):
    with Stage(durable=durable) as stage:
        home, sockets = stage.database.home, places.socket_folder(stage.folder)
        assert home.exists()
    assert [one for one in (home, sockets, stage.folder) if one.exists()] == []
