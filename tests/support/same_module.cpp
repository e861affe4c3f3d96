// See same_module.hpp.
#include "tests/support/same_module.hpp"

#include <algorithm>
#include <span>

#include "lib/binary/encoder.hpp"
#include "lib/binary/instruction_reader.hpp"
#include "lib/binary/type_reader.hpp"

namespace fermata {
namespace {

// --- instructions
// ---------------------------------------------------------------------------------

bool same(const MemArg& a, const MemArg& b) {
  return a.align_log2 == b.align_log2 && a.memory == b.memory && a.offset == b.offset;
}

bool same(const BlockType& a, const BlockType& b) {
  return a.kind == b.kind && (a.kind != BlockType::Kind::value || a.value == b.value) &&
         (a.kind != BlockType::Kind::type || a.type == b.type);
}

bool same(const LabelTable& a, const LabelTable& b) {
  if (a.count != b.count) return false;
  std::vector<LabelIdx> labels;
  a.each([&](LabelIdx label) { labels.push_back(label); });
  std::size_t i = 0;
  bool all = true;
  b.each([&](LabelIdx label) { all = all && labels[i++] == label; });
  return all;
}

bool same(const CatchTable& a, const CatchTable& b) {
  if (a.count != b.count) return false;
  std::vector<CatchClause> clauses;
  a.each([&](CatchClause clause) { clauses.push_back(clause); });
  std::size_t i = 0;
  bool all = true;
  b.each([&](CatchClause clause) {
    const CatchClause& other = clauses[i++];
    all = all && other.kind == clause.kind && other.label == clause.label &&
          (!clause.has_tag() || other.tag == clause.tag);
  });
  return all;
}

bool same(const CastTypes& a, const CastTypes& b) {
  return a.from == b.from && a.to == b.to && a.from_nullable == b.from_nullable &&
         a.to_nullable == b.to_nullable;
}

// The instructions' immediates, given that the opcodes are the same.
bool same_immediates(const Instruction& a, const Instruction& b) {
  switch (info(a.op).immediate) {
    case Immediate::none:
    case Immediate::fence:
      return true;
    case Immediate::block_type:
      return same(a.block, b.block);
    case Immediate::try_table:
      return same(a.block, b.block) && same(a.catches, b.catches);
    case Immediate::label_table:
      return same(a.labels, b.labels);
    case Immediate::memarg:
      return same(a.memarg, b.memarg);
    case Immediate::memarg_lane:
      return same(a.memarg, b.memarg) && a.lane == b.lane;
    case Immediate::i32_const:
      return a.i32 == b.i32;
    case Immediate::i64_const:
      return a.i64 == b.i64;
    case Immediate::f32_const:
      return a.f32_bits == b.f32_bits;
    case Immediate::f64_const:
      return a.f64_bits == b.f64_bits;
    case Immediate::v128_const:
    case Immediate::shuffle:
      return a.v128 == b.v128;
    case Immediate::value_types:
      // Of several types none is kept; no valid module has them.
      return a.select_count == b.select_count &&
             (a.select_count != 1 || a.select_type == b.select_type);
    case Immediate::heap_type:
    case Immediate::ref_test:
      return a.heap == b.heap;
    case Immediate::br_on_cast:
      return a.index == b.index && same(a.cast, b.cast);
    case Immediate::lane:
      return a.lane == b.lane;
    case Immediate::label:
    case Immediate::func:
    case Immediate::type:
    case Immediate::local:
    case Immediate::global:
    case Immediate::table:
    case Immediate::memory:
    case Immediate::data:
    case Immediate::elem:
    case Immediate::tag:
      return a.index == b.index;
    default:
      return a.index == b.index && a.index2 == b.index2;
  }
}

bool same_instructions(const ModuleData& a, ByteRange in_a, const ModuleData& b, ByteRange in_b) {
  InstructionReader read_a(a.bytes, in_a, Features::all());
  InstructionReader read_b(b.bytes, in_b, Features::all());
  Instruction x;
  Instruction y;
  while (!read_a.at_end() && !read_b.at_end()) {
    if (!read_a.next(x) || !read_b.next(y)) return false;
    if (x.op != y.op || !same_immediates(x, y)) return false;
  }
  return read_a.at_end() && read_b.at_end();
}

std::span<const std::uint8_t> slice(const ModuleData& m, ByteRange range) {
  return std::span(m.bytes).subspan(range.begin, range.size());
}

// --- modules
// --------------------------------------------------------------------------------------

class Comparison {
 public:
  Comparison(const ModuleData& a, const ModuleData& b) : a_(a), b_(b) {}

  [[nodiscard]] bool programs() const {
    return a_.types == b_.types && a_.rec_groups == b_.rec_groups && a_.start == b_.start &&
           all(a_.imports, b_.imports) && all(a_.functions, b_.functions) &&
           all(a_.tables, b_.tables) && all(a_.memories, b_.memories) &&
           all(a_.globals, b_.globals) && all(a_.tags, b_.tags) && all(a_.exports, b_.exports) &&
           all(a_.elems, b_.elems) && all(a_.datas, b_.datas);
  }

  [[nodiscard]] bool customs() const {
    return std::ranges::equal(other_customs(a_), other_customs(b_), [this](auto* a, auto* b) {
      return a->name == b->name && place(a_, *a) == place(b_, *b) && bytes(a->bytes, b->bytes);
    });
  }

