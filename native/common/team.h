// A team of threads that works off one numbered batch of independent pieces after another.
//
// Pieces are claimed one by one, so that a thread which the operating system holds up costs one piece and not
// its share of all. Waiting threads spin for a moment, since the next batch usually follows at once, then sleep.
//
// In a build of one thread (VENEER_ONE_THREAD) it is the thread that calls.
#pragma once
#include "common/runner.h"

#if defined(VENEER_ONE_THREAD)

namespace veneer {

class Team final : public Runner {
 public:
  explicit Team(int) {}
  int threads() const override { return 1; }
  void run(int count, FunctionRef<void(int)> work) override { SameThread().run(count, work); }
};

}  // namespace veneer

#else

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <thread>

namespace veneer {

class Team final : public Runner {
 public:
  // The caller included; fewer where the system has no more. They begin with the first batch of several pieces.
  explicit Team(int threads) : threads_(threads) {}
  ~Team() override;
  Team(const Team&) = delete;
  Team& operator=(const Team&) = delete;

  int threads() const override { return threads_; }
  void run(int count, FunctionRef<void(int)> work) override;

 private:
  void start();
  void worker();
  void help();

  // One word, so that a claim always belongs to one batch: batch number, pieces of the batch, next piece.
  static constexpr int kCountShift = 24, kBatchShift = 48;
  static constexpr uint64_t kCountMask = 0xffffff;
  std::atomic<uint64_t> ticket_{0};
  std::atomic<int> left_{0};  // pieces of the batch that are not done
  std::atomic<const FunctionRef<void(int)>*> work_{nullptr};
  std::atomic<uint64_t> batch_{0};  // low bits stand in the ticket
  std::atomic<bool> stop_{false};
  std::mutex mutex_;  // guards sleeping
  std::condition_variable wake_;
  int sleepers_ = 0;
  int threads_;
  Vector<std::thread> workers_;
};

}  // namespace veneer

#endif
