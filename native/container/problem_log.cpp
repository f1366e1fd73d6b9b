#include "container/problem_log.h"

#include <cstdio>

#include "common/limits.h"
#include "container/error_name.h"

namespace veneer {

bool ProblemLog::add(const Problem& problem) {
  size_t i = 0;
  while (i < counts_.size() && counts_[i].code != problem.code) ++i;
  if (i == counts_.size()) counts_.push_back({problem.code, 0});
  const bool is_kept = ++counts_[i].count <= kMaxProblems;
  if (is_kept) kept_.push_back(problem);
  return is_kept;
}

void ProblemLog::extend(Span<const Problem> problems) {
  for (const Problem& problem : problems) add(problem);
}

Vector<Problem> ProblemLog::entries() const {
  Vector<Problem> entries(kept_);
  int64_t more = 0;
  char counts[sizeof Problem::message] = "";
  size_t used = 0;
  for (const Count& count : counts_) {
    if (count.count <= kMaxProblems) continue;
    more += count.count - kMaxProblems;
    if (used >= sizeof counts) continue;
    used += std::snprintf(counts + used, sizeof counts - used, "%s%lld %s", used ? ", " : "",
                          static_cast<long long>(count.count - kMaxProblems), error_name(count.code));
  }
  if (more > 0) {
    entries.push_back(make_problem(ErrorCode::kMoreProblems, Problem::kNowhere, "... and %lld more problems: %s",
                                   static_cast<long long>(more), counts));
  }
  return entries;
}

int64_t ProblemLog::count() const {
  int64_t sum = 0;
  for (const Count& count : counts_) sum += count.count;
  return sum;
}

}  // namespace veneer
