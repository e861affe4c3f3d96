// Virtual calls, multiple and virtual inheritance, templates, lambdas, pointers to members,
// construction and destruction in order, global objects included.
#include <cstdio>
#include <functional>
#include <memory>
#include <utility>
#include <vector>

namespace {

struct Loud {
  explicit Loud(const char* n) : name(n) { std::printf("+%s ", name); }
  ~Loud() { std::printf("-%s ", name); }
  Loud(const Loud&) = delete;
  Loud& operator=(const Loud&) = delete;
  const char* name;
};
const Loud global("global");

class Shape {
 public:
  virtual ~Shape() = default;
  virtual double area() const = 0;
  virtual const char* name() const { return "shape"; }
};
class Circle final : public Shape {
 public:
  explicit Circle(double r) : radius_(r) {}
  double area() const override { return 3 * radius_ * radius_; }
  const char* name() const override { return "circle"; }

 private:
  double radius_;
};
class Square : public Shape {
 public:
  explicit Square(double s) : side_(s) {}
  double area() const override { return side_ * side_; }

 private:
  double side_;
};

struct Base {
  int base = 1;
  virtual ~Base() = default;
  virtual int who() const { return base; }
};
struct Left : virtual Base {
  int left = 2;
  int who() const override { return 10 * left + base; }
};
struct Right : virtual Base {
  int right = 3;
  virtual int other() const { return right; }
};
struct Both : Left, Right {
  int who() const override { return 100 * right + Left::who(); }
  int other() const override { return left * right; }
};

template <unsigned N>
struct Factorial {
  static constexpr unsigned long long value = N * Factorial<N - 1>::value;
};
template <>
struct Factorial<0> {
  static constexpr unsigned long long value = 1;
};

template <class... T>
int count_all(T... t) {
  int sum = 0;
  for (const int x : {0, static_cast<int>(t)...}) sum += x;
  return sum;
}

struct Counter {
  int up(int by) { return count += by; }
  int down(int by) { return count -= by; }
  int count = 0;
};

std::function<int(int)> adder(int by) {
  return [by](int x) { return x + by; };
}

void shapes() {
  std::vector<std::unique_ptr<Shape>> all;
  for (int i = 1; i <= 4; ++i) {
    if (i % 2 != 0) all.push_back(std::make_unique<Circle>(i));
    else all.push_back(std::make_unique<Square>(i));
  }
  double sum = 0;
  for (const auto& s : all) {
    std::printf("%s %.2f, ", s->name(), s->area());
    sum += s->area();
  }
  std::printf("%.2f\n", sum);
}

void inheritance() {
  Both both;
  const Base& as_base = both;
  const Right& as_right = both;
  const Left sliced = both;
  std::printf("%d %d %d %d\n", as_base.who(), as_right.other(), as_right.who(), sliced.who());
}

void functions() {
  Counter c;
  int (Counter::*move)(int) = &Counter::up;
  (c.*move)(5);
  move = &Counter::down;
  (c.*move)(2);
  int Counter::*field = &Counter::count;
  std::printf("%d %d %d\n", c.*field, adder(3)(4), count_all(1, 2L, 3.9, 'a'));
  std::vector<std::function<int(int)>> chain = {adder(1), [&c](int x) { return x * c.count; }, adder(-7)};
  int x = 10;
  for (const auto& f : chain) x = f(x);
  std::printf("%d %llu\n", x, Factorial<20>::value);
}

}  // namespace

int main() {
  const Loud local("local");
  {
    const Loud inner("inner");
    static const Loud lasting("static");
  }
  std::puts("");
  shapes();
  inheritance();
  functions();
}
