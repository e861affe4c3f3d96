// A guest that does its work in steps, each of which needs an answer of a tool.
__attribute__((import_module("host"), import_name("ask"))) int ask(int question);
__attribute__((import_module("host"), import_name("report"))) void report(unsigned sum);

enum { questions = 500 };

void _start(void) {
  unsigned sum = 0;
  for (int question = 1; question <= questions; ++question) {
    const unsigned answer = (unsigned)ask(question);
    for (unsigned i = 0; i < answer; ++i) sum = sum * 31 + (sum >> 7) + i;  // some work with it
    sum += answer;
  }
  report(sum);
}
