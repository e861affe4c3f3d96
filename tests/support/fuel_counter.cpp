#include "tests/support/fuel_counter.hpp"

#include <fmt/format.h>

#include <set>

#include "interp/lower/object_type.hpp"
#include "lib/binary/instruction_reader.hpp"
#include "lib/module/module_impl.hpp"

namespace fermata::test {
namespace {

// --- the rules, by the instructions' names -------------------------------------------------------

bool is_free(std::string_view name) {
  static const std::set<std::string_view> free{"nop",  "block", "loop",      "try_table", "try",
                                               "else", "catch", "catch_all", "delegate",  "end"};
  return free.contains(name);
}

bool ends_block(std::string_view name) {
  static const std::set<std::string_view> ending{
      "loop",        "if",         "else",
      "catch",       "catch_all",  "delegate",
      "end",         "br",         "br_if",
      "br_table",    "br_on_null", "br_on_non_null",
      "br_on_cast",  "return",     "br_on_cast_fail",
      "return_call", "throw",      "return_call_indirect",
      "throw_ref",   "rethrow",    "return_call_ref",
      "unreachable"};
  return ending.contains(name);
}

// --- adding code ---------------------------------------------------------------------------------

void append(Bytes& to, const Bytes& bytes) { to.insert(to.end(), bytes.begin(), bytes.end()); }
void append(Bytes& to, const Code& code) { append(to, code.bytes); }

class Counter {
 public:
  explicit Counter(const Module& module)
      : module_(module.impl()),
        bytes_(module_.data.bytes),
        types_(ObjectTypes::of(module_)),
        counter_(static_cast<std::uint32_t>(module_.globals.size())) {}

  Bytes make() {
    Bytes made(bytes_.begin(), bytes_.begin() + 8);
    bool has_global = false;
    Reader reader(bytes_, {8, static_cast<std::uint32_t>(bytes_.size())});
    while (!reader.at_end()) {
      const std::uint8_t id = reader.byte();
      const std::uint32_t size = reader.length();
      const ByteRange contents{reader.offset(), reader.offset() + size};
      const auto kind = static_cast<Section>(id);
      if (!has_global && is_behind_globals(kind)) put(made, Section::global, globals(std::nullopt));
      has_global |= is_behind_globals(kind) || kind == Section::global;
      put(made, kind, contents_of(kind, contents));
      reader = Reader(bytes_, {contents.end, static_cast<std::uint32_t>(bytes_.size())});
    }
    return made;
  }

 private:
  static bool is_behind_globals(Section kind) {
    return kind == Section::export_ || kind == Section::start || kind == Section::element ||
           kind == Section::code || kind == Section::data || kind == Section::data_count;
  }

  static void put(Bytes& to, Section kind, const Bytes& contents) {
    to.push_back(static_cast<std::uint8_t>(kind));
    append(to, leb_u(contents.size()));
    append(to, contents);
  }

  Bytes copy(std::uint32_t begin, std::uint32_t end) const {
    return {bytes_.begin() + begin, bytes_.begin() + end};
  }

  Bytes contents_of(Section kind, ByteRange contents) const {
    switch (kind) {
      case Section::global:
        return globals(contents);
      case Section::export_:
        return one_more(contents, concat({encoded_name(counted_fuel), {3}, leb_u(counter_)}));
      case Section::code:
        return code();
      default:
        return copy(contents.begin, contents.end);
    }
  }

  /// The vector with one element more.
  Bytes one_more(ByteRange vector, const Bytes& element) const {
    Reader reader(bytes_, vector);
    const std::uint32_t count = reader.length();
    return concat({leb_u(count + 1), copy(reader.offset(), vector.end), element});
  }

  Bytes globals(std::optional<ByteRange> before) const {
    const Bytes added = concat({encoded(i64), {1}, i64_const(0).bytes, end().bytes});
    return before ? one_more(*before, added) : concat({leb_u(1), added});
  }

  Bytes code() const {
    Bytes made = leb_u(module_.data.functions.size());
    for (const FuncDef& function : module_.data.functions) {
      const Bytes entry = code_entry(function);
      append(made, leb_u(entry.size()));
      append(made, entry);
    }
    return made;
  }

  /// With two more locals, an i32 and an i64.
  Bytes code_entry(const FuncDef& function) const {
    Reader reader(bytes_, {function.offset, function.body.end});
    static_cast<void>(reader.length());
    const std::uint32_t runs = reader.length();
    Bytes made = concat({leb_u(runs + 2), copy(reader.offset(), function.body.begin)});
    append(made, concat({leb_u(1), encoded(i32), leb_u(1), encoded(i64)}));
    std::uint32_t locals = 0;
    for (const LocalRun& run : module_.data.locals(function)) locals += run.count;
    const auto& type = std::get<FuncType>(module_.data.types[function.type.value].composite);
    append_body(made, function.body, static_cast<std::uint32_t>(type.params.size()) + locals);
    return made;
  }

