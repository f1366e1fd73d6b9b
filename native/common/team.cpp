// The team's claiming, waiting and waking.
#include "common/team.h"

#if !defined(VENEER_ONE_THREAD)

#include <chrono>
#include <system_error>

#if defined(__x86_64__) || defined(_M_X64)
#include <immintrin.h>
#endif

namespace veneer {
namespace {

// About how long a thread looks for work before it sleeps: several times the cost of waking it.
constexpr std::chrono::microseconds kSpinTime{50};

void pause() {
#if defined(__x86_64__) || defined(_M_X64)
  _mm_pause();
#elif defined(__aarch64__) && defined(__GNUC__)
  __asm__ volatile("yield");
#endif
}

// Waits until `ready`; false if the time ran out first.
template <typename Condition>
bool spin(const Condition& ready) {
  const auto end = std::chrono::steady_clock::now() + kSpinTime;
  do {
    for (int i = 0; i < 64; ++i) {
      if (ready()) return true;
      pause();
    }
  } while (std::chrono::steady_clock::now() < end);
  return ready();
}

}  // namespace

void Team::start() {
  workers_.reserve(threads_);
  try {
    for (int i = 1; i < threads_; ++i) workers_.emplace_back([this] { worker(); });
  } catch (const std::system_error&) {  // the system has no more threads: fewer do the work
    threads_ = static_cast<int>(workers_.size()) + 1;
  }
}

Team::~Team() {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    stop_ = true;
  }
  wake_.notify_all();
  for (std::thread& thread : workers_) thread.join();
}

void Team::run(int count, FunctionRef<void(int)> work) {
  if (count > 1 && threads_ > 1 && workers_.empty()) start();
  if (workers_.empty() || count <= 1) {
    for (int i = 0; i < count; ++i) work(i);
    return;
  }
  work_ = &work;
  left_ = count;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    const uint64_t batch = batch_ + 1;
    ticket_ = batch << kBatchShift | static_cast<uint64_t>(count) << kCountShift;
    batch_ = batch;
    if (sleepers_) wake_.notify_all();
  }
  help();
  while (left_ > 0) {
    if (!spin([&] { return left_ == 0; })) std::this_thread::yield();
  }
}

// Works off what is left of the current batch. A late claim finds no piece, or one of the next batch together with
// that batch's number of pieces and work.
void Team::help() {
  for (;;) {
    const uint64_t ticket = ticket_.fetch_add(1);
    const uint64_t piece = ticket & kCountMask, count = ticket >> kCountShift & kCountMask;
    if (piece >= count) return;
    (*work_.load())(static_cast<int>(piece));
    --left_;
  }
}

void Team::worker() {
  uint64_t seen = 0;
  for (;;) {
    if (!spin([&] { return batch_ != seen || stop_; })) {
      std::unique_lock<std::mutex> lock(mutex_);
      ++sleepers_;
      wake_.wait(lock, [&] { return batch_ != seen || stop_; });
      --sleepers_;
    }
    if (stop_) return;
    seen = batch_;
    help();
  }
}

}  // namespace veneer

#endif
