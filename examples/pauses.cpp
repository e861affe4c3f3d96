// pauses: runs a WASI program and shows every pause: which import it called with what, where in the
// guest that was, with the locals and operands of the innermost frame, and how it was answered.
//
// WASI's calls are answered by fermata::wasi; any other import is answered with 7 or nothing.
//
//     pauses pauses.wasm [ARGUMENTS...]   (from guests/pauses.c)
#include <cstdint>
#include <cstdio>
#include <fermata/fermata.hpp>
#include <fermata/wasi.hpp>
#include <fstream>
#include <iterator>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace {

using fermata::Value;

/// What the resolver knows of an import and the loop below needs again.
struct Import {
  std::string name;
  bool has_result = false;
};

using Imports = std::map<std::uint64_t, Import>;

std::optional<std::uint64_t> remember(Imports& imports, const fermata::FunctionImport& import) {
  const auto number = fermata::wasi::Wasi::resolve(import).value_or(imports.size());
  imports[number] = {std::string(import.module) + "." + std::string(import.name),
                     !import.type.results.empty()};
  return number;
}

std::string list(const std::vector<Value>& values) {
  std::string text;
  for (const auto& value : values) text += (text.empty() ? "" : ", ") + to_string(value);
  return text;
}

void show(const fermata::Frame& frame, bool innermost) {
  const auto name = frame.function_name.empty() ? "a function without a name" : frame.function_name;
  std::printf("    in %.*s at 0x%llx\n", int(name.size()), name.data(),
              static_cast<unsigned long long>(frame.offset));
  if (innermost && !frame.locals.empty())
    std::printf("       locals %s\n", list(frame.locals).c_str());
  if (innermost && !frame.operands.empty()) {
    std::printf("       operands %s\n", list(frame.operands).c_str());
  }
}

void show(const std::vector<fermata::Frame>& frames) {
  for (const auto& frame : frames) show(frame, &frame == &frames.front());
}

/// The pause and its answer; nothing when the program has ended itself.
std::optional<std::vector<Value>> answer(fermata::Process& process, fermata::wasi::Wasi& wasi,
                                         const Imports& imports, const fermata::HostCall& call) {
  const auto& import = imports.at(call.number);
  std::printf("  pause: %s(%s)\n", import.name.c_str(),
              list({call.arguments.begin(), call.arguments.end()}).c_str());
  show(process.main_thread().frames(fermata::all_frames).value());
  if (!fermata::wasi::Wasi::owns(call.number)) {
    std::vector<Value> results;
    if (import.has_result) results.push_back(Value::i32(7));
    return results;
  }
  auto answer = wasi.handle(process, call);
  while (const auto* blocked = std::get_if<fermata::wasi::Blocked>(&answer)) {
    const bool time_is_over = !fermata::wasi::wait_for(*blocked);
    answer = wasi.handle(process, call, {time_is_over});
  }
  if (const auto* resume = std::get_if<fermata::wasi::Resume>(&answer)) return {{resume->result}};
  return {};
}

void run(fermata::Process& process, fermata::wasi::Wasi& wasi, const Imports& imports) {
  std::printf("  created, paused before its first instruction\n");
  show(process.main_thread().frames(fermata::all_frames).value());
  auto outcome = process.main_thread().run();
  while (const auto* call = std::get_if<fermata::HostCall>(&outcome.value())) {
    const auto results = answer(process, wasi, imports, *call);
    if (!results) {
      std::printf("  the program has ended itself; its process stays paused in the call\n");
      return;
    }
    std::printf("    resumed with %s\n", results->empty() ? "nothing" : list(*results).c_str());
    std::fflush(stdout);
    outcome = process.main_thread().run(*results);
  }
  if (const auto* trapped = std::get_if<fermata::Trapped>(&outcome.value())) {
    std::printf("  trap: %s\n", to_string(trapped->trap).data());
    show(process.main_thread().frames(fermata::all_frames).value());
  } else {
    std::printf("  finished\n");
  }
}

std::vector<std::uint8_t> read_file(const char* path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

int fail(const fermata::Error& error) {
  std::fprintf(stderr, "%s\n", to_string(error).c_str());
  return 1;
}

}  // namespace

int main(int argc, char** argv) {
  const auto module = fermata::Module::load(read_file(argc > 1 ? argv[1] : "pauses.wasm"));
  if (!module) return fail(module.error());
  fermata::wasi::Config config;
  config.arguments.assign(argv + (argc > 1), argv + argc);
  auto wasi = fermata::wasi::Wasi::create(std::move(config));
  if (!wasi) return fail(wasi.error());
  Imports imports;
  auto process = fermata::Process::create(
      *module, [&](const auto& import) { return remember(imports, import); });
  if (!process) return fail(process.error());
  std::setvbuf(stdout, nullptr, _IOLBF, BUFSIZ);  // in step with what the guest writes
  run(*process, *wasi, imports);
}
