// What main returns is the exit code.
int main(int argc, char** argv) {
  (void)argv;
  return 40 + argc;
}
