"""Progress reports during an encode."""

from pathlib import Path

import pytest
from enhancers import make_model, write_models
from samples import make_picture

import veneer
from veneer import stages


def told(**settings: object) -> tuple[bytes, list[float]]:
    shares: list[float] = []
    data = veneer.encode(make_picture(80, 96), progress=shares.append, **settings)  # type: ignore[arg-type]
    return data, shares


@pytest.mark.parametrize(
    "settings", [{"layers": "base"}, {"target_size": 2000, "effort": 1}, {"quality": 20}, {"effort": 9}]
)
def test_shares_rise_to_one_and_bytes_stay(settings: dict[str, object]) -> None:
    data, shares = told(**settings)
    assert shares[-1] == 1
    assert shares == sorted(shares)
    assert all(0 < share < 1 for share in shares[:-1])
    assert len(shares) > 1
    assert data == veneer.encode(make_picture(80, 96), **settings)  # type: ignore[arg-type]


def test_stages_of_enhancement(tmp_path: Path) -> None:
    folder = write_models(tmp_path, make_model())
    _, shares = told(models=folder, model="tiny", step_index=120)
    assert {round(share, 1) for share in shares} >= {0.3, 0.4, 0.6, 0.8, 1.0}  # base, analysis, two syntheses


def test_callback_may_end_the_encode() -> None:
    def stop(_: float) -> None:
        raise InterruptedError

    with pytest.raises(InterruptedError):
        veneer.encode(make_picture(80, 96), progress=stop)
    assert veneer.encode(make_picture(80, 96))  # and nothing of it is left
    stages.done(1.0)  # nobody watches
    stages.pass_done()
