// Pieces of work on several threads.
#pragma once
#include <algorithm>
#include <atomic>
#include <exception>
#include <functional>
#include <system_error>
#include <thread>
#include <vector>

namespace veneer {

// Runs work(0) .. work(count - 1) on up to `threads` threads, on fewer where the system has no more; the first exception
// is passed on.
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
  pool.reserve(threads);
  try {
    while (static_cast<int>(pool.size()) + 1 < threads) pool.emplace_back(loop);
  } catch (const std::system_error&) {  // no more threads: those that there are do the work
  }
  loop();
  for (auto& thread : pool) thread.join();
  if (failure) std::rethrow_exception(failure);
}

}  // namespace veneer
