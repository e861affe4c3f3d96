// A directory of the host: names in it by the calls of POSIX that take a directory and a name,
// which follow no link here; and whole paths by Linux's openat2, which keeps them beneath the
// directory.
#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>
#ifdef __linux__
#include <sys/syscall.h>
#endif

#include <array>
#include <cerrno>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "wasi/files/posix.hpp"

namespace fermata::wasi {
namespace {

#ifdef O_PATH
constexpr int search_only = O_PATH;  // needs no right to read it
#else
constexpr int search_only = O_RDONLY;
#endif
constexpr int directory_flags = O_DIRECTORY | O_CLOEXEC;

// --- whole paths ---------------------------------------------------------------------------------

#if defined(__linux__) && defined(SYS_openat2)

/// As <linux/openat2.h> has them, which is not everywhere.
struct OpenHow {
  std::uint64_t flags;
  std::uint64_t mode;
  std::uint64_t resolve;
};
constexpr std::uint64_t resolve_no_magiclinks = 0x02;
constexpr std::uint64_t resolve_beneath = 0x08;

/// `Errno::notsup` where the system doesn't have it, or a filter forbids it.
Expected<OwnedFd> open_beneath(int directory, const std::string& path) {
  constexpr int most_tries = 64;  // it gives up when something is renamed while it steps over ".."
  OpenHow how{.flags = static_cast<std::uint64_t>(O_PATH | directory_flags),
              .mode = 0,
              .resolve = resolve_beneath | resolve_no_magiclinks};
  for (int tries = 0; tries < most_tries; ++tries) {
    const long fd = ::syscall(SYS_openat2, directory, path.c_str(), &how, sizeof how);
    if (fd >= 0) return OwnedFd(static_cast<int>(fd));
    if (errno == EAGAIN || errno == EINTR) continue;
    if (errno == EXDEV) return std::unexpected(Errno::notcapable);
    const bool missing = errno == ENOSYS || errno == EPERM || errno == EINVAL || errno == E2BIG;
    return std::unexpected(missing ? Errno::notsup : posix::last_error());
  }
  return std::unexpected(Errno::notsup);
}

#else

Expected<OwnedFd> open_beneath(int, const std::string&) { return std::unexpected(Errno::notsup); }

#endif

// --- listing -------------------------------------------------------------------------------------

FileType entry_type(unsigned char type) {
  switch (type) {
    case DT_REG:
      return FileType::regular_file;
    case DT_DIR:
      return FileType::directory;
    case DT_LNK:
      return FileType::symbolic_link;
    case DT_CHR:
      return FileType::character_device;
    case DT_BLK:
      return FileType::block_device;
    case DT_SOCK:
      return FileType::socket_stream;
    default:
      return FileType::unknown;
  }
}

/// One reading of a directory, from place to place as the system numbers them.
class Listing {
 public:
  static Expected<std::unique_ptr<Listing>> open(int directory) {
    const int fd = ::openat(directory, ".", O_RDONLY | directory_flags);
    if (fd < 0) return std::unexpected(posix::last_error());
    Stream stream(::fdopendir(fd));
    if (stream == nullptr) {
      const Errno error = posix::last_error();
      ::close(fd);
      return std::unexpected(error);
    }
    return std::unique_ptr<Listing>(new Listing(std::move(stream)));
  }

  Errno list(std::uint64_t from, const std::function<bool(const DirectoryEntry&)>& each) {
    if (from > static_cast<std::uint64_t>(LONG_MAX)) return Errno::inval;
    if (held_ && held_->place == from) {
      if (!each(held_->entry())) return Errno::success;
    } else {
      go_to(from);
    }
    held_.reset();
    for (;;) {
      errno = 0;
      const dirent* const found = ::readdir(stream_.get());
      if (found == nullptr) return errno == 0 ? Errno::success : posix::last_error();
      const std::uint64_t place =
          std::exchange(place_, static_cast<std::uint64_t>(::telldir(stream_.get())));
      const std::string_view name = found->d_name;
      if (name == "." || name == "..") continue;
      Held held{std::string(name), found->d_ino, type_of(*found), place_, place};
      if (each(held.entry())) continue;
      held_ = std::move(held);
      return Errno::success;
    }
  }

