// ModuleBuilder: small binary modules written in C++, for tests.
//
// Owns the encoding of sections and of the instructions that tests write. It checks nothing, so
// that malformed and invalid modules can be built too. An example:
//
//   ModuleBuilder m;
//   const auto inc = m.func({i32}, {i32}, {local_get(0), i32_const(1), op(WasmOp::i32_add)});
//   m.export_func("inc", inc);
//   const std::vector<std::uint8_t> bytes = m.build();
#pragma once

#include <array>
#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "fermata/types.hpp"
#include "lib/isa/wasm_op.hpp"
#include "lib/module/module_data.hpp"

namespace fermata::test {

using Bytes = std::vector<std::uint8_t>;

// --- raw encodings ------------------------------------------------------------------------------

[[nodiscard]] Bytes leb_u(std::uint64_t value);
[[nodiscard]] Bytes leb_s(std::int64_t value);
[[nodiscard]] Bytes encoded(HeapType type);
[[nodiscard]] Bytes encoded(ValType type);
/// A length and the bytes of `text`.
[[nodiscard]] Bytes encoded_name(std::string_view text);
/// All of them, one after another.
[[nodiscard]] Bytes concat(std::initializer_list<Bytes> parts);

// --- instructions -------------------------------------------------------------------------------

/// Encoded instructions. A body is a list of them.
struct Code {
  Bytes bytes;
};
using Body = std::vector<Code>;

[[nodiscard]] Code raw(std::initializer_list<std::uint8_t> bytes);
/// The opcode and any immediates that are plain numbers: indices, a lane.
[[nodiscard]] Code op(WasmOp op, std::initializer_list<std::uint32_t> immediates = {});

[[nodiscard]] Code i32_const(std::int32_t value);
[[nodiscard]] Code i64_const(std::int64_t value);
[[nodiscard]] Code f32_const(float value);
[[nodiscard]] Code f64_const(double value);
[[nodiscard]] Code v128_const(std::array<std::uint8_t, 16> value);

[[nodiscard]] Code local_get(std::uint32_t index);
[[nodiscard]] Code local_set(std::uint32_t index);
[[nodiscard]] Code local_tee(std::uint32_t index);
[[nodiscard]] Code global_get(std::uint32_t index);
[[nodiscard]] Code global_set(std::uint32_t index);

/// The opening of a block without result, with one result, or of a function type; close it with
/// `end()`.
[[nodiscard]] Code block();
[[nodiscard]] Code block(ValType result);
[[nodiscard]] Code block(TypeIdx type);
[[nodiscard]] Code loop();
[[nodiscard]] Code loop(ValType result);
[[nodiscard]] Code loop(TypeIdx type);
[[nodiscard]] Code if_();
[[nodiscard]] Code if_(ValType result);
[[nodiscard]] Code if_(TypeIdx type);
[[nodiscard]] Code try_();
[[nodiscard]] Code try_(ValType result);
[[nodiscard]] Code try_(TypeIdx type);
[[nodiscard]] Code else_();
[[nodiscard]] Code end();

[[nodiscard]] Code br(std::uint32_t label);
[[nodiscard]] Code br_if(std::uint32_t label);
[[nodiscard]] Code br_table(const std::vector<std::uint32_t>& labels, std::uint32_t otherwise);
[[nodiscard]] Code return_();
[[nodiscard]] Code unreachable();
[[nodiscard]] Code drop();
[[nodiscard]] Code nop();
[[nodiscard]] Code select_t(std::initializer_list<ValType> types);
[[nodiscard]] Code call(FuncIdx function);
[[nodiscard]] Code call(std::uint32_t function);
[[nodiscard]] Code call_indirect(TypeIdx type, std::uint32_t table = 0);
[[nodiscard]] Code call_ref(TypeIdx type);
[[nodiscard]] Code return_call(std::uint32_t function);
[[nodiscard]] Code return_call_indirect(TypeIdx type, std::uint32_t table = 0);
[[nodiscard]] Code return_call_ref(TypeIdx type);
[[nodiscard]] Code ref_null(HeapType type);
[[nodiscard]] Code ref_func(FuncIdx function);
/// Whether null will do is part of the opcode.
[[nodiscard]] Code ref_test(ValType type);
[[nodiscard]] Code ref_cast(ValType type);
/// br_on_cast or br_on_cast_fail.
[[nodiscard]] Code br_on_cast(WasmOp op, std::uint32_t label, ValType from, ValType to);
/// Any load or store, lane accesses excepted. Without `align_log2`: the natural alignment.
[[nodiscard]] Code memory_access(WasmOp op, std::uint64_t offset = 0,
                                 std::optional<std::uint32_t> align_log2 = {},
                                 std::uint32_t memory = 0);
[[nodiscard]] Code load(WasmOp op, std::uint64_t offset = 0);
[[nodiscard]] Code store(WasmOp op, std::uint64_t offset = 0);

// --- modules ------------------------------------------------------------------------------------

/// What `ModuleBuilder::elem` and `data` need to place an active segment.
struct ActiveAt {
  Body offset;              // a constant expression without its `end`
  std::uint32_t index = 0;  // of the table or memory
};

/// Section ids (specification: "Binary Format / Modules / Sections").
enum class Section : std::uint8_t {
  custom,
  type,
  import,
  function,
  table,
  memory,
  global,
  export_,
  start,
  element,
  code,
  data,
  data_count,
  tag,
};

/// Collects definitions in any order and writes the sections in theirs. Functions that return an
/// index require imports of that kind to be made first.
class ModuleBuilder {
 public:
  TypeIdx type(const ResultType& params, const ResultType& results);
  TypeIdx type(const SubType& type);
  /// One recursive group; the index of its first type.
  TypeIdx rec_group(const std::vector<SubType>& types);

