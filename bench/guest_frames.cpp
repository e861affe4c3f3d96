// Pauses a guest at its host calls and at random loops, and compares its frames there with those of
// the debug lowering: guest_frames FILE.wasm. tests/support/frame_comparison.hpp says what is seen.
// Succeeds when nothing differs, the output included, and the guest exits with 0.
#include <fmt/core.h>

#include <cstring>
#include <fstream>
#include <iterator>

#include "tests/support/frame_comparison.hpp"

namespace {

using namespace fermata;
using test::PausingRun;

constexpr std::size_t most_loops = 3000;

std::vector<std::uint8_t> read_file(const char* name) {
  std::ifstream file(name, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::uint32_t load(std::span<const std::byte> memory, std::uint32_t address) {
  std::uint32_t value = 0;
  std::memcpy(&value, memory.subspan(address).data(), sizeof value);
  return value;
}

/// WASI's fd_write, for a guest that does nothing wrong.
void write_text(const PausingRun& run, std::string& output) {
  const auto arguments = run.host_arguments();
  const auto memory = run.memory();
  const std::uint32_t buffers = arguments[1].as_u32();
  std::uint32_t written = 0;
  for (std::uint32_t i = 0; i < arguments[2].as_u32(); ++i) {
    const std::uint32_t size = load(memory, buffers + 8 * i + 4);
    const auto text = memory.subspan(load(memory, buffers + 8 * i), size);
    output.append(reinterpret_cast<const char*>(text.data()), size);
    written += size;
  }
  std::memcpy(memory.subspan(arguments[3].as_u32()).data(), &written, sizeof written);
}

/// What little of WASI the guests need: their output, and success otherwise. After proc_exit, which
/// they call only on failure, a guest traps. For one run.
class World {
 public:
  std::vector<Value> answer(const PausingRun& run) {
    const auto& data = run.module().data;
    const Import& import = data.imports[run.module().func_imports[run.host_number()]];
    if (import.name == "fd_write") write_text(run, output_);
    return std::vector<Value>(run.host_type().results.size(), Value::i32(0));
  }
  [[nodiscard]] const std::string& output() const { return output_; }

 private:
  std::string output_;
};

std::string problem(const test::Compared& seen, bool calls_host, const World& reference,
                    const World& optimized) {
  if (seen.difference) return *seen.difference;
  if (reference.output() != optimized.output()) return "the output differs";
  if (!seen.finished) return "the guest does not exit with 0";
  if (seen.loops == 0 || (calls_host && seen.host_calls == 0)) return "the guest shows nothing";
  return {};
}

ExecutionOptions mode(Lowering lowering) {
  ExecutionOptions options;
  options.lowering = lowering;
  return options;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    fmt::print(stderr, "usage: guest_frames FILE.wasm\n");
    return 2;
  }
  const auto bytes = read_file(argv[1]);
  PausingRun reference(bytes, mode(Lowering::debug));
  PausingRun optimized(bytes, mode(Lowering::optimized));
  World of_reference;
  World of_optimized;
  const auto host = [&](const PausingRun& run, std::size_t) {
    return (&run == &reference ? of_reference : of_optimized).answer(run);
  };
  auto choices = test::Choices::from_seed(bytes.size());
  const test::Compared seen = test::compare_frames(reference, optimized, host, choices, most_loops);
  fmt::print("{} loops, {} host calls, {} frames\n{}", seen.loops, seen.host_calls, seen.frames,
             of_reference.output());
  const std::string found =
      problem(seen, reference.module().imported_funcs != 0, of_reference, of_optimized);
  if (!found.empty()) fmt::print(stderr, "{}\n", found);
  return found.empty() ? 0 : 1;
}
