// A picture while it arrives: bytes in pieces of any size, events out, and the best picture so far at any time.
//
// pieces -> chunks -> headers, then the preview at full size, then tiles over it, then what decode() makes of the whole
// Source: docs/format.md, "Order of chunks" and "Preview".
#pragma once
#include <optional>

#include "container/arrival.h"
#include "container/assembly.h"
#include "picture/decoder.h"

namespace veneer {

enum class EventKind {
  kInfo = 1,  // the size of the picture, and all else that HEAD says
  kMetadata,  // an ICC profile, Exif, XMP or the like has come
  kPreview,   // there is something to show of every part of the picture
  kTile,      // a tile has come
  kProblem,   // something is damaged or missing
  kPicture,   // the picture is as good as it gets, and will not change any more
};

// A picture of the decoder, which stays as long as somebody holds it: rows of bytes, as in DecodedPicture. Where a pixel
// has twice as many bytes as samples, these are uint16_t.
using SharedPicture = std::shared_ptr<const Image<uint8_t>>;

struct Event {
  EventKind kind;
  Rect region;      // what has changed of the picture; empty where nothing has
  Problem problem;  // of kProblem
};

// Decodes a file while it arrives. The final picture is that of decode() for the whole file. Memory is that of the
// picture and of the bytes fed, which are bounded by the size of the picture.
class ProgressiveDecoder {
 public:
  // Models are looked for when the picture is finished. Both must outlive the decoder.
  ProgressiveDecoder(const DecodeSettings& settings, ModelSource& models, Runner& runner);

  // Takes the next bytes of the file; those after its end are ignored. With the last ones comes the final picture,
  // whose enhancement can take seconds.
  // Throws Failure: what decode() would throw for any file that begins with these bytes; so does every later
  // call. kTooManyBytes if no picture of this size needs as many. picture() still gives the last picture.
  void feed(Bytes data);

  // Takes a whole file, which stays where it is, in the place of feed(). All happens in finish().
  void set_file(Bytes file);

  // Says that nothing more will come, and makes the best picture of what has. Throws Failure: HEAD is not there, or
  // nothing to show.
  void finish();

  // The next event; nothing if all have been given.
  std::optional<Event> next_event();

  // What has been read of the file; nullptr before HEAD. Extents lie in file().
  const Contents* contents() const;
  Bytes file() const { return file_.data != nullptr ? file_ : chunks_.whole(); }
  // nullptr if it has not come, or the file has none.
  SharedPicture preview() const { return preview_; }
  // What is damaged or missing; of very many the first ones, and a last one that counts the others.
  Vector<Problem> problems() const { return problems_.entries(); }
  int problem_count() const;
  int tiles_shown() const { return shown_count_; }
  bool finished() const { return finished_; }

  // The best picture so far; nullptr where there is nothing to show. It may change with the next bytes.
  //
  // Tiles that have not come show the preview brought to full size. Without a preview they are filled in as decode()
  // does for a file that is cut here, at the cost of that: anew where more than a quarter more tiles have come.
  SharedPicture picture();

 private:
  template <typename Work>
  void guarded(const Work& work);
  void advance();
  void finish_picture();
  void decode_again();
  void check_size() const;
  void note(const Problem& problem);
  void tell(EventKind kind, const Rect& region = {}) { events_.push_back({kind, region, {}}); }
  void take_chunk(const Chunk& chunk, Vector<int>* tiles);
  void show_preview();
  void show_tiles(const Vector<int>& tiles);
  bool shows_parts() const;
  void fill_in();

  DecodeSettings settings_;
  ModelSource& models_;
  Runner& runner_;

  ArrivingChunks chunks_;
  Bytes file_;  // of set_file()
  std::optional<Assembly> assembly_;
  std::optional<Contents> front_;  // of set_file()
  std::optional<Problem> failure_;
  ProblemLog problems_;
  size_t noted_ = 0;  // problems of the assembly that have been reported
  Vector<Event> events_;
  size_t told_ = 0;

  std::shared_ptr<Image<uint8_t>> preview_, canvas_;
  Vector<uint8_t> shown_;  // 1 for tiles that are in the canvas
  int shown_count_ = 0;
  std::shared_ptr<Image<uint8_t>> filled_;  // a picture without preview, filled in where tiles have not come
  Vector<uint8_t> filling_;                 // 1 for tiles that it has
  int enough_ = 0;                          // number of tiles up to which it is not made anew
  bool ended_ = false, finished_ = false;
};

}  // namespace veneer
