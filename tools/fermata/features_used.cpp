// Looking through a module for what is newer than the MVP. See features_used.hpp.
#include "tools/fermata/features_used.hpp"

#include <variant>

#include "lib/binary/instruction_reader.hpp"

namespace fermata::tool {
namespace {

template <class... F>
struct Overloaded : F... {
  using F::operator()...;
};

class Finder {
 public:
  explicit Finder(const ModuleData& module) : module_(module) {}

  Features find() {
    types();
    imports_and_exports();
    definitions();
    segments();
    for (const auto& f : module_.functions) {
      for (const auto& run : module_.locals(f)) value_type(run.type);
      instructions(f.body, false);
    }
    // Both proposals for exceptions have tags.
    use_if(has_tags_ && !used_.has(Feature::legacy_exceptions), Feature::exceptions);
    return used_;
  }

 private:
  void use(Feature feature) { used_ = used_.with(feature); }
  void use_if(bool condition, Feature feature) {
    if (condition) use(feature);
  }

  void types() {
    for (const auto& group : module_.rec_groups) use_if(group.count != 1, Feature::gc);
    for (const auto& type : module_.types) {
      use_if(!type.final_ || !type.supers.empty(), Feature::gc);
      std::visit(Overloaded{[&](const FuncType& f) { func_type(f); },
                            [&](const StructType&) { use(Feature::gc); },
                            [&](const ArrayType&) { use(Feature::gc); }},
                 type.composite);
    }
  }

  void func_type(const FuncType& type) {
    for (const auto t : type.params) value_type(t);
    for (const auto t : type.results) value_type(t);
    use_if(type.results.size() > 1, Feature::multi_value);
  }

  void value_type(ValType type) {
    use_if(type.kind == ValKind::v128, Feature::simd);
    if (!type.is_ref()) return;
    use(Feature::reference_types);
    use_if(!type.nullable, Feature::function_references);
    heap_type(type.heap);
  }

  void heap_type(HeapType type) {
    switch (type.kind) {
      case HeapKind::func:
      case HeapKind::extern_:
        return;
      case HeapKind::concrete:
        return use(Feature::function_references);
      case HeapKind::exn:
      case HeapKind::noexn:
        return use(Feature::exceptions);
      default:
        return use(Feature::gc);
    }
  }

  void imports_and_exports() {
    std::vector<bool> mutable_globals;
    for (const auto& import : module_.imports) {
      std::visit(Overloaded{[](TypeIdx) {}, [&](const TableType& t) { table(t); },
                            [&](const MemoryType& m) { memory(m); },
                            [&](const GlobalType& g) {
                              value_type(g.value);
                              use_if(g.mutable_, Feature::mutable_globals);
                              mutable_globals.push_back(g.mutable_);
                            },
                            [&](const TagDef&) { has_tags_ = true; }},
                 import.desc);
    }
    for (const auto& g : module_.globals) mutable_globals.push_back(g.type.mutable_);
    for (const auto& e : module_.exports) {
      use_if(e.kind == ExternKind::global && e.index < mutable_globals.size() &&
                 mutable_globals[e.index],
             Feature::mutable_globals);
    }
  }

  void table(const TableType& type) {
    use_if(++tables_ > 1, Feature::reference_types);
    if (type.element != funcref) value_type(type.element);
    use_if(type.address == AddressType::i64, Feature::memory64);
  }

  void memory(const MemoryType& type) {
    use_if(++memories_ > 1, Feature::multi_memory);
    use_if(type.address == AddressType::i64, Feature::memory64);
    use_if(type.shared, Feature::threads);
    use_if(type.has_custom_page_size(), Feature::custom_page_sizes);
  }

  void definitions() {
    for (const auto& t : module_.tables) {
      table(t.type);
      if (!t.init) continue;
      use(Feature::function_references);
      constant(*t.init);
    }
    for (const auto& m : module_.memories) memory(m.type);
    for (const auto& g : module_.globals) {
      value_type(g.type.value);
      constant(g.init);
    }
    has_tags_ = has_tags_ || !module_.tags.empty();
    use_if(module_.data_count.has_value(), Feature::bulk_memory);
  }

  void segments() {
    for (const auto& elem : module_.elems) {
      use_if(elem.mode == SegmentMode::passive, Feature::bulk_memory);
      use_if(elem.mode == SegmentMode::declarative, Feature::reference_types);
      if (elem.mode == SegmentMode::active) constant(elem.offset_expr);
      if (const auto* items = std::get_if<std::vector<ConstExpr>>(&elem.items)) {
        use(Feature::bulk_memory);
        if (elem.type != funcref) value_type(elem.type);
        for (const auto& item : *items) constant(item);
      }
    }
    for (const auto& data : module_.datas) {
      use_if(data.mode == SegmentMode::passive, Feature::bulk_memory);
      if (data.mode == SegmentMode::active) constant(data.offset_expr);
    }
  }

  void constant(const ConstExpr& expression) { instructions(expression.code, true); }

  void instructions(ByteRange range, bool constant) {
    InstructionReader reader(module_.bytes, range, Features::all());
    Instruction instruction;
    while (!reader.at_end() && reader.next(instruction)) {
      const auto feature = info(instruction.op).feature;
      if (instruction.op == WasmOp::throw_) {
        has_tags_ = true;
      } else if (feature) {
        use(*feature);
      }
      if (constant) constant_instruction(instruction.op);
      immediate(instruction);
    }
  }

  void constant_instruction(WasmOp op) {
    switch (op) {
      case WasmOp::i32_add:
      case WasmOp::i32_sub:
      case WasmOp::i32_mul:
      case WasmOp::i64_add:
      case WasmOp::i64_sub:
      case WasmOp::i64_mul:
        return use(Feature::extended_const);
      default:
        return;
    }
  }

  void immediate(const Instruction& instruction) {
    switch (info(instruction.op).immediate) {
      case Immediate::block_type:
      case Immediate::try_table:
        return block_type(instruction.block);
      case Immediate::call_indirect:
        return use_if(instruction.index2 != 0, Feature::reference_types);
      case Immediate::heap_type:
      case Immediate::ref_test:
        return heap_type(instruction.heap);
      case Immediate::value_types:
        if (instruction.select_count == 1) value_type(instruction.select_type);
        return;
      default:
        return;
    }
  }

  void block_type(BlockType type) {
    if (type.kind == BlockType::Kind::value) value_type(type.value);
    use_if(type.kind == BlockType::Kind::type, Feature::multi_value);
  }

  const ModuleData& module_;
  Features used_;
  std::size_t tables_ = 0;
  std::size_t memories_ = 0;
  bool has_tags_ = false;  // or throws
};

}  // namespace

Features features_used(const ModuleData& module) { return Finder(module).find(); }

}  // namespace fermata::tool