 private:
  template <class T>
  [[nodiscard]] bool all(const std::vector<T>& a, const std::vector<T>& b) const {
    return std::ranges::equal(a, b, [this](const T& x, const T& y) { return one(x, y); });
  }

  [[nodiscard]] bool bytes(ByteRange a, ByteRange b) const {
    return std::ranges::equal(slice(a_, a), slice(b_, b));
  }
  [[nodiscard]] bool code(ByteRange a, ByteRange b) const {
    return bytes(a, b) || same_instructions(a_, a, b_, b);
  }

  [[nodiscard]] bool one(const ConstExpr& a, const ConstExpr& b) const {
    return code(a.code, b.code);
  }
  [[nodiscard]] bool one(FuncIdx a, FuncIdx b) const { return a == b; }
  [[nodiscard]] bool one(const Import& a, const Import& b) const {
    if (a.module != b.module || a.name != b.name || a.desc.index() != b.desc.index()) return false;
    return std::visit(
        [this, &b]<class T>(const T& x) {
          const T& y = std::get<T>(b.desc);
          if constexpr (std::is_same_v<T, TagDef>)
            return one(x, y);
          else
            return x == y;
        },
        a.desc);
  }
  [[nodiscard]] bool one(const FuncDef& a, const FuncDef& b) const {
    return a.type == b.type && same_locals(a_.locals(a), b_.locals(b)) && code(a.body, b.body);
  }
  [[nodiscard]] bool one(const TableDef& a, const TableDef& b) const {
    return a.type == b.type && a.init.has_value() == b.init.has_value() &&
           (!a.init || one(*a.init, *b.init));
  }
  [[nodiscard]] bool one(const MemoryDef& a, const MemoryDef& b) const { return a.type == b.type; }
  [[nodiscard]] bool one(const GlobalDef& a, const GlobalDef& b) const {
    return a.type == b.type && one(a.init, b.init);
  }
  [[nodiscard]] bool one(const TagDef& a, const TagDef& b) const { return a.type == b.type; }
  [[nodiscard]] bool one(const Export& a, const Export& b) const {
    return a.name == b.name && a.kind == b.kind && a.index == b.index;
  }
  [[nodiscard]] bool one(const ElemSegment& a, const ElemSegment& b) const {
    if (a.mode != b.mode || a.type != b.type || a.items.index() != b.items.index()) return false;
    if (a.mode == SegmentMode::active &&
        (a.table != b.table || !one(a.offset_expr, b.offset_expr))) {
      return false;
    }
    return std::visit(
        [this, &b]<class T>(const T& items) { return all(items, std::get<T>(b.items)); }, a.items);
  }
  [[nodiscard]] bool one(const DataSegment& a, const DataSegment& b) const {
    if (a.mode != b.mode || !bytes(a.bytes, b.bytes)) return false;
    return a.mode != SegmentMode::active ||
           (a.memory == b.memory && one(a.offset_expr, b.offset_expr));
  }

  static bool same_locals(std::span<const LocalRun> a, std::span<const LocalRun> b) {
    return std::ranges::equal(merged(a), merged(b), [](const LocalRun& x, const LocalRun& y) {
      return x.count == y.count && x.type == y.type;
    });
  }

  /// Neighbours of one type made one, empty ones left out.
  static std::vector<LocalRun> merged(std::span<const LocalRun> runs) {
    std::vector<LocalRun> out;
    for (const LocalRun& run : runs) {
      if (run.count == 0) continue;
      if (!out.empty() && out.back().type == run.type) {
        out.back().count += run.count;
      } else {
        out.push_back(run);
      }
    }
    return out;
  }

  static std::vector<const CustomSection*> other_customs(const ModuleData& m) {
    std::vector<const CustomSection*> out;
    for (const CustomSection& custom : m.customs) {
      if (custom.name != "name") out.push_back(&custom);
    }
    return out;
  }

  /// The section that a custom one follows, of those that are written.
  static SectionId place(const ModuleData& m, const CustomSection& custom) {
    SectionId last = SectionId::custom;
    if (custom.after == 0) return last;
    for (const SectionId id : section_order) {
      if (has_section(m, id) && id != SectionId::data_count) last = id;
      if (static_cast<std::uint8_t>(id) == custom.after) break;
    }
    return last;
  }

  const ModuleData& a_;
  const ModuleData& b_;
};

bool same_names(const Names::IndirectMap& a, const Names::IndirectMap& b) {
  const auto filled = [](const Names::IndirectMap& groups) {
    Names::IndirectMap out;
    for (const auto& [index, names] : groups) {
      if (!names.empty()) out.emplace(index, names);
    }
    return out;
  };
  return filled(a) == filled(b);
}

bool same_names(const Names& a, const Names& b) {
  return a.module == b.module && a.functions == b.functions && a.types == b.types &&
         a.tables == b.tables && a.memories == b.memories && a.globals == b.globals &&
         a.elems == b.elems && a.datas == b.datas && a.tags == b.tags &&
         same_names(a.locals, b.locals) && same_names(a.labels, b.labels) &&
         same_names(a.fields, b.fields);
}

}  // namespace

bool same_program(const ModuleData& a, const ModuleData& b) { return Comparison(a, b).programs(); }

bool same_module(const ModuleData& a, const ModuleData& b) {
  return same_program(a, b) && Comparison(a, b).customs() && same_names(a.names, b.names);
}

}  // namespace fermata
