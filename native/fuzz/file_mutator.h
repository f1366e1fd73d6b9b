// Mutations of .vnr files that know their structure: signature, chunks, lengths and checksums.
//
// A mutation at random breaks a checksum, and most of the decoder is never reached. These change payloads and chunks, and
// put lengths and checksums right afterwards, seven times of eight.
// Source: docs/format.md, "Signature", "Chunks" and "HEAD".
#pragma once
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <iterator>
#include <random>
#include <utility>
#include <vector>

#include "common/crc32c.h"

// libFuzzer's own mutation of bytes: changes `size` of them in place, to at most `max_size`; gives how many there are.
extern "C" size_t LLVMFuzzerMutate(uint8_t* data, size_t size, size_t max_size);

namespace veneer::fuzz {

using Buffer = std::vector<uint8_t>;

class Random {
 public:
  explicit Random(unsigned seed) : engine_(seed) {}
  // 0..count - 1; `count` is at least 1.
  size_t below(size_t count) { return std::uniform_int_distribution<size_t>(0, count - 1)(engine_); }
  bool one_in(size_t count) { return below(count) == 0; }

 private:
  std::minstd_rand engine_;
};

constexpr size_t kSignatureLength = 8, kChunkHeader = 8, kChunkTrailer = 4;
constexpr char kChunkTypes[][5] = {"HEAD", "iCCP", "eXIF", "xMP_", "iPTC", "tEXT", "dENS",
                                   "cLLI", "mDCV", "gMAP", "pREV", "pALP", "JHDR", "JSCR",
                                   "tOCS", "BASE", "ALPH", "eNHA", "TEND", "zzZZ", "XXXX"};

struct FileChunk {
  uint8_t type[4];
  Buffer payload;

  bool is(const char* name) const { return std::memcmp(type, name, sizeof type) == 0; }
  void set_type(const char* name) { std::memcpy(type, name, sizeof type); }
  // Fields before the data that an entropy decoder reads.
  size_t fields() const { return is("BASE") || is("ALPH") ? 2 : is("eNHA") ? 5 : is("pREV") ? 6 : 0; }
};

struct ChunkedFile {
  Buffer signature;
  std::vector<FileChunk> chunks;
  Buffer rest;  // what is no whole chunk
};

inline size_t read_number(const uint8_t* bytes) {
  return bytes[0] | size_t{bytes[1]} << 8 | size_t{bytes[2]} << 16 | size_t{bytes[3]} << 24;
}

inline void append_number(Buffer* bytes, size_t number) {
  for (int i = 0; i < 4; ++i) bytes->push_back(static_cast<uint8_t>(number >> 8 * i));
}

inline ChunkedFile take_apart(const uint8_t* data, size_t size) {
  ChunkedFile file;
  size_t place = std::min(size, kSignatureLength);
  file.signature.assign(data, data + place);
  while (size - place >= kChunkHeader + kChunkTrailer) {
    const size_t length = read_number(data + place);
    if (length > size - place - kChunkHeader - kChunkTrailer) break;
    FileChunk chunk;
    std::memcpy(chunk.type, data + place + 4, sizeof chunk.type);
    chunk.payload.assign(data + place + kChunkHeader, data + place + kChunkHeader + length);
    file.chunks.push_back(std::move(chunk));
    place += kChunkHeader + length + kChunkTrailer;
  }
  file.rest.assign(data + place, data + size);
  return file;
}

// The bytes of a file with all lengths and checksums right. `damaged`: the chunk that has one of them wrong, or none.
inline Buffer put_together(const ChunkedFile& file, size_t damaged, Random& random) {
  Buffer bytes = file.signature;
  for (size_t i = 0; i < file.chunks.size(); ++i) {
    const FileChunk& chunk = file.chunks[i];
    const size_t start = bytes.size();
    append_number(&bytes, chunk.payload.size());
    bytes.insert(bytes.end(), chunk.type, chunk.type + sizeof chunk.type);
    bytes.insert(bytes.end(), chunk.payload.begin(), chunk.payload.end());
    append_number(&bytes, crc32c(bytes.data() + start + 4, bytes.size() - start - 4));
    if (i != damaged) continue;
    const size_t size = bytes.size() - start;
    const size_t place = random.one_in(2) ? random.below(4) : random.one_in(2) ? size - 1 : random.below(size);
    bytes[start + place] ^= static_cast<uint8_t>(1 << random.below(8));
  }
  bytes.insert(bytes.end(), file.rest.begin(), file.rest.end());
  return bytes;
}

class FileMutator {
 public:
  FileMutator(ChunkedFile file, size_t max_size, unsigned seed)
      : file_(std::move(file)), max_size_(max_size), random_(seed) {}

