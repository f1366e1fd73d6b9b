"""Arguments of every public function: what is taken, and that whatever is wrong with one is a VeneerError."""

import inspect
import io
import pathlib
import typing
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst
from PIL import Image
from samples import make_picture

import veneer
from veneer import ErrorCode, ErrorKind, VeneerError

PICTURE = make_picture(8, 9)
FILE = veneer.encode(PICTURE, effort=1, layers="base")


def jpeg() -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(PICTURE).save(buffer, "JPEG", quality=50)
    return buffer.getvalue()


def feed(data: Any) -> None:
    veneer.Decoder(layers="base").feed(data)


# Each public function with arguments that are right, and fast.
CALLS: dict[str, tuple[Callable[..., Any], dict[str, Any]]] = {
    "encode": (veneer.encode, {"pixels": PICTURE, "effort": 1, "layers": "base"}),
    "Settings": (veneer.Settings, {}),
    "decode": (veneer.decode, {"data": FILE, "layers": "base"}),
    "read_info": (veneer.read_info, {"data": FILE}),
    "dump_syntax": (veneer.dump_syntax, {"data": FILE}),
    "restore_jpeg": (veneer.restore_jpeg, {"data": jpeg()}),
    "Decoder": (veneer.Decoder, {}),
    "feed": (feed, {"data": FILE}),
}
PARAMETERS = [
    (name, parameter) for name, (call, _) in CALLS.items() for parameter in inspect.signature(call).parameters
]


class Unfriendly:
    """Raises whatever is asked of it."""

    def __repr__(self) -> str:
        raise RuntimeError("no repr")

    __len__ = __index__ = __float__ = __iter__ = __array__ = __fspath__ = __repr__  # type: ignore[assignment]


def released() -> memoryview:
    view = memoryview(b"abc")
    view.release()
    return view


def closed() -> io.BytesIO:
    file = io.BytesIO(FILE)
    file.close()
    return file


ODD_ONES = [
    *(None, ..., object(), Unfriendly(), Unfriendly, released(), closed(), io.StringIO("text"), io.BytesIO(b"")),
    *(float("nan"), float("inf"), -float("inf"), 10**400, -(10**5000), 1j, np.float16(3), np.datetime64("now")),
    *(np.array(5), np.array(None), np.array([[1, 2], [3, 4]], object), np.zeros((0, 4), np.uint8), np.zeros((3, 3))),
    *(np.ma.masked_equal(PICTURE, PICTURE[0, 0, 0]), [[1, 2], [3]], [PICTURE, PICTURE], {}, {1: 2}, "\0", "\ud800"),
    *(pathlib.Path("no such file"), ".", b".", "full", "standard", "0,0,4,4", memoryview(b"abcd")[::2], [0.5] * 4),
    *((0, 0, 4, 4), (0, 0, 4, 4, 4), (0, 0, -4, 4), (0, 0, 4.0, 4), (True, 0, 1, 1), np.array([0, 0, 4, 4]), np.True_),
]  # fmt: skip
ANYTHING = st.one_of(
    st.integers(0, len(ODD_ONES) - 1).map(lambda index: ODD_ONES[index]),
    st.booleans(),
    st.integers(-5, 300),
    st.floats(),
    st.text(max_size=4),
    st.binary(max_size=12),
    st.sampled_from([np.int8, np.uint16, np.int64, np.float16, np.float32, np.float64]).flatmap(
        lambda kind: st.integers(0, 100).map(kind)
    ),
    npst.arrays(
        st.sampled_from(["u1", "i1", "?", "f8", "U2", "O", "M8[s]", "c16"]), npst.array_shapes(max_dims=4, max_side=4)
    ),
    st.lists(st.integers(-1, 9), max_size=5).map(tuple),
)


@pytest.mark.parametrize(("name", "parameter"), PARAMETERS)
@settings(max_examples=20, derandomize=True, deadline=None, suppress_health_check=list(HealthCheck))
@given(value=ANYTHING)
def test_whatever_is_wrong_is_a_veneer_error(name: str, parameter: str, value: Any) -> None:
    call, right = CALLS[name]
    if parameter == "progress" and callable(value):
        return  # what a callback raises is its owner's
    try:
        call(**right | {parameter: value})
    except VeneerError as error:
        assert "\n" not in str(error)  # noqa: PT017 - success is right, too
    except OSError:
        assert parameter == "data"


@pytest.mark.parametrize(("name", "parameter"), PARAMETERS)
def test_odd_ones(name: str, parameter: str) -> None:
    """The same for every one of them, whatever hypothesis draws."""
    call, right = CALLS[name]
    for value in ODD_ONES:
        if parameter == "progress" and callable(value):
            continue  # what a callback raises is its owner's
        try:
            call(**right | {parameter: value})
        except VeneerError as error:
            assert "\n" not in str(error)  # noqa: PT017
        except OSError:
            assert parameter == "data"


