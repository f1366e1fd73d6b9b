// Work without Python's lock.
#pragma once
#include <pybind11/pybind11.h>

#include <chrono>
#include <exception>
#include <thread>

namespace veneer {

// Takes Python's lock back, or never returns. While the interpreter ends, Python before 3.14 ends a thread that asks for
// the lock by pthread_exit. That unwinds the C++ frames above as an exception would: in a destructor, as that of
// pybind11::gil_scoped_release, it aborts the process, and elsewhere it releases Python objects without the lock. Once
// the interpreter has ended, the state of the thread is gone, and asking for the lock with it is a read of freed memory.
// The thread sleeps in the place of both until the process ends, as from Python 3.14 on.
inline void take_gil(PyThreadState* state) {
  const auto sleep = [] {
    for (;;) std::this_thread::sleep_for(std::chrono::hours(1));
  };
  if (!Py_IsInitialized()) sleep();  // from when the interpreter begins to end; may be asked without the lock
  try {
    PyEval_RestoreThread(state);  // throws nothing else
  } catch (...) {
    sleep();  // within the handler: to leave it would abort
  }
}

// The state of a thread that runs without the lock, by way of without_gil().
inline PyThreadState*& released_state() {
  thread_local PyThreadState* state = nullptr;
  return state;
}

// Runs work() without Python's lock, which the caller holds; its exception is passed on with the lock.
template <typename Work>
void without_gil(const Work& work) {
  std::exception_ptr failure;
  PyThreadState* const state = PyEval_SaveThread();
  PyThreadState* const outer = released_state();
  released_state() = state;
  try {
    work();
  } catch (...) {
    failure = std::current_exception();
  }
  released_state() = outer;
  take_gil(state);
  if (failure) std::rethrow_exception(failure);
}

// Runs work() with Python's lock, within without_gil() and in the same thread; its exception is passed on without.
template <typename Work>
auto with_gil(const Work& work) {
  struct Lock {
    Lock() { take_gil(released_state()); }
    ~Lock() { PyEval_SaveThread(); }
  } const lock;
  return work();
}

}  // namespace veneer