 private:
  /// An entry that was not wanted any more: the next time it is the first.
  struct Held {
    std::string name;
    std::uint64_t inode;
    FileType type;
    std::uint64_t next;
    std::uint64_t place;
    [[nodiscard]] DirectoryEntry entry() const { return {name, inode, type, next}; }
  };

  struct Close {
    void operator()(DIR* stream) const { ::closedir(stream); }
  };
  using Stream = std::unique_ptr<DIR, Close>;

  explicit Listing(Stream stream) : stream_(std::move(stream)) {}

  void go_to(std::uint64_t place) {
    if (place == 0) {
      ::rewinddir(stream_.get());  // also shows what has come since
    } else if (place != place_) {
      ::seekdir(stream_.get(), static_cast<long>(place));
    }
    place_ = place;
  }

  FileType type_of(const dirent& found) {
    if (found.d_type != DT_UNKNOWN) return entry_type(found.d_type);
    struct stat s{};
    const int done = ::fstatat(::dirfd(stream_.get()), found.d_name, &s, AT_SYMLINK_NOFOLLOW);
    return done == 0 ? posix::file_stat(s).type : FileType::unknown;
  }

  Stream stream_;
  std::uint64_t place_ = 0;
  std::optional<Held> held_;
};

// --- a directory ---------------------------------------------------------------------------------

class HostDirectory final : public OpenDirectory {
 public:
  HostDirectory(OwnedFd fd, HostWalk walk) : fd_(std::move(fd)), walk_(walk) {}

  Expected<FileStat> stat() const override { return host_stat(fd_.get()); }
  Expected<FileStat> stat_of(std::string_view name) override {
    struct stat s{};
    const auto done =
        at(name, [&](int fd, const char* n) { return ::fstatat(fd, n, &s, AT_SYMLINK_NOFOLLOW); });
    if (done != Errno::success) return std::unexpected(done);
    return posix::file_stat(s);
  }
  Expected<Opened> open(std::string_view name, const OpenMode& mode) override;
  Expected<std::shared_ptr<OpenDirectory>> beneath(std::string_view path) override;
  Errno list(std::uint64_t from, const std::function<bool(const DirectoryEntry&)>& each) override;
  Expected<std::string> read_link(std::string_view name) override;

  Errno make_directory(std::string_view name) override {
    return at(name, [](int fd, const char* n) { return ::mkdirat(fd, n, 0777); });
  }
  Errno make_symbolic_link(std::string_view name, std::string_view target) override {
    const std::string text(target);
    return at(name, [&](int fd, const char* n) { return ::symlinkat(text.c_str(), fd, n); });
  }
  Errno remove_file(std::string_view name) override;
  Errno remove_directory(std::string_view name) override;
  Errno rename(std::string_view name, OpenDirectory& to, std::string_view new_name) override;
  Errno link(std::string_view name, OpenDirectory& to, std::string_view new_name) override;
  Errno set_times(const Times& times) override {
    return at(".", [&](int fd, const char* n) {
      return ::utimensat(fd, n, posix::HostTimes(times).both, 0);
    });
  }
  Errno set_times_of(std::string_view name, const Times& times) override {
    return at(name, [&](int fd, const char* n) {
      return ::utimensat(fd, n, posix::HostTimes(times).both, AT_SYMLINK_NOFOLLOW);
    });
  }
  Errno sync(bool) override {
    const OwnedFd readable(::openat(fd_.get(), ".", O_RDONLY | directory_flags));
    if (readable.get() < 0) return posix::last_error();
    return posix::error_of([&] { return ::fsync(readable.get()); });
  }

 private:
  /// A call with this directory and the name, which gives 0 or -1 and `errno`.
  template <class F>
  [[nodiscard]] Errno at(std::string_view name, const F& call) const {
    const std::string text(name);
    return posix::error_of([&] { return call(fd_.get(), text.c_str()); });
  }
  [[nodiscard]] bool is_link(std::string_view name) {
    const auto stat = stat_of(name);
    return stat && stat->type == FileType::symbolic_link;
  }

