// The committed snapshots, which every later version restores: golden/NAME.wasm, the module;
// NAME.snapshot, its process in the middle of its story; NAME.story, the number of pauses until
// then, and what happens from there on. (NAME.txt is what scripts/read_snapshot prints.)
//
// With FERMATA_ADD_GOLDEN=1 in the environment those of new samples are written. The others stay: a
// version that wants other bytes for the same state needs another version of the format.
#include <cstdlib>
#include <filesystem>

#include "lib/module/module_impl.hpp"
#include "tests/snapshot/files.hpp"
#include "tests/snapshot/snapshot_support.hpp"

using namespace fermata;
using namespace fermata::test;
namespace fs = std::filesystem;

namespace {

constexpr std::size_t largest = 16'000;

fs::path golden(std::string_view name, std::string_view kind) {
  return golden_folder() / (std::string(name) + "." + std::string(kind));
}

Module golden_module(std::string_view name) {
  const std::string bytes = read_text(golden(name, "wasm"));
  return ok(Module::load({reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()},
                         {Features::executable()}));
}

/// What is told from a pause on, behind the number of that.
std::string rest_of(Player& player, std::size_t pause) {
  const std::size_t told = player.story().size();
  while (player.step()) {
  }
  std::string text = std::to_string(pause) + "\n";
  for (std::size_t i = told; i < player.story().size(); ++i) text += player.story()[i] + "\n";
  return text;
}

void add(const Sample& sample) {
  const Module module = module_of(sample.text);
  std::size_t pauses = 0;
  {
    Process process = created(module);
    Player player(process, 0);
    while (player.step()) ++pauses;
  }
  Process process = created(module);
  Player player(process, 0);
  const std::size_t middle = (pauses + 1) / 2;
  for (std::size_t i = 0; i < middle; ++i) static_cast<void>(player.step());
  const Snapshot snapshot = ok(process.snapshot());
  if (snapshot.size() > largest) return;
  write_file(golden(sample.name, "snapshot"), snapshot);
  write_file(golden(sample.name, "wasm"), std::as_bytes(std::span(module.impl().data.bytes)));
  const std::string story = rest_of(player, middle);
  write_file(golden(sample.name, "story"), std::as_bytes(std::span(story)));
}

std::vector<std::string> golden_names() {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(golden_folder())) {
    if (entry.path().extension() == ".snapshot") names.push_back(entry.path().stem().string());
  }
  return names;
}

}  // namespace

TEST_CASE("the committed snapshots are restored, and go on as they did when they were made") {
  if (std::getenv("FERMATA_ADD_GOLDEN") != nullptr) {
    for (const Sample& sample : samples()) {
      if (!fs::exists(golden(sample.name, "snapshot"))) add(sample);
    }
  }
  REQUIRE(golden_names().size() > 15);
  for (const std::string& name : golden_names()) {
    DYNAMIC_SECTION(name) {
      const Module module = golden_module(name);
      const Snapshot snapshot = read_file(golden(name, "snapshot"));
      const std::string story = read_text(golden(name, "story"));
      const std::size_t pause = std::stoul(story);
      for (const ExecutionOptions& mode : modes()) {
        Process process = restored(module, snapshot, mode);
        CHECK(ok(process.snapshot()) == snapshot);
        Player player(process, 0, pause);
        CHECK(rest_of(player, pause) == story);
      }
    }
  }
}

TEST_CASE("a process comes to the same bytes as those that are committed") {
  for (const std::string& name : golden_names()) {
    DYNAMIC_SECTION(name) {
      const Module module = golden_module(name);
      Process process = created(module);
      Player player(process, 0);
      const std::size_t pause = std::stoul(read_text(golden(name, "story")));
      for (std::size_t i = 0; i < pause; ++i) static_cast<void>(player.step());
      CHECK(ok(process.snapshot()) == read_file(golden(name, "snapshot")));
    }
  }
}
