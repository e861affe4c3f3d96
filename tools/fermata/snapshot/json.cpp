// The same as JSON. See report.hpp.
#include <array>
#include <nlohmann/json.hpp>

#include "tools/fermata/snapshot/report.hpp"

namespace fermata::tool {
namespace {

using Json = nlohmann::ordered_json;

Json function_json(const Shown& shown, const ViewFunction& function) {
  Json json{{"index", function.index}};
  if (shown.module) {
    const auto name = shown.module->function_name(FuncIdx{function.index});
    if (!name.empty()) json["name"] = name;
  }
  if (function.instance != 0) json["instance"] = function.instance;
  return json;
}

Json thread_json(const Shown& shown, const ViewThread& thread) {
  constexpr std::array phases{"not begun", "in its start function", "in its function"};
  constexpr std::array states{"ready", "host call", "waiting", "waited", "trapped"};
  Json json{{"id", thread.id},
            {"datum", thread.datum},
            {"function", function_json(shown, thread.function)},
            {"phase", phases[thread.phase]},
            {"state", states[thread.doing]}};
  if (thread.import) {
    const auto& [module, name, type] = shown.view.imports[*thread.import];
    json["call"] = {{"module", module}, {"name", name}, {"arguments", thread.arguments}};
  }
  if (thread.address) json["address"] = *thread.address;
  if (thread.timeout) json["timeout"] = *thread.timeout;
  if (!thread.trap.empty()) json["trap"] = thread.trap;
  for (const WaitState& wait : shown.checkpoint.program.value_or(ProgramState()).guest.waits) {
    if (wait.thread != thread.id) continue;
    if (wait.answer) json["answer"] = *wait.answer;
    if (wait.nanoseconds_left) json["nanoseconds_left"] = *wait.nanoseconds_left;
  }
  json["frames"] = Json::array();
  for (auto frame = thread.frames.rbegin(); frame != thread.frames.rend(); ++frame) {
    Json& entry = json["frames"].emplace_back(
        Json{{"function", function_json(shown, frame->function)}, {"offset", frame->offset}});
    if (!frame->has_values) continue;
    entry["locals"] = frame->locals;
    entry["operands"] = frame->operands;
  }
  return json;
}

Json memory_json(const ViewMemory& memory) {
  Json json{{"page_bytes", memory.page_bytes}, {"pages", memory.pages}, {"kept", Json::array()}};
  for (const ViewRun& run : memory.runs) {
    json["kept"].push_back({{"begin", run.begin}, {"end", run.end}});
  }
  return json;
}

Json instance_json(const ViewInstance& instance) {
  Json json = Json::object();
  if (instance.thread != 0) json["thread"] = instance.thread - 1;
  json["globals"] = instance.globals;
  json["tables"] = Json::array();
  for (const ViewTable& table : instance.tables) {
    Json elements = Json::object();
    for (const auto& [at, element] : table.elements) elements[std::to_string(at)] = element;
    json["tables"].push_back({{"size", table.size}, {"elements", std::move(elements)}});
  }
  json["dropped_data_segments"] = instance.dropped_data;
  json["dropped_element_segments"] = instance.dropped_elements;
  return json;
}

/// What is open under a descriptor.
struct OpenJson {
  Json& entry;
  const wasi::State& world;

  void operator()(std::uint32_t stream) const {
    constexpr std::array names{"in", "out", "err"};
    entry["stream"] = names[stream];
  }
  void operator()(const wasi::State::Preopened& preopened) const {
    if (preopened.directory >= world.directories.size()) return;
    const auto& directory = world.directories[preopened.directory];
    entry["host"] = directory.host;
    entry["guest"] = directory.guest;
    entry["read_only"] = directory.read_only;
  }
  void operator()(const wasi::State::File& file) const {
    if (file.directory < world.directories.size()) {
      entry["directory"] = world.directories[file.directory].guest;
    }
    entry["path"] = file.path;
    entry["position"] = file.position;
  }
  void operator()(const wasi::State::SocketPlace& place) const {
    entry["socket"] = place.socket ? Json(*place.socket) : Json(nullptr);
  }
};

Json world_json(const wasi::State& world) {
  Json json{{"arguments", world.arguments}, {"environment", world.environment}};
  json["descriptors"] = Json::array();
  for (const auto& descriptor : world.descriptors) {
    Json& entry = json["descriptors"].emplace_back(Json{{"number", descriptor.number}});
    std::visit(OpenJson{entry, world}, descriptor.file);
    entry["flags"] = descriptor.flags;
    entry["rights"] = descriptor.rights;
    entry["inheriting"] = descriptor.inheriting;
  }
  if (world.random) json["random"] = *world.random;
  json["next_thread"] = world.next_thread;
  return json;
}

}  // namespace

std::string json_of(const Shown& shown) {
  const View& view = shown.view;
  Json json{{"bytes", view.bytes}, {"sections", Json::array()}};
  for (const ViewSection& section : view.sections) {
    json["sections"].push_back({{"id", section.id}, {"bytes", section.bytes}});
  }
  json["module"] = {{"bytes", view.module_bytes}, {"sha256", hex(view.module_hash)}};
  if (const auto& program = shown.checkpoint.program) json["module"]["path"] = program->module;
  if (const auto& world = shown.checkpoint.world) json["wasi"] = world_json(*world);
  json["poisoned"] = view.poisoned;
  if (view.fuel) json["fuel"] = {{"used", view.fuel->first}, {"limit", view.fuel->second}};
  json["threads"] = Json::array();
  for (const ViewThread& thread : view.threads) {
    json["threads"].push_back(thread_json(shown, thread));
  }
  json["results"] = view.results;
  if (view.memory) json["memory"] = memory_json(*view.memory);
  if (const auto& heap = view.heap) {
    json["heap"] = {{"bytes", heap->bytes},
                    {"peak_bytes", heap->peak_bytes},
                    {"collections", heap->collections},
                    {"objects", heap->objects},
                    {"by_type", heap->by_type}};
  }
  json["instances"] = Json::array();
  for (const ViewInstance& instance : view.instances) {
    json["instances"].push_back(instance_json(instance));
  }
  json["idle_instances"] = view.idle_instances;
  // Names may be any bytes; what is no UTF-8 is replaced.
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + '\n';
}

}  // namespace fermata::tool