  OwnedFd fd_;
  HostWalk walk_;
  std::unique_ptr<Listing> listing_;  // once it was listed
};

int open_flags(const OpenMode& mode) {
  // What is no file must not keep the caller waiting, or become its terminal.
  int flags = O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;
  const bool write = mode.write || mode.truncate;
  if (mode.directory && !mode.read && !write) return flags | O_DIRECTORY | search_only;
  if (write) {
    flags |= mode.read ? O_RDWR : O_WRONLY;
  } else {
    flags |= O_RDONLY;
  }
  if (mode.directory) flags |= O_DIRECTORY;
  if (mode.create) flags |= O_CREAT;
  if (mode.create && mode.exclusive) flags |= O_EXCL;
  if (mode.truncate) flags |= O_TRUNC;
  return flags;
}

Expected<Opened> HostDirectory::open(std::string_view name, const OpenMode& mode) {
  const std::string text(name);
  constexpr mode_t permissions = 0666;  // less the process's mask
  OwnedFd fd(posix::retried(
      [&] { return ::openat(fd_.get(), text.c_str(), open_flags(mode), permissions); }));
  if (fd.get() < 0) {
    // How a system says that it would have had to follow a link.
    const bool may_be_link = errno == ELOOP || errno == ENOTDIR || errno == EMLINK;
    const Errno error = posix::last_error();
    return std::unexpected(may_be_link && is_link(name) ? Errno::loop : error);
  }
  const auto stat = host_stat(fd.get());
  if (!stat) return std::unexpected(stat.error());
  if (stat->type == FileType::directory) {
    return std::make_shared<HostDirectory>(std::move(fd), walk_);
  }
  if (stat->type == FileType::regular_file) return posix::host_file(std::move(fd));
  return posix::owning_stream(std::move(fd));
}

Expected<std::shared_ptr<OpenDirectory>> HostDirectory::beneath(std::string_view path) {
  if (walk_ == HostWalk::by_components) return std::unexpected(Errno::notsup);
  auto fd = open_beneath(fd_.get(), std::string(path));
  if (!fd) return std::unexpected(fd.error());
  return std::make_shared<HostDirectory>(std::move(*fd), walk_);
}

Errno HostDirectory::list(std::uint64_t from,
                          const std::function<bool(const DirectoryEntry&)>& each) {
  if (!listing_) {
    auto listing = Listing::open(fd_.get());
    if (!listing) return listing.error();
    listing_ = std::move(*listing);
  }
  return listing_->list(from, each);
}

Expected<std::string> HostDirectory::read_link(std::string_view name) {
  const std::string text(name);
  std::array<char, PATH_MAX> target;
  const auto size = ::readlinkat(fd_.get(), text.c_str(), target.data(), target.size());
  if (size < 0) return std::unexpected(posix::last_error());
  if (static_cast<std::size_t>(size) == target.size()) return std::unexpected(Errno::nametoolong);
  return std::string(target.data(), static_cast<std::size_t>(size));
}

Errno HostDirectory::remove_file(std::string_view name) {
  const Errno error = at(name, [](int fd, const char* n) { return ::unlinkat(fd, n, 0); });
  if (error != Errno::perm) return error;
  const auto stat = stat_of(name);  // what POSIX says of a directory
  return stat && stat->type == FileType::directory ? Errno::isdir : error;
}

Errno HostDirectory::remove_directory(std::string_view name) {
  const Errno error =
      at(name, [](int fd, const char* n) { return ::unlinkat(fd, n, AT_REMOVEDIR); });
  return error == Errno::exist ? Errno::notempty : error;
}

Errno HostDirectory::rename(std::string_view name, OpenDirectory& to, std::string_view new_name) {
  const auto* const target = dynamic_cast<HostDirectory*>(&to);
  if (target == nullptr) return Errno::xdev;
  const std::string text(new_name);
  const Errno error = at(name, [&](int fd, const char* n) {
    return ::renameat(fd, n, target->fd_.get(), text.c_str());
  });
  return error == Errno::exist ? Errno::notempty : error;
}

Errno HostDirectory::link(std::string_view name, OpenDirectory& to, std::string_view new_name) {
  const auto* const target = dynamic_cast<HostDirectory*>(&to);
  if (target == nullptr) return Errno::xdev;
  const std::string text(new_name);
  return at(name, [&](int fd, const char* n) {
    return ::linkat(fd, n, target->fd_.get(), text.c_str(), 0);
  });
}

}  // namespace

Expected<std::shared_ptr<OpenDirectory>> host_directory(const std::string& path, HostWalk walk) {
  OwnedFd fd(::open(path.c_str(), directory_flags | search_only));
  if (fd.get() < 0) return std::unexpected(posix::last_error());
  return std::make_shared<HostDirectory>(std::move(fd), walk);
}

}  // namespace fermata::wasi
