// Rows by step and sizes of rings.
#include "network/schedule.h"

#include <algorithm>

namespace veneer::network {
namespace {

int round_up(int value, int unit) { return (value + unit - 1) / unit * unit; }

}  // namespace

Schedule::Schedule(const Graph& graph, int picture_width, int picture_height, int strip)
    : graph_(graph),
      padded_width_(round_up(picture_width, graph.alignment())),
      padded_height_(round_up(picture_height, graph.alignment())),
      capacity_(graph.tensors().size(), 0) {
  strip_ = strip == 0 ? padded_height_ : std::min(round_up(strip, graph.alignment()), padded_height_);
  lead_ = lead();
  steps_ = (lead_ + padded_height_ + strip_ - 1) / strip_;

  Vector<int> before = rows_after(-1);
  for (int step = 0; step < steps_; ++step) {
    const Vector<int> after = rows_after(step);
    for (size_t t = 0; t < after.size(); ++t) capacity_[t] = std::max(capacity_[t], after[t] - before[t]);
    for (const Op& op : graph_.ops()) {
      if (before[op.output] == height(op.output)) continue;
      const size_t operands = op.spec.inputs.size() + (op.residual >= 0);
      for (size_t i = 0; i < operands; ++i) {
        const int tensor = i < op.spec.inputs.size() ? op.spec.inputs[i] : op.residual;
        const int first = needed_rows(op, i, {before[op.output], after[op.output]}).first;
        capacity_[tensor] = std::max(capacity_[tensor], after[tensor] - std::max(first, 0));
      }
    }
    before = after;
  }
}

// With nothing to lead, what is made in the first step beyond its rows of the outputs, as picture rows.
int Schedule::lead() const {
  const Vector<int> rows = rows_after(0);
  int most = strip_;
  for (size_t t = 0; t < rows.size(); ++t) most = std::max(most, rows[t] * graph_.tensors()[t].reduction);
  return round_up(most - strip_, strip_);
}

Vector<int> Schedule::rows_after(int step) const {
  Vector<int> rows(graph_.tensors().size(), 0);
  if (step < 0) return rows;
  // Rows are counted from lead_ picture rows above the picture, where there are none.
  const int picture_rows = static_cast<int>(std::min<int64_t>((step + int64_t{1}) * strip_, lead_ + padded_height_));
  const auto above = [&](int tensor) { return lead_ / graph_.tensors()[tensor].reduction; };
  for (int output : graph_.outputs()) rows[output] = picture_rows / graph_.tensors()[output].reduction;
  for (auto op = graph_.ops().rbegin(); op != graph_.ops().rend(); ++op) {
    const auto need = [&](int tensor, size_t operand) {
      const int last = needed_rows(*op, operand, {0, rows[op->output]}).last;
      rows[tensor] = std::max(rows[tensor], std::min(last, above(tensor) + height(tensor)));
    };
    for (size_t i = 0; i < op->spec.inputs.size(); ++i) need(op->spec.inputs[i], i);
    if (op->residual >= 0) need(op->residual, op->spec.inputs.size());
  }
  for (size_t t = 0; t < rows.size(); ++t) rows[t] = std::max(rows[t] - above(static_cast<int>(t)), 0);
  return rows;
}

size_t Schedule::row_stride(int tensor) const {
  return static_cast<size_t>(width(tensor) + 1 + kSlackPixels) * channel_stride(graph_.tensors()[tensor].channels);
}

size_t Schedule::memory_bytes() const {
  size_t total = 0;
  for (size_t t = 0; t < capacity_.size(); ++t) {
    total += capacity_[t] * row_stride(static_cast<int>(t)) * sizeof(int16_t);
  }
  return total;
}

}  // namespace veneer::network