  FuncIdx import_func(std::string_view module, std::string_view name, TypeIdx type);
  TableIdx import_table(std::string_view module, std::string_view name, const TableType& type);
  MemIdx import_memory(std::string_view module, std::string_view name, const MemoryType& type);
  GlobalIdx import_global(std::string_view module, std::string_view name, GlobalType type);
  TagIdx import_tag(std::string_view module, std::string_view name, TypeIdx type);

  /// A function; the closing `end` is added to the body. The second form shares equal types. (The
  /// first is a template so that `{}` is never taken for a type index.)
  template <std::same_as<TypeIdx> T>
  FuncIdx func(T type, const Body& body, const std::vector<LocalRun>& locals = {}) {
    return add_func(type, body, locals);
  }
  FuncIdx func(const ResultType& params, const ResultType& results, const Body& body,
               const std::vector<LocalRun>& locals = {});
  TableIdx table(const TableType& type);
  TableIdx table(const TableType& type, const Body& init);
  MemIdx memory(const MemoryType& type);
  MemIdx memory(std::uint64_t min, std::optional<std::uint64_t> max = {});
  TagIdx tag(TypeIdx type);
  GlobalIdx global(GlobalType type, const Body& init);

  ModuleBuilder& export_func(std::string_view name, FuncIdx index);
  ModuleBuilder& export_table(std::string_view name, TableIdx index = {});
  ModuleBuilder& export_memory(std::string_view name, MemIdx index = {});
  ModuleBuilder& export_global(std::string_view name, GlobalIdx index = {});
  ModuleBuilder& export_tag(std::string_view name, TagIdx index = {});
  ModuleBuilder& start(FuncIdx function);

  /// Function references, in the shortest variants of the format.
  ElemIdx elem(const ActiveAt& at, const std::vector<FuncIdx>& functions);
  ElemIdx passive_elem(const std::vector<FuncIdx>& functions);
  ElemIdx declarative_elem(const std::vector<FuncIdx>& functions);
  /// Constant expressions of a type.
  ElemIdx elem(const ActiveAt& at, ValType type, const std::vector<Body>& items);
  ElemIdx passive_elem(ValType type, const std::vector<Body>& items);

  DataIdx data(const ActiveAt& at, std::string_view bytes);
  DataIdx passive_data(std::string_view bytes);
  /// Writes a data count section, which memory.init and data.drop need.
  ModuleBuilder& data_count(std::optional<std::uint32_t> count = {});

  /// A custom section, after the section `after` (`Section::custom`: first of all).
  ModuleBuilder& custom(std::string_view name, const Bytes& payload, Section after = Section::data);
  /// Names for the name section, which comes last.
  ModuleBuilder& name_module(std::string_view name);
  ModuleBuilder& name_func(FuncIdx function, std::string_view name);
  ModuleBuilder& name_local(FuncIdx function, std::uint32_t local, std::string_view name);

  /// The module's bytes.
  [[nodiscard]] Bytes build() const;

 private:
  struct Items {
    std::uint32_t count = 0;
    Bytes bytes;
  };
  FuncIdx add_func(TypeIdx type, const Body& body, const std::vector<LocalRun>& locals);
  std::uint32_t add(Section section, const Bytes& item);
  std::uint32_t import(std::string_view module, std::string_view name, ExternKind kind,
                       const Bytes& type);
  ModuleBuilder& add_export(std::string_view name, ExternKind kind, std::uint32_t index);
  void write_section(Bytes& out, Section section) const;
  [[nodiscard]] Bytes name_section() const;

  std::map<Section, Items> sections_;
  std::uint32_t type_count_ = 0;
  std::map<Bytes, TypeIdx> func_types_;
  std::map<ExternKind, std::uint32_t> counts_;  // sizes of the index spaces
  std::uint32_t data_total_ = 0;
  std::optional<std::uint32_t> start_;
  std::optional<std::optional<std::uint32_t>> data_count_;
  std::vector<std::pair<Section, Bytes>> customs_;
  std::optional<std::string> module_name_;
  std::map<std::uint32_t, std::string> func_names_;
  std::map<std::uint32_t, std::map<std::uint32_t, std::string>> local_names_;
};

/// The preamble and the given sections, each with its id and size: for malformed modules.
[[nodiscard]] Bytes module_of(std::initializer_list<std::pair<Section, Bytes>> sections);
/// A section's id, size and contents.
[[nodiscard]] Bytes section(Section id, const Bytes& contents);
/// A count and the items.
[[nodiscard]] Bytes vec(std::initializer_list<Bytes> items);

}  // namespace fermata::test