  // Some mutations in turn.
  Buffer mutated() {
    do {
      mutate_once();
    } while (random_.one_in(2));
    return finished();
  }

  // Chunks of this file and of another one.
  Buffer crossed(const ChunkedFile& other) {
    switch (other.chunks.empty() ? 3 : random_.below(3)) {
      case 0: {  // the front of one, the end of the other
        const size_t kept = random_.below(file_.chunks.size() + 1), from = random_.below(other.chunks.size());
        file_.chunks.resize(kept);
        file_.chunks.insert(file_.chunks.end(), other.chunks.begin() + static_cast<std::ptrdiff_t>(from),
                            other.chunks.end());
        break;
      }
      case 1: {  // a chunk in the place of one of its type
        const FileChunk& given = other.chunks[random_.below(other.chunks.size())];
        std::vector<size_t> alike;
        for (size_t i = 0; i < file_.chunks.size(); ++i) {
          if (std::memcmp(file_.chunks[i].type, given.type, sizeof given.type) == 0) alike.push_back(i);
        }
        if (alike.empty()) {
          insert(given);
        } else {
          file_.chunks[alike[random_.below(alike.size())]] = given;
        }
        break;
      }
      case 2:  // another HEAD
        if (file_.chunks.empty()) file_.chunks.push_back(other.chunks[0]);
        file_.chunks[0] = other.chunks[0];
        break;
      default:
        mutate_once();
    }
    return finished();
  }

 private:
  Buffer finished() {
    const size_t none = file_.chunks.size();
    const size_t damaged = none > 0 && random_.one_in(8) ? random_.below(none) : none;
    Buffer bytes = put_together(file_, damaged, random_);
    if (bytes.size() > max_size_ || (random_.one_in(64) && !bytes.empty())) {
      bytes.resize(std::min(max_size_, random_.below(bytes.size() + 1)));  // a cut file
    }
    return bytes;
  }

  void mutate_once() {
    if (file_.chunks.empty()) {
      if (file_.signature.size() < kSignatureLength) file_.signature = {0x8b, 'V', 'N', 'R', '\r', '\n', 0x1a, '\n'};
      FileChunk chunk{{'H', 'E', 'A', 'D'}, Buffer(29)};
      file_.chunks.push_back(chunk);
    }
    switch (random_.below(16)) {
      case 0:
      case 1:
      case 2:
        return change_head();
      case 3:
        return change_fields(&any_chunk());
      case 4:
        return change_order();
      case 5:
        return insert(FileChunk(any_chunk()));  // twice
      case 6:
        return insert_new();
      case 7:
        if (file_.chunks.size() > 1) file_.chunks.erase(file_.chunks.begin() + place());
        return;
      case 8:
        return resize_payload(&any_chunk().payload);
      case 9:
        return splice();
      case 10:
        if (random_.one_in(8)) return change_bytes(random_.one_in(2) ? &file_.signature : &file_.rest, 0);
        [[fallthrough]];
      default:
        FileChunk& chunk = any_chunk();
        change_bytes(&chunk.payload, random_.one_in(8) ? 0 : chunk.fields());
    }
  }

  std::ptrdiff_t place() { return static_cast<std::ptrdiff_t>(random_.below(file_.chunks.size())); }

  // Any of them; of those with much in them more often.
  FileChunk& any_chunk() {
    size_t index = random_.below(file_.chunks.size());
    for (int i = 0; i < 3 && file_.chunks[index].payload.size() < 8; ++i) index = random_.below(file_.chunks.size());
    return file_.chunks[index];
  }

  void change_bytes(Buffer* bytes, size_t first) {
    if (first > bytes->size()) first = 0;
    const size_t size = bytes->size() - first, most = size + 64;
    bytes->resize(first + most);
    bytes->resize(first + LLVMFuzzerMutate(bytes->data() + first, size, most));
  }

