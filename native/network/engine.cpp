// Running a network: rings of rows, one operation after another, each shared out among threads.
#include "network/engine.h"

#include <algorithm>

#include "network/rows.h"

namespace veneer::network {
namespace {

// Fewer multiplications than this (some 10 microseconds) are not worth handing to another thread.
constexpr int64_t kLeastPiece = 1 << 20;
constexpr int kPiecesPerThread = 4;  // so that threads end together
// Pixels to which stretches are rounded: a multiple of the usual register blocks.
constexpr int kStretchUnit = 24;

// The rows of one tensor that are still needed.
struct Ring {
  AlignedVector<int16_t> memory;
  size_t row_stride = 0;
  int capacity = 0, height = 0, width = 0;
  int stride = 0;  // values from pixel to pixel

  // Pixel 0 of row y, which is moved into the picture.
  int16_t* row(int y) { return memory.data() + std::clamp(y, 0, height - 1) % capacity * row_stride + stride; }
};

int ceil_div(int a, int b) { return (a + b - 1) / b; }

// One run over one picture.
class Run {
 public:
  Run(const Graph& graph, const Vector<PackedLinear>& layers, const Kernels& kernels, Span<const Operand> inputs,
      Span<const Operand> outputs, const Schedule& schedule, Runner& runner)
      : graph_(graph),
        layers_(layers),
        kernels_(kernels),
        inputs_(inputs),
        outputs_(outputs),
        schedule_(schedule),
        runner_(runner),
        rings_(graph.tensors().size()) {
    for (size_t t = 0; t < rings_.size(); ++t) {
      const int tensor = static_cast<int>(t);
      Ring& ring = rings_[t];
      ring.capacity = schedule.capacity(tensor);
      if (ring.capacity == 0) continue;
      ring.row_stride = schedule.row_stride(tensor);
      ring.height = schedule.height(tensor);
      ring.width = schedule.width(tensor);
      ring.stride = channel_stride(graph.tensors()[t].channels);
      // One vector more, since the last group of channels may reach past the last row.
      ring.memory.assign(ring.capacity * ring.row_stride + kChannelBlock, 0);
    }
  }

  void run() {
    Vector<int> before = schedule_.rows_after(-1);
    for (int step = 0; step < schedule_.steps(); ++step) {
      const Vector<int> after = schedule_.rows_after(step);
      for (size_t i = 0; i < inputs_.size; ++i) {
        const int tensor = static_cast<int>(i);
        for_stretches(tensor, {before[i], after[i]}, graph_.tensors()[i].channels,
                      [&](int y, int first, int last) { load(tensor, y, first, last); });
      }
      for (size_t i = 0; i < graph_.ops().size(); ++i) {
        const int tensor = graph_.ops()[i].output;
        for_stretches(tensor, {before[tensor], after[tensor]}, cost(i),
                      [&](int y, int first, int last) { execute(i, y, first, last); });
      }
      for (size_t i = 0; i < outputs_.size; ++i) {
        const int tensor = graph_.outputs()[i];
        const int top = outputs_[i].wanted.top;
        const int first = std::max(before[tensor], top), last = std::min(after[tensor], top + outputs_[i].height);
        runner_.run(std::max(last - first, 0), [&](int row) { store(outputs_[i], tensor, first + row); });
      }
      before = after;
    }
  }

 private:
  // Multiplications (or as much other work) for one pixel of the result.
  int64_t cost(size_t op_index) const {
    const OpSpec& spec = graph_.ops()[op_index].spec;
    const int64_t channels = graph_.tensors()[graph_.ops()[op_index].output].channels;
    if (spec.kind == OpKind::kConvolution) return channels * spec.weights.in_channels * spec.kernel * spec.kernel;
    return channels * 32;  // what a vector would do at once is done value by value
  }

