// echo_server: a guest that serves a hundred clients, beside guests that sleep, in one loop of one
// OS thread.
//
// Nothing in the library waits: a guest that has nothing to do is an answer (`Blocked`, or a
// `Resume` with a delay) that says what would change that. The loop collects these from all guests
// and sleeps once, in poll(). The clients, which a real server has elsewhere, are in the same loop
// here.
//
//     echo_server echo_server.wasm ticker.wasm        (from guests/)
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fermata/fermata.hpp>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace {

namespace wasi = fermata::wasi;
using Clock = std::chrono::steady_clock;

/// What the loop sleeps for: descriptors, and how long at most.
class Sleep {
 public:
  void until_ready(int fd, bool for_writing) {
    polled_.push_back({fd, static_cast<short>(for_writing ? POLLOUT : POLLIN), 0});
  }
  void until(Clock::time_point time) { end_ = std::min(end_, time); }

  void now() {
    using std::chrono::milliseconds;
    int timeout = -1;
    if (end_ != Clock::time_point::max()) {
      const auto left = std::chrono::ceil<milliseconds>(end_ - Clock::now()).count();
      timeout = static_cast<int>(std::clamp<long long>(left, 0, 1'000'000));
    }
    ::poll(polled_.data(), static_cast<nfds_t>(polled_.size()), timeout);
  }

 private:
  std::vector<pollfd> polled_;
  Clock::time_point end_ = Clock::time_point::max();
};

/// A WASI program that takes its turns.
class Guest {
 public:
  Guest(const fermata::Module& module, wasi::Config config)
      : wasi_(wasi::Wasi::create(std::move(config)).value()),
        process_(fermata::Process::create(module, wasi::Wasi::resolve).value()) {
    pause(process_.main_thread().run());
  }

  [[nodiscard]] bool has_ended() const { return ended_; }

  /// Runs it as far as it gets without waiting.
  void take_turn() {
    while (!ended_ && !waits()) {
      if (resume_) {
        pause(process_.main_thread().run({std::exchange(resume_, {})->result}));
      } else {
        answer();
      }
    }
  }

  void prepare(Sleep& sleep) const {
    if (wake_) sleep.until(*wake_);
    if (!blocked_) return;
    for (const auto& wait : blocked_->waits) sleep.until_ready(wait.host, wait.for_writing);
  }

 private:
  /// Whether it is still to wait. Who is blocked asks again: what is not ready says so.
  [[nodiscard]] bool waits() {
    const bool is_over = wake_ && *wake_ <= Clock::now();
    if (blocked_) answer(is_over);
    if (blocked_) return true;
    if (resume_ && wake_ && !is_over) return true;
    wake_.reset();
    return false;
  }

  void pause(const fermata::Result<fermata::Outcome>& outcome) {
    ended_ = !std::holds_alternative<fermata::HostCall>(outcome.value());
    if (!ended_) answer();
  }

  void answer(bool time_is_over = false) {
    const auto call = process_.main_thread().pending_host_call().value();
    auto answer = wasi_.handle(process_, call, {.time_is_over = time_is_over});
    const bool was_blocked = blocked_.has_value();
    blocked_.reset();
    if (auto* blocked = std::get_if<wasi::Blocked>(&answer)) {
      if (!was_blocked && blocked->timeout) wake_ = Clock::now() + *blocked->timeout;
      blocked_ = std::move(*blocked);
    } else if (const auto* resume = std::get_if<wasi::Resume>(&answer)) {
      wake_.reset();
      if (resume->delay.count() > 0) wake_ = Clock::now() + resume->delay;
      resume_ = *resume;
    } else {
      ended_ = true;  // it called exit()
    }
  }

  wasi::Wasi wasi_;
  fermata::Process process_;
  std::optional<wasi::Blocked> blocked_;
  std::optional<wasi::Resume> resume_;
  std::optional<Clock::time_point> wake_;
  bool ended_ = false;
};

int checked(int result, const char* what) {
  if (result >= 0) return result;
  std::perror(what);
  std::exit(1);
}

/// A socket that listens at a free port of this machine.
int listen_somewhere(sockaddr_in& address) {
  const int fd = checked(::socket(AF_INET, SOCK_STREAM, 0), "socket");
  address = {};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* const generic = reinterpret_cast<sockaddr*>(&address);
  checked(::bind(fd, generic, size), "bind");
  checked(::listen(fd, 128), "listen");
  checked(::getsockname(fd, generic, &size), "getsockname");
  return fd;
}

/// Sends three lines, each when the one before has come back.
class Client {
 public:
  Client(int number, const sockaddr_in& server)
      : number_(number), fd_(checked(::socket(AF_INET, SOCK_STREAM, 0), "socket")) {
    checked(::connect(fd_, reinterpret_cast<const sockaddr*>(&server), sizeof server), "connect");
    checked(::fcntl(fd_, F_SETFL, O_NONBLOCK), "fcntl");
    send_line();
  }

  [[nodiscard]] bool is_done() const { return fd_ < 0; }
  [[nodiscard]] bool is_content() const { return lines_back_ == 3; }

  void take_turn() {
    char bytes[256];
    const ssize_t count = is_done() ? -1 : ::recv(fd_, bytes, sizeof bytes, 0);
    if (count < 0) return;
    back_.append(bytes, static_cast<std::size_t>(count));
    if (count != 0 && back_ != line_) return;
    if (count != 0 && ++lines_back_ < 3) return send_line();
    ::close(std::exchange(fd_, -1));
  }

  void prepare(Sleep& sleep) const {
    if (!is_done()) sleep.until_ready(fd_, false);
  }

 private:
  void send_line() {
    back_.clear();
    line_ = "client " + std::to_string(number_) + ", line " + std::to_string(lines_back_) + "\n";
    checked(static_cast<int>(::send(fd_, line_.data(), line_.size(), MSG_NOSIGNAL)), "send");
  }

  int number_;
  int fd_;
  int lines_back_ = 0;
  std::string line_;
  std::string back_;
};

fermata::Module load(const char* path) {
  auto module = fermata::Module::load_file(path);
  if (module) return *module;
  std::fprintf(stderr, "%s\n", to_string(module.error()).c_str());
  std::exit(1);
}

}  // namespace