  // A field of HEAD to one of its values, or to anything.
  void change_head() {
    FileChunk& head = file_.chunks[0];
    struct Range {
      int place, size, low, high;
    };
    static constexpr Range kFields[] = {
        {1, 4, 1, 80},  {5, 4, 1, 80},   {9, 1, 1, 4},    {14, 1, 0, 1},   {16, 1, 1, 2},   {17, 1, 6, 7},
        {18, 1, 0, 1},  {19, 1, 0, 255}, {20, 2, 0, 255}, {22, 1, 0, 223}, {23, 1, 0, 255}, {24, 1, 0, 255},
        {25, 1, 0, 15}, {26, 1, 0, 6},   {27, 1, 0, 7},   {28, 1, 0, 3},   {31, 1, 0, 255}, {35, 1, 1, 3},
        {0, 1, 0, 2},   {10, 1, 8, 8},   {13, 1, 0, 1},   {15, 1, 0, 2},   {11, 1, 0, 255}, {12, 1, 0, 255},
    };
    const Range& field = kFields[random_.below(std::size(kFields))];
    const auto end = static_cast<size_t>(field.place + field.size);
    if (!head.is("HEAD") || head.payload.size() < end) return change_bytes(&head.payload, 0);
    size_t count = static_cast<size_t>(field.high - field.low + 1);
    if (field.size == 4)
      count = std::min(count, size_t{2} << random_.below(7));  // sides: small ones are as good, and quick
    size_t value = static_cast<size_t>(field.low) + random_.below(count);
    if (random_.one_in(16)) value = random_.below(size_t{1} << 32) >> random_.below(32);
    for (int i = 0; i < field.size; ++i) {
      head.payload[static_cast<size_t>(field.place + i)] = static_cast<uint8_t>(value >> 8 * i);
    }
  }

  // The number of a tile, or another of the bytes at the front.
  void change_fields(FileChunk* chunk) {
    const size_t count = std::min(chunk->payload.size(), std::max<size_t>(chunk->fields(), 2));
    if (count == 0) return;
    const size_t index = random_.one_in(2) ? 0 : random_.below(count);
    chunk->payload[index] = static_cast<uint8_t>(random_.below(random_.one_in(4) ? 256 : 4));
  }

  void change_order() {
    const std::ptrdiff_t from = place(), to = place();
    std::swap(file_.chunks[static_cast<size_t>(from)], file_.chunks[static_cast<size_t>(to)]);
  }

  void insert(FileChunk chunk) {
    const size_t index = random_.below(file_.chunks.size() + 1);
    file_.chunks.insert(file_.chunks.begin() + static_cast<std::ptrdiff_t>(index), std::move(chunk));
  }

  // A chunk of some type with bytes of another one, or at random.
  void insert_new() {
    FileChunk chunk;
    chunk.set_type(kChunkTypes[random_.below(std::size(kChunkTypes))]);
    if (random_.one_in(2)) {
      chunk.payload = any_chunk().payload;
    } else {
      chunk.payload.resize(random_.below(40));
      for (uint8_t& byte : chunk.payload) byte = static_cast<uint8_t>(random_.below(256));
      std::fill_n(chunk.payload.begin(), std::min<size_t>(chunk.payload.size(), 2), uint8_t{0});  // the first tile
    }
    if (random_.one_in(2)) return insert(std::move(chunk));
    file_.chunks[random_.below(file_.chunks.size())].set_type(kChunkTypes[random_.below(std::size(kChunkTypes))]);
  }

  void resize_payload(Buffer* payload) {
    if (random_.one_in(4)) {
      payload->resize(payload->size() + random_.below(16), static_cast<uint8_t>(random_.below(256)));
    } else {
      payload->resize(random_.below(payload->size() + 1));
    }
  }

  // Bytes of one payload into another.
  void splice() {
    const Buffer source = any_chunk().payload;
    Buffer& payload = any_chunk().payload;
    if (source.empty() || payload.empty()) return;
    const size_t from = random_.below(source.size()), to = random_.below(payload.size());
    const size_t count = 1 + random_.below(std::min(source.size() - from, payload.size() - to));
    std::copy_n(source.begin() + static_cast<std::ptrdiff_t>(from), count,
                payload.begin() + static_cast<std::ptrdiff_t>(to));
  }

  ChunkedFile file_;
  size_t max_size_;
  Random random_;
};

}  // namespace veneer::fuzz
