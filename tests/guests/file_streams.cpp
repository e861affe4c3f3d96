// Files by the streams of C++: written, read, sought, appended to.
#include <cstdio>
#include <fstream>
#include <iostream>
#include <sstream>
#include <string>

namespace {

void write(const char* path, std::ios::openmode mode, const std::string& text) {
  std::ofstream file(path, mode);
  file << text;
  std::cout << path << ": " << (file.good() ? "written" : "not written") << " up to "
            << file.tellp() << '\n';
}

std::string whole(const char* path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream all;
  all << file.rdbuf();
  return all.str();
}

}  // namespace

int main() {
  write("text", std::ios::out, "one\ntwo\nthree\n");
  write("text", std::ios::app, "four\n");
  write("none/text", std::ios::out, "x");
  std::cout << whole("text") << whole("missing").size() << '\n';

  std::fstream both("text", std::ios::in | std::ios::out);
  std::string line;
  both.seekg(4);
  std::getline(both, line);
  std::cout << line << " ends at " << both.tellg() << '\n';
  both.seekp(0, std::ios::end);
  both << "five\n";
  both.seekg(-5, std::ios::end);
  std::getline(both, line);
  std::cout << line << '\n';
  both.seekp(0);
  both << "ONE";
  both.close();

  std::ifstream numbered("text");
  for (int i = 1; std::getline(numbered, line); ++i) std::cout << i << ' ' << line << '\n';
  std::cout << numbered.eof() << numbered.fail() << '\n';

  std::string block(100'000, '.');
  for (std::size_t i = 0; i < block.size(); i += 100) block[i] = static_cast<char>('a' + i / 100 % 26);
  write("block", std::ios::binary, block);
  std::cout << (whole("block") == block) << '\n';
  std::cout << std::rename("block", "renamed") << std::remove("text") << '\n';
  return 0;
}
