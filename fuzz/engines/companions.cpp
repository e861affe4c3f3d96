// The two modules around a guest, made from its imports and exports.
#include "fuzz/engines/companions.hpp"

#include <algorithm>

#include "fuzz/engines/teller.hpp"
#include "lib/binary/decoder.hpp"

namespace fermata::test {

namespace {

/// Of so many host calls one throws.
constexpr std::int32_t calls_to_throw = 7;
constexpr std::int32_t most_told_elements = 40;

Body i32_number(std::uint32_t value) { return {i32_const(static_cast<std::int32_t>(value))}; }

// --- what the guest imports ----------------------------------------------------------------------

class Host {
 public:
  Host(const ModuleData& guest, Uses uses) : teller_(guest, uses), module_(teller_.module()) {}

  std::expected<Bytes, std::string> build() {
    calls_ = module_.global({i32, true}, {i32_const(0)});
    target_ = module_.func(ResultType{}, ResultType{}, teller_.note(Note::host_call, 999));
    module_.export_func("target", target_);  // so that references to it may be made
    if (teller_.uses().exceptions) thrown_ = module_.tag(module_.type(ResultType{}, ResultType{}));
    const auto& imports = teller_.guest().imports;
    for (std::uint32_t i = 0; i < imports.size(); ++i) {
      if (!add(imports[i], i)) return std::unexpected("no value for the import " + imports[i].name);
    }
    return module_.build();
  }

 private:
  bool add(const Import& import, std::uint32_t number) {
    const std::string name = std::to_string(number);
    switch (import.kind()) {
      case ExternKind::func:
        module_.export_func(name, function(std::get<TypeIdx>(import.desc), number));
        return true;
      case ExternKind::table:
        return add_table(std::get<TableType>(import.desc), name);
      case ExternKind::memory:
        module_.export_memory(name, module_.memory(std::get<MemoryType>(import.desc)));
        return true;
      case ExternKind::global:
        return add_global(std::get<GlobalType>(import.desc), name);
      case ExternKind::tag:
        module_.export_tag(name, module_.tag(std::get<TagDef>(import.desc).type));
        return true;
    }
    return false;
  }

  bool add_table(const TableType& type, const std::string& name) {
    if (!type.element.nullable) return false;
    module_.export_table(name, module_.table(type));
    return true;
  }

  bool add_global(const GlobalType& type, const std::string& name) {
    const Body value = constant(type.value);
    if (value.empty()) return false;
    module_.export_global(name, module_.global(type, value));
    return true;
  }

  /// Nothing if there is none.
  Body constant(ValType type) const {
    switch (type.kind) {
      case ValKind::i32:
        return {i32_const(42)};
      case ValKind::i64:
        return {i64_const(-3)};
      case ValKind::f32:
        return {f32_const(1.5)};
      case ValKind::f64:
        return {f64_const(-0.25)};
      case ValKind::v128:
        return {v128_const({1, 2, 3})};
      default:
        return type.nullable ? Body{ref_null(type.heap)} : constant(type.heap.kind);
    }
  }

  /// A reference to something.
  Body constant(HeapKind kind) const {
    Body body{i32_const(7), op(WasmOp::ref_i31)};
    switch (kind) {
      case HeapKind::any:
      case HeapKind::eq:
      case HeapKind::i31:
        return body;
      case HeapKind::extern_:
        append(body, {op(WasmOp::extern_convert_any)});
        return body;
      case HeapKind::func:
        return {ref_func(target_)};
      default:
        return {};
    }
  }

