import pytest

import served


@pytest.fixture(scope="module")
def server():
    with served.serving("--images", "bench/drawings") as running:
        yield running
