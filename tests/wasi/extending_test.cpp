// What an embedder's own functions find: the descriptor table, and WASI's functions behind theirs.
#include "tests/wasi/guest_files.hpp"

namespace fermata::test {
namespace {

using wasi::Errno;

wasi::Wasi made(wasi::Config config) { return wasi::Wasi::create(std::move(config)).value(); }

std::shared_ptr<wasi::OpenFile> file_in(wasi::OpenDirectory& directory, std::string_view name,
                                        std::string_view text) {
  auto opened = directory.open(name, {.read = true, .write = true, .create = true}).value();
  auto file = std::get<std::shared_ptr<wasi::OpenFile>>(opened);
  REQUIRE(file->write_at(0, std::as_bytes(std::span(text))) == text.size());
  return file;
}

TEST_CASE("the descriptor table can be read") {
  const auto out = wasi::bytes_source("");
  const auto root = wasi::memory_directory();
  const auto world =
      made({.directories = {{.guest = "/", .root = root}}, .out = out, .err = nullptr});
  CHECK(world.descriptors() == std::vector<std::uint32_t>{0, 1, 3});
  const auto stream = world.descriptor(1);
  REQUIRE(stream.has_value());
  CHECK(std::get<std::shared_ptr<wasi::Stream>>(stream->what) == out);
  const auto directory = world.descriptor(3);
  REQUIRE(directory.has_value());
  CHECK(std::get<std::shared_ptr<wasi::OpenDirectory>>(directory->what) == root);
  CHECK((directory->rights & directory->inheriting) != 0);
  CHECK_FALSE(world.descriptor(2).has_value());
  CHECK_FALSE(world.descriptor(4).has_value());
}

TEST_CASE("what is added is the guest's, under the lowest free number") {
  const auto directory = wasi::memory_directory();
  World world({.err = nullptr});
  CHECK(world.wasi().add(file_in(*directory, "f", "hello")) == 2u);
  CHECK(world.wasi().add(wasi::bytes_source("x")) == 3u);
  world.put_vectors(0, {{64, 3}});
  REQUIRE(world.errno_of("fd_read", {2, 0, 1, 32}) == Errno::success);
  CHECK(world.get(64, 3) == "hel");
  CHECK(world.wasi().descriptor(2)->position == 3);
  REQUIRE(world.errno_of("fd_read", {3, 0, 1, 32}) == Errno::success);
  CHECK(world.get_u32(32) == 1);
}

TEST_CASE("what is closed is gone for the guest") {
  World world;
  CHECK(world.wasi().close(1));
  CHECK_FALSE(world.wasi().close(1));
  CHECK(world.errno_of("fd_tell", {1, 32}) == Errno::badf);
}

TEST_CASE("no more is added than may be open at once") {
  auto world = made({.max_descriptors = 4});
  CHECK(world.add(wasi::bytes_source("")) == 3u);
  CHECK(world.add(wasi::bytes_source("")) == std::unexpected(Errno::mfile));
}

TEST_CASE("what was added cannot be opened again, and the error says so") {
  World world({.directories = {{.guest = "/", .root = wasi::memory_directory()}}});
  REQUIRE(world.wasi().add(wasi::bytes_source("")).has_value());
  const auto done = world.go_on(world.state());
  REQUIRE_FALSE(done.has_value());
  CHECK(done.error().code == ErrorCode::io_failed);
  CHECK(done.error().message == "descriptor 4 cannot be opened again: its path is not known");
}

TEST_CASE("a function in the place of WASI's can leave the work to it") {
  static constexpr std::uint64_t own = 7;
  const Resolver resolver = [](const FunctionImport& import) {
    return import.name == "fd_write" ? std::optional<std::uint64_t>(own)
                                     : wasi::Wasi::resolve(import);
  };
  std::string said;
  auto world = made({.out = wasi::bytes_sink(&said)});
  auto process =
      Process::create(Module::load(wasi_caller(true, Preview::preview1)).value(), resolver).value();
  MemoryRef memory = process.memory().value();
  REQUIRE(memory.write(64, std::as_bytes(std::span("hello", 5))).has_value());
  REQUIRE(memory.store<std::uint32_t>(0, 64).has_value());
  REQUIRE(memory.store<std::uint32_t>(4, 5).has_value());
  auto thread =
      process
          .start_thread("fd_write", {Value::i32(1), Value::i32(0), Value::i32(1), Value::i32(32)})
          .value();
  const auto call = std::get<HostCall>(thread.run().value());
  REQUIRE(call.number == own);
  const auto number = wasi::Wasi::resolve(*call.import());
  REQUIRE(number.has_value());
  const auto answer = world.handle(process, {*number, call.arguments});
  const auto outcome = thread.run({std::get<wasi::Resume>(answer).result}).value();
  CHECK(std::get<Finished>(outcome).results[0].as_i32() == 0);
  CHECK(said == "hello");
}

}  // namespace
}  // namespace fermata::test
