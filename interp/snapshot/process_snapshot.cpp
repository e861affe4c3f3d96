// Process: the ways to a snapshot and back.

#include <limits>

#include "fermata/process.hpp"
#include "fermata/snapshot.hpp"
#include "interp/exec/execute.hpp"
#include "interp/process/process_impl.hpp"
#include "interp/runtime/usage_error.hpp"
#include "interp/snapshot/bytes.hpp"
#include "interp/snapshot/mark.hpp"
#include "interp/snapshot/reader.hpp"
#include "interp/snapshot/writer.hpp"
#include "lib/out_of_memory.hpp"

namespace fermata {
namespace {

Error moved_from() {
  return usage_error(ErrorCode::unsupported_snapshot, "a process that was moved from");
}

}  // namespace

Result<void> Process::snapshot(SnapshotSink& sink) const {
  return or_out_of_memory([&]() -> Result<void> {
    if (!impl_) return std::unexpected(moved_from());
    return snapshot::Writer(*impl_, sink).write();
  });
}

Result<std::vector<std::byte>> Process::snapshot() const {
  return or_out_of_memory([&]() -> Result<std::vector<std::byte>> {
    snapshot::BytesSink sink;
    if (auto done = snapshot(sink); !done) return std::unexpected(std::move(done.error()));
    return std::move(sink.bytes);
  });
}

Result<SnapshotMark> Process::marked_snapshot(SnapshotSink& sink) const {
  return or_out_of_memory([&]() -> Result<SnapshotMark> {
    if (!impl_) return std::unexpected(moved_from());
    auto mark = std::make_unique<snapshot::Mark>(impl_->instance->module_handle());
    if (auto done = snapshot::Writer(*impl_, sink).write_marked(*mark); !done) {
      return std::unexpected(std::move(done.error()));
    }
    return SnapshotMark(std::move(mark));
  });
}

Result<void> Process::delta(SnapshotMark& mark, SnapshotSink& sink) const {
  return or_out_of_memory([&]() -> Result<void> {
    if (!impl_) return std::unexpected(moved_from());
    if (mark.mark_ == nullptr || !mark.mark_->is_of(*impl_->instance->module)) {
      return std::unexpected(
          usage_error(ErrorCode::unsupported_snapshot, "expected a mark of the process's module"));
    }
    return snapshot::Writer(*impl_, sink).write_delta(*mark.mark_);
  });
}

SnapshotMark::SnapshotMark(std::unique_ptr<snapshot::Mark> mark) : mark_(std::move(mark)) {}
SnapshotMark::SnapshotMark(SnapshotMark&&) noexcept = default;
SnapshotMark& SnapshotMark::operator=(SnapshotMark&&) noexcept = default;
SnapshotMark::~SnapshotMark() = default;

Result<Process> Process::fork() const {
  return or_out_of_memory([&]() -> Result<Process> {
    if (!impl_) return std::unexpected(moved_from());
    snapshot::BytesSink sink;
    if (auto done = snapshot::Writer(*impl_, sink).write_without_memory(); !done) {
      return std::unexpected(std::move(done.error()));
    }
    ProcessOptions options;
    options.execution = execution_options_of(*impl_);
    options.resettable = impl_->again != nullptr;
    if (options.resettable) options.arguments = impl_->again->arguments;
    snapshot::BytesSource source(sink.bytes);
    auto process =
        snapshot::Reader(source, sink.bytes.size(), impl_->instance->module_handle(), options)
            .read_beside(*impl_);
    if (!process) return std::unexpected(std::move(process.error()));
    return Process(std::move(*process));
  });
}

Result<Process> Process::restore(const Module& module, SnapshotSource& source, std::uint64_t size,
                                 const Resolver& resolver, const ProcessOptions& options) {
  return or_out_of_memory([&]() -> Result<Process> {
    if (!has_dispatch(options.execution.dispatch)) {
      return std::unexpected(
          usage_error(ErrorCode::unimplemented_feature,
                      "this build does not have the dispatcher that was asked for"));
    }
    auto process = snapshot::Reader(source, size, module, options).read(resolver);
    if (!process) return std::unexpected(std::move(process.error()));
    return Process(std::move(*process));
  });
}

Result<Process> Process::restore(const Module& module, SnapshotSource& source,
                                 const Resolver& resolver, const ProcessOptions& options) {
  const auto size = source.size().value_or(std::numeric_limits<std::uint64_t>::max());
  return restore(module, source, size, resolver, options);
}

Result<Process> Process::restore(const Module& module, std::span<const std::byte> bytes,
                                 const Resolver& resolver, const ProcessOptions& options) {
  snapshot::BytesSource source(bytes);
  return restore(module, source, bytes.size(), resolver, options);
}

}  // namespace fermata
