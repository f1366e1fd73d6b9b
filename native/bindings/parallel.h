// Pieces of work on several threads.
#pragma once
#include <algorithm>
#include <atomic>
#include <exception>
#include <functional>
#include <thread>
#include <vector>

namespace veneer {

// Runs work(0) .. work(count - 1) on up to `threads` threads; the first exception is passed on.
inline void run_parallel(int count, int threads, const std::function<void(int)>& work) {
  threads = std::max(1, std::min(threads, count));
  std::atomic<int> next{0};
  std::exception_ptr failure;
  std::atomic<bool> failed{false};
  const auto loop = [&] {
    try {
      for (int i; (i = next++) < count;) work(i);
    } catch (...) {
      if (!failed.exchange(true)) failure = std::current_exception();
      next = count;
    }
  };
  std::vector<std::thread> pool;
  for (int t = 1; t < threads; ++t) pool.emplace_back(loop);
  loop();
  for (auto& thread : pool) thread.join();
  if (failure) std::rethrow_exception(failure);
}

}  // namespace veneer
