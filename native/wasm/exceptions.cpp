// The runtime of C++ exceptions on WebAssembly, for code compiled with -fwasm-exceptions.
//
// The C++ library of Debian for wasm32 has none: there every throw ends the program. The engine unwinds; what is left is
// to keep the thrown object, and to say which handler of a function takes it. One thread.
//
// A handler takes exactly the type that it names, or everything: the core has no handler of a base class
// (tests/wasm/test_exceptions.py).
// Source: Itanium C++ ABI, "Exception Handling"; WebAssembly tool conventions, "EHScheme.md".
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <typeinfo>

// The tag of C++ exceptions; their value is a Thrown.
__asm__(
    ".globl __cpp_exception\n"
    ".tagtype __cpp_exception i32\n"
    "__cpp_exception:\n");

namespace {

// What stands before a thrown object.
struct alignas(16) Thrown {
  const std::type_info* type;
  void* (*destroy)(void* object);  // on WebAssembly destructors give back their object
  Thrown* caught_before;           // that of the handler around the one which has this
  int handlers;                    // how many have it
  bool is_rethrown;                // it outlives its handlers
  bool is_taken;                   // of a place of the store

  void* object() { return this + 1; }
  static Thrown* of(void* object) { return static_cast<Thrown*>(object) - 1; }
};

// Exceptions say that there is no memory, so that they have some of their own. Two are alive at most: one in a handler,
// and one that the handler throws.
constexpr size_t kPlaces = 4, kPlaceSize = 512;
alignas(16) unsigned char store[kPlaces][kPlaceSize];

Thrown* innermost = nullptr;  // of those in handlers

[[noreturn]] void raise(Thrown* thrown) { __builtin_wasm_throw(0, thrown); }

void release(Thrown* thrown) {
  if (thrown->destroy != nullptr) thrown->destroy(thrown->object());
  thrown->is_taken = false;
}

// The numbers of the tables that the compiler writes for each function with handlers.
class TableReader {
 public:
  explicit TableReader(const uint8_t* at) : at_(at) {}

  const uint8_t* at() const { return at_; }
  void skip(ptrdiff_t bytes) { at_ += bytes; }
  uint8_t byte() { return *at_++; }

  uintptr_t unsigned_number() {
    uintptr_t value = 0;
    for (int shift = 0;; shift += 7) {
      const uint8_t part = byte();
      value |= static_cast<uintptr_t>(part & 0x7f) << shift;
      if (!(part & 0x80)) return value;
    }
  }

  intptr_t signed_number() {
    uintptr_t value = 0;
    int shift = 0;
    uint8_t part;
    do {
      part = byte();
      value |= static_cast<uintptr_t>(part & 0x7f) << shift;
      shift += 7;
    } while (part & 0x80);
    if (part & 0x40 && shift < 32) value |= ~uintptr_t{0} << shift;
    return static_cast<intptr_t>(value);
  }

 private:
  const uint8_t* at_;
};

constexpr uint8_t kNothing = 0xff;  // DW_EH_PE_omit

// The number of the first handler that takes a thrown type at a place of a function, as the function knows it; 0 if none.
int handler_of(const uint8_t* table, int place, const std::type_info* thrown) {
  TableReader reader(table);
  if (reader.byte() != kNothing) __builtin_trap();  // where landing pads start: functions have no addresses here
  const std::type_info* const* types = nullptr;     // the numbers of handlers count down from here
  if (reader.byte() != kNothing) {
    const uintptr_t to_types = reader.unsigned_number();
    types = reinterpret_cast<const std::type_info* const*>(reader.at() + to_types);
  }
  reader.byte();  // the encoding of what follows
  const uintptr_t size = reader.unsigned_number();
  const uint8_t* const actions = reader.at() + size;
  for (int i = 0; i < place; ++i) {
    reader.unsigned_number();
    reader.unsigned_number();
  }
  reader.unsigned_number();
  const uintptr_t action = reader.unsigned_number();
  if (action == 0) return 0;
  TableReader chain(actions + action - 1);
  for (;;) {
    const intptr_t number = chain.signed_number();
    if (number > 0) {
      const std::type_info* const taken = types[-number];
      if (taken == nullptr || *taken == *thrown) return static_cast<int>(number);
    }
    const uint8_t* const here = chain.at();
    const intptr_t next = chain.signed_number();
    if (next == 0) return 0;
    chain = TableReader(here + next);
  }
}

}  // namespace

extern "C" {

// What a function with handlers tells, and is told.
struct {
  int place;             // of the call that threw, counted within the function
  const uint8_t* table;  // of the function
  int handler;           // its number; 0: none of them
} __wasm_lpad_context;

int _Unwind_CallPersonality(void* thrown) {
  __wasm_lpad_context.handler =
      handler_of(__wasm_lpad_context.table, __wasm_lpad_context.place, static_cast<Thrown*>(thrown)->type);
  return 0;
}

// Functions name it as theirs; nothing calls it.
int __gxx_wasm_personality_v0(int) { __builtin_trap(); }

void* __cxa_allocate_exception(size_t size) noexcept {
  for (auto& place : store) {
    auto* const thrown = reinterpret_cast<Thrown*>(place);
    if (thrown->is_taken) continue;
    if (sizeof(Thrown) + size > kPlaceSize) break;
    *thrown = Thrown{};
    thrown->is_taken = true;
    return thrown->object();
  }
  std::abort();  // a type or a nesting that the core does not have
}

void __cxa_free_exception(void* object) noexcept { Thrown::of(object)->is_taken = false; }

[[noreturn]] void __cxa_throw(void* object, std::type_info* type, void* (*destroy)(void*)) {
  Thrown* const thrown = Thrown::of(object);
  thrown->type = type;
  thrown->destroy = destroy;
  raise(thrown);
}

void* __cxa_get_exception_ptr(void* exception) noexcept { return static_cast<Thrown*>(exception)->object(); }

void* __cxa_begin_catch(void* exception) noexcept {
  auto* const thrown = static_cast<Thrown*>(exception);
  if (thrown->handlers++ == 0) {
    thrown->caught_before = innermost;
    innermost = thrown;
  }
  thrown->is_rethrown = false;
  return thrown->object();
}

void __cxa_end_catch() {
  Thrown* const thrown = innermost;
  if (thrown == nullptr || --thrown->handlers > 0) return;
  innermost = thrown->caught_before;
  if (!thrown->is_rethrown) release(thrown);
}

[[noreturn]] void __cxa_rethrow() {
  if (innermost == nullptr) std::abort();
  innermost->is_rethrown = true;
  raise(innermost);
}

}  // extern "C"
