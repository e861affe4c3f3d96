// Fuzz target: calls of WASI's functions, of both versions, with arbitrary arguments over an
// arbitrary memory, by a guest that has directories in memory, one of them to be read alone.
//
// Nothing runs: a host call is made of bytes. Beyond not crashing: what a Wasi gives as its state
// another one goes on with, or says why not, and then gives the same.
#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <span>
#include <vector>

#include "fermata/fermata.hpp"
#include "fermata/text.hpp"
#include "fermata/wasi.hpp"
#include "fuzz/check.hpp"
#include "wasi/functions.hpp"

namespace {

using namespace fermata;

constexpr std::size_t most_calls = 200;

const Module& module_with_memory() {
  static const Module module =
      parse_text(R"((module (memory (export "memory") 1) (func (export "_start"))))").value();
  return module;
}

/// The input, from the front; zeros behind its end.
class Bytes {
 public:
  explicit Bytes(std::span<const std::uint8_t> bytes) : left_(bytes) {}

  [[nodiscard]] bool empty() const { return left_.empty(); }
  std::uint8_t byte() {
    if (left_.empty()) return 0;
    const auto value = left_.front();
    left_ = left_.subspan(1);
    return value;
  }
  /// Small, an address, or at an edge.
  std::uint64_t number() {
    static constexpr std::uint64_t edges[] = {
        0xffff,     0x10000,          0xfff8,     0x7fff'ffff, 0xffff'ffff,
        1ull << 62, (1ull << 63) - 1, 1ull << 63, ~0ull - 1,   ~0ull};
    const std::uint8_t first = byte();
    if (first < 0xc0) return first;
    if (first < 0xf0) return std::uint64_t{byte()} << 8 | byte();
    return edges[first % std::size(edges)];
  }
  std::span<const std::uint8_t> some() {
    const auto count = std::min<std::size_t>(byte() % 64, left_.size());
    const auto found = left_.first(count);
    left_ = left_.subspan(count);
    return found;
  }

 private:
  std::span<const std::uint8_t> left_;
};

wasi::Config config(std::string* out) {
  auto files = wasi::memory_directory(std::size_t{1} << 20);
  return {.arguments = {"program", "argument"},
          .environment = {"A=1"},
          .directories = {{.guest = "/", .root = files},
                          {.guest = "/ro", .read_only = true, .root = files}},
          .in = wasi::bytes_source("some input"),
          .out = wasi::bytes_sink(out, 100'000),
          .err = wasi::bytes_sink(out, 100'000),
          .random_seed = 1,
          .max_descriptors = 64};
}

/// Puts bytes into the memory, or makes a call.
void act(Bytes& bytes, Process& process, wasi::Wasi& wasi) {
  const auto functions = wasi::functions();
  const std::uint8_t what = bytes.byte();
  if (what >= 0xe0) {
    const std::uint64_t address = bytes.number();
    static_cast<void>(process.memory()->write(address, std::as_bytes(bytes.some())));
    return;
  }
  const auto& function = functions[what % functions.size()];
  if (function.name == "thread-spawn") return;
  FuncType type;
  std::vector<Value> values;
  for (const char c : function.signature.substr(0, function.signature.find(':'))) {
    const std::uint64_t number = bytes.number();
    type.params.push_back(c == 'i' ? i32 : i64);
    values.push_back(c == 'i' ? Value::u32(static_cast<std::uint32_t>(number))
                              : Value::u64(number));
  }
  if (!function.signature.ends_with(':')) type.results.push_back(i32);
  const bool older = what % 2 == 1;
  const auto number =
      wasi::Wasi::resolve({older ? "wasi_unstable" : function.module, function.name, type});
  if (number) static_cast<void>(wasi.handle(process, {*number, values}, {what % 3 == 0}));
}

bool same(const wasi::State& a, const wasi::State& b) {
  if (a.descriptors.size() != b.descriptors.size()) return false;
  for (std::size_t i = 0; i < a.descriptors.size(); ++i) {
    const auto& one = a.descriptors[i];
    const auto& other = b.descriptors[i];
    if (one.number != other.number || one.flags != other.flags || one.rights != other.rights ||
        one.inheriting != other.inheriting || one.file.index() != other.file.index()) {
      return false;
    }
  }
  return a.directories[0].memory->size() == b.directories[0].memory->size();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string out;
  auto process = Process::create(module_with_memory(), [](const FunctionImport&) {
                   return std::optional<std::uint64_t>();
                 }).value();
  auto wasi = wasi::Wasi::create(config(&out)).value();
  Bytes bytes({data, size});
  for (std::size_t i = 0; i < most_calls && !bytes.empty(); ++i) act(bytes, process, wasi);
  const auto state = wasi.state();
  wasi::Config again;
  again.in = wasi::bytes_source("");
  again.out = again.err = wasi::bytes_sink(&out, 0);
  const auto restored = wasi::Wasi::restore(state, again);
  if (restored) check(same(restored->state(), state), "a state is another one when it is restored");
  if (!restored) check(restored.error().code == ErrorCode::io_failed, "a state that cannot be");
  return 0;
}
