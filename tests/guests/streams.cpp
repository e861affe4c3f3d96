// iostream: formatted output, string streams, lines and words from standard input.
#include <iomanip>
#include <iostream>
#include <sstream>
#include <string>

int main(int argc, char** argv) {
  std::cout << "arguments " << argc - 1 << ':';
  for (int i = 1; i < argc; ++i) std::cout << " [" << argv[i] << ']';
  std::cout << std::endl;

  std::cout << std::hex << std::showbase << 255 << ' ' << std::dec << std::setw(8) << std::setfill('.')
            << -42 << ' ' << std::boolalpha << true << ' ' << std::fixed << std::setprecision(3)
            << 3.14159 << ' ' << std::scientific << 12345.678 << '\n';

  std::istringstream in("12 3.5 word 0x");
  int i = 0;
  double d = 0;
  std::string s;
  in >> i >> d >> s;
  std::cout << std::defaultfloat << i << ' ' << d << ' ' << s << ' ' << in.good() << '\n';
  in >> i;
  std::cout << i << ' ' << in.fail() << '\n';

  std::ostringstream out;
  for (int k = 0; k < 100; ++k) out << k << (k % 10 == 9 ? "\n" : " ");
  std::cout << out.str();

  std::string line;
  while (std::getline(std::cin, line)) {
    std::istringstream words(line);
    int count = 0;
    while (words >> s) ++count;
    std::cout << '\'' << line << "' has " << count << " words\n";
  }
  std::cerr << "an error message\n";
  return std::cin.eof() ? 9 : 10;
}
