// ModuleData: a module as decoded, in the specification's structure, before validation.
//
// The one result of both the binary decoder and the text parser, and the input of the encoder and
// the printer. Instruction sequences stay bytes (ByteRange into `bytes`), walked by
// InstructionReader. Knows nothing of validity. Specification: "Structure / Modules".
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "fermata/types.hpp"

namespace fermata {

/// A part of ModuleData::bytes. `begin` is also the byte offset that messages show.
struct ByteRange {
  std::uint32_t begin = 0;
  std::uint32_t end = 0;
  [[nodiscard]] constexpr std::uint32_t size() const { return end - begin; }
  friend constexpr bool operator==(ByteRange, ByteRange) = default;
};

// --- types (specification: "Structure / Types / Composite Types") -------------------------------

enum class PackedType : std::uint8_t { none, i8, i16 };

struct FieldType {
  ValType type;                            // i32 when packed
  PackedType packed = PackedType::none;
  bool mutable_ = false;
  friend bool operator==(const FieldType&, const FieldType&) = default;
};
struct StructType {
  std::vector<FieldType> fields;
  friend bool operator==(const StructType&, const StructType&) = default;
};
struct ArrayType {
  FieldType field;
  friend bool operator==(const ArrayType&, const ArrayType&) = default;
};
using CompType = std::variant<FuncType, StructType, ArrayType>;

struct SubType {
  bool final_ = true;
  std::vector<TypeIdx> supers;             // the binary format allows several; validation one
  CompType composite;
  friend bool operator==(const SubType&, const SubType&) = default;
};

/// Types [first, first + count) of ModuleData::types were defined as one recursive group.
struct RecGroup {
  std::uint32_t first = 0;
  std::uint32_t count = 1;
  friend bool operator==(const RecGroup&, const RecGroup&) = default;
};

// --- imports, exports, definitions --------------------------------------------------------------

enum class ExternKind : std::uint8_t { func = 0, table = 1, memory = 2, global = 3, tag = 4 };

struct TagDef {
  TypeIdx type;
  std::uint32_t offset = 0;
};

struct Import {
  std::string module;
  std::string name;
  std::variant<TypeIdx, TableType, MemoryType, GlobalType, TagDef> desc;  // in ExternKind's order
  std::uint32_t offset = 0;
  [[nodiscard]] ExternKind kind() const { return static_cast<ExternKind>(desc.index()); }
};

struct Export {
  std::string name;
  ExternKind kind{};
  std::uint32_t index = 0;
  std::uint32_t offset = 0;
};

/// A constant expression: its instructions with the closing `end`.
struct ConstExpr {
  ByteRange code;
};

struct TableDef {
  TableType type;
  std::optional<ConstExpr> init;
  std::uint32_t offset = 0;
};
struct MemoryDef {
  MemoryType type;
  std::uint32_t offset = 0;
};
struct GlobalDef {
  GlobalType type;
  ConstExpr init;
  std::uint32_t offset = 0;
};

struct LocalRun {  // `count` locals of one type
  std::uint32_t count = 0;
  ValType type;
};

/// Elements [begin, end) of ModuleData::local_runs.
struct LocalRange {
  std::uint32_t begin = 0;
  std::uint32_t end = 0;
};

struct FuncDef {
  TypeIdx type;
  LocalRange locals;              // parameters not included; ModuleData::locals has them
  ByteRange body;                 // the instructions with the closing `end`
  std::uint32_t offset = 0;       // of the code entry
};

enum class SegmentMode : std::uint8_t { passive, active, declarative };

struct ElemSegment {
  SegmentMode mode{};
  TableIdx table{};                                        // active only
  ConstExpr offset_expr{};                                 // active only
  ValType type = funcref;
  std::variant<std::vector<FuncIdx>, std::vector<ConstExpr>> items;
  std::uint8_t flags = 0;                                  // the binary format's variant, 0..7
  std::uint32_t offset = 0;
};
struct DataSegment {
  SegmentMode mode{};
  MemIdx memory{};                // active only
  ConstExpr offset_expr{};        // active only
  ByteRange bytes;
  std::uint8_t flags = 0;         // 0..2
  std::uint32_t offset = 0;
};

struct CustomSection {
  std::string name;
  ByteRange bytes;                // the payload after the name
  std::uint8_t after = 0;         // id of the last non-custom section before it, 0: none
  std::uint32_t offset = 0;
};

/// The name section (specification: "Appendix / Custom Sections"). A malformed one is ignored.
struct Names {
  using Map = std::map<std::uint32_t, std::string>;
  using IndirectMap = std::map<std::uint32_t, Map>;
  std::optional<std::string> module;
  Map functions, types, tables, memories, globals, elems, datas, tags;
  IndirectMap locals, labels, fields;
};

struct ModuleData {
  std::vector<std::uint8_t> bytes;     // what every ByteRange points into

  std::vector<SubType> types;
  std::vector<std::uint32_t> type_offsets;  // of each of `types`; none when read from text
  std::vector<RecGroup> rec_groups;
  std::vector<Import> imports;
  std::vector<FuncDef> functions;      // defined ones; their index space begins with the imported
  std::vector<LocalRun> local_runs;    // of all functions, one after another
  std::vector<TableDef> tables;
  std::vector<MemoryDef> memories;
  std::vector<GlobalDef> globals;
  std::vector<TagDef> tags;
  std::vector<Export> exports;
  std::optional<FuncIdx> start;
  std::uint32_t start_offset = 0;
  std::vector<ElemSegment> elems;
  std::vector<DataSegment> datas;
  std::optional<std::uint32_t> data_count;
  std::uint32_t data_count_offset = 0;
  std::vector<CustomSection> customs;
  Names names;
  std::optional<ByteRange> unread_names;   // the name section's contents, if `names` waits for them

  /// Where the definition of a type begins, if the module was binary.
  [[nodiscard]] std::optional<std::uint64_t> type_offset(std::uint32_t type) const {
    if (type >= type_offsets.size()) return std::nullopt;
    return type_offsets[type];
  }
  /// The locals of one of `functions`. Valid as long as `local_runs` is unchanged.
  [[nodiscard]] std::span<const LocalRun> locals(const FuncDef& function) const {
    const LocalRange range = function.locals;
    return std::span(local_runs).subspan(range.begin, range.end - range.begin);
  }
};

}  // namespace fermata
