#include "fuzz/engines/transcript.hpp"

#include <fmt/format.h>

#include "fermata/store.hpp"

namespace fermata::test {

namespace {

/// Longer ones are not waited for: no other thread ends them.
constexpr std::uint64_t longest_wait = 1'000'000;  // nanoseconds

std::uint32_t hash(std::span<const std::byte> bytes) {
  std::uint32_t sum = 0;
  for (std::size_t at = 0; at + 4 <= bytes.size(); at += 4) {
    sum = (sum ^ little_endian::decode<std::uint32_t>(bytes.subspan(at, 4))) * 0x0100'0193;
  }
  return sum;
}

class Transcriber {
 public:
  Transcriber(const Module& guest, ExecutionOptions options) : guest_(guest), store_(options) {}

  Transcript run(const Companions& companions) {
    lines_.push_back("> instantiate");
    const std::string end = instantiate(companions);
    lines_.push_back("= " + end);
    if (end != "returned") return std::move(lines_);
    see_memories();
    for (std::size_t place = 0; place < exports_.size(); ++place) {
      if (!std::holds_alternative<FuncType>(exports_[place].type)) continue;
      step(fmt::format("call {}", place));
      step("state");
      see_memories();
    }
    return std::move(lines_);
  }

 private:
  std::string instantiate(const Companions& companions) {
    Linker linker;
    linker.define("log", "note", *store_.make_function({{i32, i32, i32}, {}}, 0));
    host_ = load(linker, companions.host);
    const auto made = store_.instantiate(guest_, imports());
    if (!made) {
      return fmt::format("{}: {}", made.error().phase == Phase::trap ? "trapped" : "failed",
                         to_string(made.error().code));
    }
    instance_ = *made;
    if (const auto start = instance_->start_function()) {
      if (const std::string end = run(*start); end != "returned") return end;
    }
    linker.define_instance("guest", *instance_);
    witness_ = load(linker, companions.witness);
    exports_ = guest_.exports();
    return "returned";
  }

  InstanceRef load(const Linker& linker, const Bytes& bytes) {
    const auto module = Module::load(bytes, {.features = Features::executable()});
    if (!module) throw std::runtime_error("a companion: " + to_string(module.error()));
    const auto made = linker.instantiate(store_, *module);
    if (!made) throw std::runtime_error("a companion: " + to_string(made.error()));
    return *made;
  }

  /// Of two imports with the same names both are what the last one is, as JavaScript has it.
  std::vector<Extern> imports() const {
    const auto wanted = guest_.imports();
    std::vector<Extern> found;
    for (const ImportType& import : wanted) {
      std::size_t last = 0;
      for (std::size_t i = 0; i < wanted.size(); ++i) {
        if (wanted[i].module == import.module && wanted[i].name == import.name) last = i;
      }
      found.push_back(*host_->find_export(std::to_string(last)));
    }
    return found;
  }

  void step(const std::string& name) {
    lines_.push_back("> " + name);
    lines_.push_back("= " + run(*witness_->function(name)));
  }

  std::string run(FuncRef function) {
    const auto thread = store_.start_thread(function);
    if (!thread) return "failed: " + to_string(thread.error());
    std::size_t notes = 0;
    std::string end = finish(*thread, notes);
    if (end != "returned") static_cast<void>(store_.drop_thread(thread->id()));
    return end;
  }

  /// How it ended.
  std::string finish(Thread thread, std::size_t& notes) {
    while (true) {
      const auto outcome = thread.run();
      if (!outcome) return "failed: " + to_string(outcome.error());
      if (std::holds_alternative<Finished>(*outcome)) return "returned";
      if (std::holds_alternative<Threw>(*outcome)) return "threw";
      if (const auto* trapped = std::get_if<Trapped>(&*outcome)) {
        return fmt::format("trapped: {}", to_string(trapped->trap));
      }
      if (const auto* call = std::get_if<HostCall>(&*outcome)) {
        if (notes++ < most_notes) note(call->arguments);
      } else if (const auto* waiting = std::get_if<Waiting>(&*outcome)) {
        if (waiting->timeout.value_or(longest_wait) >= longest_wait) return "waits";
        static_cast<void>(thread.time_out());
      }
    }
  }

  void note(std::span<const Value> words) {
    lines_.push_back(
        fmt::format("{:x} {:x} {:x}", words[0].as_u32(), words[1].as_u32(), words[2].as_u32()));
  }

  void see_memories() {
    for (std::size_t place = 0; place < exports_.size(); ++place) {
      if (std::holds_alternative<MemoryType>(exports_[place].type)) {
        see(place, *instance_->memory(exports_[place].name));
      }
    }
    const auto imported = guest_.imports();
    for (std::size_t place = 0; place < imported.size(); ++place) {
      if (std::holds_alternative<MemoryType>(imported[place].type)) {
        see(place, *host_->memory(std::to_string(place)));
      }
    }
  }

  void see(std::size_t place, MemoryRef memory) {
    const auto bytes = std::as_const(memory).view(0, memory.size());
    lines_.push_back(fmt::format("m {} {:x} {:x}", place, memory.size(), hash(*bytes)));
  }

  const Module& guest_;
  Store store_;
  std::optional<InstanceRef> host_, instance_, witness_;
  std::vector<ExportType> exports_;
  Transcript lines_;
};

}  // namespace

Transcript transcribe(const Module& guest, const Companions& companions, ExecutionOptions options) {
  options.max_memory_pages = most_memory_pages;
  return Transcriber(guest, options).run(companions);
}

}  // namespace fermata::test
