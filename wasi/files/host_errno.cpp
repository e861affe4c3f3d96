// The host's error numbers as WASI's.
#include <array>
#include <cerrno>
#include <utility>

#include "wasi/host.hpp"

namespace fermata::wasi {
namespace {

// Those that POSIX and the C library of Windows both have. Two may be one number on a host
// (EAGAIN and EWOULDBLOCK): the first counts.
constexpr std::pair<int, Errno> numbers[] = {
    {E2BIG, Errno::toobig},
    {EACCES, Errno::acces},
    {EADDRINUSE, Errno::addrinuse},
    {EADDRNOTAVAIL, Errno::addrnotavail},
    {EAFNOSUPPORT, Errno::afnosupport},
    {EAGAIN, Errno::again},
    {EWOULDBLOCK, Errno::again},
    {EALREADY, Errno::already},
    {EBADF, Errno::badf},
    {EBADMSG, Errno::badmsg},
    {EBUSY, Errno::busy},
    {ECANCELED, Errno::canceled},
    {ECHILD, Errno::child},
    {ECONNABORTED, Errno::connaborted},
    {ECONNREFUSED, Errno::connrefused},
    {ECONNRESET, Errno::connreset},
    {EDEADLK, Errno::deadlk},
    {EDESTADDRREQ, Errno::destaddrreq},
    {EDOM, Errno::dom},
#ifdef EDQUOT
    {EDQUOT, Errno::dquot},
#endif
    {EEXIST, Errno::exist},
    {EFAULT, Errno::fault},
    {EFBIG, Errno::fbig},
    {EHOSTUNREACH, Errno::hostunreach},
    {EIDRM, Errno::idrm},
    {EILSEQ, Errno::ilseq},
    {EINPROGRESS, Errno::inprogress},
    {EINTR, Errno::intr},
    {EINVAL, Errno::inval},
    {EIO, Errno::io},
    {EISCONN, Errno::isconn},
    {EISDIR, Errno::isdir},
    {ELOOP, Errno::loop},
    {EMFILE, Errno::mfile},
    {EMLINK, Errno::mlink},
    {EMSGSIZE, Errno::msgsize},
#ifdef EMULTIHOP
    {EMULTIHOP, Errno::multihop},
#endif
    {ENAMETOOLONG, Errno::nametoolong},
    {ENETDOWN, Errno::netdown},
    {ENETRESET, Errno::netreset},
    {ENETUNREACH, Errno::netunreach},
    {ENFILE, Errno::nfile},
    {ENOBUFS, Errno::nobufs},
    {ENODEV, Errno::nodev},
    {ENOENT, Errno::noent},
    {ENOEXEC, Errno::noexec},
    {ENOLCK, Errno::nolck},
    {ENOLINK, Errno::nolink},
    {ENOMEM, Errno::nomem},
    {ENOMSG, Errno::nomsg},
    {ENOPROTOOPT, Errno::noprotoopt},
    {ENOSPC, Errno::nospc},
    {ENOSYS, Errno::nosys},
    {ENOTCONN, Errno::notconn},
    {ENOTDIR, Errno::notdir},
    {ENOTEMPTY, Errno::notempty},
    {ENOTRECOVERABLE, Errno::notrecoverable},
    {ENOTSOCK, Errno::notsock},
    {ENOTSUP, Errno::notsup},
    {EOPNOTSUPP, Errno::notsup},
    {ENOTTY, Errno::notty},
    {ENXIO, Errno::nxio},
    {EOVERFLOW, Errno::overflow},
    {EOWNERDEAD, Errno::ownerdead},
    {EPERM, Errno::perm},
    {EPIPE, Errno::pipe},
    {EPROTO, Errno::proto},
    {EPROTONOSUPPORT, Errno::protonosupport},
    {EPROTOTYPE, Errno::prototype},
    {ERANGE, Errno::range},
    {EROFS, Errno::rofs},
    {ESPIPE, Errno::spipe},
    {ESRCH, Errno::srch},
#ifdef ESTALE
    {ESTALE, Errno::stale},
#endif
    {ETIMEDOUT, Errno::timedout},
    {ETXTBSY, Errno::txtbsy},
    {EXDEV, Errno::xdev},
};

}  // namespace

Errno from_host_errno(int error) {
  for (const auto& [host, wasi] : numbers) {
    if (host == error) return wasi;
  }
  return Errno::io;
}

}  // namespace fermata::wasi
