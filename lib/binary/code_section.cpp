// The code section: sizes, locals and where the instructions lie.
//
// The instructions themselves are not read here. Specification: "Binary Format / Modules / Code
// Section".
#include "fermata/limits.hpp"
#include "lib/binary/section_readers.hpp"
#include "lib/binary/type_reader.hpp"

namespace fermata {
namespace {

constexpr std::uint8_t end_opcode = 0x0B;

void check_local_count(Reader& reader, std::uint32_t at, std::span<const LocalRun> locals) {
  std::uint64_t total = 0;
  for (const LocalRun& run : locals) total += run.count;
  if (total > UINT32_MAX) {
    reader.fail(at, "too many locals", fmt::format("{} are declared, below 2^32 expected", total));
  } else if (total > limits::locals) {
    reader.fail_limit(at, fmt::format("too many locals: {} are declared, at most {} are supported",
                                      total, limits::locals));
  }
}

/// Adds a function's locals to those of the functions before it.
LocalRange read_locals(SectionContext& context) {
  Reader& reader = context.reader;
  std::vector<LocalRun>& runs = context.module.local_runs;
  const std::uint32_t at = reader.offset();
  const std::uint32_t runs_before = static_cast<std::uint32_t>(runs.size());
  const std::uint32_t count = read_count(reader, UINT32_MAX, "runs of locals");
  for (std::uint32_t i = 0; i < count && reader.ok(); ++i) {
    const std::uint32_t locals = reader.u32();
    runs.push_back({locals, read_val_type(reader)});
  }
  if (reader.ok()) check_local_count(reader, at, std::span(runs).subspan(runs_before));
  return {runs_before, static_cast<std::uint32_t>(runs.size())};
}

/// Instructions end with `end`, so a body without it is malformed; this finds out where. Like the
/// specification's reference it reads on past the body's declared end.
void fail_unterminated(SectionContext& context, ByteRange body) {
  const std::uint32_t end = find_expression_end(context, body.begin);
  context.reader.fail(
      body.begin, "section size mismatch",
      fmt::format("the function's instructions are declared to end at offset 0x{:x}, "
                  "but end at 0x{:x}",
                  body.end, end));
}

void read_code_entry(SectionContext& context, FuncDef& function) {
  Reader& reader = context.reader;
  function.offset = reader.offset();
  const std::uint32_t size = reader.length();
  const std::uint32_t begin = reader.offset();
  const std::uint32_t end = begin + size;
  if (size > limits::function_bytes) {
    reader.fail_limit(function.offset,
                      fmt::format("a function of {} bytes, at most {} are supported", size,
                                  limits::function_bytes));
  }
  function.locals = read_locals(context);
  if (!reader.ok()) return;
  if (reader.offset() > end) {
    reader.fail(begin, "section size mismatch",
                fmt::format("the function declares {} bytes, its locals alone take {}", size,
                            reader.offset() - begin));
    return;
  }
  function.body = reader.take(end - reader.offset());
  if (!reader.ok()) return;
  if (function.body.size() == 0 || context.bytes[end - 1] != end_opcode) {
    fail_unterminated(context, function.body);
  }
}

std::uint32_t imported_functions(const ModuleData& module) {
  std::uint32_t count = 0;
  for (const Import& import : module.imports) count += import.kind() == ExternKind::func ? 1 : 0;
  return count;
}

}  // namespace

void read_code_section(SectionContext& context) {
  Reader& reader = context.reader;
  std::vector<FuncDef>& functions = context.module.functions;
  const std::uint32_t count = read_count(reader, limits::functions, "functions");
  const std::uint32_t imported = imported_functions(context.module);
  context.module.local_runs.reserve(count);
  FuncDef undeclared;  // the number of functions is compared when all sections are read
  for (std::uint32_t i = 0; i < count && reader.ok(); ++i) {
    context.function = FuncIdx{imported + i};
    read_code_entry(context, i < functions.size() ? functions[i] : undeclared);
  }
  if (reader.ok()) context.function.reset();
  context.code_count = count;
}

}  // namespace fermata
