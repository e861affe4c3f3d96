// Reading. See view.hpp.
#include "tools/fermata/snapshot/view.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "fermata/value.hpp"
#include "interp/snapshot/input.hpp"
#include "lib/module/quoted.hpp"
#include "tools/fermata/value_text.hpp"

namespace fermata::tool {
namespace {

using snapshot::Input;
using snapshot::Section;

/// One pass over the sections.
class Reader {
 public:
  explicit Reader(SnapshotSource& source)
      : in_(source, source.size().value_or(std::numeric_limits<std::uint64_t>::max())) {}

  Result<View> read();

 private:
  struct Site {
    std::size_t function = 0;  // of `functions_`
    std::uint32_t offset = 0;
    std::uint8_t kind = 0;
    std::vector<std::uint8_t> operands;
  };
  struct Function {
    std::uint32_t index = 0;
    std::vector<std::pair<std::uint32_t, std::uint8_t>> locals;
    std::uint32_t caught = 0;
  };

  void read_section(Section id);
  void read_module();
  void read_imports();
  void read_process();
  void read_memory();
  void read_run(ViewMemory& memory, std::uint64_t begin, std::uint64_t end);
  void read_heap();
  void read_instances();
  void read_instance(ViewInstance& instance, bool idle);
  void read_table(ViewTable& table);
  std::vector<std::uint32_t> read_indices();
  void read_sites();
  void read_site();
  void read_threads();
  void read_thread(ViewThread& thread);
  void read_doing(ViewThread& thread);
  void read_frames(ViewThread& thread);
  void read_frame(ViewFrame& frame);

  std::uint8_t code();
  ViewFunction function();
  std::string reference();
  std::string number(std::uint8_t code);
  std::string value(std::uint8_t code) {
    return code == snapshot::ref_code ? reference() : number(code);
  }
  std::vector<std::string> typed_values();