  /// Tells the call and its arguments; sometimes throws; gives invented results.
  FuncIdx function(TypeIdx type, std::uint32_t number) {
    const FuncType& signature = std::get<FuncType>(teller_.guest().types[type.value].composite);
    const Body calls{global_get(calls_.value)};
    Body body = joined({calls,
                        {i32_const(1), op(WasmOp::i32_add), global_set(calls_.value)},
                        teller_.note(Note::host_call, calls, i32_number(number))});
    for (std::uint32_t i = 0; i < signature.params.size(); ++i) {
      append(body, joined({{local_get(i)}, teller_.tell(signature.params[i])}));
    }
    if (thrown_) {
      append(
          body,
          joined({calls,
                  {i32_const(calls_to_throw), op(WasmOp::i32_rem_u), op(WasmOp::i32_eqz), if_()}}));
      append(body, {op(WasmOp::throw_, {thrown_->value}), end()});
    }
    std::uint32_t place = 0;
    for (const ValType result : signature.results) {
      append(body, joined({calls,
                           {i32_const(5), op(WasmOp::i32_mul)},
                           i32_number(3 * place++),
                           {op(WasmOp::i32_add)},
                           teller_.invent(result, target_)}));
    }
    return module_.func(type, body);
  }

  Teller teller_;
  ModuleBuilder& module_;
  GlobalIdx calls_{};
  FuncIdx target_{};
  std::optional<TagIdx> thrown_;
};

// --- what it exports -----------------------------------------------------------------------------

/// The type of the function with this index, imported or not.
TypeIdx type_of_function(const ModuleData& guest, std::uint32_t index) {
  for (const Import& import : guest.imports) {
    if (import.kind() != ExternKind::func) continue;
    if (index-- == 0) return std::get<TypeIdx>(import.desc);
  }
  return guest.functions[index].type;
}

/// What has this index among the imports of its kind and the definitions.
template <class Type, class Definition>
Type type_of(const ModuleData& guest, const std::vector<Definition>& definitions,
             std::uint32_t index) {
  for (const Import& import : guest.imports) {
    const auto* type = std::get_if<Type>(&import.desc);
    if (type == nullptr) continue;
    if (index-- == 0) return *type;
  }
  if constexpr (std::is_same_v<Type, Definition>) {
    return definitions[index];
  } else {
    return definitions[index].type;
  }
}

class Witness {
 public:
  Witness(const ModuleData& guest, Uses uses)
      : guest_(guest), teller_(guest, uses), module_(teller_.module()) {}

  Bytes build() {
    for (std::uint32_t i = 0; i < guest_.exports.size(); ++i) import(guest_.exports[i], i);
    target_ = module_.func(ResultType{}, ResultType{}, teller_.note(Note::host_call, 998));
    module_.export_func("target", target_);
    for (const auto& [place, function] : functions_) add_call(place, function);
    add_state();
    return module_.build();
  }

 private:
  struct Function {
    FuncIdx index;
    TypeIdx type;
  };

  void import(const Export& made, std::uint32_t place) {
    switch (made.kind) {
      case ExternKind::func: {
        const TypeIdx type = type_of_function(guest_, made.index);
        functions_.push_back({place, {module_.import_func("guest", made.name, type), type}});
        return;
      }
      case ExternKind::table:
        tables_.push_back(type_of<TableType>(guest_, guest_.tables, made.index));
        table_places_.push_back(place);
        static_cast<void>(module_.import_table("guest", made.name, tables_.back()));
        return;
      case ExternKind::global:
        globals_.push_back(type_of<GlobalType>(guest_, guest_.globals, made.index));
        global_places_.push_back(place);
        static_cast<void>(module_.import_global("guest", made.name, globals_.back()));
        return;
      case ExternKind::tag:
        tags_.push_back(type_of<TagDef>(guest_, guest_.tags, made.index).type);
        static_cast<void>(module_.import_tag("guest", made.name, tags_.back()));
        return;
      case ExternKind::memory:
        return;
    }
  }

  const FuncType& signature(TypeIdx type) const {
    return std::get<FuncType>(guest_.types[type.value].composite);
  }

  /// Calls with invented arguments and tells the results.
  void add_call(std::uint32_t place, const Function& function) {
    const FuncType& type = signature(function.type);
    ResultType told = type.results;
    Body body;
    for (std::uint32_t i = 0; i < type.params.size(); ++i) {
      append(body,
             joined({i32_number(place * 5 + i * 3), teller_.invent(type.params[i], target_)}));
    }
    body.push_back(call(function.index));
    append(body, teller_.tell_all(type.results, 0));
    if (teller_.uses().exceptions) body = catching(body, told);
    const FuncIdx caller = module_.func(ResultType{}, ResultType{}, body, Teller::locals(told));
    module_.export_func("call " + std::to_string(place), caller);
  }

