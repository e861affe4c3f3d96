// WASI's calls when memory is scarce: a guest is told `nomem`, nothing stays open, and the call can
// be made again.
#include <filesystem>
#include <initializer_list>
#include <string>
#include <vector>

#include "tests/out_of_memory/verdicts.hpp"
#include "tests/wasi/guest_files.hpp"

namespace fermata::test {
namespace {

constexpr std::uint32_t name = 0, other_name = 100, vector = 200, result = 300, buffer = 1000;

struct GuestCall {
  std::string_view function;
  std::vector<std::uint64_t> arguments;
};

/// Open a file that is made, write, read, list, stat, link, rename, time and remove; and the world
/// beside files.
const std::vector<GuestCall>& calls() {
  constexpr std::uint64_t all = ~std::uint64_t{0} >> 34;
  static const std::vector<GuestCall> list{
      {"path_open", {3, 1, name, 4, wasi::oflags::creat, all, all, 0, result}},
      {"fd_write", {4, vector, 2, result}},
      {"fd_pwrite", {4, vector, 2, 5, result}},
      {"fd_seek", {4, 0, 0, result}},
      {"fd_read", {4, vector, 2, result}},
      {"fd_filestat_get", {4, result}},
      {"fd_filestat_set_size", {4, 20'000}},
      {"fd_allocate", {4, 0, 30'000}},
      {"fd_fdstat_get", {4, result}},
      {"path_open", {3, 1, name, 4, 0, all, all, 0, result}},
      {"fd_renumber", {5, 4}},
      {"path_create_directory", {3, other_name, 5}},
      {"fd_readdir", {3, buffer, 1000, 0, result}},
      {"path_filestat_get", {3, 1, name, 4, result}},
      {"path_symlink", {name, 4, 3, name + 50, 4}},
      {"path_readlink", {3, name + 50, 4, buffer, 100, result}},
      {"path_filestat_set_times", {3, 1, name, 4, 0, 0, 10}},
      {"path_rename", {3, name, 4, 3, other_name + 50, 5}},
      {"path_unlink_file", {3, other_name + 50, 5}},
      {"path_remove_directory", {3, other_name, 5}},
      {"poll_oneoff", {buffer, buffer + 2000, 2, result}},
      {"args_get", {buffer, buffer + 100}},
      {"environ_get", {buffer, buffer + 100}},
      {"random_get", {buffer, 100}},
      {"clock_time_get", {1, 0, result}},
      {"fd_prestat_dir_name", {3, buffer, 1}},
  };
  return list;
}

std::size_t open_files() {
  std::size_t count = 0;
  std::error_code none;  // where the system lists them
  for ([[maybe_unused]] const auto& file :
       std::filesystem::directory_iterator("/proc/self/fd", none)) {
    ++count;
  }
  return count;
}

class Guest {
 public:
  explicit Guest(const Module& module)
      : process_(ok(Process::create(module, wasi::Wasi::resolve))) {
    put(name, "file");
    put(name + 50, "link");
    put(other_name, "other");
    put(other_name + 50, "again");
    put(buffer, std::string(96, '\0'));  // two subscriptions to clocks
    put(buffer + 3000, "some bytes to be written");
    for (const std::uint32_t number : {buffer + 3000, 10u, buffer + 3010, 14u}) {
      auto done = process_.memory()->store(vector + at_, number);
      REQUIRE(done);
      at_ += 4;
    }
  }

  /// Its thread waits for the host to answer.
  HostCall begin(const GuestCall& made) {
    const auto index = process_.module().exported_function(made.function);
    REQUIRE(index);
    const ResultType params = process_.module().function_type(*index).params;
    REQUIRE(params.size() == made.arguments.size());
    std::vector<Value> values;
    for (std::size_t i = 0; i < params.size(); ++i) {
      values.push_back(Value::from_bits(params[i], made.arguments[i]));
    }
    const auto outcome = ok(ok(process_.start_thread(made.function, values)).run());
    return std::get<HostCall>(outcome);
  }
  Process& process() { return process_; }

 private:
  void put(std::uint32_t at, std::string_view bytes) {
    REQUIRE(process_.memory()->write(at, std::as_bytes(std::span(bytes))));
  }
  Process process_;
  std::uint32_t at_ = 0;
};

wasi::Errno errno_in(const wasi::Answer& answer) {
  const auto* const resumed = std::get_if<wasi::Resume>(&answer);
  return resumed == nullptr ? wasi::Errno::success
                            : static_cast<wasi::Errno>(resumed->result.as_i32());
}

/// The calls up to the `last` are made with plenty of memory.
void check_call(const Module& module, SomeFiles files, std::size_t last, ScarceMemory& memory) {
  Guest guest(module);
  auto world = ok(wasi::Wasi::create({.arguments = {"name", "argument"},
                                      .environment = {"A=B"},
                                      .directories = {{.guest = "/", .root = files.root}}}));
  for (std::size_t i = 0; i < last; ++i) {
    CHECK(errno_in(world.handle(guest.process(), guest.begin(calls()[i]))) == wasi::Errno::success);
  }
  const auto open = world.descriptors();
  const std::size_t open_before = open_files();
  const HostCall call = guest.begin(calls()[last]);
  const auto error = errno_in(memory([&] { return world.handle(guest.process(), call); }));
  if (error == wasi::Errno::success) return;
  CHECK(error == wasi::Errno::nomem);
  CHECK(ScarceMemory::has_refused());
  CHECK(world.descriptors() == open);
  CHECK(open_files() == open_before);
  CHECK(errno_in(world.handle(guest.process(), call)) == wasi::Errno::success);
}

}  // namespace

TEST_CASE("a guest's call to WASI is answered, or with nomem, and then it can be made again") {
  const Module module = ok(Module::load(wasi_caller(true, Preview::preview1)));
  for (std::size_t last = 0; last < calls().size(); ++last) {
    INFO(calls()[last].function);
    for (const bool on_host : {false, true}) {
      with_scarce_memory([&](ScarceMemory& memory) {
        check_call(module, on_host ? host_files(wasi::HostWalk::automatic) : memory_files(), last,
                   memory);
      });
    }
  }
}

TEST_CASE("a world is made, tells its state and goes on, or there is no memory for it") {
  TemporaryDirectory directory;
  directory.write("file", "bytes");
  wasi::Config config;
  config.arguments = {"name"};
  config.directories = {{.host = directory.path().string(), .guest = "/"}};
  with_scarce_memory([&](ScarceMemory& memory) {
    wasi::Config given = config;
    const auto world = memory([&] { return wasi::Wasi::create(std::move(given)); });
    if (!is_there(world)) return;
    wasi::State state = world->state();
    const auto again = memory([&] { return wasi::Wasi::restore(std::move(state), config); });
    if (is_there(again)) CHECK(again->descriptors() == world->descriptors());
  });
}

}  // namespace fermata::test