  Input in_;
  View view_;
  std::vector<Function> functions_;
  std::vector<Site> sites_;
};

Result<View> Reader::read() {
  in_.snapshot_header();
  auto id = Section::module;
  while (in_.ok() && id != Section::end) {
    id = static_cast<Section>(in_.begin_any_section());
    if (!in_.ok()) break;
    view_.sections.push_back({static_cast<unsigned>(id), in_.left()});
    read_section(id);
    in_.end_section();
  }
  in_.end();
  if (!in_.ok()) return std::unexpected(in_.take_error());
  view_.bytes = in_.offset();
  return std::move(view_);
}

void Reader::read_section(Section id) {
  switch (id) {
    case Section::module:
      return read_module();
    case Section::imports:
      return read_imports();
    case Section::process:
      return read_process();
    case Section::memory:
      return read_memory();
    case Section::heap:
      return read_heap();
    case Section::instances:
      return read_instances();
    case Section::sites:
      return read_sites();
    case Section::threads:
      return read_threads();
    case Section::results:
      view_.results = typed_values();
      return;
    case Section::fuel:
      view_.fuel.emplace(in_.number(), 0);
      view_.fuel->second = in_.number();
      return;
    case Section::lines:
    case Section::end:
      return in_.skip_section();
  }
  if (static_cast<std::uint8_t>(id) >= snapshot::first_optional) return in_.skip_section();
  in_.fail(ErrorCode::unsupported_snapshot, in_.offset(),
           fmt::format("section {} is unknown", static_cast<unsigned>(id)));
}

// --- values --------------------------------------------------------------------------------------

std::uint8_t Reader::code() {
  const std::uint8_t code = in_.byte();
  const bool is_code = (code >= snapshot::v128_code && code <= snapshot::i32_code) ||
                       code == snapshot::i8_code || code == snapshot::i16_code ||
                       code == snapshot::ref_code;
  if (!is_code) in_.malformed(fmt::format("expected a type, found the byte {:#04x}", code));
  return code;
}

ViewFunction Reader::function() {
  ViewFunction function;
  function.instance = in_.number32();
  function.index = in_.number32();
  return function;
}

std::string Reader::reference() {
  using snapshot::Referent;
  switch (in_.choice(Referent::object, "what a reference refers to")) {
    case Referent::null:
      return "null";
    case Referent::function: {
      const ViewFunction f = function();
      return fmt::format("function {}", f.index) +
             (f.instance != 0 ? fmt::format(" of instance {}", f.instance) : "");
    }
    case Referent::i31:
      return fmt::format("i31 {}", in_.number());
    case Referent::host:
      return fmt::format("extern {}", in_.number());
    case Referent::object:
      return fmt::format("object {}", in_.number());
  }
  return {};
}

std::string Reader::number(std::uint8_t code) {
  switch (code) {
    case snapshot::i32_code:
      return value_text(Value::u32(static_cast<std::uint32_t>(in_.fixed(4))));
    case snapshot::i64_code:
      return value_text(Value::u64(in_.fixed(8)));
    case snapshot::f32_code:
      return value_text(Value::f32_bits(static_cast<std::uint32_t>(in_.fixed(4))));
    case snapshot::f64_code:
      return value_text(Value::f64_bits(in_.fixed(8)));
    case snapshot::v128_code: {
      const std::uint64_t low = in_.fixed(8);
      return value_text(Value::from_bits(v128, low, in_.fixed(8)));
    }
    case snapshot::i16_code:
      return fmt::format("{}", in_.fixed(2));
    default:
      return fmt::format("{}", in_.fixed(1));
  }
}

std::vector<std::string> Reader::typed_values() {
  std::vector<std::string> values;
  for (std::uint32_t left = in_.count(2); left != 0 && in_.ok(); --left) {
    values.push_back(value(code()));
  }
  return values;
}

// --- the process ---------------------------------------------------------------------------------

void Reader::read_module() {
  in_.bytes(std::as_writable_bytes(std::span(view_.module_hash)));
  view_.module_bytes = in_.number();
}

void Reader::read_imports() {
  for (std::uint32_t left = in_.count(3); left != 0 && in_.ok(); --left) {
    for (std::string& text : view_.imports.emplace_back()) {
      text = in_.text(static_cast<std::size_t>(in_.left()));
    }
  }
}

void Reader::read_process() {
  view_.poisoned = in_.choice(std::uint8_t{1}, "whether the process is poisoned") != 0;
  view_.next_thread = in_.number32();
  view_.instances.emplace_back();
  for (std::uint32_t left = in_.count(); left != 0 && in_.ok(); --left) {
    if (const std::uint64_t thread = in_.number(); thread != 0) {
      view_.instances.emplace_back().thread = thread;
    } else {
      ++view_.idle_instances;
    }
  }
}

void Reader::read_memory() {
  ViewMemory& memory = view_.memory.emplace();
  const std::uint8_t log2 = in_.choice(std::uint8_t{16}, "the size of a page");
  memory.page_bytes = std::uint64_t{1} << log2;
  memory.pages = in_.number();
  if (in_.ok() && memory.pages > std::numeric_limits<std::uint64_t>::max() >> log2) {
    return in_.malformed("the memory has too many pages");
  }
  const std::uint64_t size = memory.pages << log2;
  const std::uint64_t blocks = size / snapshot::block_bytes + (size % snapshot::block_bytes != 0);
  std::uint64_t next = 0;
  for (std::uint32_t left = in_.count(2); left != 0 && in_.ok(); --left) {
    const std::uint64_t skipped = in_.number();
    const std::uint64_t count = in_.number();
    if (!in_.ok()) return;
    if (skipped > blocks - next || count > blocks - next - skipped || count == 0) {
      return in_.malformed(fmt::format("expected blocks up to {}", blocks));
    }
    const std::uint64_t begin = (next + skipped) * snapshot::block_bytes;
    next += skipped + count;
    read_run(memory, begin, next == blocks ? size : next * snapshot::block_bytes);
  }
}

void Reader::read_run(ViewMemory& memory, std::uint64_t begin, std::uint64_t end) {
  memory.runs.push_back({begin, end});
  std::array<std::byte, snapshot::block_bytes> block;
  while (begin < end && in_.ok()) {
    const auto size = static_cast<std::size_t>(std::min(end - begin, snapshot::block_bytes));
    in_.bytes(std::span(block).first(size));
    std::uint64_t hash = 0;
    const Sha256 sha = sha256({reinterpret_cast<const std::uint8_t*>(block.data()), size});
    for (std::size_t i = 0; i < sizeof(hash); ++i) hash = hash << 8 | sha[i];
    memory.blocks.emplace_hint(memory.blocks.end(), begin, hash);
    begin += size;
  }
}

void Reader::read_heap() {
  ViewHeap& heap = view_.heap.emplace();
  heap.bytes = in_.number();
  heap.peak_bytes = in_.number();
  heap.collections = in_.number();
  static_cast<void>(in_.number());
  const std::uint32_t objects = in_.count(3);
  heap.objects = objects;
  for (std::uint32_t left = objects; left != 0 && in_.ok(); --left) {
    using snapshot::ObjectKind;
    const auto kind = static_cast<ObjectKind>(in_.byte());
    const auto* const what = kind == ObjectKind::struct_     ? "struct of type"
                             : kind == ObjectKind::array     ? "array of type"
                             : kind == ObjectKind::exception ? "exception of tag"
                                                             : nullptr;
    if (what == nullptr) in_.malformed("expected a kind of object");
    const std::uint32_t index = in_.number32();
    static_cast<void>(in_.number32());
    if (kind == ObjectKind::array) static_cast<void>(code());
    if (in_.ok()) ++heap.by_type[fmt::format("{} {}", what, index)];
  }
  in_.skip_section();
}

// --- instances -----------------------------------------------------------------------------------

void Reader::read_instances() {
  for (ViewInstance& instance : view_.instances) {
    if (in_.ok()) read_instance(instance, false);
  }
  while (in_.ok() && in_.left() != 0) read_instance(view_.instances.emplace_back(), true);
}

void Reader::read_instance(ViewInstance& instance, bool idle) {
  instance.globals = typed_values();
  for (std::uint32_t left = in_.count(2); left != 0 && in_.ok(); --left) {
    read_table(instance.tables.emplace_back());
  }
  if (idle) return;
  instance.dropped_data = read_indices();
  instance.dropped_elements = read_indices();
  for (std::uint32_t left = in_.count(2); left != 0 && in_.ok(); --left) {
    static_cast<void>(in_.number32());
    for (std::uint32_t i = in_.count(); i != 0 && in_.ok(); --i) static_cast<void>(reference());
  }
}

void Reader::read_table(ViewTable& table) {
  table.size = in_.number();
  std::uint64_t at = 0;
  for (std::uint32_t left = in_.count(3); left != 0 && in_.ok(); --left) {
    at += in_.number();
    for (std::uint64_t count = in_.number(); count != 0 && in_.ok(); --count) {
      table.elements.emplace(at++, reference());
    }
  }
}

std::vector<std::uint32_t> Reader::read_indices() {
  std::vector<std::uint32_t> indices;
  for (std::uint32_t left = in_.count(); left != 0 && in_.ok(); --left) {
    indices.push_back(in_.number32());
  }
  return indices;
}

// --- threads -------------------------------------------------------------------------------------

void Reader::read_sites() {
  for (std::uint32_t left = in_.count(4); left != 0 && in_.ok(); --left) {
    Function& function = functions_.emplace_back();
    function.index = in_.number32();
    for (std::uint32_t runs = in_.count(2); runs != 0 && in_.ok(); --runs) {
      const std::uint32_t count = in_.number32();
      function.locals.emplace_back(count, code());
    }
    function.caught = in_.number32();
    for (std::uint32_t sites = in_.count(3); sites != 0 && in_.ok(); --sites) read_site();
  }
}

/// Of the last function.
void Reader::read_site() {
  Site& site = sites_.emplace_back();
  site.function = functions_.size() - 1;
  site.offset = in_.number32();
  site.kind =
      static_cast<std::uint8_t>(in_.choice(snapshot::SiteKind::trapped, "how a frame stands"));
  for (std::uint32_t left = in_.count(); left != 0 && in_.ok(); --left) {
    site.operands.push_back(code());
  }
}

void Reader::read_threads() {
  for (std::uint32_t left = in_.count(6); left != 0 && in_.ok(); --left) {
    read_thread(view_.threads.emplace_back());
  }
}

void Reader::read_thread(ViewThread& thread) {
  using snapshot::ThreadPhase;
  thread.id = in_.number32();
  thread.datum = in_.number();
  thread.function = function();
  const auto phase = in_.choice(ThreadPhase::in_function, "how far a thread has come");
  thread.phase = static_cast<std::uint8_t>(phase);
  if (phase != ThreadPhase::in_function) {
    if (in_.choice(std::uint8_t{1}, "whether there is a start function") != 0) {
      static_cast<void>(function());
    }
    static_cast<void>(typed_values());
  }
  read_doing(thread);
  read_frames(thread);
}

void Reader::read_doing(ViewThread& thread) {
  using snapshot::Doing;
  const auto doing = in_.choice(Doing::trapped, "what a thread does");
  thread.doing = static_cast<std::uint8_t>(doing);
  if (doing == Doing::host_call) {
    thread.import = in_.number32();
    thread.arguments = typed_values();
    if (in_.ok() && *thread.import >= view_.imports.size())
      in_.malformed("there is no such import");
  } else if (doing == Doing::waiting) {
    thread.address = in_.number();
    if (in_.choice(std::uint8_t{1}, "whether there is a timeout") != 0)
      thread.timeout = in_.number();
  } else if (doing == Doing::waited) {
    static_cast<void>(in_.byte());
  } else if (doing == Doing::trapped) {
    thread.trap = in_.text(static_cast<std::size_t>(in_.left()));
    if (thread.trap == to_string(Trap::uncaught_exception)) thread.trap += ", " + reference();
    if (thread.trap == to_string(Trap::host_trap)) {
      thread.trap += fmt::format(", {}", quoted(in_.text(static_cast<std::size_t>(in_.left()))));
    }
  }
}

void Reader::read_frames(ViewThread& thread) {
  constexpr std::size_t with_values = 32;  // there may be millions
  for (std::uint32_t left = in_.count(2); left != 0 && in_.ok(); --left) {
    read_frame(thread.frames.emplace_back());
    if (thread.frames.size() <= with_values) continue;
    ViewFrame& outer = thread.frames[thread.frames.size() - 1 - with_values];
    outer.has_values = false;
    outer.locals = {};
    outer.operands = {};
  }
}

void Reader::read_frame(ViewFrame& frame) {
  const std::uint32_t number = in_.number32();
  frame.function.instance = in_.number32();
  if (in_.ok() && number >= sites_.size()) in_.malformed("there is no such site");
  if (!in_.ok()) return;
  const Site& site = sites_[number];
  const Function& function = functions_[site.function];
  frame.function.index = function.index;
  frame.offset = site.offset;
  frame.has_values = site.kind != static_cast<std::uint8_t>(snapshot::SiteKind::trapped);
  if (!frame.has_values) return;
  for (const auto& [count, type] : function.locals) {
    for (std::uint32_t left = count; left != 0 && in_.ok(); --left) {
      frame.locals.push_back(value(type));
    }
  }
  for (std::uint32_t left = function.caught; left != 0 && in_.ok(); --left) {
    static_cast<void>(reference());
  }
  for (const std::uint8_t type : site.operands) frame.operands.push_back(value(type));
}

}  // namespace

Result<View> read_view(SnapshotSource& source) { return Reader(source).read(); }

}  // namespace fermata::tool
