// Virtual calls: an expression tree and a list of shapes, each node a class of its own.
#include <cstdint>
#include <memory>
#include <vector>

#include "checksum.h"

struct Expression {
  virtual ~Expression() = default;
  virtual std::int32_t value(std::int32_t x) const = 0;
  virtual int depth() const = 0;
};

struct Constant final : Expression {
  explicit Constant(std::int32_t c) : c(c) {}
  std::int32_t value(std::int32_t) const override { return c; }
  int depth() const override { return 1; }
  std::int32_t c;
};

struct Variable final : Expression {
  std::int32_t value(std::int32_t x) const override { return x; }
  int depth() const override { return 1; }
};

struct Binary : Expression {
  Binary(std::unique_ptr<Expression> left, std::unique_ptr<Expression> right)
      : left(std::move(left)), right(std::move(right)) {}
  int depth() const override {
    const int a = left->depth(), b = right->depth();
    return 1 + (a > b ? a : b);
  }
  std::unique_ptr<Expression> left, right;
};

struct Sum final : Binary {
  using Binary::Binary;
  std::int32_t value(std::int32_t x) const override {
    return static_cast<std::int32_t>(static_cast<std::uint32_t>(left->value(x)) +
                                     static_cast<std::uint32_t>(right->value(x)));
  }
};

struct Product final : Binary {
  using Binary::Binary;
  std::int32_t value(std::int32_t x) const override {
    return static_cast<std::int32_t>(static_cast<std::uint32_t>(left->value(x)) *
                                     static_cast<std::uint32_t>(right->value(x)));
  }
};

struct Least final : Binary {
  using Binary::Binary;
  std::int32_t value(std::int32_t x) const override {
    const std::int32_t a = left->value(x), b = right->value(x);
    return a < b ? a : b;
  }
};

static std::unique_ptr<Expression> grow(int depth) {
  const std::uint32_t kind = random_next();
  if (depth == 0 && (kind & 1) != 0) return std::make_unique<Variable>();
  if (depth == 0) return std::make_unique<Constant>(static_cast<std::int32_t>(kind >> 8 & 1023));
  auto left = grow(depth - 1);
  auto right = grow(depth - 1);
  if (kind % 3 == 0) return std::make_unique<Sum>(std::move(left), std::move(right));
  if (kind % 3 == 1) return std::make_unique<Product>(std::move(left), std::move(right));
  return std::make_unique<Least>(std::move(left), std::move(right));
}

struct Shape {
  virtual ~Shape() = default;
  virtual double area() const = 0;
  virtual void scale(double factor) = 0;
};

struct Rectangle final : Shape {
  Rectangle(double w, double h) : w(w), h(h) {}
  double area() const override { return w * h; }
  void scale(double factor) override { w *= factor, h *= factor; }
  double w, h;
};

struct Circle final : Shape {
  explicit Circle(double r) : r(r) {}
  double area() const override { return 3.25 * r * r; }
  void scale(double factor) override { r *= factor; }
  double r;
};

int main() {
  const auto tree = grow(12);
  for (std::int32_t x = 0; x < 1000; ++x) checksum_add(static_cast<std::uint32_t>(tree->value(x)));
  checksum_add(static_cast<std::uint64_t>(tree->depth()));
  std::vector<std::unique_ptr<Shape>> shapes;
  for (int i = 0; i < 1000; ++i) {
    if ((random_next() & 2) != 0)
      shapes.push_back(std::make_unique<Rectangle>(1 + i % 7, 2));
    else
      shapes.push_back(std::make_unique<Circle>(1 + i % 5));
  }
  for (int round = 0; round < 6000; ++round) {
    double total = 0;
    for (const auto& shape : shapes) {
      total += shape->area();
      shape->scale((round & 1) != 0 ? 0.5 : 2.0);
    }
    checksum_add_f64(total);
  }
  return checksum_print();
}