  void append_body(Bytes& made, ByteRange body, std::uint32_t spare) const {
    std::vector<Instruction> all;
    std::vector<std::uint32_t> ends;
    InstructionReader reader(bytes_, body, module_.features);
    for (Instruction in; !reader.at_end() && reader.next(in);) {
      all.push_back(in);
      ends.push_back(static_cast<std::uint32_t>(reader.offset()));
    }
    for (std::size_t i = 0; i < all.size(); ++i) {
      const bool begins = i == 0 || ends_block(info(all[i - 1].op).text);
      if (begins) append_charge(made, cost_of_block(all, i));
      append_sized(made, all[i], copy(all[i].offset, ends[i]), spare);
    }
  }

  static std::int64_t cost_of_block(const std::vector<Instruction>& all, std::size_t first) {
    std::int64_t cost = 0;
    for (std::size_t i = first; i < all.size(); ++i) {
      if (!is_free(info(all[i].op).text)) ++cost;
      if (ends_block(info(all[i].op).text)) break;
    }
    return cost;
  }

  void append_charge(Bytes& made, std::int64_t units) const {
    if (units == 0) return;
    append(made, global_get(counter_));
    append(made, i64_const(units));
    append(made, op(WasmOp::i64_add));
    append(made, global_set(counter_));
  }

  /// Adds what is on the stack, an i64, or takes it off.
  void append_charge_top(Bytes& made, WasmOp how, std::uint32_t spare) const {
    append(made, local_set(spare + 1));
    append(made, global_get(counter_));
    append(made, local_get(spare + 1));
    append(made, op(how));
    append(made, global_set(counter_));
  }

  /// The instruction, and what it costs for its size.
  void append_sized(Bytes& made, const Instruction& in, const Bytes& itself,
                    std::uint32_t spare) const {
    const std::string_view name = info(in.op).text;
    if (name == "memory.grow") return append_memory_grow(made, in, itself, spare);
    if (name == "table.grow") return append_table_grow(made, in, itself, spare);
    if (name == "throw") {  // nothing behind it is executed
      append_charge(made, exception_bytes(in.index) / 64);
      return append(made, itself);
    }
    if (name.starts_with("struct.new")) {
      append(made, itself);
      return append_charge(made, types_[TypeIdx{in.index}].bytes / 64);
    }
    if (name == "array.new_fixed") {
      append(made, itself);
      return append_charge(
          made, static_cast<std::int64_t>(types_[TypeIdx{in.index}].object_bytes(in.index2) / 64));
    }
    const Size size = size_of(in, name);
    if (size.bytes == 0) return append(made, itself);
    append(made, local_tee(spare + (size.is_64 ? 1 : 0)));
    append(made, itself);
    append(made, local_get(spare + (size.is_64 ? 1 : 0)));
    if (!size.is_64) append(made, op(WasmOp::i64_extend_i32_u));
    append(made, i64_const(size.bytes));
    append(made, op(WasmOp::i64_mul));
    if (size.header != 0) {  // an object: a header, and elements rounded up to eight bytes
      append(made, i64_const(7));
      append(made, op(WasmOp::i64_add));
      append(made, i64_const(-8));
      append(made, op(WasmOp::i64_and));
      append(made, i64_const(size.header));
      append(made, op(WasmOp::i64_add));
    }
    append(made, i64_const(6));
    append(made, op(WasmOp::i64_shr_u));
    append_charge_top(made, WasmOp::i64_add, spare);
  }

  std::uint32_t exception_bytes(std::uint32_t tag) const {
    const auto& type = std::get<FuncType>(module_.data.types[module_.tags[tag].value].composite);
    std::vector<FieldType> fields;
    for (const ValType value : type.params) fields.push_back({value});
    ObjectType object;
    lay_out(object, fields, module_.canonical);
    return object.bytes;
  }

  /// Of an instruction whose last operand says how many.
  struct Size {
    std::uint32_t bytes = 0;  // of each; 0: of another instruction
    bool is_64 = false;
    std::uint32_t header = 0;
  };
  Size size_of(const Instruction& in, std::string_view name) const {
    const auto memory_is_64 = [&](std::uint32_t i) {
      return module_.memories[i].address == AddressType::i64;
    };
    const auto table_is_64 = [&](std::uint32_t i) {
      return module_.tables[i].address == AddressType::i64;
    };
    const auto element = [&] { return bytes_of(types_[TypeIdx{in.index}].element); };
    if (name == "memory.fill") return {1, memory_is_64(in.index)};
    if (name == "memory.copy") return {1, memory_is_64(in.index) && memory_is_64(in.index2)};
    if (name == "memory.init") return {1, false};
    if (name == "table.fill") return {8, table_is_64(in.index)};
    if (name == "table.copy") return {8, table_is_64(in.index) && table_is_64(in.index2)};
    if (name == "table.init") return {8, false};
    if (name == "array.fill" || name == "array.copy" || name.starts_with("array.init")) {
      return {element(), false};
    }
    if (name.starts_with("array.new")) return {element(), false, 16};
    return {};
  }

