"""Holds vnrdec to the conformance vectors, and gives it damaged variants of them.

    python native/test/vectors.py build/cmake/vnrdec
    python native/test/vectors.py --run qemu-aarch64-static --damaged 0 build/aarch64/vnrdec
    python native/test/vectors.py --serve 'node native/wasm/vnrdec.mjs' build/wasm/veneer.wasm

A valid vector must give the pixels of the index, an invalid one must be refused. A variant that is cut or damaged may
give a picture or be refused. In no case may the program end in any other way, which is what sanitizers see to, or write
a report of one. Needs nothing but Python: this runs from a bare clone. With --serve one process decodes all, as
native/wasm/vnrdec.mjs does; it tells the numbers of errors too, which are compared.

Place: called by .ci/native. Source: docs/format.md, "Conformance".
"""

from __future__ import annotations

import argparse
import collections
import dataclasses
import hashlib
import json
import os
import random
import re
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "tests" / "vectors" / "1"
RELEASED = ROOT / "src" / "veneer" / "models"
SIGNATURE_SIZE = 8
HASH_DIGITS = 64
JPEG_OPTION = "output=jpeg"  # the JPEG that the file keeps, in place of a picture
# Places within HEAD, and what stands there in files of half floats.
HEAD_SIZE, BIT_DEPTH, BASE_KIND, SAMPLE_FORMAT = 28, 10, 15, 24
MODULAR, HALF_FLOATS = 1, 1
TRANSFORM, ENHANCEMENT = 0, b"eNHA"
DECODED, REFUSED = 0, 1  # exit codes of vnrdec
FOUND = 99  # exit code of sanitizers, here
TIMEOUT_SECONDS = 300
REPORT = re.compile(r"Sanitizer|runtime error|broken promise|qemu: ")
POLYNOMIAL = 0x82F63B78  # of CRC-32C, reflected


@dataclasses.dataclass(frozen=True)
class Vector:
    """A line of the index: file, options such as `layers=base`, SHA-256 of the picture or number of the error."""

    name: str
    options: str
    outcome: str
    about: str
    has_models: bool = True  # whether the decoder is given any

    @property
    def is_valid(self) -> bool:
        return len(self.outcome) == HASH_DIGITS

    @property
    def arguments(self) -> list[str]:
        """The options as vnrdec takes them, and the models that the file may need."""
        pairs = (option.split("=", 1) for option in self.options.split() if option != JPEG_OPTION)
        options = [part for name, value in pairs for part in (f"--{name}", value)]
        return options + [part for path in self.models() for part in ("--model", str(path))]

    def needs_base_alone(self) -> bool:
        """Whether a decoder of base layers of the kind transform and 8 bits gives the outcome."""
        data = (FOLDER / self.name).read_bytes()
        head = data[SIGNATURE_SIZE + 8 : SIGNATURE_SIZE + 8 + HEAD_SIZE]
        is_base = len(head) == HEAD_SIZE and head[BASE_KIND] == TRANSFORM and head[BIT_DEPTH] == 8
        is_enhanced = any(data[start + 4 : start + 8] == ENHANCEMENT for start, _ in chunks_of(data))
        return is_base and (not is_enhanced or self.options in ("layers=base", "layers=preview"))

    @property
    def wants_jpeg(self) -> bool:
        return self.options == JPEG_OPTION

    def half_floats(self, data: bytes) -> tuple[int, int, int] | None:
        """Rows, columns and channels of what is decoded of a file of half floats; None of another file.

        vnrdec writes these as bare samples alone.
        """
        head = data[SIGNATURE_SIZE + 8 : SIGNATURE_SIZE + 8 + HEAD_SIZE]
        if len(head) < HEAD_SIZE or head[BASE_KIND] != MODULAR or head[SAMPLE_FORMAT] != HALF_FLOATS:
            return None
        if "layers=preview" in self.options:
            return None
        width, height = (int.from_bytes(head[place : place + 4], "little") for place in (1, 5))
        region = re.search(r"region=\d+,\d+,(\d+),(\d+)", self.options)
        if region:
            width, height = map(int, region.groups())
        return height, width, head[9]

    def models(self) -> list[Path]:
        if not self.has_models:
            return []
        if released := re.match(r"released_(\d+)_", self.name):
            return sorted(RELEASED.glob(f"*-{released.group(1)}.vnm"))
        return sorted((FOLDER / "models").glob("*.vnm"))


