#include "interp/process/creation.hpp"

#include "interp/runtime/instantiate.hpp"
#include "interp/runtime/memory_pool.hpp"

namespace fermata {

LinkPolicy policy_of(const ProcessOptions& options) {
  LinkPolicy policy;
  policy.features = options.features;
  policy.entry = options.entry;
  policy.arguments = options.arguments;
  policy.forbid_start_section = options.start_section == ProcessOptions::StartSection::forbid;
  policy.allow_reexported_memory = options.allow_reexported_memory;
  policy.require_canonical_memory = options.require_canonical_memory;
  policy.integer_imports_only = options.integer_imports_only;
  return policy;
}

namespace {

class ImportMaker {
 public:
  ImportMaker(const ModuleImpl& module, const LinkPlan& plan, StoreObjects& objects)
      : module_(module), plan_(plan), objects_(objects) {
    // Room for the functions that the main thread starts in.
    funcs_ = objects.funcs.make(module.imported_funcs, plan.start ? 2 : 1);
  }

  [[nodiscard]] Result<std::vector<ExternVal>> make() {
    std::vector<ExternVal> imports;
    imports.reserve(module_.data.imports.size());
    for (const Import& import : module_.data.imports) {
      if (import.kind() == ExternKind::func) {
        imports.emplace_back(next_func());
        continue;
      }
      const auto memory =
          objects_.make_memory(std::get<MemoryType>(import.desc), &MemoryPool::of(module_));
      if (!memory) return std::unexpected(memory.error());
      imports.emplace_back(*memory);
    }
    return imports;
  }

 private:
  Func* next_func() {
    Func& func = funcs_[next_];
    func.index = FuncIdx{next_};
    func.type = module_.canonical.id(module_.func_types[next_]);
    func.signature = &module_.func_type(func.index);
    func.host_number = plan_.import_numbers[next_];
    ++next_;
    return &func;
  }

  const ModuleImpl& module_;
  const LinkPlan& plan_;
  StoreObjects& objects_;
  std::span<Func> funcs_;
  std::uint32_t next_ = 0;
};

}  // namespace

Result<std::vector<ExternVal>> make_imports(const ModuleImpl& module, const LinkPlan& plan,
                                            StoreObjects& objects) {
  return ImportMaker(module, plan, objects).make();
}

std::vector<ExternVal> same_imports(Instance& instance) {
  std::vector<ExternVal> imports;
  std::uint32_t funcs = 0;
  for (const Import& import : instance.module->data.imports) {
    const bool is_func = import.kind() == ExternKind::func;
    imports.push_back(extern_of(instance, import.kind(), is_func ? funcs++ : 0));
  }
  return imports;
}

LinkPlan plan_of(const ProcessImpl& process) {
  const Instance& instance = *process.instance;
  const ModuleImpl& module = *instance.module;
  LinkPlan plan;
  plan.import_numbers.reserve(module.imported_funcs);
  for (std::uint32_t i = 0; i < module.imported_funcs; ++i) {
    plan.import_numbers.push_back(instance.imported_funcs[i]->host_number);
  }
  plan.start = module.data.start;
  if (process.memory != nullptr) plan.memory = MemIdx{0};
  plan.memory_is_imported = module.imported_memories != 0;
  for (std::uint32_t i = 0; i < module.tables.size(); ++i) {
    if (instance.tables[i] == process.table) plan.indirect_table = TableIdx{i};
  }
  if (process.again != nullptr && process.again->entry != nullptr) {
    plan.entry = process.again->entry->index;
  }
  return plan;
}

ExecutionOptions execution_options_of(const ProcessImpl& process) {
  const StoreObjects& objects = process.objects;
  const CodeMode mode = process.instance->code->mode();
  return {.dispatch = process.threads.dispatch(),
          .lowering = mode.debug ? Lowering::debug : Lowering::optimized,
          .fusion = mode.fusion,
          .metering = mode.metered,
          .canonical_nan = mode.canonical_nan,
          .max_bytes = objects.budget.limit(),
          .max_stack_bytes = process.threads.max_stack_bytes(),
          .max_memory_pages = objects.max_memory_pages,
          .max_heap_bytes = objects.max_heap_bytes,
          .max_table_elements = objects.table_elements.limit()};
}

void adopt(ProcessImpl& process, Instance& instance, const LinkPlan& plan) {
  process.instance = &instance;
  if (plan.memory) process.memory = instance.memories[plan.memory->value];
  if (plan.indirect_table) process.table = instance.tables[plan.indirect_table->value];
  process.threads.become_process(instance);
}

MainThread main_thread_of(const ProcessImpl& process, const LinkPlan& plan,
                          const ProcessOptions& options) {
  Instance& instance = *process.instance;
  return {plan.start ? instance.func(*plan.start) : nullptr,
          plan.entry ? instance.func(*plan.entry) : nullptr, options.arguments};
}

bool imports_shared_memory(const ModuleImpl& module) {
  return module.imported_memories != 0 && module.memories[0].shared;
}

}  // namespace fermata
