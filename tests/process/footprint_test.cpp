// What a paused tiny process and a linker's names take of the heap: counted, in bytes that were
// asked for.
//
// A program of its own, since the allocator is replaced. Pages of linear memory don't come from
// there; everything else of a process does.
#include "tests/process/process_support.hpp"
#include "tests/support/scarce_memory.hpp"

namespace fermata::test {
namespace {

/// Bytes of the heap that a process has, paused at its entry.
std::size_t footprint(const ModuleBuilder& builder) {
  const Module module = load(builder);
  // What the first process makes for all that come: code, layouts, pages.
  {
    const auto first = Process::create(module, in_order());
  }
  const std::size_t before = bytes_in_use();
  ScarceMemory plenty = ScarceMemory::plenty();
  const auto process = plenty([&] { return Process::create(module, in_order()); });
  const std::size_t bytes = bytes_in_use() - before;
  REQUIRE(process);
  CHECK(bytes > 256);  // or not everything is counted
  return bytes;
}

}  // namespace

TEST_CASE("a paused process without anything takes at most 888 bytes") {
  ModuleBuilder m;
  m.export_func("_start", m.func({}, {}, {}));
  CHECK(footprint(m) <= 888);
}

TEST_CASE("a paused process with a memory takes at most 1 KiB beside its pages") {
  ModuleBuilder m;
  m.export_memory("memory", m.memory(1));
  m.export_func("_start", m.func({}, {}, {}));
  CHECK(footprint(m) <= 1024);
}

TEST_CASE("a paused process with a memory, a global and three imports takes at most 1152 bytes") {
  ModuleBuilder m;
  const TypeIdx type = m.type({i32}, {i32});
  for (const char* name : {"read", "write", "exit"}) m.import_func("env", name, type);
  m.export_memory("memory", m.memory(1));
  m.global({i32, true}, {i32_const(65536)});
  m.export_func("_start", m.func({}, {}, {local_get(0), drop()}, {{3, i32}}));
  CHECK(footprint(m) <= 1152);
}

TEST_CASE("another name of an instance takes no room for each of its exports") {
  ModuleBuilder m;
  const FuncIdx f = m.func({}, {}, Body{});
  for (int i = 0; i < 3000; ++i) m.export_func(std::to_string(i), f);
  Store store;
  const auto instance = store.instantiate(load(m), {});
  REQUIRE(instance);
  Linker linker;
  linker.define_instance("first", *instance);
  const std::size_t before = bytes_in_use();
  constexpr int names = 1000;
  ScarceMemory plenty = ScarceMemory::plenty();
  plenty([&] {
    for (int i = 0; i < names; ++i) linker.define_instance(std::to_string(i), *instance);
  });
  CHECK(linker.find("999", "2999"));
  CHECK(bytes_in_use() - before > names * 16);  // or not everything is counted
  CHECK(bytes_in_use() - before < names * 1024);
}

}  // namespace fermata::test
