"""Whatever goes wrong on the lines between a shop and what it needs: nothing that was acknowledged
is lost, nothing that was deleted comes back, no answer is out of date beyond its bound, and whoever
asks is told the right thing in time.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests import certificates
from tests.aws import LocalAws
from tests.faults.bad_days import Shop
from tests.faults.histories import HISTORIES, try_histories
from tests.faults.origin import Origin

pytestmark = pytest.mark.skipif(
    not certificates.CAN_BE_MADE, reason="openssl makes the certificate"
)
_PARTS = 4
_STEPS = 9


@pytest.fixture(scope="module")
def origin(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Origin]:
    origin = Origin(tmp_path_factory.mktemp("origin"))
    yield origin
    origin.close()


@pytest.mark.timeout(3600)
@pytest.mark.parametrize("part", range(_PARTS))
def test_on_bad_days(aws: LocalAws, origin: Origin, part: int) -> None:
    """In parts, so that they can be tried side by side."""

    class ShopHere(Shop):
        pass

    ShopHere.aws, ShopHere.origin = aws, origin
    try_histories(ShopHere, max(1, HISTORIES // _PARTS), _STEPS)
