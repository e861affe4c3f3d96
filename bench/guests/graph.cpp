// Shortest paths: Dijkstra's algorithm with the standard library's heap on a grid with random
// weights, and union-find over random edges. Structures in vectors, comparisons, index arithmetic.
#include <cstdint>
#include <numeric>
#include <queue>
#include <utility>
#include <vector>

#include "checksum.h"

constexpr int side = 160;
constexpr std::uint32_t far = 0xffffffffu;

struct Step {
  std::uint32_t distance;
  int place;
  bool operator<(const Step& other) const {
    return distance != other.distance ? distance > other.distance : place > other.place;
  }
};

static std::vector<std::uint32_t> distances(const std::vector<std::uint8_t>& weight, int from) {
  std::vector<std::uint32_t> best(weight.size(), far);
  std::priority_queue<Step> open;
  open.push({0, from});
  best[from] = 0;
  while (!open.empty()) {
    const Step step = open.top();
    open.pop();
    if (step.distance != best[step.place]) continue;
    const int x = step.place % side, y = step.place / side;
    const auto visit = [&](int next) {
      const std::uint32_t distance = step.distance + weight[next];
      if (distance >= best[next]) return;
      best[next] = distance;
      open.push({distance, next});
    };
    if (x > 0) visit(step.place - 1);
    if (x < side - 1) visit(step.place + 1);
    if (y > 0) visit(step.place - side);
    if (y < side - 1) visit(step.place + side);
  }
  return best;
}

static int find_root(std::vector<int>& parent, int i) {
  while (parent[i] != i) i = parent[i] = parent[parent[i]];
  return i;
}

static int components(int count, int edges) {
  std::vector<int> parent(count);
  std::iota(parent.begin(), parent.end(), 0);
  int left = count;
  for (int i = 0; i < edges; ++i) {
    const int a = find_root(parent, static_cast<int>(random_next() % count));
    const int b = find_root(parent, static_cast<int>(random_next() % count));
    if (a == b) continue;
    parent[a] = b;
    --left;
  }
  return left;
}

int main() {
  std::vector<std::uint8_t> weight(side * side);
  for (auto& w : weight) w = static_cast<std::uint8_t>(1 + random_next() % 200);
  for (int round = 0; round < 30; ++round) {
    std::uint64_t sum = 0;
    for (const std::uint32_t d : distances(weight, round * 997 % (side * side))) sum = sum * 31 + d;
    checksum_add(sum);
    checksum_add(static_cast<std::uint64_t>(components(60000, 50000)));
  }
  return checksum_print();
}
