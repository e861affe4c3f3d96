// Strings, containers, algorithms and smart pointers of the C++ library.
#include <algorithm>
#include <array>
#include <cstdio>
#include <deque>
#include <list>
#include <map>
#include <memory>
#include <numeric>
#include <queue>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace {

void strings() {
  std::string s = "short";
  s += " and then rather longer than fits into the object itself";
  s.insert(5, ",");
  s.replace(s.find("rather"), 6, "much");
  std::printf("%zu %s %s\n", s.size(), s.c_str(), s.substr(7, 8).c_str());
  std::string digits = std::to_string(-1234567890123LL) + std::to_string(2.5);
  std::reverse(digits.begin(), digits.end());
  std::printf("%s %d %g %d\n", digits.c_str(), std::stoi("77"), std::stod("1e-3"), s < digits);
  std::vector<std::string> words;
  for (std::size_t i = 0; i < s.size();) {
    const auto end = std::min(s.find(' ', i), s.size());
    words.push_back(s.substr(i, end - i));
    i = end + 1;
  }
  std::sort(words.begin(), words.end());
  for (const auto& w : words) std::printf("%s|", w.c_str());
  std::puts("");
}

void sequences() {
  std::vector<int> v(1000);
  std::iota(v.begin(), v.end(), -500);
  std::transform(v.begin(), v.end(), v.begin(), [](int x) { return x * x % 997; });
  std::stable_sort(v.begin(), v.end(), [](int a, int b) { return a > b; });
  v.erase(std::unique(v.begin(), v.end()), v.end());
  std::printf("%zu %d %d %d\n", v.size(), v.front(), v.back(), std::accumulate(v.begin(), v.end(), 0));
  std::nth_element(v.begin(), v.begin() + 100, v.end());
  std::printf("%d\n", v[100]);

  std::deque<int> d;
  for (int i = 0; i < 300; ++i) i % 2 != 0 ? d.push_back(i) : d.push_front(i);
  std::list<int> l(d.begin(), d.end());
  l.remove_if([](int x) { return x % 3 == 0; });
  l.sort();
  std::printf("%d %d %zu %d\n", d.front(), d.back(), l.size(), l.front());

  std::priority_queue<int> heap;
  for (int i = 0; i < 50; ++i) heap.push(i * 37 % 50);
  for (int i = 0; i < 5; ++i, heap.pop()) std::printf("%d ", heap.top());
  std::array<int, 5> a = {{5, 4, 3, 2, 1}};
  do {
  } while (std::next_permutation(a.begin(), a.end()));
  std::printf("%d%d%d%d%d\n", a[0], a[1], a[2], a[3], a[4]);
}

void associations() {
  const std::string text = "it was the best of times it was the worst of times";
  std::map<std::string, int> counts;
  std::unordered_map<char, int> letters;
  std::string word;
  for (const char c : text + " ") {
    if (c != ' ') word += c, ++letters[c];
    else ++counts[std::exchange(word, "")];
  }
  for (const auto& entry : counts) std::printf("%s:%d ", entry.first.c_str(), entry.second);
  std::printf("t=%d s=%d q=%zu\n", letters['t'], letters['s'], letters.count('q'));
  std::set<std::pair<int, int>> pairs;
  for (int i = 0; i < 100; ++i) pairs.insert({i % 7, i % 5});
  std::printf("%zu (%d,%d)\n", pairs.size(), pairs.lower_bound({3, 2})->first, pairs.rbegin()->second);
  std::multimap<int, const char*> many = {{2, "b"}, {1, "a"}, {2, "c"}};
  for (auto range = many.equal_range(2); range.first != range.second; ++range.first) {
    std::printf("%s ", range.first->second);
  }
  std::puts("");
}

struct Node {
  explicit Node(int v) : value(v) { ++alive; }
  ~Node() { --alive; }
  int value;
  std::unique_ptr<Node> next;
  static int alive;
};
int Node::alive = 0;

void pointers() {
  std::unique_ptr<Node> head;
  for (int i = 0; i < 10; ++i) {
    auto node = std::make_unique<Node>(i);
    node->next = std::move(head);
    head = std::move(node);
  }
  int sum = 0;
  for (const Node* n = head.get(); n != nullptr; n = n->next.get()) sum = sum * 3 + n->value;
  std::printf("%d %d ", sum, Node::alive);
  head.reset();
  std::printf("%d\n", Node::alive);
  auto shared = std::make_shared<std::vector<int>>(3, 9);
  std::weak_ptr<std::vector<int>> weak = shared;
  const auto other = shared;
  std::printf("%ld ", shared.use_count());
  std::printf("%d ", weak.lock()->at(2));
  shared.reset();
  std::printf("%d\n", weak.expired());
}

}  // namespace

int main() {
  strings();
  sequences();
  associations();
  pointers();
}
