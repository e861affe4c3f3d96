// See output.hpp.
#include "tools/fermata/output.hpp"

#include <cerrno>
#include <utility>

#include "tools/fermata/console.hpp"
#include "tools/fermata/host.hpp"

namespace fermata::tool {

Output::~Output() {
  if (file_ != nullptr) std::fclose(file_);
}

bool Output::write(std::string_view bytes) {
  if (path_.empty() || path_ == "-") {
    print(bytes);
    return true;
  }
  if (failure_ != 0) return false;
  if (file_ == nullptr) file_ = std::fopen(path_.c_str(), "wb");
  if (file_ == nullptr || std::fwrite(bytes.data(), 1, bytes.size(), file_) != bytes.size()) {
    failure_ = errno;
  }
  return failure_ == 0;
}

Result<void> Output::close() {
  std::FILE* const file = std::exchange(file_, nullptr);
  if (file != nullptr && std::fclose(file) != 0 && failure_ == 0) failure_ = errno;
  if (failure_ == 0) return {};
  errno = failure_;
  return system_error("cannot be written");
}

Option output_option(std::string& path) {
  return {"--output", "FILE", "where to write (default: standard output)",
          [&path](std::string_view value) -> Complaint {
            path = value;
            return std::nullopt;
          }};
}

}  // namespace fermata::tool
