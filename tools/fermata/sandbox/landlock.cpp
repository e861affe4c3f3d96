// See landlock.hpp.
//
// What the kernel's interface is, is written down here: the C library has no functions for it, and
// <linux/landlock.h> is older than the kernel in many places, which decides at run time.
#include "tools/fermata/sandbox/landlock.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <filesystem>

#include "lib/module/quoted.hpp"
#include "tools/fermata/host.hpp"

namespace fermata::tool::landlock {
namespace {

// --- the kernel's interface ----------------------------------------------------------------------

// The same number on every machine.
constexpr long create_ruleset = 444;
constexpr long add_rule = 445;
constexpr long restrict_self = 446;
constexpr long rule_path_beneath = 1;

/// Rights in `struct landlock_ruleset_attr::handled_access_fs`.
enum : std::uint64_t {
  execute = 1 << 0,
  write_file = 1 << 1,
  read_file = 1 << 2,
  read_folder = 1 << 3,
  remove_folder = 1 << 4,
  remove_file = 1 << 5,
  make_folder = 1 << 7,
  make_file = 1 << 8,
  make_link = 1 << 12,
  refer = 1 << 13,     // to link and rename from directory to directory
  truncate = 1 << 14,  // also what is opened to be read
};

/// `struct landlock_ruleset_attr`.
struct Handled {
  std::uint64_t files = 0;
  std::uint64_t network = 0;
  std::uint64_t scopes = 0;
};

/// `struct landlock_path_beneath_attr`.
struct Beneath {
  std::uint64_t allowed = 0;
  std::int32_t folder = -1;
};

/// All rights that this version knows of: what is handled is forbidden unless a rule allows it.
Handled handled(long version) {
  constexpr std::array<int, 6> file_rights{0, 13, 14, 15, 15, 16};  // by version
  const auto known =
      std::min<std::size_t>(static_cast<std::size_t>(version), file_rights.size() - 1);
  Handled all{(std::uint64_t{1} << file_rights[known]) - 1, 0, 0};
  if (version >= 4) all.network = 3;  // to listen and to connect, by TCP
  if (version >= 6) all.scopes = 3;   // abstract sockets and signals of others
  return all;
}

// --- rules ---------------------------------------------------------------------------------------

constexpr std::uint64_t reading = read_file | read_folder;
constexpr std::uint64_t changing = write_file | remove_folder | remove_file | make_folder |
                                   make_file | make_link | refer | truncate;
// The new file is written, brought to the disk with its folder, renamed or removed.
constexpr std::uint64_t replacing = write_file | truncate | make_file | remove_file | read_folder;

class Descriptor {
 public:
  explicit Descriptor(long number) : number_(static_cast<int>(number)) {}
  ~Descriptor() {
    if (number_ >= 0) ::close(number_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  [[nodiscard]] int get() const { return number_; }

 private:
  int number_;
};

class Rules {
 public:
  Rules(int rules, std::uint64_t known) : rules_(rules), known_(known) {}

  /// Allows these of the rights that the kernel knows, for a file or beneath a directory.
  [[nodiscard]] Result<void> allow(const std::string& path, std::uint64_t rights) const {
    const Descriptor place(::open(path.c_str(), O_PATH | O_CLOEXEC));
    const Beneath rule{rights & known_, place.get()};
    const bool done =
        place.get() >= 0 && ::syscall(add_rule, rules_, rule_path_beneath, &rule, 0) == 0;
    if (done) return {};
    return system_error(fmt::format("'{}' cannot be allowed", shortened(path)));
  }

 private:
  int rules_;
  std::uint64_t known_;
};

Result<void> allow(const Rules& rules, const SandboxNeeds& needs) {
  for (const SandboxFolder& folder : needs.folders) {
    const std::uint64_t rights = folder.read_only ? reading : reading | changing;
    if (auto done = rules.allow(folder.path, rights); !done) return done;
  }
  if (!needs.replaced) return {};
  const std::filesystem::path file = *needs.replaced;
  const auto folder = file.has_parent_path() ? file.parent_path() : std::filesystem::path(".");
  if (auto done = rules.allow(folder.string(), replacing); !done) return done;
  std::error_code error;
  if (!std::filesystem::exists(file, error)) return {};
  return rules.allow(*needs.replaced, read_file);
}

}  // namespace

Result<long> restrict_files(const SandboxNeeds& needs) {
  constexpr long ask_version = 1;
  const long version = ::syscall(create_ruleset, nullptr, 0, ask_version);
  if (version < 1) return system_error("the kernel has no Landlock, or it is switched off");
  const Handled all = handled(version);
  const Descriptor rules(::syscall(create_ruleset, &all, sizeof all, 0));
  if (rules.get() < 0) return system_error("Landlock takes no rules");
  if (auto done = allow(Rules(rules.get(), all.files), needs); !done) {
    return std::unexpected(done.error());
  }
  if (::syscall(restrict_self, rules.get(), 0) != 0) return system_error("Landlock takes no rules");
  return version;
}

}  // namespace fermata::tool::landlock