class Program:
    """vnrdec, and how it is started."""

    def __init__(self, words: list[str], folder: Path, serves: bool = False) -> None:
        self._words, self._out, self._in = words, folder / "out.pam", folder / "damaged.vnr"
        self._server: subprocess.Popen[str] | None = None
        if serves:
            self._server = subprocess.Popen(
                [*words, "--serve"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1
            )
        self.error: str | None = None  # number of the error of the last run, where the program tells it
        self._jpeg, self._bare = folder / "out.jpg", folder / "out.raw"
        settings = f"exitcode={FOUND}:abort_on_error=0:allocator_may_return_null=1"
        self._environment = os.environ | {"ASAN_OPTIONS": settings, "UBSAN_OPTIONS": "print_stacktrace=1"}

    def decode(
        self, source: Path, arguments: list[str], jpeg: bool = False, bare: bool = False
    ) -> tuple[int | None, str]:
        """Exit code, None where the time was over, and what the program wrote to its standard error."""
        out = self._jpeg if jpeg else self._bare if bare else self._out
        out.unlink(missing_ok=True)
        if self._server is not None:
            return self._ask([*arguments, str(source), str(out)])
        command = [*self._words, *arguments, str(source), str(out)]
        try:
            run = subprocess.run(
                command, capture_output=True, timeout=TIMEOUT_SECONDS, env=self._environment, check=False
            )
        except subprocess.TimeoutExpired:
            return None, ""
        return run.returncode, run.stderr.decode(errors="replace")

    def _ask(self, words: list[str]) -> tuple[int | None, str]:
        """The same by a process that runs already."""
        server = self._server
        if server is None or server.stdin is None or server.stdout is None:
            raise RuntimeError("no process runs")
        server.stdin.write(json.dumps(words) + "\n")
        answer = server.stdout.readline()
        if not answer:
            return server.wait(), "the program has ended"
        found = json.loads(answer)
        self.error = str(found["error"]) if found["error"] is not None else None
        return found["code"], found["written"]

    def close(self) -> None:
        """Ends a process that runs."""
        if self._server is not None:
            self._server.communicate()

    def decode_bytes(self, data: bytes, arguments: list[str], bare: bool) -> tuple[int | None, str]:
        self._in.write_bytes(data)
        return self.decode(self._in, arguments, bare=bare)

    def jpeg_hash(self) -> str:
        """SHA-256 of the JPEG that was written."""
        return hashlib.sha256(self._jpeg.read_bytes()).hexdigest()

    def picture_hash(self, half_floats: tuple[int, int, int] | None = None) -> str:
        """SHA-256 of `HxWxC`, a line feed, and the samples; a sentence if what was written is no picture."""
        if half_floats is not None:
            height, width, channels = half_floats
            samples = self._bare.read_bytes() if self._bare.exists() else b""
            if len(samples) != 2 * height * width * channels:
                return f"{len(samples)} bytes of samples were written of {width} x {height} x {channels}"
            return hashlib.sha256(f"{height}x{width}x{channels}\n".encode() + samples).hexdigest()
        data = self._out.read_bytes() if self._out.exists() else b""
        head = re.match(rb"P7\nWIDTH (\d+)\nHEIGHT (\d+)\nDEPTH (\d)\nMAXVAL (\d+)\nTUPLTYPE \w+\nENDHDR\n", data)
        if head is None:
            return "no picture was written"
        width, height, channels, most = map(int, head.groups())
        samples = data[head.end() :]
        if most > 255:  # two bytes, of which PAM has the upper one first and the hash the lower one
            samples = b"".join(samples[i + 1 : i + 2] + samples[i : i + 1] for i in range(0, len(samples), 2))
        if len(samples) != width * height * channels * (1 + (most > 255)):
            return f"{len(samples)} bytes of samples were written of {width} x {height} x {channels}"
        return hashlib.sha256(f"{height}x{width}x{channels}\n".encode() + samples).hexdigest()


def fault_of(code: int | None, written: str) -> str | None:
    """How the program must not end; None if it ended well."""
    if code is None:
        return f"took more than {TIMEOUT_SECONDS} s"
    if code not in (DECODED, REFUSED) or REPORT.search(written):
        return f"exit code {code}\n{written}"
    return None


def check_vector(program: Program, vector: Vector) -> str | None:
    """What is wrong with how a vector is decoded, or None."""
    half_floats = vector.half_floats((FOLDER / vector.name).read_bytes())
    code, written = program.decode(
        FOLDER / vector.name, ["--strict", *vector.arguments], vector.wants_jpeg, half_floats is not None
    )
    if fault := fault_of(code, written):
        return fault
    if not vector.is_valid:
        if code != REFUSED:
            return "an invalid file was decoded"
        return None if program.error in (None, vector.outcome) else f"{program.error} instead of {vector.outcome}"
    if code != DECODED:
        found = written.strip()
    else:
        found = program.jpeg_hash() if vector.wants_jpeg else program.picture_hash(half_floats)
    return None if found == vector.outcome else f"{found} instead of {vector.outcome}"


def crc32c(data: bytes) -> int:
    """CRC-32C of some bytes."""
    crc = 0xFFFFFFFF
    for byte in data:
        crc = crc >> 8 ^ CRC_OF_BYTE[(crc ^ byte) & 0xFF]
    return crc ^ 0xFFFFFFFF


def crc_of_byte(value: int) -> int:
    """An entry of the table that `crc32c` uses."""
    for _ in range(8):
        value = value >> 1 ^ (POLYNOMIAL if value & 1 else 0)
    return value


CRC_OF_BYTE = [crc_of_byte(value) for value in range(256)]


def chunks_of(data: bytes) -> list[tuple[int, int]]:
    """Start and end of each chunk that is there as a whole, header and checksum included."""
    found = []
    start = SIGNATURE_SIZE
    while start + 12 <= len(data):
        end = start + 12 + int.from_bytes(data[start : start + 4], "little")
        if end > len(data):
            break
        found.append((start, end))
        start = end
    return found


def sealed(body: bytes) -> bytes:
    """A chunk of a type and a payload."""
    return (len(body) - 4).to_bytes(4, "little") + body + crc32c(body).to_bytes(4, "little")


def damaged(data: bytes, chance: random.Random) -> Iterator[tuple[str, bytes]]:
    """One variant of each kind of damage that is possible, with its name."""
    if not data:
        return
    yield "cut", data[: chance.randrange(len(data))]
    garbled = bytearray(data)
    for _ in range(chance.randint(1, 8)):
        garbled[chance.randrange(len(data))] = chance.randrange(256)
    yield "garbled", bytes(garbled)
    chunks = chunks_of(data)
    if not chunks:
        return
    # Behind a checksum that is right: decoders of payloads see these.
    start, end = chance.choice(chunks)
    body = bytearray(data[start + 4 : end - 4])
    for _ in range(chance.randint(1, 4)):
        if len(body) > 4:
            body[chance.randrange(4, len(body))] = chance.randrange(256)
    yield "garbled and sealed", data[:start] + sealed(bytes(body)) + data[end:]
    shorter = data[start + 4 : chance.randint(start + 8, end - 4)]
    yield "shortened and sealed", data[:start] + sealed(shorter) + data[end:]
    first, other = chance.choice(chunks), chance.choice(chunks)
    yield "another chunk in its place", data[: first[0]] + data[slice(*other)] + data[first[1] :]


@dataclasses.dataclass
class Report:
    """What was run, and what was found."""

    counts: collections.Counter[str] = dataclasses.field(default_factory=collections.Counter)
    faults: list[str] = dataclasses.field(default_factory=list)

    def note(self, kind: str, name: str, fault: str | None) -> None:
        self.counts[kind] += 1
        if fault:
            self.faults.append(f"{name}: {fault}")
            sys.stdout.write(f"{self.faults[-1]}\n")
            sys.stdout.flush()


def run_vectors(program: Program, vectors: list[Vector], report: Report) -> None:
    """Every line of the index."""
    for vector in vectors:
        kind = "valid vectors" if vector.is_valid else "invalid vectors"
        report.note(kind, f"{vector.name} {vector.options}", check_vector(program, vector))


def run_damaged(program: Program, vectors: list[Vector], rounds: int, keep: Path, report: Report) -> None:
    """Every file once, however many lines of the index it has; what makes a fault is kept."""
    for vector in {vector.name: vector for vector in vectors}.values():
        chance = random.Random(vector.name)  # noqa: S311 - the same variants in every run
        for number in range(rounds):
            for kind, data in damaged((FOLDER / vector.name).read_bytes(), chance):
                half_floats = vector.half_floats(data)
                code, written = program.decode_bytes(data, vector.arguments, half_floats is not None)
                fault = fault_of(code, written)
                if fault is None and code == DECODED:
                    found = program.picture_hash(half_floats)
                    fault = found if len(found) != HASH_DIGITS else None
                name = f"{vector.name}, {kind}, {number}"
                report.note(f"damaged, {'decoded' if code == DECODED else 'refused'}", name, fault)
                if fault:
                    keep.mkdir(parents=True, exist_ok=True)
                    (keep / f"{kind}-{number}-{vector.name}".replace(" ", "_")).write_bytes(data)


def main() -> None:
    """Runs, and tells; exit code 1 if anything was found."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("program", type=Path, metavar="VNRDEC")
    parser.add_argument("--run", default="", metavar="COMMAND", help="what starts it, an emulator for instance")
    parser.add_argument("--serve", default="", metavar="COMMAND", help="what starts it once, to run all")
    parser.add_argument(
        "--base-only", action="store_true", help="only what needs base layers of the kind transform and 8 bits"
    )
    parser.add_argument("--every", type=int, default=1, metavar="N", help="only every Nth vector")
    parser.add_argument("--damaged", type=int, default=1, metavar="N", help="rounds of damage for each (default 1)")
    parser.add_argument("--threads", type=int, default=1, metavar="N", help="of the decoder (default 1)")
    options = parser.parse_args()
    lines = (FOLDER / "index.tsv").read_text().splitlines()
    vectors = [Vector(*line.split("\t")) for line in lines][:: options.every]
    if options.base_only:
        vectors = [dataclasses.replace(vector, has_models=False) for vector in vectors if vector.needs_base_alone()]
    report = Report()
    with tempfile.TemporaryDirectory() as temporary:
        words = [*shlex.split(options.serve or options.run), str(options.program.absolute())]
        if not options.serve:
            words += ["--threads", str(options.threads)]
        program = Program(words, Path(temporary), serves=bool(options.serve))
        run_vectors(program, vectors, report)
        run_damaged(program, vectors, options.damaged, options.program.parent / "findings", report)
        program.close()
    times = os.times()  # those of children are 0 on Windows
    told = [f"{count} {kind}" for kind, count in sorted(report.counts.items())]
    told += [f"{len(report.faults)} faults", f"{times.children_user + times.children_system:.0f} s of processor time"]
    sys.stdout.write("; ".join(told) + "\n")
    sys.exit(bool(report.faults))


if __name__ == "__main__":
    main()
