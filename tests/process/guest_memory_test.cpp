// The embedder's typed ways into a memory: numbers and strings, read and written.
#include <cmath>
#include <limits>

#include "tests/process/process_support.hpp"

using namespace fermata;
using namespace fermata::test;

namespace {

Process one_page() {
  ModuleBuilder m;
  m.memory(1);
  m.export_memory("memory");
  m.export_func("_start", m.func({}, {}, Body{}));
  return create(m);
}

constexpr std::uint64_t memory_end = page_size;

std::vector<std::byte> bytes_at(const Process& process, std::uint64_t address, std::size_t count) {
  std::vector<std::byte> bytes(count);
  ok(process.memory()->read(address, bytes));
  return bytes;
}

}  // namespace

TEST_CASE("numbers are stored with their lowest byte first, at any address") {
  Process process = one_page();
  MemoryRef memory = *process.memory();
  ok(memory.store<std::uint32_t>(1, 0x01020304));
  CHECK(bytes_at(process, 0, 6) == std::vector{std::byte{0}, std::byte{4}, std::byte{3},
                                               std::byte{2}, std::byte{1}, std::byte{0}});
  CHECK(ok(memory.load<std::uint32_t>(1)) == 0x01020304);
  CHECK(ok(memory.load<std::uint16_t>(2)) == 0x0203);
  CHECK(ok(memory.load<std::uint8_t>(4)) == 1);
  ok(memory.store<std::int64_t>(9, std::numeric_limits<std::int64_t>::min() + 1));
  CHECK(ok(memory.load<std::int64_t>(9)) == std::numeric_limits<std::int64_t>::min() + 1);
  ok(memory.store<std::int8_t>(20, -2));
  CHECK(ok(memory.load<std::int8_t>(20)) == -2);
  CHECK(ok(memory.load<std::uint8_t>(20)) == 254);
}

TEST_CASE("floats keep their bits") {
  Process process = one_page();
  MemoryRef memory = *process.memory();
  ok(memory.store(3, 1.5f));
  CHECK(bytes_at(process, 3, 4) ==
        std::vector{std::byte{0}, std::byte{0}, std::byte{0xc0}, std::byte{0x3f}});
  CHECK(ok(memory.load<float>(3)) == 1.5f);
  ok(memory.store(8, -0.0));
  CHECK(std::signbit(ok(memory.load<double>(8))));
  ok(memory.store<std::uint64_t>(8, 0x7ff8000000000123));
  CHECK(std::isnan(ok(memory.load<double>(8))));
}

TEST_CASE("a number at the exact end fits, and of one that does not nothing is written") {
  Process process = one_page();
  MemoryRef memory = *process.memory();
  ok(memory.store<std::uint64_t>(memory_end - 8, ~std::uint64_t{0}));
  CHECK(error_of(memory.store<std::uint64_t>(memory_end - 7, 0)) ==
        ErrorCode::memory_out_of_bounds);
  CHECK(ok(memory.load<std::uint64_t>(memory_end - 8)) == ~std::uint64_t{0});
  CHECK(error_of(memory.load<std::uint64_t>(memory_end - 7)) == ErrorCode::memory_out_of_bounds);
  CHECK(error_of(memory.load<std::uint8_t>(memory_end)) == ErrorCode::memory_out_of_bounds);
  for (std::uint64_t at = 0; at < 8; ++at) {
    CHECK(error_of(memory.load<std::uint64_t>(~std::uint64_t{0} - at)) ==
          ErrorCode::memory_out_of_bounds);
  }
}

TEST_CASE("strings are read by address and length, or up to their first zero") {
  Process process = one_page();
  MemoryRef memory = *process.memory();
  const std::string text("a\0bc", 4);
  ok(memory.write(100, std::as_bytes(std::span(text))));
  CHECK(ok(memory.string(100, 4)) == text);
  CHECK(ok(memory.string(100, 0)).empty());
  CHECK(ok(memory.string(memory_end, 0)).empty());
  CHECK(error_of(memory.string(memory_end, 1)) == ErrorCode::memory_out_of_bounds);
  CHECK(error_of(memory.string(1, ~std::uint64_t{0})) == ErrorCode::memory_out_of_bounds);
  CHECK(ok(memory.c_string(100)) == "a");
  CHECK(ok(memory.c_string(102)) == "bc");
  CHECK(ok(memory.c_string(0)).empty());
  CHECK(ok(memory.c_string(102, 2)) == "bc");
  CHECK(error_of(memory.c_string(102, 1)) == ErrorCode::memory_out_of_bounds);
  CHECK(ok(memory.c_string(102, ~std::uint64_t{0})) == "bc");
}

TEST_CASE("a string without a zero before the memory's end is none") {
  Process process = one_page();
  MemoryRef memory = *process.memory();
  ok(memory.fill(memory_end - 4, 4, std::byte{'x'}));
  const auto found = memory.c_string(memory_end - 4);
  REQUIRE_FALSE(found.has_value());
  CHECK(found.error().code == ErrorCode::memory_out_of_bounds);
  CHECK(found.error().message == "expected a byte that is 0 among the 4 from address 65532 on");
  CHECK(error_of(memory.c_string(memory_end)) == ErrorCode::memory_out_of_bounds);
  CHECK(error_of(memory.c_string(~std::uint64_t{0})) == ErrorCode::memory_out_of_bounds);
  ok(memory.store<std::uint8_t>(memory_end - 1, 0));
  CHECK(ok(memory.c_string(memory_end - 4)) == "xxx");
}

TEST_CASE("the memory of a process that must not change can be read") {
  Process process = one_page();
  ok(process.memory()->store<std::uint32_t>(0, 77));
  const Process& constant = process;
  const std::optional<ConstMemoryRef> memory = constant.memory();
  REQUIRE(memory.has_value());
  CHECK(ok(memory->load<std::uint32_t>(0)) == 77);
  CHECK(memory->size() == page_size);
  CHECK(memory->pages() == 1);
  CHECK(ok(memory->view(0, 1)).front() == std::byte{77});
  static_assert(std::is_same_v<decltype(memory->view(0, 1)), Result<std::span<const std::byte>>>);

  ModuleBuilder m;
  m.export_func("_start", m.func({}, {}, Body{}));
  const Process without = create(m);
  CHECK_FALSE(without.memory().has_value());
}
