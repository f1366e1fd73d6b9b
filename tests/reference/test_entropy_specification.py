"""The examples of docs/format.md, "Range coder" and "Adaptive binary models", and its numbers."""

import re
from pathlib import Path

import pytest
from entropy_writers import write_bit

from veneer.conformance.enc_range_coder import RangeEncoder, words_to_bytes
from veneer.reference import adaptive, range_coder

FORMAT = (Path(__file__).parents[2] / "docs" / "format.md").read_text()
CHAPTER = FORMAT[FORMAT.index("\n## Adaptive binary models\n") : FORMAT.index("\n## Base layer\n")]
PAYLOADS = [bytes.fromhex(text) for text in re.findall(r"^```\n((?:[0-9a-f]{2} ?)+)\n```", CHAPTER, re.MULTILINE)]
STATES = [int(text, 16) for text in re.findall(r"0x[0-9a-f]{8}", CHAPTER)]
TABLE = [0, 1, 5, 16]


def test_numbers_are_there() -> None:
    assert len(PAYLOADS) == 2
    assert len(STATES) == 6
    assert STATES[0] == STATES[2] == adaptive.INITIAL_STATE


def test_first_example() -> None:
    model, coder, probabilities = adaptive.BitModel(STATES[0]), RangeEncoder(), []
    for bit in (0, 0, 1, 0, 0, 0, 0, 1, 0, 0):
        probabilities.append(str(model.p1))
        write_bit(coder, bit, model)
    assert words_to_bytes(coder.finish()) == PAYLOADS[0]
    assert model.state == STATES[1]
    assert ", ".join(probabilities) in CHAPTER.replace("\n", " ")


def test_second_example() -> None:
    models = adaptive.BitModel(STATES[2]), adaptive.BitModel(STATES[3])
    coder = range_coder.RangeDecoder(range_coder.bytes_to_words(PAYLOADS[1]))
    assert [adaptive.read_bit(coder, *models) for _ in range(4)] == [0, 0, 1, 0]
    assert coder.raw(5) == 22
    assert [coder.symbol(TABLE, 4) for _ in range(3)] == [2, 0, 1]
    assert coder.valid()
    assert [model.state for model in models] == STATES[4:]


@pytest.mark.parametrize("count", [0, 1, 2, 3, 255])
def test_rates(count: int) -> None:
    assert adaptive.RATES[count] == (655360 + (10 * count + 16) // 2) // (10 * count + 16)
    assert re.search(rf"\b{adaptive.RATES[count]}\b", CHAPTER)
