// See progress.hpp.
#include "tools/fermata/wast/progress.hpp"

#include <fmt/format.h>

#include <utility>

namespace fermata::tool::wast {

void Progress::name_script(std::string name) {
  const std::lock_guard lock(mutex_);
  report_.script = std::move(name);
}

void Progress::begin(std::uint32_t line, std::string_view command) {
  const std::lock_guard lock(mutex_);
  current_ = {line, command, {}};
}

void Progress::end(Verdict verdict) {
  const std::lock_guard lock(mutex_);
  current_.verdict = std::move(verdict);
  report_.commands.push_back(std::exchange(current_, {0, whole, {}}));
}

void Progress::finish() {
  {
    const std::lock_guard lock(mutex_);
    is_finished_ = true;
  }
  finished_.notify_one();
}

Progress::Waited Progress::wait(std::chrono::seconds limit) {
  std::unique_lock lock(mutex_);
  finished_.wait_until(lock, begin_ + limit, [this] { return is_finished_; });
  if (!is_finished_) {
    current_.verdict = failed(fmt::format(
        "not ended {} s after the script's begin, what follows was not run", limit.count()));
    report_.commands.push_back(current_);
  }
  report_.time = Clock::now() - begin_;
  return {std::move(report_), is_finished_};
}

}  // namespace fermata::tool::wast
