// World: a guest that calls any function of WASI with any arguments, for tests.
//
// Owns a process whose module imports every function of WASI and exports each again behind a
// function of the same name, and a memory of two pages. A call is made in a thread of its own.
#pragma once

#include <cstring>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "fermata/fermata.hpp"
#include "fermata/wasi.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/module_builder.hpp"
#include "wasi/functions.hpp"

namespace fermata::test {

constexpr std::uint32_t memory_size = 2 * 65536;

inline FuncType type_of(std::string_view signature) {
  FuncType type;
  auto* list = &type.params;
  for (const char c : signature) {
    if (c == ':')
      list = &type.results;
    else
      list->push_back(c == 'i' ? i32 : i64);
  }
  return type;
}

/// Whose functions a guest imports.
enum class Preview : std::uint8_t { preview1, preview0 };

inline Bytes wasi_caller(bool with_memory, Preview preview) {
  ModuleBuilder m;
  std::vector<wasi::Function> functions;
  for (auto f : wasi::functions()) {
    if (preview == Preview::preview0) f.module = wasi::unstable;
    const FunctionImport import{f.module, f.name, type_of(f.signature)};
    if (wasi::Wasi::resolve(import)) functions.push_back(f);
  }
  std::vector<FuncIdx> imports;
  for (const auto& f : functions) {
    const auto type = type_of(f.signature);
    imports.push_back(m.import_func(f.module, f.name, m.type(type.params, type.results)));
  }
  if (with_memory) m.export_memory("memory", m.memory(2));
  for (std::size_t i = 0; i < imports.size(); ++i) {
    const auto type = type_of(functions[i].signature);
    Body body;
    for (std::uint32_t p = 0; p < type.params.size(); ++p) body.push_back(local_get(p));
    body.push_back(call(imports[i]));
    m.export_func(functions[i].name, m.func(type.params, type.results, body));
  }
  m.export_func("_start", m.func({}, {}, {}));
  return m.build();
}

class World {
 public:
  explicit World(wasi::Config config = {}, bool with_memory = true,
                 Preview preview = Preview::preview1)
      : process_(Process::create(Module::load(wasi_caller(with_memory, preview)).value(),
                                 wasi::Wasi::resolve)
                     .value()),
        wasi_(wasi::Wasi::create(std::move(config)).value()) {}

  /// The answer to one call. The numbers are given the types of the function's parameters.
  wasi::Answer ask(std::string_view function, std::initializer_list<std::uint64_t> numbers) {
    return ask(function, std::span(numbers.begin(), numbers.size()));
  }
  wasi::Answer ask(std::string_view function, std::span<const std::uint64_t> numbers) {
    start(function, numbers);
    return ask_again();
  }

  /// The answer to the same call once more. It writes nothing but what it has told its observer of.
  wasi::Answer ask_again(bool time_is_over = false) {
    const std::string before = memory();
    Watch watch(before);
    const auto call = process_.thread(last_).pending_host_call().value();
    const auto answer = wasi_.handle(process_, call, {time_is_over, &watch});
    CHECK(watch.saw_all_changes(memory()));
    CHECK(watch.unchanged);
    return answer;
  }

  /// What the guest gets back, having been resumed with the answer.
  wasi::Errno errno_of(std::string_view function, std::initializer_list<std::uint64_t> numbers) {
    const auto answer = ask(function, numbers);
    const auto outcome = process_.thread(last_).run({std::get<wasi::Resume>(answer).result});
    return static_cast<wasi::Errno>(std::get<Finished>(outcome.value()).results[0].as_i32());
  }

  wasi::Wasi& wasi() { return wasi_; }
  wasi::State state() const { return wasi_.state(); }
  /// Another Wasi goes on, of the state of this one or one that the test has made.
  Result<void> go_on(wasi::State state, wasi::Config config = {}) {
    auto other = wasi::Wasi::restore(std::move(state), std::move(config));
    if (!other) return std::unexpected(std::move(other.error()));
    wasi_ = std::move(*other);
    return {};
  }

  void put(std::uint32_t address, std::string_view bytes) {
    REQUIRE(process_.memory()->write(address, std::as_bytes(std::span(bytes))).has_value());
  }
  template <class T>
  void put_number(std::uint32_t address, T number) {
    std::string bytes(sizeof(T), '\0');
    wasi::encode(std::as_writable_bytes(std::span(bytes)), 0, number);
    put(address, bytes);
  }

  std::string get(std::uint32_t address, std::size_t size) {
    std::string bytes(size, '\0');
    REQUIRE(process_.memory()->read(address, std::as_writable_bytes(std::span(bytes))).has_value());
    return bytes;
  }
  template <class T>
  T get_number(std::uint32_t address) {
    const auto bytes = get(address, sizeof(T));
    return wasi::decode<T>(std::as_bytes(std::span(bytes)), 0);
  }
  std::uint32_t get_u32(std::uint32_t address) { return get_number<std::uint32_t>(address); }
  std::uint64_t get_u64(std::uint32_t address) { return get_number<std::uint64_t>(address); }

  /// Writes (address, size) pairs, as fd_read and fd_write take them.
  void put_vectors(std::uint32_t at,
                   std::initializer_list<std::pair<std::uint32_t, std::uint32_t>> all) {
    for (const auto& [address, size] : all) {
      put_number(at, address);
      put_number(at + 4, size);
      at += 8;
    }
  }

 private:
  /// Which bytes a call was seen to look at, and whether each was as before when it was first told
  /// of. Compares pages as wholes: there are many calls.
  struct Watch final : wasi::MemoryObserver {
    explicit Watch(const std::string& memory) : seen(memory.size(), 0), before(memory) {}
    void sees(std::uint64_t address, std::span<const std::byte> bytes) override {
      if (bytes.empty()) return;
      const auto at = static_cast<std::size_t>(address);
      if (std::memcmp(bytes.data(), before.data() + at, bytes.size()) != 0) {
        for (std::size_t i = 0; i < bytes.size(); ++i) {
          unchanged &= seen[at + i] != 0 || static_cast<char>(bytes[i]) == before[at + i];
        }
      }
      std::memset(seen.data() + at, 1, bytes.size());
    }
    bool saw_all_changes(std::string_view after) const {
      constexpr std::size_t page = 1024;  // of which there is no fraction
      bool told = true;
      for (std::size_t at = 0; at < after.size(); at += page) {
        if (std::memcmp(after.data() + at, before.data() + at, page) == 0) continue;
        for (std::size_t i = at; i < at + page; ++i) told &= seen[i] != 0 || before[i] == after[i];
      }
      return told;
    }
    std::string seen;
    const std::string& before;
    bool unchanged = true;
  };

  std::string memory() {
    return process_.memory() ? get(0, static_cast<std::size_t>(process_.memory()->size()))
                             : std::string();
  }

  void start(std::string_view function, std::span<const std::uint64_t> numbers) {
    const auto index = process_.module().exported_function(function);
    REQUIRE(index);
    const auto& params = process_.module().function_type(*index).params;
    REQUIRE(params.size() == numbers.size());
    std::vector<Value> values;
    for (const auto n : numbers) {
      const bool small = params[values.size()] == i32;
      values.push_back(small ? Value::u32(static_cast<std::uint32_t>(n)) : Value::u64(n));
    }
    auto thread = process_.start_thread(function, values);
    REQUIRE(thread.has_value());
    last_ = thread->id();
    REQUIRE(std::holds_alternative<HostCall>(thread->run().value()));
  }

  Process process_;
  wasi::Wasi wasi_;
  ThreadId last_ = 0;
};

}  // namespace fermata::test