int main(int argc, char** argv) {
  const auto server_module = load(argc > 1 ? argv[1] : "echo_server.wasm");
  const auto ticker_module = load(argc > 2 ? argv[2] : "ticker.wasm");

  sockaddr_in address;
  Guest server(server_module, {.sockets = {wasi::host_socket(listen_somewhere(address))}});
  std::vector<Guest> tickers;
  std::vector<std::string> said(3);
  for (std::size_t i = 0; i < said.size(); ++i) {
    tickers.emplace_back(ticker_module,
                         wasi::Config{.arguments = {"ticker", "ticker " + std::to_string(i)},
                                      .out = wasi::bytes_sink(&said[i])});
  }
  std::vector<Client> clients;
  for (int i = 0; i < 100; ++i) clients.emplace_back(i, address);

  const auto is_busy = [&] {
    return !std::ranges::all_of(clients, &Client::is_done) ||
           !std::ranges::all_of(tickers, &Guest::has_ended);
  };
  for (;;) {
    Sleep sleep;
    server.take_turn();
    server.prepare(sleep);
    for (auto& ticker : tickers) ticker.take_turn(), ticker.prepare(sleep);
    for (auto& client : clients) client.take_turn(), client.prepare(sleep);
    if (!is_busy()) break;
    sleep.now();
  }
  std::printf("%d of %zu clients got each line back\n",
              static_cast<int>(std::ranges::count_if(clients, &Client::is_content)),
              clients.size());
  for (const auto& text : said) {
    std::printf("%s", text.substr(text.rfind("ticker")).c_str());
  }
}
