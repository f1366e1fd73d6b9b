"""Hostile files: how they are made, and every way to read them. Tests, campaigns and the fuzz target share it."""

from __future__ import annotations

import struct
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

import veneer
from veneer import VeneerError, VeneerWarning, backend
from veneer.backend import crc32c
from veneer.bitstream.chunks import FRAME_SIZE, HEADER_SIZE, TRAILER_SIZE, write_chunk
from veneer.bitstream.syntax import FORMAT_VERSION, SIGNATURE
from veneer.inference import weights
from veneer.inference.model_network import native_model, networks_in

MAX_PIXELS = 1 << 16
MAX_NETWORK_BYTES = 1 << 22
PIECE = 997  # bytes that a decoder gets at a time

MODELS = Path(__file__).parent / "vectors" / str(FORMAT_VERSION) / "models"
WAYS: tuple[Mapping[str, Any], ...] = (
    {"models": MODELS},
    {"models": MODELS, "strict": True},
    {"models": MODELS, "region": (0, 0, 3, 3)},
    {"layers": "preview"},
    {"layers": "base"},
)


def try_everything(data: bytes, max_pixels: int = MAX_PIXELS) -> str:
    """Every way to read a file; VeneerError is a fine answer. Says whether there was a picture or which error."""
    outcome = ""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        warnings.simplefilter("ignore", VeneerWarning)
        for options in WAYS:
            try:
                pixels = veneer.decode(data, max_pixels=max_pixels, threads=1, **options)
                assert 0 < pixels.size <= 4 * max_pixels
                outcome = outcome or "picture"
            except VeneerError as error:
                outcome = outcome or error.kind.name
        try:
            veneer.read_info(data, verify=True)
            assert list(veneer.dump_syntax(data))
        except VeneerError:
            pass
        try:
            found = veneer.gain_map(data, max_pixels=max_pixels, threads=1)
            if found is not None:
                assert found.decode(max_pixels=max_pixels, threads=1).size <= 3 * max_pixels
        except VeneerError:
            pass
        decoder = veneer.Decoder(threads=1, max_pixels=max_pixels)
        try:
            for start in range(0, len(data), PIECE):
                decoder.feed(data[start : start + PIECE])
            decoder.finish()
        except VeneerError:
            pass
    return outcome


def try_weights(data: bytes) -> str:
    """Reads a weight file or a model file, and runs the network of a weight file on a small picture."""
    try:
        if data.startswith(weights.MODEL_SIGNATURE):
            backend.ModelFile(data)
            return "model"
        name = backend.WeightFile(data).name
        for network in networks_in(native_model([weights.write_model_file(0, "alone", [(name, data)]), data])).values():
            width, height = 9, 7
            if network.memory_bytes((height, width)) > MAX_NETWORK_BYTES:
                continue
            inputs = {
                tensor.name: np.full(
                    (-(-height // tensor.reduction), -(-width // tensor.reduction), tensor.channels), 77, np.int16
                )
                for tensor in network.inputs
            }
            network.run(inputs, (height, width), threads=1)
    except VeneerError as error:
        return error.kind.name
    return "model"


def changed_bytes(data: bytes, rng: np.random.Generator) -> bytes:
    """One to four random changes: bits, bytes, pieces taken out or repeated, the end cut off."""
    changed = bytearray(data)
    for _ in range(int(rng.integers(1, 5))):
        if not changed:
            break
        place = int(rng.integers(len(changed)))
        kind = rng.integers(5)
        if kind == 0:
            changed[place] ^= 1 << int(rng.integers(8))
        elif kind == 1:
            changed[place : place + 4] = rng.bytes(4)
        elif kind == 2:
            del changed[place : place + int(rng.integers(1, 30))]
        elif kind == 3:
            source = int(rng.integers(len(changed)))
            changed[place:place] = changed[source : source + int(rng.integers(1, 60))]
        elif rng.integers(4) == 0:
            del changed[place:]
    return bytes(changed)


def changed_payload(data: bytes, rng: np.random.Generator) -> bytes:
    """One to three random bytes in payloads, with corrected checksums, so that the damage reaches deeper layers."""
    chunks = []
    position = len(SIGNATURE)
    while position + FRAME_SIZE <= len(data):
        length = int.from_bytes(data[position : position + 4], "little")
        payload = bytearray(data[position + HEADER_SIZE : position + HEADER_SIZE + length])
        chunks.append((data[position + 4 : position + HEADER_SIZE], payload))
        position += FRAME_SIZE + length
    long = [payload for _, payload in chunks if payload]
    for _ in range(int(rng.integers(1, 4)) if long else 0):
        payload = long[int(rng.integers(len(long)))]
        payload[int(rng.integers(len(payload)))] = int(rng.integers(256))
    return SIGNATURE + b"".join(write_chunk(name, bytes(payload)) for name, payload in chunks)


def with_right_checksums(data: bytes) -> bytes:
    """A file, weight file or model file as it is, but for its checksums: those of all chunks that lengths lead to."""
    fixed = bytearray(data)
    if data.startswith((weights.SIGNATURE, weights.MODEL_SIGNATURE)):
        if len(fixed) > TRAILER_SIZE:
            fixed[-TRAILER_SIZE:] = struct.pack("<I", crc32c(bytes(fixed[:-TRAILER_SIZE])))
        return bytes(fixed)
    position = len(SIGNATURE)
    while position + FRAME_SIZE <= len(fixed):
        end = position + HEADER_SIZE + int.from_bytes(fixed[position : position + 4], "little")
        if end + TRAILER_SIZE > len(fixed):
            break
        fixed[end : end + TRAILER_SIZE] = struct.pack("<I", crc32c(bytes(fixed[position + 4 : end])))
        position = end + TRAILER_SIZE
    return bytes(fixed)