  // Calls work(y, first, last) for stretches of pixels that make up the rows, on all threads, then repeats
  // the edge pixels.
  template <typename Work>
  void for_stretches(int tensor, RowRange rows, int64_t cost, const Work& work) {
    Ring& ring = rings_[tensor];
    const int count = rows.last - rows.first;
    if (count <= 0) return;
    const int64_t total = cost * ring.width * count;
    const int64_t wanted =
        runner_.threads() == 1 ? 1 : std::clamp<int64_t>(total / kLeastPiece, 1, runner_.threads() * kPiecesPerThread);
    // Either several rows make a piece, or a row is cut into pieces of whole register blocks.
    const int cuts = static_cast<int>(std::clamp<int64_t>(wanted / count, 1, ceil_div(ring.width, kStretchUnit)));
    const int length = ceil_div(ceil_div(ring.width, cuts), kStretchUnit) * kStretchUnit;
    const int pieces_per_row = ceil_div(ring.width, length);
    const int rows_per_piece = pieces_per_row > 1 ? 1 : static_cast<int>(ceil_div(count, static_cast<int>(wanted)));
    const int pieces = pieces_per_row * ceil_div(count, rows_per_piece);
    runner_.run(pieces, [&](int piece) {
      const int top = rows.first + piece / pieces_per_row * rows_per_piece;
      const int bottom = std::min(top + rows_per_piece, rows.last);
      const int first = piece % pieces_per_row * length, last = std::min(first + length, ring.width);
      for (int y = top; y < bottom; ++y) {
        work(y, first, last);
        int16_t* row = ring.row(y);
        if (first == 0) std::copy_n(row, ring.stride, row - ring.stride);
        if (last == ring.width) {
          int16_t* end = row + static_cast<ptrdiff_t>(ring.width) * ring.stride;
          std::copy_n(end - ring.stride, ring.stride, end);
        }
      }
    });
  }

  void load(int tensor, int y, int first, int last) {
    const Operand& operand = inputs_[tensor];
    const InputSpec& spec = graph_.inputs()[tensor];
    const ptrdiff_t start = std::min(y, operand.height - 1) * operand.row_stride;
    Ring& ring = rings_[tensor];
    const SourceRow row = {operand.width, operand.pixel_stride, operand.channel_stride, spec.channels};
    if (operand.bytes) {
      load_row(static_cast<const uint8_t*>(operand.data) + start, row, spec.low, spec.high, ring.row(y), ring.stride,
               first, last);
    } else {
      load_row(static_cast<const int16_t*>(operand.data) + start, row, spec.low, spec.high, ring.row(y), ring.stride,
               first, last);
    }
  }

  void store(const Operand& operand, int tensor, int y) {
    const Wanted& wanted = operand.wanted;
    const ptrdiff_t start = (y - wanted.top) * operand.row_stride;
    Ring& ring = rings_[tensor];
    const int16_t* const in = ring.row(y) + static_cast<ptrdiff_t>(wanted.left) * ring.stride + wanted.channel;
    const int channels = wanted.channels == 0 ? graph_.tensors()[tensor].channels : wanted.channels;
    const ResultRow row = {operand.width, operand.pixel_stride, channels, wanted.shift};
    if (operand.bytes) {
      store_row(in, ring.stride, row, static_cast<uint8_t*>(operand.data) + start);
    } else {
      store_row(in, ring.stride, row, static_cast<int16_t*>(operand.data) + start);
    }
  }

  LinearJob linear_job(size_t op_index, int y, int first, int last) {
    const Op& op = graph_.ops()[op_index];
    Ring &in = rings_[op.spec.inputs[0]], &out = rings_[op.output];
    LinearJob job{};
    job.layer = layers_[op_index].layer();
    for (int dy = 0; dy < op.spec.kernel; ++dy) job.rows[dy] = in.row(y + dy - op.spec.kernel / 2);
    job.in_stride = in.stride;
    job.out = out.row(y);
    job.out_stride = out.stride;
    job.first = first;
    job.last = last;
    job.low = op.spec.low;
    job.high = op.spec.high;
    job.residual = op.residual >= 0 ? rings_[op.residual].row(y) : nullptr;
    job.mix = op.spec.mix;
    return job;
  }

