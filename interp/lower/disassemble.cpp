// Prints register code, one line an instruction, under the WebAssembly instruction that made it.
#include "interp/lower/disassemble.hpp"

#include <fmt/format.h>

#include "interp/isa/atomic.hpp"
#include "interp/lower/object_type.hpp"
#include "lib/binary/instruction_text.hpp"

namespace fermata {

namespace {

constexpr std::string_view texts[] = {
#define FERMATA_LAYOUT(id, words, flow, text) text,
#include "interp/isa/layouts.def"
#undef FERMATA_LAYOUT
};

/// Whether word 1 is the address of a function's code.
bool names_function(Layout layout) { return layout == Layout::call || layout == Layout::tail_call; }

/// Whether it is the address of an object's type.
bool names_type(Layout layout) {
  return layout == Layout::object_new || layout == Layout::object_new_from;
}

/// What an atomic instruction does, and to how many bits.
std::string atomic_text(AtomicAccess access) {
  return fmt::format("{}{}", to_string(access.op), 8u << access.size_log2);
}

/// The operands of the instruction at `at`, which is word `word` of its function.
std::string operands(Layout layout, const Word* at, std::uint32_t word) {
  const std::uint32_t a = field_a(at[0]);
  const std::uint32_t wide = field_wide(at[0]);
  const Word second = words(layout) > 1 ? at[1] : 0;
  const Word third = words(layout) > 2 ? at[2] : 0;
  const std::uint32_t callee =
      names_function(layout) ? reinterpret_cast<const FuncCode*>(second)->index.value : 0;
  const std::uint32_t type =
      names_type(layout) ? reinterpret_cast<const ObjectType*>(second)->index.value : 0;
  const AtomicAccess access = AtomicAccess::from(third);
  const std::string atomic = layout == Layout::atomic ? atomic_text(access) : std::string();
  return fmt::format(fmt::runtime(texts[static_cast<std::size_t>(layout)]), fmt::arg("a", a),
                     fmt::arg("a_next", a + 1), fmt::arg("b", field_b(at[0])),
                     fmt::arg("c", field_c(at[0])), fmt::arg("wide", wide),
                     fmt::arg("target", word + wide), fmt::arg("second", second),
                     fmt::arg("low", low_half(second)), fmt::arg("high", high_half(second)),
                     fmt::arg("third", third), fmt::arg("third_low", low_half(third)),
                     fmt::arg("third_high", high_half(third)), fmt::arg("callee", callee),
                     fmt::arg("type", type), fmt::arg("charge", static_cast<std::int32_t>(wide)),
                     fmt::arg("second_signed", static_cast<std::int64_t>(second)),
                     fmt::arg("atomic", atomic), fmt::arg("last", access.last_slot));
}

/// One instruction's line, and a line for each of a br_table's targets. Returns its words.
std::uint32_t print_op(TextSink& out, const std::vector<Word>& code, std::uint32_t word) {
  const Op op = op_of(code[word]);
  const Layout shape = layout(op);
  out.put(
      fmt::format("  {:5}  {:<20} {}\n", word, to_string(op), operands(shape, &code[word], word)));
  if (!is_br_table(shape)) return words(shape);
  const std::uint32_t count = field_wide(code[word]) + 1;
  for (std::uint32_t i = 0; i < count && !out.full(); ++i) {
    out.put(fmt::format("         {:>20} -> {}\n", i + 1 == count ? "default" : std::to_string(i),
                        word + static_cast<std::uint32_t>(code[word + 1 + i])));
  }
  return 1 + count;
}

/// The WebAssembly instructions up to the one at `last`, one a line.
void print_wasm(TextSink& out, InstructionReader& reader, std::uint32_t last) {
  Instruction in;
  while (!out.full() && !reader.at_end() && reader.offset() <= last && reader.next(in)) {
    out.put(fmt::format("{:#08x}  {}\n", in.offset, to_string(in)));
  }
}

}  // namespace

Disassembler::Disassembler(const Module& module, CodeMode mode)
    : module_(module.impl()), lowerer_(CodeCache::of(module_, mode)) {}

void Disassembler::list(FuncIdx function, TextSink& out) {
  const std::vector<Origin> origins = lowerer_.origins(function);
  const std::vector<Word>& code = lowerer_.code();
  const ByteRange body = module_.definition(function).body;

  InstructionReader reader(module_.data.bytes, body, module_.features);
  for (std::size_t i = 0; i < origins.size() && !out.full(); ++i) {
    print_wasm(out, reader, origins[i].offset);
    const std::uint32_t end =
        i + 1 < origins.size() ? origins[i + 1].word : static_cast<std::uint32_t>(code.size());
    for (std::uint32_t word = origins[i].word; word < end && !out.full();) {
      word += print_op(out, code, word);
    }
  }
  print_wasm(out, reader, body.end);
}

std::string disassemble(const Module& module, FuncIdx function, CodeMode mode) {
  TextSink out(max_text_size(module.impl().data.bytes.size()));
  Disassembler(module, mode).list(function, out);
  return out.take();
}

}  // namespace fermata
