// event_loop: a thousand guests, each waiting on slow answers, in one loop of one OS thread.
//
// A guest that asks is a paused process: data that waits in a vector. Answers arrive in another
// order than they were asked for; each resumes its guest, which pauses again at its next question.
// The clock is a counter here; a real embedder would wait in poll() where the loop takes the next
// answer.
//
//     event_loop event_loop.wasm        (from guests/event_loop.c)
#include <cstdint>
#include <cstdio>
#include <fermata/fermata.hpp>
#include <fstream>
#include <iterator>
#include <queue>
#include <random>
#include <vector>

namespace {

struct Answer {
  int due;
  int customer;
  int amount;
  bool operator<(const Answer& other) const {  // the earliest on top of the queue
    return due != other.due ? due > other.due : customer > other.customer;
  }
};

class Office {
 public:
  /// What becomes of a guest that has just paused: an answer on its way, or its bill.
  void take(int customer, const fermata::Outcome& outcome) {
    if (const auto* call = std::get_if<fermata::HostCall>(&outcome)) {
      const int part = call->arguments[1].as_i32();
      const int delay = 1 + static_cast<int>(random_() % 1000);
      answers_.push({now_ + delay, customer, customer + part});
    } else if (const auto* finished = std::get_if<fermata::Finished>(&outcome)) {
      const int bill = finished->results[0].as_i32();
      if (++bills_ <= 3) std::printf("at %4d: customer %d owes %d\n", now_, customer, bill);
      overtaken_ += customer < last_customer_;
      last_customer_ = customer;
      sum_ += bill;
    }
  }

  [[nodiscard]] bool waiting() const { return !answers_.empty(); }

  Answer next_answer() {
    const Answer answer = answers_.top();
    answers_.pop();
    now_ = answer.due;
    return answer;
  }

  void report() const {
    std::printf("at %4d: %d bills, %d of them out of order, %ld in all\n", now_, bills_, overtaken_,
                sum_);
  }

 private:
  std::priority_queue<Answer> answers_;
  std::minstd_rand random_;  // the same numbers in every run
  int now_ = 0;
  int bills_ = 0;
  int overtaken_ = 0;
  int last_customer_ = 0;
  long sum_ = 0;
};

std::vector<std::uint8_t> read_file(const char* path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace

int main(int argc, char** argv) {
  const auto module = fermata::Module::load(read_file(argc > 1 ? argv[1] : "event_loop.wasm"));
  if (!module) {
    std::fprintf(stderr, "%s\n", to_string(module.error()).c_str());
    return 1;
  }
  Office office;
  std::vector<fermata::Process> guests;
  for (int customer = 0; customer < 1000; ++customer) {
    fermata::ProcessOptions options;
    options.arguments = {fermata::Value::i32(customer)};
    auto guest = fermata::Process::create(*module, [](const auto&) { return 0; }, options);
    guests.push_back(std::move(guest.value()));
    office.take(customer, guests.back().main_thread().run().value());
  }
  while (office.waiting()) {
    const Answer answer = office.next_answer();
    auto guest = guests[std::size_t(answer.customer)].main_thread();
    office.take(answer.customer, guest.run({fermata::Value::i32(answer.amount)}).value());
  }
  office.report();
}