  // Pixels first..last-1 of row y of an operation's result.
  void execute(size_t op_index, int y, int first, int last) {
    const Op& op = graph_.ops()[op_index];
    const OpSpec& spec = op.spec;
    Ring &in = rings_[spec.inputs[0]], &out = rings_[op.output];
    const int channels = graph_.tensors()[op.output].channels;
    const ptrdiff_t start = static_cast<ptrdiff_t>(first) * out.stride;
    const int count = (last - first) * out.stride;
    switch (spec.kind) {
      case OpKind::kConvolution:
        return kernels_.convolution(linear_job(op_index, y, first, last));
      case OpKind::kDepthwise:
      case OpKind::kScale:
        return kernels_.depthwise(linear_job(op_index, y, first, last));
      case OpKind::kAdd:
        return kernels_.mix(in.row(y) + start, rings_[spec.inputs[1]].row(y) + start, count, spec.mix,
                            out.row(y) + start);
      case OpKind::kMultiply:
        return kernels_.multiply(in.row(y) + start, rings_[spec.inputs[1]].row(y) + start, count, spec.shift, spec.low,
                                 spec.high, out.row(y) + start);
      case OpKind::kClip:
        return clip_row(in.row(y) + start, count, spec.low, spec.high, out.row(y) + start);
      case OpKind::kTable:
        return table_row(in.row(y) + start, count, {spec.table.data(), spec.table.size()}, spec.first,
                         out.row(y) + start);
      case OpKind::kPixelUnshuffle: {
        const int16_t* rows[16];
        for (int dy = 0; dy < spec.factor; ++dy) rows[dy] = in.row(y * spec.factor + dy);
        return unshuffle_row(rows, in.stride, graph_.tensors()[spec.inputs[0]].channels, spec.factor, first, last,
                             out.row(y), out.stride);
      }
      case OpKind::kPixelShuffle:
        return shuffle_row(in.row(y / spec.factor), in.stride, channels, spec.factor, y % spec.factor, first, last,
                           out.row(y), out.stride);
      case OpKind::kConcat: {
        int at = 0;
        for (int input : spec.inputs) {
          const int width = graph_.tensors()[input].channels;
          copy_channels(rings_[input].row(y), rings_[input].stride, width, first, last, out.row(y) + at, out.stride);
          at += width;
        }
        return;
      }
      case OpKind::kSlice:
        return copy_channels(in.row(y) + spec.first, in.stride, channels, first, last, out.row(y), out.stride);
    }
  }

  const Graph& graph_;
  const Vector<PackedLinear>& layers_;
  const Kernels& kernels_;
  Span<const Operand> inputs_;
  Span<const Operand> outputs_;
  const Schedule& schedule_;
  Runner& runner_;
  Vector<Ring> rings_;
};

}  // namespace

const Vector<PackedLinear>& Network::packed(const Kernels& kernels) const {
  const Lock lock(mutex_);
  for (const Owned<Packed>& made : packed_) {
    if (made->kernels == &kernels) return made->layers;
  }
  const MemoryScope scope(memory_);
  Owned<Packed> made = make_owned<Packed>();
  made->kernels = &kernels;
  made->layers.reserve(graph_.ops().size());
  for (const Op& op : graph_.ops()) {
    if (op.spec.kind == OpKind::kConvolution) {
      made->layers.push_back(pack_convolution(op.spec.weights, kernels.layout));
    } else if (op.spec.kind == OpKind::kDepthwise || op.spec.kind == OpKind::kScale) {
      made->layers.push_back(pack_depthwise(op.spec.weights));
    } else {
      made->layers.emplace_back();
    }
  }
  packed_.push_back(std::move(made));
  return packed_.back()->layers;
}

void Network::run(Span<const Operand> inputs, Span<const Operand> outputs, int width, int height, int strip,
                  Runner& runner, const Kernels& kernels) const {
  run(inputs, outputs, Schedule(graph_, width, height, strip), runner, kernels);
}

void Network::run(Span<const Operand> inputs, Span<const Operand> outputs, const Schedule& schedule, Runner& runner,
                  const Kernels& kernels) const {
  Run(graph_, packed(kernels), kernels, inputs, outputs, schedule, runner).run();
}

}  // namespace veneer::network