  /// Pages are of 65,536 bytes, which cost 1024.
  void append_memory_grow(Bytes& made, const Instruction& in, const Bytes& itself,
                          std::uint32_t spare) const {
    const auto charge_size = [&](WasmOp how) {
      append(made, op(WasmOp::memory_size, {in.index}));
      if (module_.memories[in.index].address == AddressType::i32) {
        append(made, op(WasmOp::i64_extend_i32_u));
      }
      append(made, i64_const(10));
      append(made, op(WasmOp::i64_shl));
      append_charge_top(made, how, spare);
    };
    charge_size(WasmOp::i64_sub);
    append(made, itself);
    charge_size(WasmOp::i64_add);
  }

  void append_table_grow(Bytes& made, const Instruction& in, const Bytes& itself,
                         std::uint32_t spare) const {
    const bool is_64 = module_.tables[in.index].address == AddressType::i64;
    append(made, op(WasmOp::table_size, {in.index}));
    append(made, local_set(spare + (is_64 ? 1 : 0)));
    append(made, itself);
    append(made, op(WasmOp::table_size, {in.index}));
    append(made, local_get(spare + (is_64 ? 1 : 0)));
    append(made, op(is_64 ? WasmOp::i64_sub : WasmOp::i32_sub));
    if (!is_64) append(made, op(WasmOp::i64_extend_i32_u));
    append(made, i64_const(3));
    append(made, op(WasmOp::i64_shr_u));
    append_charge_top(made, WasmOp::i64_add, spare);
  }

  const ModuleImpl& module_;
  std::span<const std::uint8_t> bytes_;
  ObjectTypes& types_;
  std::uint32_t counter_;  // the index of the global
};

// --- running both --------------------------------------------------------------------------------

constexpr int most_pauses = 60;

std::optional<Process> create(const Module& module, const ExecutionOptions& execution) {
  ProcessOptions options;
  options.execution = execution;
  const auto in_order = [next = std::uint64_t{0}](const FunctionImport&) mutable { return next++; };
  auto process = Process::create(module, in_order, options);
  if (!process) return std::nullopt;
  return std::move(*process);
}

/// Answers whatever it waits for with nulls and zeros.
Result<Outcome> go_on(const Module& module, Process& process) {
  Thread thread = process.main_thread();
  static_cast<void>(thread.time_out());
  std::vector<Value> values;
  if (const auto call = thread.pending_host_call()) {
    const FuncIdx callee{static_cast<std::uint32_t>(call->number)};
    for (const ValType type : module.function_type(callee).results) {
      values.push_back(type.is_ref() ? Value::null(type) : Value::from_bits(type, 0));
    }
  }
  return thread.run(values);
}

/// What the added code may change: the stack's use; and what runs out has not been charged for.
bool may_differ(const Outcome& outcome) {
  const auto* trapped = std::get_if<Trapped>(&outcome);
  return trapped != nullptr &&
         (trapped->trap == Trap::call_stack_exhausted || trapped->trap == Trap::out_of_memory);
}

}  // namespace

Bytes with_fuel_counter(const Module& module) { return Counter(module).make(); }

std::optional<std::string> find_fuel_difference(const Module& module,
                                                const ExecutionOptions& metered,
                                                std::size_t* compared) {
  const auto counting = Module::load(with_fuel_counter(module), {module.features()});
  if (!counting) return "with a counter: " + to_string(counting.error());
  auto process = create(module, metered);
  auto other = create(*counting, {});
  if (!process || !other) return std::nullopt;
  for (int pause = 1; pause <= most_pauses; ++pause) {
    const auto outcome = go_on(module, *process);
    const auto others = go_on(*counting, *other);
    if (!outcome || !others) return std::nullopt;  // a result that cannot be null
    if (may_differ(*outcome) || may_differ(*others)) return std::nullopt;
    if (outcome->index() != others->index()) return fmt::format("pause {}: another outcome", pause);
    const std::uint64_t used = process->fuel()->used();
    const auto counted = static_cast<std::uint64_t>(other->global(counted_fuel)->as_i64());
    if (used != counted) return fmt::format("pause {}: {} used, {} counted", pause, used, counted);
    if (compared != nullptr) ++*compared;
    if (process->poisoned()) break;
  }
  return std::nullopt;
}

}  // namespace fermata::test
