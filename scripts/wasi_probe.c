// The smallest guest that needs everything of a WASI toolchain: meson.build compiles it to learn
// whether a compiler can build guests here.
#include <stdio.h>

int main(void) { return puts("hello") < 0; }