  /// With a clause for each exported tag, which tells what it caught. Adds the locals for it.
  Body catching(const Body& inside, ResultType& locals) {
    const auto count = static_cast<std::uint32_t>(tags_.size());
    Body body{block()};
    for (std::uint32_t i = count; i > 0; --i) {
      body.push_back(block(module_.type(ResultType{}, signature(tags_[i - 1]).params)));
    }
    Bytes clauses = concat({{0x1F, 0x40}, leb_u(count + 1)});
    for (std::uint32_t i = 0; i < count; ++i) {
      clauses = concat({clauses, {0}, leb_u(i), leb_u(i)});  // catch tag i, to label i
    }
    body.push_back({concat({clauses, {2}, leb_u(count)})});  // catch_all
    append(body, joined({inside, {end(), return_()}}));
    for (std::uint32_t i = 0; i < count; ++i) {
      const ResultType& values = signature(tags_[i]).params;
      const auto first = static_cast<std::uint32_t>(locals.size());
      locals.insert(locals.end(), values.begin(), values.end());
      append(body, joined({{end()},
                           teller_.tell_all(values, first),
                           teller_.note(Note::threw, i),
                           {return_()}}));
    }
    append(body, joined({{end()}, teller_.note(Note::threw, 999)}));
    return body;
  }

  void add_state() {
    Body body;
    for (std::uint32_t i = 0; i < globals_.size(); ++i) {
      append(body, joined({teller_.note(Note::global, global_places_[i]),
                           {global_get(i)},
                           teller_.tell(globals_[i].value)}));
    }
    for (std::uint32_t i = 0; i < tables_.size(); ++i) append(body, told_table(i));
    module_.export_func("state", module_.func(ResultType{}, ResultType{}, body, {{1, i32}}));
  }

  /// Its size and its first elements. Uses local 0.
  Body told_table(std::uint32_t table) {
    const bool is_64 = tables_[table].address == AddressType::i64;
    Body size{op(WasmOp::table_size, {table})};
    if (is_64) size.push_back(op(WasmOp::i32_wrap_i64));
    Body at{local_get(0)};
    if (is_64) at.push_back(op(WasmOp::i64_extend_i32_u));
    Body body = teller_.note(Note::table, i32_number(table_places_[table]), size);
    append(body, {i32_const(0), local_set(0), block(), loop()});
    append(body, joined({{local_get(0)},
                         size,
                         {op(WasmOp::i32_ge_u), br_if(1), local_get(0),
                          i32_const(most_told_elements), op(WasmOp::i32_ge_u), br_if(1)}}));
    append(body,
           joined({at, {op(WasmOp::table_get, {table})}, teller_.tell(tables_[table].element)}));
    append(body,
           {local_get(0), i32_const(1), op(WasmOp::i32_add), local_set(0), br(0), end(), end()});
    return body;
  }

  const ModuleData& guest_;
  Teller teller_;
  ModuleBuilder& module_;
  FuncIdx target_{};
  std::vector<std::pair<std::uint32_t, Function>> functions_;  // by place among the exports
  std::vector<TableType> tables_;
  std::vector<std::uint32_t> table_places_;
  std::vector<GlobalType> globals_;
  std::vector<std::uint32_t> global_places_;
  std::vector<TypeIdx> tags_;
};

}  // namespace

std::expected<Companions, std::string> make_companions(const Bytes& guest) {
  const auto data = decode(guest, Features::all());
  if (!data) return std::unexpected(to_string(data.error()));
  const Uses uses = uses_of(guest);
  auto host = Host(*data, uses).build();
  if (!host) return std::unexpected(host.error());
  return Companions{std::move(*host), Witness(*data, uses).build()};
}

}  // namespace fermata::test