@pytest.mark.parametrize("kind", [np.int16, np.uint8, np.int64, np.float32, np.float64, np.array])
def test_numpy_scalars_are_numbers(kind: Any) -> None:
    for name, value in (("quality", 60), ("bpp", 20), ("realism", 1)):
        assert veneer.encode(PICTURE, **{name: kind(value)}) == veneer.encode(PICTURE, **{name: value})  # type: ignore[arg-type]
    if kind is not np.array and issubclass(kind, np.floating):
        return
    whole = [("effort", 3), ("threads", 1), ("step_index", 90), ("tile_size", 64), ("base_scale", 1)]
    for name, value in whole:
        given_value = np.int32(64) if value == 64 else kind(value)
        assert veneer.encode(PICTURE, **{name: given_value}) == veneer.encode(PICTURE, **{name: value})  # type: ignore[arg-type]
    assert veneer.encode(PICTURE, target_size=np.int32(900)) == veneer.encode(PICTURE, target_size=900)
    expected = veneer.decode(FILE, region=(1, 2, 3, 4))
    np.testing.assert_array_equal(veneer.decode(FILE, region=np.array([1, 2, 3, 4]), threads=kind(1)), expected)
    cicp = (kind(9), kind(16), kind(0), kind(1))
    assert veneer.read_info(veneer.encode(PICTURE, cicp=cicp)).cicp == (9, 16, 0, 1)
    assert veneer.Decoder(threads=kind(1), max_pixels=np.int64(5000), realism=kind(1)).feed(FILE)


def test_settings_keep_plain_numbers() -> None:
    kept = veneer.Settings(quality=np.float32(0.5), effort=np.int64(3), preview=np.True_, tile_size=np.int64(64))
    assert [type(value) for value in (kept.quality, kept.effort, kept.preview, kept.tile_size)] == [
        float,
        int,
        bool,
        int,
    ]


@pytest.mark.parametrize("name", ["quality", "effort", "threads", "step_index", "bpp", "realism", "target_size"])
@pytest.mark.parametrize("value", [True, np.True_, np.float32("nan"), "5", [5], b"5"])
def test_no_number(name: str, value: Any) -> None:
    with pytest.raises(VeneerError, match=f"{name} must be a (whole )?number, not") as caught:
        veneer.encode(PICTURE, **{name: value})
    assert caught.value.code == ErrorCode.BAD_SETTING


@pytest.mark.parametrize("pixels", [None, "pixels", [[1, 2], [3]], [[[1, 2, 3]]], np.array([[None]]), {}, b"abc"])
def test_no_pixels(pixels: Any) -> None:
    with pytest.raises(VeneerError) as caught:
        veneer.encode(pixels)
    assert caught.value.code == ErrorCode.BAD_PIXELS


def test_masked_pixels_are_refused() -> None:
    """Their values would be coded as if nothing were masked."""
    with pytest.raises(VeneerError, match=r"masked; fill them first") as caught:
        veneer.encode(np.ma.masked_equal(PICTURE, PICTURE[0, 0, 0]))
    assert caught.value.code == ErrorCode.BAD_PIXELS
    assert veneer.encode(np.ma.masked_array(PICTURE), effort=1, layers="base") == FILE


@pytest.mark.parametrize(
    "region", [(0, 0, 4), (0, 0, 4, 4.0), "0,0,4,4", 5, (0, 0, 4, True), (-1, 0, 4, 4), (0, 0, 0, 4), np.zeros((4, 1))]
)
@pytest.mark.parametrize("options", [{}, {"layers": "preview"}, {"backend": "reference"}])
def test_no_region(region: Any, options: dict[str, Any]) -> None:
    with pytest.raises(VeneerError, match="region is x, y, width, height in whole pixels") as caught:
        veneer.decode(FILE, region=region, **options)
    assert caught.value.code == ErrorCode.BAD_REGION


@pytest.mark.parametrize("name", ["icc", "exif", "xmp"])
@pytest.mark.parametrize("value", [5, ["x"], PICTURE, released()])
def test_no_metadata(name: str, value: Any) -> None:
    with pytest.raises(VeneerError, match=name) as caught:
        veneer.encode(PICTURE, **{name: value})
    assert caught.value.code == ErrorCode.BAD_METADATA


@pytest.mark.parametrize("call", [veneer.encode, veneer.decode, veneer.restore_jpeg, veneer.Decoder])
def test_no_folder_of_models(call: Any, tmp_path: pathlib.Path) -> None:
    """A folder that was asked for and is not there is no mere warning of the tolerant decoder."""
    given_data = [] if call is veneer.Decoder else [PICTURE if call is veneer.encode else FILE]
    with pytest.raises(VeneerError, match="models: there is no folder") as caught:
        call(*given_data, models=tmp_path / "none")
    assert caught.value.code == ErrorCode.NO_WEIGHTS
    with pytest.raises(VeneerError, match="models must be the path of a folder") as caught:
        call(*given_data, models=5)
    assert caught.value.kind == ErrorKind.ARGUMENT


def test_no_model_is_the_default() -> None:
    assert veneer.Settings(model=None) == veneer.Settings()
    assert veneer.encode(PICTURE, model=None) == veneer.encode(PICTURE)
    np.testing.assert_array_equal(veneer.restore_jpeg(jpeg(), model=None), veneer.restore_jpeg(jpeg()))


def test_choices_are_types() -> None:
    """A type checker finds tune="visaul"; so do programs that list the choices."""
    assert set(typing.get_args(veneer.Tune)) == {"visual", "psnr"}
    assert set(typing.get_args(veneer.Layers)) == {"full", "base"}
    assert set(typing.get_args(veneer.DecodedLayers)) == {"full", "base", "preview"}
    hints = typing.get_type_hints(veneer.encode)
    assert (hints["tune"], hints["layers"]) == (veneer.Tune, veneer.Layers)
    assert typing.get_type_hints(veneer.Settings)["tune"] == veneer.Tune
    assert typing.get_type_hints(veneer.decode)["layers"] == veneer.DecodedLayers
    assert typing.get_type_hints(veneer.Decoder.__init__)["layers"] == veneer.Layers
